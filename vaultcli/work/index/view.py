"""Bringing the index up to date, and looking at a practice through it: exact at every look, and quick where nothing moved.

Two questions are asked of each line. What is recorded follows from two heads, the line's and the practice's; git is asked
for all of them at once. What a draft's file says now follows from the file: the folder's times tell whether a file came or
went, a draft's own times whether it was written to, and a draft that differs from the record is read at every look. A
signed note's words are the record's, whatever lies in the folder (`status` and `verify` tell of that).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, GitTrouble, NotFound, VaultError
from vaultcli.ground.git.objects import name_object
from vaultcli.places.index import Doubtful, Hit, Index, LineRow, NoteRow, Store, TextRow, Wanted
from vaultcli.places.machine import state
from vaultcli.record.notes.find_client import Accept, fitting
from vaultcli.record.view import searchable
from vaultcli.record.view.query import indexed
from vaultcli.work.index.freshness import SETTLED, disk_clock

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.view.entry import Entry

BATCH = 48
"""Lines that are written together: a build that is interrupted goes on from there."""
MANY = 12
"""Lines from which reading them is spread over processes."""

Step = Callable[[int], None]


class Reading(NamedTuple):
    """One line as it was read: what is known of it, its notes and its texts."""

    line: LineRow
    notes: list[NoteRow]
    texts: list[TextRow]


class Telling(NamedTuple):
    """How a person hears of what takes long.

    Args:
        progress: gives, for a number of lines, a context manager with a function that counts them.
        trouble: told once, when the index cannot be written, why.
    """

    progress: Callable[[int], contextlib.AbstractContextManager[Step]] = lambda _: contextlib.nullcontext(lambda _: None)
    trouble: Callable[[str], None] = lambda _: None


class View:
    """The notes of a practice as they are now; a context manager.

    Args:
        chart: the chart.
        lines: client id to what is known of the line.
        stores: where their rows are: each with the clients whose rows there do not count.

    Attributes:
        live: client id and path to the bytes of a draft's file that is not what is recorded.
    """

    def __init__(self, chart: Chart, lines: Mapping[str, LineRow], stores: Sequence[tuple[Store, Sequence[str]]]) -> None:
        self.lines, self.live = lines, dict[tuple[str, str], bytes]()
        self._chart, self._stores, self._drafts = chart, stores, list[Store]()
        for line in lines.values():
            if line.differing:
                self._look(line)
        self._hidden = [path for _, path in self.live]

    def __enter__(self) -> View:
        return self

    def __exit__(self, *_: object) -> None:
        for store in (*(store for store, _ in self._stores), *self._drafts):
            store.close()

    def _look(self, line: LineRow) -> None:
        """Take in a line's drafts as their files are at this moment."""
        rows, texts = [], []
        for path in line.differing:
            raw = _bytes(self._chart, line.client, path)
            if raw is not None and _name(self._chart, raw) != line.open.get(path):
                there = (store.note(line.client, path) for store, without in self._stores if line.client not in without)
                rows.append(_live(line.client, path, raw, next(filter(None, there), None)))
                texts.append(TextRow(path, path, "", "note", _indexed(raw)))
                self.live[line.client, path] = raw
        if rows:
            self._drafts = self._drafts or [Store.in_memory()]
            self._drafts[0].put(line, rows, texts, str)

    def notes(self, wanted: Wanted) -> list[NoteRow]:
        """The notes asked for, in no order."""
        found = [note for store in self._drafts for note in store.notes(wanted, (), ())]
        for store, without in self._stores:
            found += store.notes(wanted, without, self._hidden)
        return found

    def match(self, query: str, wanted: Wanted, limit: int = 0) -> tuple[list[Hit], int]:
        """The texts that hold the words, newest session first, and in how many they are.

        Args:
            query: in FTS5's language.
            wanted: in which notes.
            limit: the most that are given; 0 for all.

        Raises:
            VaultError: this Python's SQLite cannot search texts.
        """
        parts = [store.match(query, wanted, (), (), limit) for store in self._drafts]
        parts += [store.match(query, wanted, without, self._hidden, limit) for store, without in self._stores]
        found = sorted((hit for hits, _ in parts for hit in hits), key=lambda hit: hit.path)
        found.sort(key=lambda hit: hit.note.moment, reverse=True)
        return found[: limit or None], sum(count for _, count in parts)

    def edited(self, note: NoteRow) -> bool:
        """Whether the file of a recorded draft is not what is recorded."""
        return note.recorded is not None and (note.client, note.path) in self.live

    def raw(self, hit: Hit) -> bytes:
        """The bytes of a text that was found."""
        there = self.live.get((hit.note.client, hit.path))
        return self._chart.repository.objects.blob(hit.blob) if there is None else there


