"""Beginning, changing and recording drafts. Nothing here asks or prints; the file on disk is the user's at every moment.

A draft is a file in the client's folder from its first second on: whatever kills us, the text is where the editor wrote
it, and `entries_of` lists it as unrecorded.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Conflict, NotFound, Refused
from vaultcli.ground.process import marks
from vaultcli.places.chart import templates
from vaultcli.places.chart.chart import Chart, Recorder, Recording
from vaultcli.record.notes import fields, names, template
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.names import NoteName
from vaultcli.work.notes.compose import Wanted, compose

# what reads and judges a text is brought in by what needs it: the editor opens before that
if TYPE_CHECKING:
    from vaultcli.record.notes.note import Note, Problem
    from vaultcli.record.view.entry import Entry


@dataclass(frozen=True)
class Draft:
    """A draft on disk.

    Args:
        client: whose.
        path: on the line, `notes/NAME.md`.
        file: on disk.
        start: the bytes that it began with.
        told: what was noticed about a pasted text, a sentence each.
        doubt: why front matter that the text seems to bring was not read, with its line; empty where nothing is in doubt.
    """

    client: Client
    path: str
    file: Path
    start: bytes
    told: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def id(self) -> str:
        """The note's id, or the addition's own."""
        name = names.parse(self.path)
        assert name is not None
        return name.id

    @property
    def note_id(self) -> str:
        """The id of the note, also where this is an addition to it."""
        name = names.parse(self.path)
        return name.target.id if isinstance(name, names.AdditionName) else self.id


def begin(chart: Chart, client: Client, wanted: Wanted) -> Draft:
    """A new draft in the client's folder, not recorded; defaults from register and plan, never from an earlier session.

    Raises:
        NotFound: no template has that name.
        BadInput: a value or the text is not what it should be.
        Refused: the client is a group, whose sessions are written in its members' charts.
    """
    if client.kind == "group":
        hint = "`vaultcli new GROUP` writes one for each who was there"
        raise Refused(f"{client.handle} is a group: its notes are its members'", hint=hint)
    made = compose(chart, client, wanted)
    name = NoteName(made.date, made.type, made.id)
    path = f"notes/{name.file}"
    file = chart.folder(client.id) / path
    chart.repository.create_file(file, made.raw)
    return Draft(client, path, file, made.raw, made.told, made.doubt)


def sheets(chart: Chart) -> list[Path]:
    """Marks of groups' sessions whose notes were being made when a run was killed; `group_session` goes on with them."""
    folder = chart.repository.directory / "vaultcli" / "sheets"
    try:
        return sorted(folder / name for name in os.listdir(folder) if name.endswith(".json") and name[0] != ".")  # noqa: PTH208
    except OSError:
        return []


# looking at a draft


@dataclass(frozen=True)
class Look:
    """What stands in a draft now.

    Args:
        raw: its bytes.
        words: of prose; None where its front matter cannot be read.
        problems: what stands in the way of a signature, by line.
        questions: what is worth an answer and stands in nobody's way, by line.
        unreadable: why it cannot be read as a note, with file and line; empty where it can.
        date: of the note, as its front matter has it; empty where that cannot be read.
        time: likewise.
        empty: titles of the template's sections below which nothing is written.
    """

    raw: bytes
    words: int | None
    problems: tuple[Problem, ...] = ()
    unreadable: str = ""
    questions: tuple[Problem, ...] = ()
    date: str = ""
    time: str = ""
    empty: tuple[str, ...] = ()


def look(chart: Chart, draft: Draft) -> Look:
    """Read a draft as it is on disk.

    Raises:
        NotFound: the file is gone.
    """
    from vaultcli.record.notes.note import Note

    raw = files.read(draft.file)
    try:
        note = Note.parse(raw, draft.path, templates.formats(chart))
    except BadInput as error:
        return Look(raw, None, unreadable=error.message)
    questions = (*note.questions, *_unnamed_goals(note))
    return Look(raw, note.words, note.problems, "", questions, note.date, note.time, _empty(chart, note, raw))


def _empty(chart: Chart, note: Note, raw: bytes) -> tuple[str, ...]:
    if note.imported:
        return ()
    stripped = templates.without_prompts(chart, raw, note.type, note.format)
    return templates.without_empty(chart, raw, stripped.raw, note.type, note.format).titles


def where_to_begin(chart: Chart, draft: Draft) -> int:
    """The line at which an editor opens a draft: that of the first section without a word; 0 for wherever it opens by itself."""
    from vaultcli.ground import frontmatter

    try:
        raw = files.read(draft.file)
        front = frontmatter.parse(raw, draft.path)
        return templates.first_empty(chart, raw, front.text("type"), front.text("format"))
    except (BadInput, NotFound, UnicodeDecodeError):
        return 0


def _unnamed_goals(note: Note) -> Iterator[Problem]:
    """Headings among a plan's goals that no note could name."""
    if note.type in fields.PLANS:
        from vaultcli.record.notes import plan
        from vaultcli.record.notes.note import Problem

        for line in plan.read(note).unnamed:
            yield Problem(line, "goal", "has no short name, such as: ### g1 · Title")


