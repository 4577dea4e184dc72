"""`vaultcli amend`: correct a finished note, or add to it; the signed text stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, given_text, picker, terminal
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.history.stamp import Unsigned
    from vaultcli.record.notes.client import Client
    from vaultcli.record.view.entry import Entry
    from vaultcli.work.notes.amend import Difference


@click.command("amend")
@click.argument("note", required=False)
@click.option("--kind", type=click.Choice(["correction", "addendum", "late-entry"]), help="Default: what the change shows.")
@click.option("--reason", help="Why; asked for when left out.")
@click.option("-m", "--message", help="Add this text, without opening an editor: an addendum; - is standard input.")
@click.option("--from", "source", type=click.File("rb"), help="Add the text of this file (- for standard input): an addendum.")
@click.option("--json", "as_json", is_flag=True, help="Print what was signed as JSON.")
@pass_options
def command(
    options: Options, note: str | None, kind: str | None, reason: str | None, message: str | None, source: BinaryIO | None,
    as_json: bool,
) -> int:  # fmt: skip
    """Correct a signed note, or add to it.

    The text that stands opens in your editor as a copy. What you change is the correction: a new signed file with the
    whole corrected text, the SHA-256 of what it corrects, and your reason. Text that is only added at the end is an
    addendum; with --kind late-entry it is a fact that was left out at the time. The original stays readable for ever.

    Others than the author may add, and only the author corrects. A note that was co-signed goes back to the co-signer.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.notes import amend, lookup

    with open_chart(options) as chart:
        entry = lookup.resolve(chart, picker.note(chart, note), clock.now())
        amend.check_may_amend(entry)
        client = chart.register(entry.client)
        text = given_text.read(message, source)
        if text is not None:
            amend.check_added(text, given_text.called(message, source))
            return _add(chart, entry, client, kind or "addendum", text, reason or "", as_json)
        return _edit(chart, entry, client, kind, reason, as_json)


def _add(chart: Chart, entry: Entry, client: Client, kind: str, text: bytes, reason: str, as_json: bool) -> int:
    from vaultcli.work.notes import amend

    if kind == "correction":
        raise click.UsageError("-m and --from add text; a correction is edited")
    body = text if text.endswith(b"\n") else text + b"\n"
    return _sign(chart, entry, client, amend.addendum(entry, kind, body, chart.me.id, reason), "", as_json)


def _edit(chart: Chart, entry: Entry, client: Client, kind: str | None, reason: str | None, as_json: bool) -> int:
    from vaultcli.cli.ui.open_editor import open_editor
    from vaultcli.ground import files
    from vaultcli.work.notes import amend
    from vaultcli.work.notes.draft import Draft

    begun = amend.started(chart, entry)
    if begun is not None and amend.was_added(entry, begun[1], begun[0]):
        terminal.warn("what was begun before is signed already; its copy was put away")
        files.remove(chart.folder(entry.client) / begun[0], expecting=files.digest(begun[1]))
        begun = None
    if begun is not None:
        terminal.warn(f"going on with what was begun: {begun[0]}")
    path, raw = begun or amend.start(chart, entry)
    file = chart.folder(entry.client) / path
    open_editor(chart, Draft(client, path, file, raw))
    raw = files.read(file)
    found = amend.difference(entry, raw, path)
    if not found.kind:
        files.remove(file, expecting=files.digest(raw))
        terminal.say("nothing changed")
        return OK
    return _finish(chart, entry, client, found, path, raw, kind, reason, as_json)


def _finish(
    chart: Chart, entry: Entry, client: Client, found: Difference, path: str, raw: bytes, kind: str | None,
    reason: str | None, as_json: bool,
) -> int:  # fmt: skip
    from vaultcli.ground import files
    from vaultcli.ground.errors import Refused
    from vaultcli.work.notes import amend

    chosen = kind or found.kind
    if chosen != "correction" and found.kind == "correction":
        raise Refused(
            f"{path}: the text that stands was changed, not only added to", hint="leave out --kind, or change only the end"
        )
    if chosen == "correction" and entry.author != chart.me.id:
        raise Refused(
            f"{path}: only {entry.author}, the author, corrects this note", hint="add text at the end: an addendum"
        )
    _show(entry, found)
    if chosen != "correction":
        unsigned = amend.addendum(entry, chosen, found.added, chart.me.id, reason or "")
        code = _sign(chart, entry, client, unsigned, "", as_json)
        files.remove(chart.folder(entry.client) / path, expecting=files.digest(raw))
        return code
    why = reason if reason is not None else _ask_reason()
    return _sign(chart, entry, client, amend.correction(entry, raw, path, why), files.digest(raw), as_json)


def _ask_reason() -> str:
    from vaultcli.cli.ui import prompt
    from vaultcli.work.notes import amend

    return prompt.ask_line("reason", default=amend.DEFAULT_REASON)


def _show(entry: Entry, found: Difference) -> None:
    from vaultcli.cli.ui import worddiff
    from vaultcli.work.notes import amend

    old = amend.standing_text(entry).decode("utf-8")
    terminal.say(worddiff.render(old, found.text.decode("utf-8"), context=2))


def _sign(chart: Chart, entry: Entry, client: Client, unsigned: Unsigned, seen: str, as_json: bool) -> int:
    from vaultcli.cli.finish.sign import print_check
    from vaultcli.cli.ui import passphrase
    from vaultcli.work.notes import sign
    from vaultcli.work.notes.sign import Batch

    batch = Batch(entry.client, "amend", [unsigned], {unsigned.path: seen} if seen else {})
    with sign.pen(chart, passphrase.asker()) as pen, chart.recorder() as by:
        passphrase.announce_touches(pen, 1)
        done = sign.sign(chart, batch, pen, by, clock.now(), clock.clock_source())
    if as_json:
        path, digest = done.files[0]
        row = {"client": done.client, "commit": done.commit, "kind": unsigned.kind, "path": path, "sha256": digest}
        terminal.emit_json({"signed": [row]})
        return OK
    terminal.say(f"signed {client.handle} {unsigned.kind} {unsigned.path}")
    if chart.me.needs_cosignature:
        terminal.say(f"needs the co-signature of {chart.me.supervisor}")
    print_check(chart, done)
    return OK
