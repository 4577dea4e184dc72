"""`vaultcli exception list`: what is excused in this vault, by whom and why."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import OK


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, as_json: bool) -> int:
    """List every signed exception that counts, whether or not verification still reports what it excuses."""
    from dataclasses import asdict

    from vaultcli.cli.open_chart import find_vault
    from vaultcli.verify import vault

    verdict = vault.verify(find_vault(options).chart, now=clock.now())
    if as_json:
        terminal.emit_json({"exceptions": [asdict(one) for one in verdict.exceptions]})
        return OK
    rows = [(one.branch, one.rule, one.commit[:19], one.reason, one.by, one.time[:10]) for one in verdict.exceptions]
    if rows:
        terminal.say(terminal.table(rows, heads=("line", "finding", "commit", "reason", "by", "on")))
    else:
        terminal.say("no exceptions")
    return OK
