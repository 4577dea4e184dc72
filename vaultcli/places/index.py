"""The index: what the lines of a chart hold, in the form that search and lists ask for; a cache that can only save time.

One SQLite file, `.git/vaultcli/index.sqlite`, with full-text search over every text that stands in the record. Nothing of
it is believed unless the file is, by size, times and inode, the one that this machine's vaultcli wrote last: the seal that
says so lies in the machine's state folder, out of reach of whoever hands over a chart. No `cachefile`: it is asked in its place
and changed row by row, and holds words of the chart, with which it lies and goes. Format: `docs/spec/index.md`, version 2.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.ground.repository.lock import Lock
from vaultcli.ground.version import __version__

NAME = "index.sqlite"
RULES = f"{__version__}/2"
"""By which rules the rows were made: the program's version, and a number for changes between versions."""
SIDES = ("-journal", "-wal", "-shm")
"""What SQLite puts beside a file."""
SEALS = 8
"""How many seals are kept for one copy's id, as folders are copied and moved."""
PATIENCE = 5.0
"""Seconds that a reader waits for a writer to finish its last pages."""
WAIT = 15.0
"""Seconds that a writer waits for another one."""
LAST = "~"
"""In the place of a time of recording, of a note that was never recorded: it comes after all others."""

_SCHEMA = """
CREATE TABLE about (rules TEXT NOT NULL);
CREATE TABLE line (client TEXT PRIMARY KEY, head TEXT, practice TEXT, root TEXT, handle TEXT, name TEXT, closed TEXT,
    open TEXT, stamp TEXT, differing TEXT) WITHOUT ROWID;
CREATE TABLE note (number INTEGER PRIMARY KEY, client TEXT, path TEXT, id TEXT, date TEXT, time TEXT, type TEXT, format TEXT,
    state TEXT, author TEXT, recorded TEXT, signed TEXT, additions TEXT, attachment TEXT, UNIQUE (client, path));
CREATE INDEX note_date ON note (date);
CREATE TABLE text (number INTEGER PRIMARY KEY, note INTEGER, path TEXT, blob TEXT, kind TEXT);
CREATE INDEX text_note ON text (note);
"""
_WORDS = """
CREATE VIRTUAL TABLE words USING fts5 (body, content = '', columnsize = 0,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'");
"""


class LineRow(NamedTuple):
    """What is known of one client's line.

    Args:
        client: the id.
        head, practice: the heads (bare ids) of the line and of `practice` that the rows were made from.
        root: the line's first commit; another one means that the line was succeeded.
        handle, name, closed: of the register entry as recorded.
        open: path to blob id, of recorded notes that no signature fixes; their working files are looked at.
        stamp: the times of the notes' folder and of the open files when they were last compared; empty where an edit
            could hide behind them.
        differing: paths of notes whose working file is not what is recorded, then.
    """

    client: str
    head: str
    practice: str
    root: str
    handle: str
    name: str
    closed: str
    open: Mapping[str, str]
    stamp: str
    differing: tuple[str, ...]

    @property
    def id(self) -> str:
        """The client's id, to `find_client`."""
        return self.client

    @property
    def keys(self) -> tuple[str, ...]:
        """What names the client whole, to `find_client`."""
        return self.handle, self.client


class NoteRow(NamedTuple):
    """A note as lists show it; the members are those of `list --json`, and `attachment` what a descriptor says."""

    client: str
    path: str
    id: str
    date: str
    time: str
    type: str
    format: str
    state: str
    author: str
    recorded: str | None
    signed: str | None
    additions: tuple[dict[str, str], ...]
    attachment: dict[str, Any] | None

    @property
    def moment(self) -> tuple[str, str, str, str]:
        """By what lists are ordered, as `values.moment`: of sessions at one time, by their first recording."""
        return self.date, self.time, self.recorded or LAST, self.id


class TextRow(NamedTuple):
    """A text that stands: its note's path, its own path, blob id and kind, and what is searched in it."""

    note: str
    path: str
    blob: str
    kind: str
    words: str