def formats(chart: Chart) -> list[str]:
    """As `templates.formats`."""
    return templates.formats(chart)


def is_untouched(draft: Draft, raw: bytes) -> bool:
    """Whether nothing was written into a new draft."""
    return template.is_unchanged(raw, draft.start)


# recording


def record(chart: Chart, drafts: Mapping[str, bytes], client_id: str, now: datetime, by: Recorder | None = None) -> str:
    """Record drafts of one client in one commit, as they were seen.

    Args:
        chart: the chart.
        drafts: path on the line to the bytes that were read from the working folder.
        client_id: whose.
        now: the clock.
        by: who records; this machine when left out.

    Returns:
        The commit's bare id; empty where all of it is recorded already.

    Raises:
        Conflict: a file changed since it was read.
        Refused: the rules do not admit it.
    """
    # under the lock, because another terminal may be about to record the same files
    with chart.repository.lock():
        changed = {path: raw for path, raw in drafts.items() if chart.recorded(client_id, path) != raw}
        if not changed:
            return ""
        found = [name.id for path in changed if (name := names.parse(path)) is not None]
        seen = {path: files.digest(raw) for path, raw in changed.items()}
        return chart.record(client_id, Recording("draft", tuple(found), changed, seen), now, by)


def discard(chart: Chart, draft: Draft, raw: bytes) -> None:
    """Delete a draft that was never recorded.

    Raises:
        Refused: it is recorded; what is recorded stays.
        Conflict: the file changed since it was read.
    """
    if chart.recorded(draft.client.id, draft.path) is not None:
        raise Refused(f"{draft.path} is recorded and stays", hint="`vaultcli withdraw` ends a recorded draft")
    files.remove(draft.file, expecting=files.digest(raw))


def reopen(chart: Chart, entry: Entry) -> Draft:
    """An unsigned note, to be edited again; a file that is missing is written anew from the record.

    Raises:
        Refused: it is finished, or it is open in an editor.
    """
    if not entry.open:
        raise Refused(f"{entry.path} is {entry.state} and does not change", hint="`vaultcli amend` adds to it")
    client = chart.register(entry.client)
    file = chart.folder(entry.client) / entry.path
    if not file.exists():
        with contextlib.suppress(Conflict):
            chart.repository.create_file(file, entry.raw)
    return Draft(client, entry.path, file, files.read(file))


@contextlib.contextmanager
def editing(chart: Chart, draft: Draft) -> Iterator[None]:
    """The mark that a note is open in an editor that we started; the system takes it away when we end, however we end.

    Raises:
        Conflict: another command of ours has it open, or an editor says so by its lock file.
    """
    from vaultcli.ground.editor.command import open_elsewhere

    if elsewhere := open_elsewhere(draft.file):
        raise Conflict(f"{draft.path} is open in {elsewhere}", hint="go on there, or close it first")
    with held(chart, draft.id) as free:
        if not free:
            raise Conflict(f"{draft.path} is open in another `vaultcli`", hint="go on there, or close it first")
        yield


def check_closed(chart: Chart, entry: Entry) -> None:
    """Stop what would fix a text that somebody is still writing.

    Raises:
        Refused: an editor, or another command of ours, has the file open.
    """
    from vaultcli.ground.editor.command import open_elsewhere

    file = chart.folder(entry.client) / entry.path
    holder = open_elsewhere(file)
    if not holder:
        with held(chart, entry.id) as free:
            holder = "" if free else "another `vaultcli`"
    if holder:
        raise Refused(f"{file}: is open in {holder}", hint="save and close it there first")


@contextlib.contextmanager
def held(chart: Chart, id_: str) -> Iterator[bool]:
    """Take the mark of a note for as long as the block runs; gives whether it was free."""
    with marks.mark(chart.repository.directory / "vaultcli" / "editing" / id_) as free:
        yield free


@contextlib.contextmanager
def shown_beside(chart: Chart, draft: Draft, entry: Entry) -> Iterator[Path]:
    """A copy of a note's standing text that cannot be written to, for the editor to show while the block runs.

    It lies in the repository's own folder for files in the making, never in a shared one.
    """
    from vaultcli.record.notes import block

    scratch = chart.repository.scratch
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in scratch.glob("beside-*"):
        with held(chart, left.name.removeprefix("beside-")) as free:
            if free:
                _put_away(left)
    folder = scratch / f"beside-{draft.id}"
    files.make_dirs(folder)
    try:
        copy = folder / entry.name.file
        files.create(copy, block.without(entry.text), mode=0o400)
        yield copy
    finally:
        _put_away(folder)


def _put_away(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def newest_before(entries: Sequence[Entry], draft: Draft) -> Entry:
    """The note to show beside a new one: the newest that is finished.

    Raises:
        NotFound: there is none.
    """
    from vaultcli.record.view.values import in_order

    finished = [one for one in in_order(entries) if not one.open and one.path != draft.path and one.withdrawal is None]
    found = [one for one in finished if one.attachment is None]
    if not found:
        raise NotFound(f"{draft.client.handle} has no finished note to show beside", hint="leave out --beside")
    return found[-1]
