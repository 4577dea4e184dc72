"""What a client's record holds, and which note a word on the command line means."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vaultcli.ground import files, ids
from vaultcli.ground.errors import BadInput, NotFound, Refused
from vaultcli.ground.patterns import pattern
from vaultcli.places.chart.chart import Chart
from vaultcli.places.chart.handles import handles
from vaultcli.record import typed
from vaultcli.record.notes import attachment, names
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.find_client import Accept, Several, fitting
from vaultcli.record.notes.names import AdditionName, NoteName

if TYPE_CHECKING:
    from vaultcli.record.view.entry import Entry
from vaultcli.record.view.values import Fields as Fields
from vaultcli.record.view.values import fields_of as fields_of
from vaultcli.record.view.values import in_order as in_order
from vaultcli.record.view.values import moment as _moment

LEAST = 4
"""The fewest characters of an id that name a note."""

_REFERENCE = pattern(r"(?P<client>.+?)(?:~(?P<back>\d{1,4})|@(?P<moment>[0-9A-Za-z:./-]+))")
_MOMENT = pattern(r"(?:(?P<date>\d{4}-\d\d-\d\d)T)?(?P<time>.+)")


def entries_of(chart: Chart, client: Client) -> list[Entry]:
    """A client's notes with what was added to them, oldest first; drafts as they stand in the working folder."""
    return entries_of_id(chart, client.id)


def entries_of_id(chart: Chart, client_id: str) -> list[Entry]:
    """The same, by the client's id; the register is not read."""
    from vaultcli.record.view.entry import entries

    repository, line = chart.repository, chart.line(client_id)
    working = repository.working(line.branch, without=attachment.FOLDER)
    there = dict(_readable(chart.folder(client_id), [*working.edited, *working.new]))

    def read(path: str) -> bytes:
        if line.gone(path):
            said = "was deleted or changed after it was signed; the signed text is shown"
            chart.passed_over(f"clients/{client_id}/{path}", said)
        return repository.objects.blob(line.blob(path))

    return entries(line, read, there, there.__getitem__)