def look(
    chart: Chart,
    *,
    only: Collection[str] | None = None,
    worth: Callable[[str], bool] = lambda _: True,
    telling: Telling = Telling(),  # noqa: B008 - a value
) -> View:
    """A practice as it is now, through the index, which is brought up to date on the way.

    Args:
        chart: the chart.
        only: ids of the clients that are looked at; all when None.
        worth: asked for a line that has to be read anew: whether it is wanted at all.
        telling: how a person hears of it.
    """
    heads = chart.repository.lines()
    practice = heads.get("practice", "")
    there = {branch.partition("/")[2]: head for branch, head in heads.items() if branch.startswith("client/")}
    index = _index(chart)
    try:
        return _Look(chart, index, there, practice, telling).view(only, worth)
    except Doubtful:
        # words are in it that must go: nothing of it is kept
        return _Look(chart, index, there, practice, telling, anew=True).view(only, worth)


def whose(chart: Chart, word: str) -> str:
    """The client (id) with that handle or id, where the index has every client as last recorded; else empty."""
    store = _index(chart).believed()
    if store is None:
        return ""
    try:
        known = store.lines()
    finally:
        store.close()
    heads = chart.repository.lines()
    there = {branch.partition("/")[2]: head for branch, head in heads.items() if branch.startswith("client/")}
    if there != {line.client: line.head for line in known.values()}:
        return ""
    found = fitting(known.values(), word, Accept.WHOLE)
    return found[0].client if len(found) == 1 else ""


def forget(chart: Chart) -> None:
    """Delete the index: after a succession, so that what was left out stays nowhere in this copy."""
    _index(chart).forget()


def _index(chart: Chart) -> Index:
    return Index(chart.repository.directory, chart.repository.clone_id, state.folder("index"))


class _Look:
    """One look at a practice."""

    def __init__(
        self, chart: Chart, index: Index, heads: Mapping[str, str], practice: str, telling: Telling, *, anew: bool = False
    ) -> None:  # fmt: skip
        self.chart, self.index, self.heads, self.practice, self.telling = chart, index, heads, practice, telling
        self.anew = anew
        self.unwritable = ""
        self.beside: Store | None = None
        self.apart: set[str] = set()

    def view(self, only: Collection[str] | None, worth: Callable[[str], bool]) -> View:
        store = None if self.anew else self.index.believed()
        known = store.lines() if store is not None else {}
        if known.keys() - self.heads.keys():
            _close(store)
            raise Doubtful
        wanted = [client for client in self.heads if only is None or client in only]
        current = {client: known[client] for client in wanted if client in known and self._holds(known[client])}
        late = [client for client in wanted if client not in current and worth(client)]
        touched = [line for line in current.values() if not line.stamp or _stamp(self.chart, line)[0] != line.stamp]
        if touched or late or self.anew:
            # what was written a moment ago is looked at again, by the disk's own clock
            began = disk_clock(self.chart.repository.directory / "vaultcli" / "index.probe")
            looked = [_compared(self.chart, line, store.paths(line.client) if store else set(), began) for line in touched]
            current |= {line.client: line for line in looked}
            moved = [line for line in looked if line != known[line.client]]
            if moved or late or self.anew:
                _close(store)
                store = None
                self._write(lambda to: to.compared(moved))
                current |= self._read(late, known, began)
        if store is None:
            store = None if self.anew else self.index.believed()
            known = store.lines() if store is not None else {}
        return self._found(current, known, store)

    def _found(self, current: dict[str, LineRow], known: Mapping[str, LineRow], store: Store | None) -> View:
        """The view, if the index holds what was found; lines that it has otherwise are read beside it."""
        for client in current.keys() - self.apart:
            line = current[client]
            if client not in known or known[client][:3] != line[:3]:
                reading = _reading(self.chart, client, self.practice, line.head, 0)
                self._beside(reading)
                current[client] = reading.line
        stores: list[tuple[Store, Sequence[str]]] = [(self.beside, ())] if self.beside is not None else []
        if store is not None:
            stores.append((store, sorted(self.apart | known.keys() - current.keys())))
        return View(self.chart, current, stores)

    def _holds(self, line: LineRow) -> bool:
        return (line.head, line.practice) == (self.heads[line.client], self.practice)

    def _read(self, late: Sequence[str], known: Mapping[str, LineRow], began: int) -> dict[str, LineRow]:
        """Read lines anew and write them; the first commit of each tells whether it was succeeded."""
        found: dict[str, LineRow] = {}
        if not late:
            return found
        with self.telling.progress(len(late)) as count:
            batch: list[Reading] = []
            for number, reading in enumerate(_readings(self.chart, late, self.practice, self.heads, began), 1):
                line = reading.line
                if line.client in known and known[line.client].root != line.root:
                    raise Doubtful
                found[line.client] = line
                batch.append(reading)
                if len(batch) == BATCH or number == len(late):
                    self._put(batch)
                    batch = []
                count(1)
        return found

    def _put(self, batch: list[Reading]) -> None:
        def all_of_them(to: Store) -> None:
            for reading in batch:
                to.put(*reading, self._words)

        if not self._write(all_of_them):
            for reading in batch:
                self._beside(reading)

    def _beside(self, reading: Reading) -> None:
        self.beside = self.beside or Store.in_memory()
        self.beside.put(*reading, self._words)
        self.apart.add(reading.line.client)

    def _words(self, blob: str) -> str:
        """The words of a text that goes out of the index."""
        try:
            return _indexed(self.chart.repository.objects.blob(blob))
        except GitTrouble as gone:
            raise Doubtful from gone

    def _write(self, change: Callable[[Store], None]) -> bool:
        """Change the index; where that fails once it is not tried again, and a person is told."""
        if self.unwritable:
            return False
        try:
            with self.index.writing(anew=self.anew) as store:
                change(store)
            self.anew = False
        except VaultError as error:
            self.unwritable = error.message
        except (sqlite3.Error, OSError) as error:
            self.unwritable = f"{self.index.path}: {error}"
        if self.unwritable:
            self.telling.trouble(f"the index cannot be used, and the record is read without it: {self.unwritable}")
        return not self.unwritable


