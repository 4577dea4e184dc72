"""`vaultcli amend`: correct a finished note, or add to it; the signed text stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.finish import after_editor
from vaultcli.cli.ui import clock, given_text, picker, terminal
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.history.stamp import Unsigned
    from vaultcli.record.notes.client import Client
    from vaultcli.record.view.entry import Entry
    from vaultcli.work.notes.amend import Difference
    from vaultcli.work.notes.draft import Draft


@click.command("amend")
@click.argument("note", required=False)
@click.option("--kind", type=click.Choice(["correction", "addendum", "late-entry"]), help="Default: what the change shows.")
@click.option("--reason", help="Why; asked for when left out.")
@click.option("-m", "--message", help="Add this text, without opening an editor: an addendum; - is standard input.")
@click.option("--from", "source", type=click.File("rb"), help="Add the text of this file (- for standard input): an addendum.")
@click.option("--sign", "answer", flag_value="s", help="Sign it without asking, as where nobody can be asked.")
@click.option("--draft", "answer", flag_value="d", help="Keep what was typed; the same command goes on with it.")
@click.option("--json", "as_json", is_flag=True, help="Print what was signed as JSON.")
@pass_options
def command(
    options: Options, note: str | None, kind: str | None, reason: str | None, message: str | None, source: BinaryIO | None,
    answer: str | None, as_json: bool,
) -> int:  # fmt: skip
    """Correct a signed note, or add to it.

    The text that stands opens in your editor as a copy. What you change is the correction: a new signed file with the
    whole corrected text, the SHA-256 of what it corrects, and your reason. Text that is only added at the end is an
    addendum; with --kind late-entry it is a fact that was left out at the time. The original stays readable for ever.

    The change is shown, and s signs it, d keeps it for later (the same command goes on with it), e opens it again, x
    throws it away.

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
            if answer == after_editor.DRAFT:
                raise click.UsageError("--draft is for the editor; -m and --from add a text that is whole")
            return _add(chart, entry, client, kind or "addendum", text, reason or "", as_json)
        return _Amending(chart, entry, client, kind, reason, answer or "", as_json).edit()


def _add(chart: Chart, entry: Entry, client: Client, kind: str, text: bytes, reason: str, as_json: bool) -> int:
    from vaultcli.work.notes import amend

    if kind == "correction":
        raise click.UsageError("-m and --from add text; a correction is edited")
    body = text if text.endswith(b"\n") else text + b"\n"
    return _sign(chart, entry, client, amend.addendum(entry, kind, body, chart.me.id, reason), "", as_json)


@dataclass(frozen=True)
class _Amending:
    """A copy of the text that stands, in the editor and after it.

    Args:
        chart: the chart.
        entry: the note.
        client: whose.
        kind, reason: as options gave them.
        answer: a key of the question, where it need not be asked.
        as_json: print what was signed as JSON.
    """

    chart: Chart
    entry: Entry
    client: Client
    kind: str | None
    reason: str | None
    answer: str
    as_json: bool

    def edit(self) -> int:
        """Open the copy, look at what was changed, ask, and do what was answered."""
        from vaultcli.ground import files
        from vaultcli.ground.errors import VaultError
        from vaultcli.work.notes import amend
        from vaultcli.work.notes.draft import Draft

        begun = amend.started(self.chart, self.entry)
        if begun is not None and amend.was_added(self.entry, begun[1], begun[0]):
            terminal.warn("what was begun before is signed already; its copy was put away")
            files.remove(self.chart.folder(self.entry.client) / begun[0], expecting=files.digest(begun[1]))
            begun = None
        if begun is not None:
            terminal.warn(f"going on with what was begun: {begun[0]}")
        path, raw = begun or amend.start(self.chart, self.entry)
        draft = Draft(self.client, path, self.chart.folder(self.entry.client) / path, raw)
        opens = True
        while True:
            try:
                code = self._once(draft, opens=opens)
            except VaultError as error:
                if self.answer or not terminal.is_interactive():
                    raise
                from vaultcli.cli.ui import errors

                errors.tell(error)
                answer = self._ask(draft, files.read(draft.file), "")
                if answer in (after_editor.DRAFT, after_editor.DISCARD):
                    return self._left(draft, answer)
                opens = answer == after_editor.EDIT
                continue
            if code is not None:
                return code
            opens = True

    def _once(self, draft: Draft, *, opens: bool) -> int | None:
        """From the editor to what was answered; None to open it again."""
        from vaultcli.cli.ui.open_editor import open_editor
        from vaultcli.ground import files
        from vaultcli.work.notes import amend

        if opens:
            open_editor(self.chart, draft)
        raw = files.read(draft.file)
        found = amend.difference(self.entry, raw, draft.path)
        if not found.kind:
            files.remove(draft.file, expecting=files.digest(raw))
            terminal.say("nothing changed")
            return OK
        chosen = self._kind(found, draft.path)
        _show(self.entry, found)
        answer = self.answer or (self._ask(draft, raw, chosen) if terminal.is_interactive() else after_editor.SIGN)
        if answer == after_editor.EDIT:
            return None
        if answer != after_editor.SIGN:
            return self._left(draft, answer)
        if chosen != "correction":
            unsigned = amend.addendum(self.entry, chosen, found.added, self.chart.me.id, self.reason or "")
            code = _sign(self.chart, self.entry, self.client, unsigned, "", self.as_json)
            files.remove(draft.file, expecting=files.digest(raw))
            return code
        why = self.reason if self.reason is not None else _ask_reason()
        unsigned = amend.correction(self.entry, raw, draft.path, why)
        return _sign(self.chart, self.entry, self.client, unsigned, files.digest(raw), self.as_json)

    def _kind(self, found: Difference, path: str) -> str:
        from vaultcli.ground.errors import Refused

        chosen = self.kind or found.kind
        if chosen != "correction" and found.kind == "correction":
            raise Refused(
                f"{path}: the text that stands was changed, not only added to", hint="leave out --kind, or change only the end"
            )
        if chosen == "correction" and self.entry.author != self.chart.me.id:
            raise Refused(
                f"{path}: only {self.entry.author}, the author, corrects this note", hint="add text at the end: an addendum"
            )
        return chosen

    def _ask(self, draft: Draft, raw: bytes, chosen: str) -> str:
        from vaultcli.cli.ui import prompt
        from vaultcli.work.notes import draft as drafts

        after_editor.head(draft, drafts.look(self.chart, draft), chosen)
        return prompt.ask("", list(after_editor.LABELS.values()))

    def _left(self, draft: Draft, answer: str) -> int:
        """What was typed is kept for later, or thrown away; where that was taken back, it is kept."""
        from vaultcli.work.notes import draft as drafts

        look = drafts.look(self.chart, draft)
        if answer == after_editor.DISCARD and after_editor.throw_away(self.chart, draft, look.raw, look.words):
            return OK
        terminal.say(f"draft {self.client.handle} {draft.path}")
        terminal.say(f"not signed yet: `vaultcli amend {self.entry.id}` goes on with it")
        return OK


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
