"""`vaultcli psychotherapy show`: a psychotherapy note on the terminal, and nowhere else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.cli.psychotherapy.desk import Desk
    from vaultcli.psychotherapy.notes.files import Opened
    from vaultcli.psychotherapy.notes.lookup import Meant


@click.command("show")
@click.argument("note", required=False)
@click.option("--version", "number", type=click.IntRange(1), help="A recorded version; `psychotherapy log NOTE` numbers them.")
@click.option("--raw", is_flag=True, help="The exact bytes and nothing else: of an attachment, the file's.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(options: Options, note: str | None, number: int | None, raw: bool, as_json: bool) -> None:
    """Show a psychotherapy note with what was added to it. The opening goes into the access log first.

    NOTE is a client (the newest note), CLIENT~1, CLIENT@2026-11-22, or the beginning of the id of a note, an addition or an
    attachment. It is written to the terminal and to no pager: a pager may keep what it shows.
    """
    from vaultcli.cli.psychotherapy import desk as desks

    with desks.open_desk(options) as desk:
        meant = desks.meant(desk, note)
        file = _version(desk, meant, number)
        alone = raw or number is not None or file.at.id != meant.entry.id
        ids = [file.at.id] if alone else [file.at.id, *(one.at.id for one in (*meant.entry.additions, *meant.entry.beside))]
        desks.note(desk, "show", meant.known.token, ids)
        if raw:
            _write_raw(file)
        elif as_json:
            terminal.emit_json(_as_json(meant, file, alone=alone))
        else:
            show(meant, file, alone=alone)


def _version(desk: Desk, meant: Meant, number: int | None) -> Opened:
    from vaultcli.ground.errors import NotFound
    from vaultcli.psychotherapy.notes import lookup

    if number is None:
        return meant.file
    found = lookup.versions(desk.store, desk.opener, meant.known, meant.file.at.id)
    for one in found:
        if one.number == number:
            return one.opened
    raise NotFound(f"there is no version {number}: there are {len(found)}", hint="`vaultcli psychotherapy log NOTE` shows them")


def _write_raw(file: Opened) -> None:
    from vaultcli.ground.errors import Refused
    from vaultcli.record.sealed.header import CONTENT_FILE

    content = file.contents.files.get(CONTENT_FILE)
    if sys.stdout.isatty():
        if content is not None:
            raise Refused("an attached file is not written to a terminal", hint="pipe it to what shows it")
        terminal.say(readable(file))
    else:
        terminal.write(file.contents.text if content is None else content)


def readable(file: Opened) -> str:
    """The text for the screen, nothing in it active."""
    return terminal.escape(file.contents.text.decode("utf-8", "replace").replace("\r\n", "\n")).rstrip("\n")


def marks(file: Opened) -> list[str]:
    """What a reader has to know of a file before the text."""
    said = ["unsigned"] if file.unsigned else []
    said += [f"received from {file.header.by or 'its originator'}"] if file.known.received else []
    return [*said, f"NOT VERIFIED: {file.problem}"] if file.problem else said


def title(file: Opened) -> str:
    """The name that an attached file had; empty for every other."""
    return next((one.title for one in file.header.files if one.title), "")


def _head(meant: Meant, file: Opened) -> str:
    head = file.header
    parts = (meant.person.name, meant.entry.date, meant.entry.facts.context, meant.entry.facts.session, *marks(file), head.id)
    return " · ".join(filter(None, parts))


def show(meant: Meant, file: Opened, *, alone: bool) -> None:
    """A note on the terminal, with what was added to it unless it is shown alone."""
    terminal.say(terminal.paint(terminal.escape(_head(meant, file), keep=""), "cyan", bold=True))
    terminal.say(readable(file))
    for one in () if alone else meant.entry.beside:
        _more("the same note as another machine wrote it meanwhile; `edit` takes both in", one)
    for one in () if alone else meant.entry.additions:
        _more(" · ".join(["addition", one.at.id, *marks(one)]), one)
    for one in () if alone else meant.entry.attachments:
        size = terminal.size(one.header.files[-1].size)
        what = f"attachment · {title(one)}, {size} · {' · '.join([one.at.id, *marks(one)])}"
        terminal.say("\n" + terminal.paint(terminal.escape(what, keep=""), "cyan"))
        if one.contents.text:
            terminal.say(readable(one))
    terminal.say()
    terminal.say(written(file))


def _more(what: str, one: Opened) -> None:
    terminal.say("\n" + terminal.paint(terminal.escape(what, keep=""), "cyan", bold=True))
    terminal.say(readable(one))
    terminal.say(written(one))


def written(file: Opened) -> str:
    """Who wrote a file, when by whose clock, and what signed it."""
    head = file.header
    when = terminal.moment(head.written)
    if file.unsigned:
        return f"taken in {when}; nobody signed it"
    return terminal.escape(f"written {when} (own clock) by {head.by}, signed by machine {head.machine}", keep="")


def row(file: Opened) -> dict[str, Any]:
    """What JSON says of a file, without its text."""
    from vaultcli.record.sealed import text

    head, facts = file.header, text.facts(file.contents.text)
    return {
        "id": head.id,
        "kind": head.kind,
        "to": head.to or None,
        "date": facts.date,
        "context": facts.context,
        "session": facts.session,
        "written": head.written,
        "by": head.by,
        "machine": head.machine,
        "signed": not file.unsigned,
        "problem": file.problem,
        "sha256": head.sha256,
        "name": title(file) or None,
    }


def _as_json(meant: Meant, file: Opened, *, alone: bool) -> dict[str, Any]:
    def told(one: Opened) -> dict[str, Any]:
        return row(one) | {"text": one.contents.text.decode("utf-8", "replace")}

    shown = told(file) | {"client": meant.person.id, "handle": meant.person.handle, "token": meant.known.token}
    entry = meant.entry
    rest = {"additions": entry.additions, "attachments": entry.attachments, "beside": entry.beside}
    return shown | {key: [] if alone else [told(one) for one in found] for key, found in rest.items()}