def _close(store: Store | None) -> None:
    if store is not None:
        store.close()


def _indexed(raw: bytes) -> str:
    """A text as it lies in the index; as drafts are held beside it, and as it is taken out."""
    return indexed(searchable.words(raw))


# one line


def _readings(
    chart: Chart, clients: Sequence[str], practice: str, heads: Mapping[str, str], began: int
) -> Iterator[Reading]:  # fmt: skip
    """Lines as they are now; many of them are read in several processes."""
    if len(clients) < MANY:
        yield from (_reading(chart, client, practice, heads[client], began) for client in clients)
        return
    from vaultcli.ground.process import workers
    from vaultcli.places.chart.chart import Chart as Opened

    mine, theirs = os.getpid(), list[Opened]()

    def work(client: str) -> Reading:
        if os.getpid() == mine:
            return _reading(chart, client, practice, heads[client], began)
        if not theirs:
            # git's answers to two processes must not mix: each copy asks through its own
            theirs.append(Opened(chart.vault))
        return _reading(theirs[0], client, practice, heads[client], began)

    yield from workers.spread(work, clients, workers.available())


def _reading(chart: Chart, client: str, practice: str, head: str, began: int) -> Reading:
    from vaultcli.record.view import entry as record

    line = chart.line(client)
    read = chart.repository.objects.blob
    entries = record.entries(line, lambda path: read(line.blob(path)))
    entry = chart.register(client)
    loose = {one.path: line.files[one.path] for one in entries if one.signed is None}
    plain = LineRow(client, head, practice, line.oids[0], entry.handle, entry.name, entry.closed, loose, "", ())
    if line.head != head:
        # it moved on while we read: what is told is the older head's, and the next look reads again
        plain = plain._replace(head=line.head)
    row = _compared(chart, plain, {one.path for one in entries}, began)
    return Reading(row, [note_row(one) for one in entries], [text for one in entries for text in _texts(line.blob, one)])


