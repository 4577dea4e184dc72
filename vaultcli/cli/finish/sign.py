"""`vaultcli sign`: finish one's own drafts, one or all of the day."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.notes.client import Client
    from vaultcli.record.view.entry import Entry
    from vaultcli.work.notes.sign import Done, Pen, Ready


@click.command("sign")
@click.argument("what", metavar="[CLIENT|NOTE]...", nargs=-1)
@click.option("--imported", "only_imported", is_flag=True, help="Only notes that were imported, as `vaultcli import` left them.")
@click.option("--yes", is_flag=True, help="Sign without asking about each note; for scripts.")
@click.option("--json", "as_json", is_flag=True, help="Print what was signed as JSON.")
@pass_options
def command(options: Options, what: tuple[str, ...], only_imported: bool, yes: bool, as_json: bool) -> int:
    """Sign your drafts: all of them, those of a client, or single notes.

    Without arguments every draft of yours in the vault is shown, oldest first, and asked about: y signs it, e opens it
    again, l leaves it for later, q stops asking. What was answered with y is then signed with one prompt for your
    passphrase or PIN in all, and recorded in one commit for each client.

    The template's own prompts are taken out of the text, and its headings below which you wrote nothing, by name; comments
    that you wrote stay, and are shown. An imported note is signed as it is; `vaultcli sign ada --imported --yes` signs all
    that was imported for a client, and no other draft.
    """
    from vaultcli.cli.finish import sync_age
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.record.notes import imported

    with open_chart(options) as chart:
        sync_age.tell(chart)
        entries = _chosen(chart, what)
        if only_imported:
            entries = [one for one in entries if imported.digest_of(one.raw)]
        return sign_entries(options, chart, entries, ask_each=not yes, as_json=as_json)


def _chosen(chart: Chart, what: Sequence[str]) -> list[Entry]:
    """One's own open notes, oldest first."""
    from vaultcli.ground.errors import NotFound
    from vaultcli.work.index import lines
    from vaultcli.work.notes import lookup

    def own(client_id: str) -> list[Entry]:
        found = [one for one in lookup.entries_of_id(chart, client_id) if one.open and one.author in ("", chart.me.id)]
        return [] if found and chart.is_group(client_id) else found

    mine: list[Entry] = []
    if not what:
        mine = [one for line in lines.all_lines(chart) if line.open or line.unrecorded for one in own(line.client)]
    for word in what:
        note = lookup.by_whole_id(chart, word)
        try:
            mine += [note] if note else own(lookup.client_of(chart, word).id)
        except NotFound:
            mine.append(lookup.resolve(chart, word, clock.now()))
    unique = {(entry.client, entry.path): entry for entry in mine}
    return sorted(unique.values(), key=_when)


def _when(entry: Entry) -> tuple[str, str, str]:
    from vaultcli.ground.errors import VaultError
    from vaultcli.record.notes.note import Note

    try:
        note = Note.parse(entry.raw, entry.path)
    except VaultError:
        return entry.name.date, "", entry.id
    return note.date or entry.name.date, note.start, entry.id


def sign_entries(
    options: Options, chart: Chart, entries: Sequence[Entry], *, ask_each: bool = False, as_json: bool = False
) -> int:
    """Sign these notes, asking about each first if wanted.

    Args:
        options: of the command.
        chart: the chart.
        entries: the notes, in the order in which they are to be shown.
        ask_each: whether each is shown and asked about.
        as_json: print what was signed as JSON.
    """
    clients = {id_: chart.register(id_) for id_ in {entry.client for entry in entries}}
    if not entries:
        if as_json:
            terminal.emit_json({"signed": []})
        else:
            terminal.say("nothing to sign")
        return OK
    agreed: list[tuple[Entry, Ready]] = []
    for count, entry in enumerate(entries, 1):
        answer, ready = _one(options, chart, entry, clients[entry.client], ask_each, f"{count}/{len(entries)}")
        if ready is not None:
            agreed.append((entry, ready))
        if answer == "q":
            break
    # each client's line is told as soon as it is recorded: what follows may fail
    done = _sign(chart, agreed, lambda one: None if as_json else _tell(one, clients))
    if as_json:
        _emit(done)
    elif done:
        print_check(chart, done[-1])
    return OK


