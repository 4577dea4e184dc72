"""`vaultcli exception add`: excuse one finding at one commit, for a reason that every verdict prints."""

from __future__ import annotations

from pathlib import Path

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import OK

PRACTICE = "practice"


@click.command("add")
@click.argument("where", metavar="CLIENT|practice")
@click.option("--commit", required=True, metavar="ID", help="The commit at which `vaultcli verify` reports the finding.")
@click.option("--finding", required=True, metavar="RULE", help="The finding's rule, as `vaultcli verify` prints it.")
@click.option("--reason", required=True, help="One line; printed with every verdict and every release.")
@click.option("--recovery-page", type=click.Path(path_type=Path), metavar="FILE", help="Sign with the recovery signer's key.")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@click.option("--json", "as_json", is_flag=True, help="Print what was recorded as JSON.")
@pass_options
def command(
    options: Options, where: str, commit: str, finding: str, reason: str, recovery_page: Path | None, yes: bool, as_json: bool
) -> int:
    """Excuse one finding at one commit.

    The vault is verified first: only what is reported can be excused, and nothing is hidden by it. From then on
    `vaultcli verify` prints the finding with the reason and who gave it, and ends with exit code 12 instead of 1. The
    exception is a signed file on the same line of history. Needs a key with the policy role.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.people import policy_key
    from vaultcli.cli.ui import prompt
    from vaultcli.verify import vault
    from vaultcli.work.people import exceptions

    with open_chart(options) as chart:
        branch = PRACTICE if where == PRACTICE else f"client/{chart.client(where).id}"
        verdict = vault.verify(chart.vault.chart, now=clock.now())
        chosen = exceptions.choose(verdict.findings, branch, commit, finding)
        terminal.warn(terminal.escape(chosen.text(), keep=""))
        if not yes and not prompt.confirm("excuse this, for as long as this record exists?"):
            return OK
        with policy_key.holder(chart, recovery_page) as holder:
            done = exceptions.add(chart, chosen, reason, holder, clock.now(), clock.clock_source())
    if as_json:
        row = {"line": done.branch, "path": done.path, "excuses": done.excuses, "finding": finding, "commit": done.commit}
        terminal.emit_json({"exception": row})
    else:
        terminal.say(f"excused {finding} at {done.excuses[:19]}: {done.branch} {done.path}")
        terminal.say("every verdict and release prints it; `vaultcli verify` ends with exit code 12 from now on")
    return OK
