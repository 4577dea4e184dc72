"""`vaultcli psychotherapy list`: whose notes there are, and one client's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.cli.psychotherapy.desk import Desk
    from vaultcli.psychotherapy.notes.lookup import Entry
    from vaultcli.psychotherapy.notes.people import Person


@click.command("list")
@click.argument("client", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(options: Options, client: str | None, as_json: bool) -> None:
    """List a client's psychotherapy notes, newest first; without CLIENT, who has any, and how many sealed files.

    No word of a note's text is shown, and nothing goes into the access log.
    """
    from vaultcli.cli.psychotherapy import desk as desks

    with desks.open_desk(options, reading=client is not None) as desk:
        if client is None:
            _everyone(desk, as_json=as_json)
        else:
            _one(desk, desks.whose(desk, client), as_json=as_json)


def _everyone(desk: Desk, *, as_json: bool) -> None:
    holders = [(one, len(desk.store.files(one.known.token))) for one in desk.people if one.known is not None]
    if as_json:
        told = [(one, one.known, count) for one, count in holders if one.known is not None]
        rows = [
            {
                "client": one.id,
                "handle": one.handle,
                "name": one.name,
                "token": known.token,
                "recipient": known.recipient,
                "files": count,
            }
            for one, known, count in told
        ]
        terminal.emit_json({"clients": rows})
        return
    table = terminal.table([[one.handle, one.name, terminal.counted(count, "file")] for one, count in holders])
    terminal.say(table or "no psychotherapy notes")


def _one(desk: Desk, person: Person, *, as_json: bool) -> None:
    from vaultcli.psychotherapy.notes import lookup

    if person.known is None:
        found = lookup.Contents([], {})
    else:
        with terminal.progress("opening", len(desk.store.files(person.known.token))) as bar:
            found = lookup.contents(desk.store, desk.opener, person.known, bar.update)
    entries = found.entries[::-1]
    if as_json:
        terminal.emit_json({"notes": [_as_json(person, entry) for entry in entries], "unreadable": sorted(found.broken)})
        return
    for path, why in sorted(found.broken.items()):
        terminal.warn(terminal.escape(f"{path}: {why}", keep=""))
    terminal.say(terminal.table([_cells(entry) for entry in entries], whole=(0, 4)) or "no psychotherapy notes")


def _cells(entry: Entry) -> list[str]:
    from vaultcli.cli.psychotherapy.show import marks

    more = (("addition", entry.additions), ("attachment", entry.attachments))
    counted = [terminal.counted(len(found), what) for what, found in more if found]
    beside = ["changed on two machines"] if entry.beside else []
    facts = entry.facts
    return [entry.date, facts.context, facts.session, ", ".join([*marks(entry.note), *beside, *counted]), entry.id]


def _as_json(person: Person, entry: Entry) -> dict[str, Any]:
    from vaultcli.cli.psychotherapy.show import row

    told = {"client": person.id, "handle": person.handle, "token": entry.note.known.token}
    lists = {"additions": entry.additions, "attachments": entry.attachments, "beside": entry.beside}
    return row(entry.note) | told | {key: [one.at.id for one in found] for key, found in lists.items()}
