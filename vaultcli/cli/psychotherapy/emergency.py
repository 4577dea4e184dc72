"""`vaultcli psychotherapy emergency`: the notes opened with the recovery page, loudly, and written down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import giving, open_store
from vaultcli.cli.ui import prompt, terminal
from vaultcli.ground.errors import BadInput, Conflict, NotFound, VaultError

if TYPE_CHECKING:
    from vaultcli.places.sealed.store import Store
    from vaultcli.psychotherapy.notes.people import Person
    from vaultcli.psychotherapy.unlock.keys import Keys
    from vaultcli.record.sealed.recovery_page import Page

_EXAMPLES = """\b
Examples:
  vaultcli psychotherapy emergency list --page page.txt \\
      --reason "Dr Example is in hospital"
  vaultcli psychotherapy emergency show ada --page page.txt \\
      --reason "on-call, client in crisis"
  vaultcli psychotherapy emergency list --page page.txt \\
      --reason "professional will" """


@click.command("emergency", epilog=_EXAMPLES)
@click.argument("action", type=click.Choice(["list", "show"]))
@click.argument("client", required=False)
@click.option("--all", "everyone", is_flag=True, help="Every client's notes.")
@click.option("--page", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The recovery page.")
@click.option("--reason", default="", help="Why; it stands in the access log. No names.")
@pass_options
def command(options: Options, action: str, client: str | None, everyone: bool, page: Path, reason: str) -> None:
    """Open psychotherapy notes by the recovery page: 45 CFR 164.312(a)(2)(ii). An executor lists, and reads what is allowed.

    `list` shows whose notes there are; `show` shows one client's, or with --all everybody's. Each use is an event of the access
    log before anything is shown; where the log cannot be written, this is said. PAGE: the file, a scan, or typed.
    """
    from vaultcli.cli.psychotherapy import desk
    from vaultcli.psychotherapy.keys import recovery_page
    from vaultcli.psychotherapy.notes.people import ACCEPTED
    from vaultcli.record.notes.find_client import find

    if action == "show" and bool(client) == everyone:
        raise click.UsageError("show CLIENT or show --all")
    with open_store.open_store(options) as store:
        sheet = recovery_page.read(page.expanduser())
        recovery_page.check(store, sheet)
        reason = reason.strip() or _reason()
        keys = _opened(store, sheet)
        people = desk.named(options, keys)
        holders = [one for one in people if one.known is not None]
        meant = [find(holders, client, ACCEPTED)] if client else holders
        _loud(action, len(meant))
        _log(store, keys, meant[0].known.token if client and meant[0].known else "", reason)
        for person in meant:
            _show(store, keys, person, whole=action == "show")
        if not meant:
            raise NotFound("there are no psychotherapy notes")


def _reason() -> str:
    if not terminal.is_interactive():
        raise BadInput("an emergency has a reason", hint="--reason TEXT")
    while not (said := prompt.ask_line("reason (it stands in the access log)").strip()):
        pass
    return said


def _opened(store: Store, sheet: Page) -> Keys:
    from vaultcli.psychotherapy.unlock import epoch
    from vaultcli.psychotherapy.unlock.keys import Keys

    current = store.state.epochs.number
    if sheet.epoch < current:
        raise Conflict(
            f"that page is of epoch {sheet.epoch}, and epoch {current} is in force: it was replaced",
            hint="the page that was printed last; where it is, the clinician wrote down",
        )
    keys = Keys(store, epoch.opened_by_paper(sheet))
    giving.tell_unready(keys)
    return keys


def _loud(action: str, count: int) -> None:
    what = f"psychotherapy notes of {terminal.counted(count, 'client')}"
    line = f"EMERGENCY ACCESS by the recovery page: {'listing' if action == 'list' else 'opening'} {what}"
    terminal.warn(terminal.paint("!" * len(line), "red", bold=True, err=True))
    terminal.warn(terminal.paint(line, "red", bold=True, err=True))
    terminal.warn(terminal.paint("!" * len(line), "red", bold=True, err=True))


def _log(store: Store, keys: Keys, token: str, reason: str) -> None:
    """Write it down before anything is shown; a machine that may not record says so and goes on, for it is an emergency."""
    try:
        giving.log(store, keys, "emergency", token, why=" ".join(reason.split()))
    except VaultError as error:
        terminal.warn(terminal.escape(f"NOT IN THE ACCESS LOG: {error.message}. Write down yourself when and why.", keep=""))
        return
    terminal.warn("written down in the access log")


def _show(store: Store, keys: Keys, person: Person, *, whole: bool) -> None:
    from vaultcli.cli.psychotherapy import show
    from vaultcli.psychotherapy.notes import lookup
    from vaultcli.psychotherapy.notes.lookup import Meant

    assert person.known is not None
    found = lookup.contents(store, keys, person.known)
    counted = terminal.counted(len(found.entries), "note")
    terminal.say(terminal.escape(f"{person.name}  {person.handle}  {counted}", keep=""))
    for path, why in sorted(found.broken.items()):
        terminal.warn(terminal.escape(f"{path}: {why}", keep=""))
    for entry in found.entries if whole else ():
        terminal.say()
        show.show(Meant(person, entry, entry.note), entry.note, alone=False)
