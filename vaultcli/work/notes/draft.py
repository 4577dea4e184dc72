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

from vaultcli.ground import files, frontmatter, ids
from vaultcli.ground.errors import BadInput, Conflict, NotFound, Refused
from vaultcli.ground.process import marks
from vaultcli.places.chart import templates
from vaultcli.places.chart.chart import Chart, Recorder, Recording
from vaultcli.record.notes import attachment, fields, names, template
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.names import NoteName

# what reads and judges a text is brought in by what needs it: the editor opens before that
if TYPE_CHECKING:
    from vaultcli.record.notes.note import Note, Problem
    from vaultcli.record.view.entry import Entry

PLAIN = "narrative"
"""The template of a type that has none of its own."""
COUPLE = "couple"
"""The format of progress notes of a couple or family whose register entry names none."""
DEFAULTS = ("place", "cpt", "diagnoses")
"""What a new note takes over from the register, besides the format."""
TOUCHLESS = frozenset({"no-show"})
"""Types that are never billed: no code is proposed."""
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Draft:
    """A draft on disk.

    Args:
        client: whose.
        path: on the line, `notes/NAME.md`.
        file: on disk.
        start: the bytes that it began with.
        told: what was noticed about a pasted text, a sentence each.
    """

    client: Client
    path: str
    file: Path
    start: bytes
    told: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The note's id, or the addition's own."""
        name = names.parse(self.path)
        assert name is not None
        return name.id


@dataclass(frozen=True)
class Wanted:
    """What the command line says of a new note; empty where it says nothing.

    Args:
        date: the session's day; `time` its beginning and end; `place`, `cpt` as the note has them.
        type, format: of the note.
        goals: that were worked on; none for the open ones of the plan in force.
        text: what goes below the front matter, instead of the template's headings; None for the template.
    """

    date: str
    time: str = ""
    type: str = ""
    format: str = ""
    place: str = ""
    cpt: str = ""
    text: bytes | None = None
    goals: tuple[str, ...] = ()


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
    name = NoteName(wanted.date, wanted.type or fields.PROGRESS, made.id)
    path = f"notes/{name.file}"
    file = chart.folder(client.id) / path
    chart.repository.create_file(file, made.raw)
    return Draft(client, path, file, made.raw, made.told)


@dataclass(frozen=True)
class Composed:
    """A new note before it has a file: its id, its bytes, and what was noticed, a sentence each."""

    id: str
    raw: bytes
    told: tuple[str, ...]


def compose(chart: Chart, client: Client, wanted: Wanted) -> Composed:
    """The bytes of a new note; see `begin`."""
    from vaultcli.work.notes import plan as planning

    kind, shape, raw_template = _template(chart, client, wanted)
    lines = template.read(raw_template).keys
    told: list[str] = []
    plan = planning.in_force(chart, client.id)
    values = _values(client, wanted, kind, shape, lines)
    if plan is not None:
        taken = planning.take_over(plan, lines, client.items("diagnoses"), wanted.goals)
        values |= taken.values
        told += taken.told
    id_ = ids.new()
    raw = template.draft(raw_template, values | {"id": id_})
    if plan is not None and kind in planning.CARRIES and wanted.text is None:
        carried = template.carry(raw, plan.title, plan.level, plan.text)
        if carried != raw:
            raw = template.draft_field(carried, "carried-from", [f"{plan.id} {plan.title}"])
            told.append(f"the goals were taken over from the plan of {plan.date}")
    if wanted.text is not None:
        raw, also = pasted(wanted.text, raw, id_)
        told += also
    return Composed(id_, raw, tuple(told))


def _template(chart: Chart, client: Client, wanted: Wanted) -> tuple[str, str, bytes]:
    """The type, the format and the template of a new note."""
    kind = wanted.type or fields.PROGRESS
    if kind == attachment.TYPE:
        raise BadInput("a file is attached, not written", hint="`vaultcli attach CLIENT FILE --kind KIND`")
    if kind not in fields.TYPES:
        raise BadInput(f"{kind} is no type of note", hint="one of " + ", ".join(fields.TYPES))
    shape = wanted.format or client.text("format")
    if kind != fields.PROGRESS:
        found = templates.find(chart, kind)
        return kind, wanted.format, found if found is not None else templates.get(chart, PLAIN)
    shape = shape or (COUPLE if client.kind in ("couple", "family") else PLAIN)
    return kind, shape, templates.get(chart, shape)


def _values(
    client: Client, wanted: Wanted, kind: str, shape: str, lines: Sequence[str]
) -> dict[str, str | list[str] | Mapping[str, str]]:  # fmt: skip
    """Front matter of a new note. A default goes only where the template has a line for it; what was asked for, always."""
    values: dict[str, str | list[str] | Mapping[str, str]] = {}
    for key in DEFAULTS:
        asked = {"place": wanted.place, "cpt": wanted.cpt}.get(key, "")
        usual = client.items(key) if key in lines and not (key == "cpt" and kind in TOUCHLESS) else []
        items = [asked] if asked else usual
        if items:
            values[key] = items if key == "diagnoses" or len(items) > 1 else items[0]
    values |= {"date": wanted.date, "time": wanted.time}
    if kind != fields.PROGRESS:
        values["type"] = kind
    if shape:
        values["format"] = shape
    if client.text("part2") == "true":
        values["part2"] = "true"
    if wanted.goals:
        values["goals"] = list(wanted.goals)
    if kind in fields.SESSIONS and values.get("place") in fields.DISTANT:
        values["telehealth"] = _telehealth(client)
    _check(values)
    return values


def _telehealth(client: Client) -> dict[str, str]:
    """What a session at a distance has to document; where the client was is never taken from an address."""
    known = {"platform": "platform", "consent": "telehealth-consent", "emergency": "emergency"}
    return {key: client.text(known[key]) if key in known else "" for key in fields.ASKED}


def _check(values: Mapping[str, object]) -> None:
    for key in ("date", "time", "place", "cpt", "goals"):
        value = values.get(key)
        if not value or not isinstance(value, str | list):
            continue
        if problem := fields.check(fields.TABLE[key], value):
            raise BadInput(f"{key} {problem}")


def pasted(text: bytes, drafted: bytes, id_: str) -> tuple[bytes, tuple[str, ...]]:
    """A text from elsewhere as a note: its bytes below our front matter, unchanged.

    Args:
        text: the bytes; a byte order mark is taken off, and front matter of its own is kept with our lines added.
        drafted: the note that would have been begun without it.
        id_: the note's id, which wins over one that the text brings.

    Returns:
        The note, and what was done, a sentence each.

    Raises:
        BadInput: it is not UTF-8 text.
    """
    told = []
    if text.startswith(_BOM):
        text, told = text.removeprefix(_BOM), ["a byte order mark was taken off"]
    check_text(text)
    if (own := _own_front_matter(text)) is not None:
        return _merged(own, text, drafted, id_, told)
    head = frontmatter.split(drafted)
    top = head.opening + head.yaml + head.closing + b"\n"
    if text.count(b"\r\n") == text.count(b"\n") > 0:
        top = top.replace(b"\n", b"\r\n")
    return top + text, tuple(told)


def check_text(text: bytes) -> None:
    """Stop bytes that are no text.

    Raises:
        BadInput: they are not UTF-8, or hold a zero byte.
    """
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + text.count(b"\n", 0, error.start)
        raise BadInput(f"the text is not UTF-8 (line {line})", hint="convert it first, for example with iconv") from None
    if (zero := text.find(b"\0")) >= 0:
        line = 1 + text.count(b"\n", 0, zero)
        raise BadInput(f"the text holds a zero byte (line {line}): it is no text")


def _own_front_matter(text: bytes) -> frontmatter.FrontMatter | None:
    """The front matter that a text brings; None where there is none, or it cannot be read and is prose like the rest."""
    try:
        front = frontmatter.parse(text)
    except BadInput:
        return None
    return front if front.parts.present and not front.flow and len(front) else None


def _merged(
    own: frontmatter.FrontMatter, text: bytes, drafted: bytes, id_: str, told: list[str]
) -> tuple[bytes, tuple[str, ...]]:
    if fields.SIGNED in own:
        hint = "take the lines from `signed:` on out of its front matter to write it as a new note"
        raise BadInput("the text carries a signed block", hint=hint)
    told.append("its own front matter was kept; lines that it lacks were added")
    if "id" in own:
        told.append("its id was replaced by a new one")
    raw = text
    for key, value in frontmatter.parse(drafted).items():
        if key == "id" or (value not in ("", [], {}) and own.get(key, "") in ("", [], {})):
            raw = frontmatter.set_field(raw, key, value)  # type: ignore[arg-type]
    return raw, tuple(told)


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
    """

    raw: bytes
    words: int | None
    problems: tuple[Problem, ...] = ()
    unreadable: str = ""
    questions: tuple[Problem, ...] = ()


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
    return Look(raw, note.words, note.problems, questions=(*note.questions, *_unnamed_goals(note)))


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


def belongs(path: str) -> bool:
    """Whether a path on a client's line is a draft that may be recorded: a note, or a text added to one."""
    from vaultcli.record.view.entry import TEXTS

    name = names.parse(path)
    if name is None or path != f"notes/{name.file}":
        return False
    return isinstance(name, NoteName) or name.kind in TEXTS


def newest_before(entries: Sequence[Entry], draft: Draft) -> Entry:
    """The note to show beside a new one: the newest that is finished.

    Raises:
        NotFound: there is none.
    """
    from vaultcli.work.notes.lookup import in_order

    finished = [one for one in in_order(entries) if not one.open and one.path != draft.path and one.withdrawal is None]
    found = [one for one in finished if one.attachment is None]
    if not found:
        raise NotFound(f"{draft.client.handle} has no finished note to show beside", hint="leave out --beside")
    return found[-1]