def _one(
    options: Options, chart: Chart, entry: Entry, client: Client, ask_each: bool, count: str
) -> tuple[str, Ready | None]:  # fmt: skip
    """Show one note and ask; what was answered, and the note if it is to be signed."""
    from vaultcli.cli.ui import prompt
    from vaultcli.ground.errors import VaultError

    while True:
        ready: Ready | None = None
        try:
            ready = _ready(chart, entry)
        except VaultError as error:
            if not ask_each:
                raise
            terminal.warn(f"{client.handle}: {terminal.escape(error.message)}")
        if ready is None:
            answer = prompt.ask(f"{count} {client.handle}", ["[e]dit", "[l]ater", "[q]uit"])
        elif ask_each:
            _show(ready, client, count)
            answer = prompt.ask("sign?", ["[y]es", "[e]dit", "[l]ater", "[q]uit"])
        else:
            _remarks(ready)
            answer = "y"
        if answer == "y":
            return "y", ready
        if answer in ("l", "q"):
            return answer, None
        entry = _edit(options, chart, entry, client)


def _ready(chart: Chart, entry: Entry) -> Ready:
    from vaultcli.api import sign

    return sign.ready(chart, entry)


def _show(ready: Ready, client: Client, count: str) -> None:
    note = ready.note
    head = " · ".join(filter(None, (count, client.name, note.type, note.date, note.time, terminal.counted(note.words, "word"))))
    terminal.say(terminal.paint(terminal.escape(head), "cyan", bold=True))
    terminal.say(terminal.escape(ready.unsigned.raw.decode("utf-8").rstrip("\n")))
    _remarks(ready)


def _remarks(ready: Ready) -> None:
    """What the signer may not expect: sections without a word, whose headings go, and comments, which stay."""
    if ready.empty:
        *others, last = map(terminal.escape, ready.empty)
        told = f"{', '.join(others)} and {last} are empty; their headings go" if others else f"{last} is empty; its heading goes"
        terminal.warn(f"{ready.unsigned.path}: {told}")
    for line, text in ready.comments:
        terminal.warn(f"{ready.unsigned.path}:{line}: your comment stays in the signed text: {terminal.escape(text, keep='')}")


def _edit(options: Options, chart: Chart, entry: Entry, client: Client) -> Entry:
    from vaultcli.cli.ui import errors
    from vaultcli.cli.ui.open_editor import open_editor
    from vaultcli.ground.errors import VaultError
    from vaultcli.work.notes import draft, lookup

    try:
        open_editor(chart, draft.reopen(chart, entry))
    except VaultError as error:
        errors.tell(error)  # the other notes of the day are still to be asked about
    return next(one for one in lookup.entries_of(chart, client) if one.path == entry.path)


def _sign(chart: Chart, agreed: Sequence[tuple[Entry, Ready]], tell: Callable[[Done], None]) -> list[Done]:
    from vaultcli.api import sign
    from vaultcli.cli.ui import passphrase

    def before(pen: Pen) -> None:
        passphrase.announce_touches(pen, len(agreed))

    done = []
    for one in sign.sign(chart, agreed, passphrase.asker(), clock.now, clock.clock_source(), before, _counting):
        done.append(one)
        tell(one)
    return done


@contextmanager
def _counting(length: int) -> Iterator[Callable[[], None]]:
    """A progress bar that appears with the first signature: before it somebody may be asked for a passphrase."""
    with ExitStack() as stack:
        bars: list[terminal.Bar] = []

        def step() -> None:
            if not bars:
                bars.append(stack.enter_context(terminal.progress("signing", length)))
            bars[0].update(1)

        yield step


def _emit(done: Sequence[Done]) -> None:
    rows = [
        {"client": one.client, "commit": one.commit, "path": path, "sha256": digest} for one in done for path, digest in one.files
    ]
    terminal.emit_json({"signed": rows})


def _tell(done: Done, clients: dict[str, Client]) -> None:
    for path, _ in done.files:
        terminal.say(f"signed {clients[done.client].handle} {path}")


def print_check(chart: Chart, done: Done) -> None:
    """The stock command that checks the last signed file, to be pasted into a shell."""
    import shlex

    from vaultcli.record.notes import block

    path, _ = done.files[-1]
    said = block.parse(chart.recorded(done.client, path) or b"")
    assert said is not None
    signers, file = terminal.near(chart.vault.chart / "allowed_signers"), terminal.near(chart.folder(done.client) / path)
    words = ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", said.by, "-n", said.namespace, "-s", f"{file}.sig"]
    terminal.say(f"check it without us: {shlex.join(words)} < {shlex.quote(file)}")