class Wanted(NamedTuple):
    """Which notes are asked for; what is empty does not narrow.

    Args:
        client: an id.
        since, until: days of the session, both included.
        type, format, state: of the note.
        withdrawn: whether withdrawn notes count.
    """

    client: str = ""
    since: str = ""
    until: str = ""
    type: str = ""
    format: str = ""
    state: str = ""
    withdrawn: bool = True


class Hit(NamedTuple):
    """A text in which the words were found: its note, its file, the file's blob id and kind."""

    note: NoteRow
    path: str
    blob: str
    kind: str


class Doubtful(Exception):
    """The file cannot be used as it is: it holds words that must go."""


# every name and condition in a statement is written here; what comes from elsewhere is bound
_NOTE = ", ".join(f"note.{name}" for name in NoteRow._fields)


class Store:
    """The tables, in a file or in memory; `worded` says whether words can be searched in them."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.worded = True

    @classmethod
    def in_memory(cls) -> Store:
        """An empty one that leaves nothing behind."""
        made = cls(sqlite3.connect(":memory:", isolation_level=None))
        made.create()
        return made

    def create(self) -> None:
        """Make the tables; where this SQLite was built without FTS5 all but the words."""
        self.db.executescript(_SCHEMA)
        try:
            self.db.executescript(_WORDS)
        except sqlite3.OperationalError as error:
            if "fts5" not in str(error):
                raise
            self.worded = False
        self.db.execute("INSERT INTO about VALUES (?)", (RULES,))

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def lines(self) -> dict[str, LineRow]:
        """Every line that is known."""
        found = {}
        for row in self.db.execute("SELECT * FROM line"):
            one = LineRow(*row)
            found[one.client] = one._replace(open=json.loads(row[7]), differing=tuple(json.loads(row[9])))
        return found

    def compared(self, lines: Iterable[LineRow]) -> None:
        """Remember how the working files of lines differ, where the lines' rows are still those that were looked at.

        The file may have been deleted and begun anew since: a line without its notes must not come into it.
        """
        rows = ((json.dumps(line.open), line.stamp, json.dumps(line.differing), *line[:3]) for line in lines)
        said = "UPDATE line SET open = ?, stamp = ?, differing = ? WHERE client = ? AND head = ? AND practice = ?"
        self.db.executemany(said, rows)

    def _set_lines(self, lines: Iterable[LineRow]) -> None:
        """Put lines' own rows."""
        rows = ((*line[:7], json.dumps(line.open), line.stamp, json.dumps(line.differing)) for line in lines)
        self.db.executemany("INSERT OR REPLACE INTO line VALUES (?,?,?,?,?,?,?,?,?,?)", rows)

    def paths(self, client: str) -> set[str]:
        """The paths of a client's recorded notes."""
        return {path for (path,) in self.db.execute("SELECT path FROM note WHERE client = ?", (client,))}

    def put(self, line: LineRow, notes: Iterable[NoteRow], texts: Iterable[TextRow], words: Callable[[str], str]) -> None:
        """Put a line's rows in the place of those it had; a text whose blob is known already is not indexed again.

        Args:
            line: what is known of it now.
            notes: all its notes.
            texts: all its texts.
            words: what is searched in a blob; asked for those that go.
        """
        numbers = dict(self.db.execute("SELECT path, number FROM note WHERE client = ?", (line.client,)))
        # taken out and put back, notes keep their numbers, by which texts know them
        self.db.execute("DELETE FROM note WHERE client = ?", (line.client,))
        # those that have a number first: a new one must not be given a number that is about to be put back
        for note in sorted(notes, key=lambda one: one.path not in numbers):
            row = (numbers.get(note.path), *_packed(note))
            number = self.db.execute("INSERT INTO note VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", row).lastrowid
            numbers[note.path] = number
        there = self._texts(numbers.values())
        for text in texts:
            key = (numbers[text.note], text.path, text.blob, text.kind)
            if there.pop(key, None) is None:
                number = self.db.execute("INSERT INTO text VALUES (NULL,?,?,?,?)", key).lastrowid
                if self.worded:
                    self.db.execute("INSERT INTO words (rowid, body) VALUES (?,?)", (number, text.words))
        for (_, _, blob, _), number in there.items():
            self.db.execute("DELETE FROM text WHERE number = ?", (number,))
            if self.worded:
                # a table without its texts has to be told what to take out
                self.db.execute("INSERT INTO words (words, rowid, body) VALUES ('delete',?,?)", (number, words(blob)))
        self._set_lines([line])

    def _texts(self, notes: Iterable[int]) -> dict[tuple[int, str, str, str], int]:
        asked = "SELECT note, path, blob, kind, number FROM text WHERE note IN (SELECT value FROM json_each(?))"
        return {(note, *rest): number for note, *rest, number in self.db.execute(asked, (json.dumps(list(notes)),))}

    # asking

    def notes(self, wanted: Wanted, without: Sequence[str], hidden: Sequence[str]) -> list[NoteRow]:
        """The notes asked for.

        Args:
            wanted: which.
            without: clients whose rows are elsewhere.
            hidden: paths of notes whose rows are elsewhere.
        """
        where, values = _where(wanted, without)
        where += " AND note.path NOT IN (SELECT value FROM json_each(?))"
        rows = self.db.execute(f"SELECT {_NOTE} FROM note WHERE {where}", (*values, json.dumps(list(hidden))))  # noqa: S608
        return [_unpacked(row) for row in rows]

    def note(self, client: str, path: str) -> NoteRow | None:
        """One note's row."""
        row = self.db.execute(f"SELECT {_NOTE} FROM note WHERE client = ? AND path = ?", (client, path)).fetchone()  # noqa: S608
        return None if row is None else _unpacked(row)

    def match(
        self, query: str, wanted: Wanted, without: Sequence[str], hidden: Sequence[str], limit: int
    ) -> tuple[list[Hit], int]:  # fmt: skip
        """The texts that fit, newest session first, and in how many there were.

        Args:
            query: in FTS5's language.
            wanted: in which notes.
            without: as in `notes`.
            hidden: paths of texts that are searched elsewhere.
            limit: the most that are given; 0 for all.
        """
        if not self.worded:
            raise VaultError("this Python's SQLite was built without FTS5, which searching needs", hint="another Python has it")
        where, values = _where(wanted, without)
        if hidden:
            where += " AND text.path NOT IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(list(hidden)))
        source = "words JOIN text ON text.number = words.rowid JOIN note ON note.number = text.note"
        source += f" WHERE words MATCH ? AND {where}"
        order = f"note.date DESC, note.time DESC, IFNULL(note.recorded, '{LAST}') DESC, note.id DESC, text.path LIMIT ?"
        asked = (query, *values)
        numbers = self.db.execute(f"SELECT text.number FROM {source} ORDER BY {order}", (*asked, limit or -1)).fetchall()  # noqa: S608
        count = len(numbers)
        if count == limit:
            # counted apart: the few newest of many are kept while they are looked through, all of them would be sorted
            (count,) = self.db.execute(f"SELECT COUNT(*) FROM {source}", asked).fetchone()  # noqa: S608
        return [self._hit(number) for (number,) in numbers], count

    def _hit(self, number: int) -> Hit:
        asked = f"SELECT text.path, text.blob, text.kind, {_NOTE} FROM text JOIN note ON note.number = text.note"  # noqa: S608
        path, blob, kind, *note = self.db.execute(f"{asked} WHERE text.number = ?", (number,)).fetchone()
        return Hit(_unpacked(note), path, blob, kind)