def _readable(folder: Path, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The notes among these working files, with their bytes; what is no regular file of a sane size is left out."""
    for path in paths:
        name = names.parse(path)
        if isinstance(name, NoteName) and path == f"notes/{name.file}":
            with contextlib.suppress(BadInput, NotFound):
                yield path, files.read(folder / path)


def client_of(chart: Chart, word: str) -> Client:
    """The client that a word means, as `Chart.client`; a handle or an id is found without reading the whole register.

    Raises:
        NotFound: nobody, or more than one.
    """
    found = fitting(_named(chart, word), word, Accept.WHOLE)
    return found[0] if len(found) == 1 else chart.client(word)


def _named(chart: Chart, word: str) -> Iterator[Client]:
    """The register's entries whose working file seems to say that handle, or whose line has that id."""
    for id_, handle in handles(chart.vault.chart):
        if word in (id_, handle):
            with contextlib.suppress(NotFound, BadInput):
                yield chart.register(id_)


def resolve(chart: Chart, word: str, now: datetime) -> Entry:
    """The note that a word means.

    A client's handle, id or part of the name (the newest draft, else the newest note), `CLIENT~1` (the one before that),
    `CLIENT@2026-11-22`, `CLIENT@mon`, `CLIENT@09:00` (today) or `CLIENT@2026-11-22T09:00`, a path, or any unique part of its id.

    Args:
        chart: the chart.
        word: as typed.
        now: the clock, for today.

    Raises:
        NotFound: no note fits, or more than one; those that fit are listed.
    """
    if (by_path := _by_path(chart, word) or by_whole_id(chart, word)) is not None:
        return by_path
    found = _REFERENCE.fullmatch(word)
    if found is not None:
        client = client_of(chart, found["client"])
        if found["moment"] is not None:
            return _at(entries_of(chart, client), found["moment"], word, now)
        return _back(entries_of(chart, client), int(found["back"]), client, word)
    try:
        client = client_of(chart, word)
    except Several:
        raise
    except NotFound as nobody:
        return _by_id(chart, word, nobody)
    return _back(entries_of(chart, client), 0, client, word)


def check_whole(entry: Entry, word: str) -> None:
    """Stop what is meant for one addition and would be done to its note.

    Args:
        entry: the note that the word was resolved to.
        word: as typed.

    Raises:
        Refused: the word names something that was added to the note, by its id, a part of it, or its path.
    """
    name = names.parse(word.removesuffix(names.SIGNATURE))
    part = name.id if isinstance(name, AdditionName) else "" if name else word.lower()
    if not part or len(part) < LEAST or part in entry.id:
        return
    added = next((one for one in entry.additions if part in one.file.block.id), None)
    if added is not None and (ids.is_id(part) or part.isalnum()):
        raise Refused(
            f"{word} is {added.kind} {added.file.block.id} of the note {entry.id}, not the note itself; nothing was withdrawn",
            hint=f"say what is wrong with it: vaultcli amend {entry.id} -m TEXT; the whole note: vaultcli withdraw {entry.id}",
        )


def client_or_note(chart: Chart, word: str, now: Callable[[], datetime]) -> tuple[Client, Entry | None]:
    """The client that a word means, else the note, with whose it is; for the clock a callable, as few words need it.

    Raises:
        NotFound: neither, or more than one.
    """
    with contextlib.suppress(NotFound):
        return client_of(chart, word), None
    entry = resolve(chart, word, now())
    return chart.register(entry.client), entry


def _by_path(chart: Chart, word: str) -> Entry | None:
    name = names.parse(word.removesuffix(names.SIGNATURE))
    if name is None:
        return None
    note = name.target if isinstance(name, AdditionName) else name
    parts = Path(word).absolute().parts
    owner = parts[-3] if len(parts) >= 3 and parts[-2] == "notes" else ""
    for client_id in [owner] if owner in chart.client_ids() else chart.client_ids():
        for entry in _notes_named(chart, client_id, note.id):
            return entry
    raise NotFound(f"there is no note {word} in this vault")


def by_whole_id(chart: Chart, word: str) -> Entry | None:
    """The note whose whole id, or that of something added to it, the word is, found by the names of the working files."""
    if not ids.is_id(word):
        return None
    ending = f"-{word}{names.SUFFIX}"
    for client_id in chart.client_ids():
        there: list[str] = []
        with contextlib.suppress(OSError):
            there = [file for file in os.listdir(chart.folder(client_id) / "notes") if file.endswith(ending)]  # noqa: PTH208
        for name in map(names.parse, there):
            if name is not None:
                note = name.target if isinstance(name, AdditionName) else name
                return next((entry for entry in entries_of_id(chart, client_id) if entry.id == note.id), None)
    return None


def _notes_named(chart: Chart, client_id: str, note_id: str) -> list[Entry]:
    """A client's notes with that id, looked up in file names first: replaying a line is for the one that is meant."""
    if not any(note_id in name for name in _file_names(chart, client_id)):
        return []
    return [entry for entry in entries_of_id(chart, client_id) if entry.id == note_id]


def _file_names(chart: Chart, client_id: str) -> set[str]:
    """The names in a client's notes folder, and those recorded."""
    found: set[str] = set()
    with contextlib.suppress(OSError):
        found |= {path.name for path in (chart.folder(client_id) / "notes").iterdir()}
    head = chart.repository.head(f"client/{client_id}")
    if head is not None:
        found |= {path.removeprefix("notes/") for path in chart.repository.files(head)}
    return found


def _by_id(chart: Chart, word: str, nobody: NotFound) -> Entry:
    part = word.lower()
    if len(part) < LEAST or not part.isalnum():
        raise nobody
    fitting: dict[str, set[str]] = {}
    for client_id in chart.client_ids():
        for file in _file_names(chart, client_id):
            name = names.parse(file)
            if name is None:
                continue
            note = name.target if isinstance(name, AdditionName) else name
            if part in note.id or part in name.id:
                fitting.setdefault(client_id, set()).add(note.id)
    found = [entry for client_id, wanted in fitting.items() for entry in entries_of_id(chart, client_id) if entry.id in wanted]
    if not found:
        usual = "`vaultcli client list` shows the register, `vaultcli list CLIENT` the notes"
        meant = nobody.hint if nobody.hint and nobody.hint.startswith("did you mean") else usual
        raise NotFound(f"no client is called {word}, and no note has it in its id", hint=meant)
    return _only(found, word)


def _back(found: list[Entry], steps: int, client: Client, word: str) -> Entry:
    """The newest draft, else the newest note; or so many before it."""
    if not found:
        raise NotFound(f"{client.handle} has no notes", hint=f"`vaultcli new {client.handle}` begins one")
    ordered = sorted(written(found), key=_moment)
    open_ones = [index for index, entry in enumerate(ordered) if entry.open]
    index = (open_ones[-1] if open_ones else len(ordered) - 1) - steps
    if index < 0:
        raise NotFound(f"{word}: {client.handle} has no note so far back", hint=f"`vaultcli list {client.handle}` shows them")
    return ordered[index]


def _at(found: list[Entry], moment: str, word: str, now: datetime) -> Entry:
    date, times = _when(moment, word, now)
    fitting = written([entry for entry in in_order(found) if fields_of(entry).date == date])
    if times:
        fitting = [entry for entry in fitting if fields_of(entry).time.startswith(times)]
    if not fitting:
        raise NotFound(f"no note fits {word}", hint=f"`vaultcli list {word.partition('@')[0]}` shows them")
    return _only(fitting, word)


def _when(moment: str, word: str, now: datetime) -> tuple[str, tuple[str, ...]]:
    """A day, today where only a time was typed, and what the time may mean; `2` is before or after noon."""
    match = _MOMENT.fullmatch(moment)
    if match is not None and (times := typed.moments(match["time"])) and (match["date"] or not names.is_date(moment)):
        return match["date"] or now.date().isoformat(), tuple(times)
    try:
        return typed.day(moment, now.date()), ()
    except BadInput:
        hint = f"write {typed.DAYS}; 09:00, 2pm or 2026-11-22T09:00"
        raise NotFound(f"{word}: {moment} is neither a date nor a time", hint=hint) from None


def written(found: list[Entry]) -> list[Entry]:
    """The notes without the descriptors of attached files, unless there are no others: what a client's name or a day means."""
    return [entry for entry in found if entry.name.type != attachment.TYPE] or found


def _only(found: list[Entry], word: str) -> Entry:
    if len(found) == 1:
        return found[0]
    rows = "".join(f"\n  {_row(entry)}" for entry in in_order(found))
    raise NotFound(f"{len(found)} notes fit {word}:{rows}", hint="use a longer part of the id")


def _row(entry: Entry) -> str:
    fields = fields_of(entry)
    return "  ".join(filter(None, (fields.date, fields.time, fields.type, entry.state, entry.id)))


def newest_day(chart: Chart, client_id: str) -> str:
    """The latest day in the names of a client's notes, in the folder or recorded; empty where there is none."""
    days = (name.date for file in _file_names(chart, client_id) if isinstance(name := names.parse(file), NoteName))
    return max(days, default="")
