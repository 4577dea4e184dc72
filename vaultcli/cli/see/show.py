"""`vaultcli show`: a note as it stands, with everything that was added to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, picker, terminal

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.notes.block import Block
    from vaultcli.record.notes.client import Client
    from vaultcli.record.view.entry import Addition, Entry

_KIND = {
    "note": "signed",
    "correction": "corrected",
    "addendum": "addendum",
    "late-entry": "late entry",
    "cosignature": "co-signed",
    "withdrawal": "withdrawn",
    "attestation": "attested",
}


@click.command("show")
@click.argument("note", required=False)
@click.option("--original", is_flag=True, help="The note as first signed, without corrections; also a withdrawn one.")
@click.option("--version", "number", type=click.IntRange(1), help="A recorded version; `vaultcli log NOTE` numbers them.")
@click.option("--raw", is_flag=True, help="The file's bytes and nothing else.")
@click.option("--save", "target", metavar="FILE", type=click.Path(path_type=Path), help="Write an attached file to a new file.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(
    options: Options, note: str | None, original: bool, number: int | None, raw: bool, target: Path | None, as_json: bool
) -> None:
    """Show a note: the text that stands, corrections struck and inserted, additions with who and when.

    NOTE is a client (the newest draft, else the newest note), CLIENT@09:00, CLIENT@2026-11-22, CLIENT~1, a path, or part
    of a note's id. What was struck reads [-so-] and what was inserted {+so+}. An attached file is written out
    with --save, into a new file or into a folder, after it was checked against the SHA-256 that was signed.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.notes import lookup

    with open_chart(options) as chart:
        entry = lookup.resolve(chart, picker.note(chart, note), clock.now())
        client = chart.register(entry.client)
        text = _text(chart, entry, original=original, number=number)
        if target is not None:
            _save(chart, entry, target, original=original, as_json=as_json)
        elif raw:
            terminal.write(text)
        elif as_json:
            terminal.emit_json(_as_json(client, entry, text, original=original))
        elif entry.withdrawal is not None and not original and number is None:
            _head(client, entry)
            _withdrawn(entry.withdrawal)
        elif original or number is not None:
            _head(client, entry)
            terminal.say(_readable(text))
        else:
            _show(client, entry)
            _attached(chart, entry)


def _save(chart: Chart, entry: Entry, target: Path, *, original: bool, as_json: bool) -> None:
    """Write an attached file out; a withdrawn one only where its original was asked for."""
    from vaultcli.ground.errors import Refused
    from vaultcli.work.notes import attach as attachments

    if entry.withdrawal is not None and not original:
        raise Refused(f"{entry.path}: is withdrawn", hint="--original --save FILE writes it out all the same")
    file, said = attachments.take_out(chart, entry, target), entry.attachment
    assert said is not None
    if as_json:
        terminal.emit_json({"saved": {"file": str(file), "sha256": said.sha256, "bytes": said.size}})
    else:
        terminal.say(f"saved {terminal.escape(str(file), keep='')} ({terminal.size(said.size)}), as it was signed")


def _attached(chart: Chart, entry: Entry) -> None:
    """Where an attached file is."""
    if entry.attachment is not None:
        file = terminal.near(chart.folder(entry.client) / entry.attachment.path)
        terminal.say(f"the file: {terminal.escape(file, keep='')} ({terminal.size(entry.attachment.size)})")


def _text(chart: Chart, entry: Entry, *, original: bool, number: int | None) -> bytes:
    from vaultcli.work.notes import versions

    if number is None:
        return entry.raw if original else entry.text
    return versions.text(chart, entry, number)


def _readable(text: bytes) -> str:
    from vaultcli.record.view import values

    return terminal.escape(values.text(text).replace("\r\n", "\n")).rstrip("\n")


def _head(client: Client, entry: Entry) -> None:
    from vaultcli.work.notes import lookup

    fields = lookup.fields_of(entry)
    state = entry.state + (", edited and not saved" if entry.edited and entry.recorded else "")
    parts = (f"{client.name} ({client.handle})", f"{fields.date} {fields.time}".strip(), fields.type, state, entry.id)
    terminal.say(terminal.paint(terminal.escape(" · ".join(parts), keep=""), "cyan", bold=True))


def _show(client: Client, entry: Entry) -> None:
    from vaultcli.cli.ui import worddiff
    from vaultcli.record.view import values

    _head(client, entry)
    if entry.corrections:
        old, new = (values.text(raw).replace("\r\n", "\n") for raw in (entry.raw, entry.text))
        terminal.say(worddiff.render(old, new).rstrip("\n"))
    else:
        terminal.say(_readable(entry.raw))
    for one in entry.additions:
        if one.kind in ("addendum", "late-entry", "cosignature", "attestation"):
            _addition(one)
    terminal.say()
    if entry.signed is not None:
        terminal.say(signature_line(entry.signed.block))
    for one in entry.additions:
        terminal.say(signature_line(one.file.block, one.file.reason))
    for missing in entry.uncovered()[-1:]:
        terminal.say(f"needs the co-signature of {missing.block.cosigner}")
    if entry.recorded is not None:
        terminal.say(f"first recorded {terminal.moment(entry.recorded.time)} by {entry.recorded.by}")


def _addition(one: Addition) -> None:
    from vaultcli.record.view import values

    body = values.body(one.raw).replace("\r\n", "\n").strip("\n")
    if body:
        head = f"{_KIND[one.kind]}, {one.file.block.name}, {terminal.moment(one.file.block.time)}"
        terminal.say("\n" + terminal.paint(terminal.escape(head, keep=""), "cyan", bold=True))
        terminal.say(terminal.escape(body))


def signature_line(said: Block, reason: str = "") -> str:
    """Who signed a file, when by which clock, and in what capacity."""
    who = f"{said.name}, {said.credentials}" if said.credentials else said.name
    clock_said = _CLOCKS.get(said.clock, said.clock)
    why = f": {reason}" if reason else ""
    line = f"{_KIND[said.kind]} {terminal.moment(said.time)} ({clock_said}) by {who} as {said.meaning}{_late(said)}{why}"
    return terminal.escape(line, keep="")


_CLOCKS = {"system": "own clock", "set": "a clock that was set"}
"""Whose time it is; no clock of ours is a witness."""


def _late(said: Block) -> str:
    if said.lateness is None:
        return ""
    if said.lateness < 0:
        return ", before the session ended"
    return f", {said.lateness} h after the session" if said.lateness < 72 else f", {said.lateness // 24} days after the session"


def _withdrawn(withdrawal: Addition) -> None:
    said = withdrawal.file.block
    terminal.say(f"withdrawn {terminal.moment(said.time)} by {terminal.escape(said.name, keep='')}: {withdrawal.file.reason}")
    terminal.say("the text stays in the record; --original shows it")


def _as_json(client: Client, entry: Entry, text: bytes, *, original: bool) -> dict[str, Any]:
    from vaultcli.cli.finish import attach
    from vaultcli.record.view import values

    hidden = entry.withdrawal is not None and not original
    said = None if hidden else entry.attachment
    told: dict[str, Any] = {"text": None if hidden else values.text(text)}
    told |= {"signatures": values.signatures(entry), "waits-for": values.waits_for(entry)}
    told["attachment"] = attach.as_json(said) if said is not None else None
    return values.row(client, entry) | told