def note_row(entry: Entry) -> NoteRow:
    """A note as lists show it."""
    from vaultcli.record.view import values

    shown = values.fields_of(entry)
    described = entry.attachment if entry.withdrawal is None else None
    return NoteRow(
        client=entry.client,
        path=entry.path,
        id=entry.id,
        date=shown.date,
        time=shown.time,
        type=shown.type,
        format=shown.format,
        state=entry.state,
        author=entry.author,
        recorded=entry.recorded.time if entry.recorded else None,
        signed=entry.signed.block.time if entry.signed else None,
        additions=tuple(
            {"kind": said.kind, "id": said.id, "path": one.file.path, "by": said.by, "signed": said.time}
            for one in entry.additions
            for said in [one.file.block]
        ),
        attachment=None
        if described is None
        else {
            "path": described.path,
            "name": described.name,
            "kind": described.kind,
            "media-type": described.media_type,
            "bytes": described.size,
            "sha256": described.sha256,
        },
    )


def _texts(blob: Callable[[str], str], entry: Entry) -> Iterator[TextRow]:
    """The text that stands, and what was added to it; a text that was corrected since no longer stands."""
    standing = entry.corrections[-1].file.path if entry.corrections else entry.path
    kind = "correction" if entry.corrections else "note"
    yield TextRow(entry.path, standing, blob(standing), kind, _indexed(entry.text))
    for one in entry.additions:
        if one.kind != "correction":
            yield TextRow(entry.path, one.file.path, blob(one.file.path), one.kind, _indexed(one.raw))


# the working files


def _folder(chart: Chart, client: str) -> str:
    return f"{chart.vault.chart}/clients/{client}"


def _stamp(chart: Chart, line: LineRow) -> tuple[str, int]:
    """The times of a line's folder of notes and of its open notes, and the newest of them.

    A file that comes, goes or is renamed changes its folder's times; one that is written to changes its own.
    """
    rows, newest = [], 0
    top = _folder(chart, line.client)
    for path in ("notes", *sorted({*line.open, *line.differing})):
        try:
            found = os.stat(f"{top}/{path}", follow_symlinks=False)  # noqa: PTH116 - three hundred at every look
        except OSError as error:
            rows.append(f"{path} {error.errno}")
            continue
        newest = max(newest, found.st_mtime_ns, found.st_ctime_ns)
        rows.append(f"{path} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_size} {found.st_ino} {found.st_mode}")
    return "\n".join(rows), newest


def _compared(chart: Chart, line: LineRow, recorded: set[str], began: int) -> LineRow:
    """A line with its open notes compared with their files; the times are remembered where no edit could hide in them."""
    from vaultcli.record.notes import names
    from vaultcli.record.notes.names import NoteName

    here = {f"notes/{name}" for name in _names(chart, line.client)}
    unrecorded = {path for path in here if path not in recorded and isinstance(names.parse(path), NoteName)}
    # before the bytes are read: what changes from here on has other times at the next look
    stamp, newest = _stamp(chart, line._replace(differing=tuple(unrecorded)))
    edited = set()
    for path in line.open.keys() & here:
        raw = _bytes(chart, line.client, path)
        if raw is not None and _name(chart, raw) != line.open[path]:
            edited.add(path)
    settled = newest + SETTLED < began
    return line._replace(stamp=stamp if settled else "", differing=tuple(sorted(unrecorded | edited)))


def _names(chart: Chart, client: str) -> list[str]:
    """The names in a client's folder of notes; none where that is a link, or another worktree."""
    folder = f"{_folder(chart, client)}/notes"
    with contextlib.suppress(OSError):
        if stat.S_ISDIR(os.lstat(folder).st_mode):
            found = os.listdir(folder)  # noqa: PTH208 - names, no paths
            return [] if ".git" in found else found
    return []


def _bytes(chart: Chart, client: str, path: str) -> bytes | None:
    """A working file's bytes; None where it is no regular file of a sane size."""
    with contextlib.suppress(BadInput, NotFound):
        return files.read(chart.folder(client) / path)
    return None


def _name(chart: Chart, raw: bytes) -> str:
    return name_object("blob", raw, chart.repository.object_format)


def _live(client: str, path: str, raw: bytes, row: NoteRow | None) -> NoteRow:
    """A draft's row as its file says it."""
    from vaultcli.record.notes import names
    from vaultcli.record.notes.names import NoteName
    from vaultcli.record.view.entry import Entry

    name = names.parse(path)
    assert isinstance(name, NoteName)
    now = note_row(Entry(client, name, raw, None, None))
    if row is None:
        return now
    return row._replace(date=now.date, time=now.time, type=now.type, format=now.format)