def _where(wanted: Wanted, without: Sequence[str]) -> tuple[str, list[str]]:
    asked = (
        ("note.client = ?", wanted.client),
        ("note.date >= ?", wanted.since),
        ("note.date <= ?", wanted.until),
        ("note.type = ?", wanted.type),
        ("note.format = ?", wanted.format),
        ("note.state = ?", wanted.state),
        ("note.client NOT IN (SELECT value FROM json_each(?))", json.dumps(list(without)) if without else ""),
        ("note.state <> ?", "" if wanted.withdrawn else "withdrawn"),
    )
    used = [(text, value) for text, value in asked if value]
    return " AND ".join(text for text, _ in used) or "TRUE", [value for _, value in used]


def _packed(note: NoteRow) -> tuple[Any, ...]:
    return (*note[:-2], json.dumps(note.additions), json.dumps(note.attachment))


def _unpacked(row: Sequence[Any]) -> NoteRow:
    plain = NoteRow(*row)
    return plain._replace(additions=tuple(json.loads(row[-2])), attachment=json.loads(row[-1]))


class Index:
    """The index file of one copy of a chart.

    Args:
        directory: the chart's git directory.
        clone: the copy's id.
        state: the machine's state folder for seals.
    """

    def __init__(self, directory: Path, clone: str, state: Path) -> None:
        self.path = directory / "vaultcli" / NAME
        self._seal = state / f"{clone}.json"
        self._lock = Lock(directory, "vaultcli/indexing", "index-writing")

    def believed(self) -> Store | None:
        """The file open for reading, if it is the one that was sealed; it stays that one until it is closed."""
        with contextlib.suppress(sqlite3.Error, OSError):
            if self._stamp() not in self._seals():
                return None
            db = sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=PATIENCE)
            with contextlib.ExitStack() as undo:
                undo.callback(db.close)
                # while this is open no other process changes a page
                db.execute("BEGIN")
                rules = db.execute("SELECT rules FROM about").fetchall()
                if rules != [(RULES,)] or self._stamp() not in self._seals():
                    return None
                undo.pop_all()
                found = Store(db)
                found.worded = bool(db.execute("SELECT 1 FROM sqlite_master WHERE name = 'words'").fetchall())
                return found
        return None

    @contextlib.contextmanager
    def writing(self, waiting: Callable[[], None] = lambda: None, *, anew: bool = False) -> Iterator[Store]:
        """The file open for changing it, the only one at a time; emptied first where it cannot be believed. Sealed at the end.

        Args:
            waiting: called once when another process is changing it.
            anew: whether it is emptied in any case.

        Raises:
            VaultError, OSError, sqlite3.Error: it cannot be written, now or here; what is left is not believed.
        """
        with self._lock.hold(waiting, WAIT):
            self._lock.cleaned()
            known = None if anew else self.believed()
            if known is None:
                self._begin()
            else:
                known.close()
            db = sqlite3.connect(f"{self.path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=PATIENCE)
            try:
                db.execute("PRAGMA secure_delete = ON")
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute("BEGIN IMMEDIATE")
                store = Store(db)
                if known is None:
                    db.execute("COMMIT")
                    store.create()
                    db.execute("BEGIN IMMEDIATE")
                yield store
                db.execute("COMMIT")
            finally:
                db.close()
            self._keep()

    def _begin(self) -> None:
        """An empty file that only its owner reads."""
        self._remove()
        os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))

    def forget(self) -> None:
        """Delete the file, as words were in it that must not stay on this machine; it is made again when it is wanted.

        Raises:
            VaultError: it cannot be deleted.
        """
        if not os.path.lexists(self.path):
            return
        with self._lock.hold(), files.trouble(self.path, "delete"):
            self._lock.cleaned()
            self._remove()
            files.fsync_dir(self.path.parent)

    def _remove(self) -> None:
        for side in ("", *SIDES):
            self.path.with_name(NAME + side).unlink(missing_ok=True)

    # the seal

    def _stamp(self) -> list[int]:
        found = self.path.lstat()
        if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o077:
            return []
        return [found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]

    def _seals(self) -> list[list[int]]:
        try:
            value = json.loads(files.read(self._seal))
            return [list(map(int, one)) for one in value["seals"] if len(one) == 4] if value["vaultcli"] == 1 else []
        except (VaultError, ValueError, KeyError, TypeError):
            return []

    def _keep(self) -> None:
        """Seal the file as it is now."""
        stamp = self._stamp()
        if not stamp:
            return
        others = [one for one in self._seals() if one[0] != stamp[0]]
        text = json.dumps({"vaultcli": 1, "seals": [stamp, *others[: SEALS - 1]]}) + "\n"
        files.make_dirs(self._seal.parent)
        # not synced: without it the index is made anew
        files.put(self._seal, text.encode(), synced=False)
