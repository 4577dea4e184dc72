"""`vaultcli succeed`: begin a client's line anew without some texts, on a recorded ground."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultcli.record.notes.client import Client
    from vaultcli.record.view.entry import Entry
    from vaultcli.work.vault.succession import Plan, Succeeded

GROUNDS = ("misfiled-text", "court-order", "retention", "plaintext-incident")


@click.command("succeed")
@click.argument("client")
@click.option("--ground", type=click.Choice(GROUNDS), required=True, help="Why; it stays in the record.")
@click.option("--leave-out", "leave_out", multiple=True, metavar="NOTE", help="A note to leave out, with what was added to it.")
@click.option("--seal", type=click.Path(path_type=Path), metavar="DIR", help="Keep the old line as a bundle in this folder.")
@click.option("--delete", is_flag=True, help="Keep the old line nowhere.")
@click.option("--recovery-page", type=click.Path(path_type=Path), metavar="FILE", help="Sign with the recovery signer's key.")
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@pass_options
def command(
    options: Options, client: str, ground: str, leave_out: Sequence[str], seal: Path | None, delete: bool,
    recovery_page: Path | None, yes: bool, as_json: bool,
) -> int:  # fmt: skip
    """Begin a client's line of history anew, without texts that must not be in it.

    The one way in which history leaves a vault. Texts withdrawn as wrong-client are left out with everything that was
    added to them, the withdrawal included; --leave-out names further notes. All other files stay byte for byte, with
    their signatures and the time of their first recording. The new line says what was left out, by id and SHA-256 and
    no other word, and why; `vaultcli verify` prints it from then on.

    The old line leaves this copy of the vault: into a bundle in DIR (--seal), or for good (--delete). Other clones and
    backups still hold it. Needs a key with the policy role, and a line that verifies: a new root hides no finding. Where
    the register says hold or retain-until, nothing is deleted, and only a misfiled text can be sealed away.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.people import policy_key
    from vaultcli.verify import vault
    from vaultcli.work.notes import lookup
    from vaultcli.work.people import holds
    from vaultcli.work.vault import succession

    if (seal is None) == (not delete):
        raise click.UsageError("say what becomes of the old line: --seal DIR or --delete")
    with open_chart(options) as chart:
        found = chart.client(client)
        entries = [lookup.resolve(chart, word, clock.now()) for word in leave_out]
        _check_all_are(found, entries)
        findings = vault.verify(chart.vault.chart, now=clock.now()).findings
        succession.check_verified(findings, found.branch)
        plan = succession.plan(chart, found.id, ground, [entry.name.stem for entry in entries])
        if seal is not None:
            succession.check_place(chart, seal)
            succession.check_sealed_under_hold(chart, plan, clock.now())
        free = holds.free(chart, found.id, clock.now(), findings) if seal is None else None
        if not yes and not _agreed(found, plan, seal):
            terminal.warn("nothing was done")
            return OK
        with policy_key.holder(chart, recovery_page) as holder:
            done = succession.succeed(chart, plan, holder.recorder, clock.now(), seal, free)
        why = holds.why(chart, found.id, clock.now())
        _tell(found, plan, done, as_json)
        if why and done.sealed:
            terminal.warn(terminal.escape(f"the bundle is held as well, keep it: {why}", keep=""))
    return OK


def _check_all_are(client: Client, entries: Sequence[Entry]) -> None:
    from vaultcli.ground.errors import Refused

    for entry in entries:
        if entry.client != client.id:
            raise Refused(f"{entry.path} is another client's note")


def _agreed(client: Client, plan: Plan, seal: Path | None) -> bool:
    """Show what would happen and ask twice."""
    from vaultcli.cli.ui import prompt

    _show(client, plan)
    end = f"goes into a bundle in {seal}" if seal is not None else "is deleted"
    if not prompt.confirm(terminal.escape(f"the line of {client.handle} begins anew and the old one {end}; go on?", keep="")):
        return False
    return prompt.ask_line(f"there is no way back; type {client.handle} to do it") == client.handle


def _show(client: Client, plan: Plan) -> None:
    terminal.say(f"{client.handle}: {plan.kept} files stay, {len(plan.leaving)} are left out ({plan.ground})")
    for stem in plan.stems:
        terminal.say(f"  left out with all that was added: notes/{stem}.md")
    if not plan.stems:
        terminal.say("  no file is left out; only the history before now is")


def _tell(client: Client, plan: Plan, done: Succeeded, as_json: bool) -> None:
    sealed = done.sealed
    if as_json:
        terminal.emit_json(
            {
                "client": client.id,
                "commit": done.commit,
                "ground": plan.ground,
                "replaces": plan.head,
                "kept": plan.kept,
                "left_out": [{"id": one.id, "sha256": one.sha256, "number": one.number} for one in plan.leaving],
                "sealed": {"path": str(sealed.path), "sha256": sealed.sha256} if sealed else None,
                "objects_removed": done.removed,
            }
        )
        return
    terminal.say(f"{client.handle} begins anew: {plan.kept} files kept, {len(plan.leaving)} left out ({plan.ground})")
    if sealed is not None:
        terminal.say(f"the old line is in {terminal.escape(str(sealed.path), keep='')}")
        terminal.say(f"its SHA-256 is in the record: {sealed.sha256}")
    terminal.say(f"{done.removed} objects of the old line were removed from this copy")
    terminal.say("other clones and backups still hold the old line; what a disk has deleted can sometimes be recovered")
