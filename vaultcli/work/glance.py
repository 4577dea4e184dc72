"""What every client's line needs at a glance: drafts, edited files, co-signatures waited for; quick on a whole practice.

A line's history is replayed only where its file names show that something is open, and its files are read only where
their sizes or times changed. What was found is kept in the machine's state folder, beside the pins and out of reach of
whoever can exchange the chart, bound to the head and to those sizes and times: the file can only save time, and may be
deleted at any moment.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vaultcli.ground import files
from vaultcli.ground.checkout import Working
from vaultcli.ground.errors import VaultError
from vaultcli.places import pins
from vaultcli.places.chart import Chart
from vaultcli.record import names, record
from vaultcli.record.names import AdditionName, NoteName

VERSION = 1
SETTLED = 2_000_000_000
"""Nanoseconds that the newest file must be older than our reading: within the clock's steps a later edit could hide."""

_ENDING = ("withdrawal", "attestation")


@dataclass(frozen=True)
class Open:
    """A recorded note that is not finished, or an addition in the making.

    Args:
        path: on the line.
        recorded: the first recording (RFC 3339).
        by: who recorded it.
    """

    path: str
    recorded: str
    by: str


@dataclass(frozen=True)
class Waiting:
    """A note that waits for a co-signature, since its newest uncovered text was signed, and by whom it is to be given."""

    path: str
    cosigner: str
    by: str
    since: str


@dataclass(frozen=True)
class Glance:
    """One client's line.

    Args:
        client: the id.
        head: the newest commit (bare id).
        open: notes and additions that are recorded and not finished.
        waiting: notes that wait for a co-signature.
        working: how the working files differ from the head.
        finished: of the edited and missing files, those that may not change any more.
    """

    client: str
    head: str
    open: tuple[Open, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    working: Working = field(default_factory=Working)
    finished: tuple[str, ...] = ()

    @property
    def edited(self) -> tuple[str, ...]:
        """Drafts and register entries that were changed and not saved."""
        return tuple(path for path in self.working.edited if path not in self.finished)

    @property
    def overwritten(self) -> tuple[str, ...]:
        """Finished files that somebody wrote over."""
        return tuple(path for path in self.working.edited if path in self.finished)

    @property
    def unrecorded(self) -> tuple[str, ...]:
        """Drafts that were never recorded."""
        return tuple(path for path in self.working.new if _is_draft(path))

    @property
    def strangers(self) -> tuple[str, ...]:
        """Files that are none of ours."""
        return tuple(path for path in self.working.new if not _is_draft(path)) + self.working.strange


def _is_draft(path: str) -> bool:
    name = names.parse(path)
    if name is None or path != f"notes/{name.file}":
        return False
    return isinstance(name, NoteName) or name.kind in record.TEXTS


def finished(path: str, recorded: Collection[str]) -> bool:
    """Whether a recorded file may not change any more, by the names on its line: signed, fixed by a statement, or pinned."""
    if path.endswith(names.SIGNATURE) or names.signature(path) in recorded:
        return True
    name = names.parse(path)
    if isinstance(name, AdditionName):
        return False
    if name is None:
        return path != "client.md"
    ends = tuple(f"notes/{name.stem}.{kind}-" for kind in _ENDING)
    return any(other.startswith(ends) and other.endswith(names.SIGNATURE) for other in recorded)


def all_lines(chart: Chart, only: Collection[str] | None = None, step: Callable[[], None] = lambda: None) -> list[Glance]:
    """Every client's line at a glance, in order of id.

    Args:
        chart: the chart.
        only: ids of the clients to look at; all when None.
        step: called after each line, for a progress bar.
    """
    store = _Store.load(chart)
    heads = {branch.partition("/")[2]: head for branch, head in chart.repository.lines().items() if branch.startswith("client/")}
    found = []
    for client_id, head in sorted(heads.items()):
        if only is None or client_id in only:
            found.append(store.glance(chart, client_id, head))
            step()
    store.save(heads)
    return found


class _Store:
    """What earlier commands found, by client."""

    def __init__(self, path: Path, rows: dict[str, dict[str, Any]], began: int, *, cosigned: bool) -> None:
        self.path = path
        self.rows = rows
        self.began = began
        self.cosigned = cosigned
        self.changed = False

    @classmethod
    def load(cls, chart: Chart) -> _Store:
        path = pins.folder().with_name("glance") / f"{chart.repository.clone_id}.json"
        rows: dict[str, dict[str, Any]] = {}
        with contextlib.suppress(OSError, ValueError, VaultError):
            data = json.loads(files.read(path))
            if isinstance(data, dict) and data.get("vaultcli") == VERSION:
                rows = data["lines"]
        cosigned = any(person.needs_cosignature for policy in chart.policies.items for person in policy.practice.people)
        return cls(path, rows, _disk_clock(chart.repository.directory / "vaultcli" / "glance.probe"), cosigned=cosigned)

    def glance(self, chart: Chart, client_id: str, head: str) -> Glance:
        row = self.rows.get(client_id, {})
        stamp, newest = _stamp(chart.folder(client_id))
        try:
            if row.get("head") == head and row.get("cosigned", self.cosigned) == self.cosigned:
                if row.get("stamp") == stamp:
                    return _from_row(client_id, row)
                return self._look(chart, client_id, row | {"stamp": ""}, stamp, newest)
        except (KeyError, TypeError, ValueError):
            pass
        return self._look(chart, client_id, self._line(chart, client_id, head), stamp, newest)

    def _line(self, chart: Chart, client_id: str, head: str) -> dict[str, Any]:
        """What the recorded line says; a function of its head."""
        recorded = chart.repository.files(head)
        unfinished = [path for path in recorded if path.startswith("notes/") and not finished(path, recorded)]
        row: dict[str, Any] = {"head": head, "cosigned": self.cosigned, "open": [], "waiting": []}
        if unfinished or self.cosigned:
            line = chart.line(client_id)
            firsts = ((path, line.recorded[path]) for path in sorted(unfinished))
            row["open"] = [asdict(Open(path, first.time, first.by)) for path, first in firsts]
        if self.cosigned:
            row["waiting"] = [asdict(one) for one in _waiting(chart, client_id)]
        return row

    def _look(self, chart: Chart, client_id: str, row: dict[str, Any], stamp: str, newest: int) -> Glance:
        """The working files, read; remembered only if no edit could hide behind the same times."""
        recorded = chart.repository.files(row["head"])
        working = chart.repository.working(f"client/{client_id}")
        row = row | {"working": asdict(working), "stamp": stamp if newest + SETTLED < self.began else ""}
        row["finished"] = [path for path in (*working.edited, *working.missing) if finished(path, recorded)]
        if self.rows.get(client_id) != row:
            self.rows[client_id], self.changed = row, True
        return _from_row(client_id, row)

    def save(self, heads: Mapping[str, str]) -> None:
        gone = self.rows.keys() - heads.keys()
        if not (self.changed or gone):
            return
        kept = {client_id: row for client_id, row in self.rows.items() if client_id not in gone}
        text = json.dumps({"vaultcli": VERSION, "lines": kept}, separators=(",", ":"))
        with contextlib.suppress(VaultError):
            files.make_dirs(self.path.parent)
            files.put(self.path, text.encode())


def _waiting(chart: Chart, client_id: str) -> Iterator[Waiting]:
    line = chart.line(client_id)

    def read(path: str) -> bytes:
        return chart.repository.objects.blob(line.files[path])

    for entry in record.entries(line, read):
        missing = entry.uncovered() if entry.state == record.NEEDS_COSIGNATURE else []
        if missing:
            newest = missing[-1].block
            yield Waiting(entry.path, newest.cosigner, newest.by, newest.time)


def _from_row(client_id: str, row: Mapping[str, Any]) -> Glance:
    return Glance(
        client=client_id,
        head=row["head"],
        open=tuple(Open(**one) for one in row["open"]),
        waiting=tuple(Waiting(**one) for one in row["waiting"]),
        working=Working(**{key: tuple(paths) for key, paths in row["working"].items()}),
        finished=tuple(row["finished"]),
    )


def _disk_clock(probe: Path) -> int:
    """The time by the file system's own clock, which is the one that file times are compared with; 0 if it cannot be had."""
    try:
        handle = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return 0
    try:
        os.utime(handle)
        return os.fstat(handle).st_mtime_ns
    finally:
        os.close(handle)


def _stamp(folder: Path) -> tuple[str, int]:
    """Names, sizes and times of a line's files as one digest, and the newest of the times.

    A signature's times are not asked for: nobody edits one in place, and `verify` reads them all.
    """
    rows: list[str] = []
    newest = 0
    with contextlib.suppress(OSError):
        newest = _look_into(os.open(folder, _FOLDER & ~os.O_NOFOLLOW), "", rows)
    rows.sort()
    return hashlib.blake2b("\n".join(rows).encode("utf-8", "surrogateescape"), digest_size=20).hexdigest(), newest


_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def _look_into(handle: int, prefix: str, rows: list[str]) -> int:
    """Add a row for each file of an open folder and those below, and close it; the newest time.

    Forty thousand files are asked for their times here, by name from their open folder: by whole paths it takes twice as long.
    """
    newest = 0
    try:
        with os.scandir(handle) as entries:
            for entry in entries:
                name = entry.name
                if name.endswith(names.SIGNATURE):
                    rows.append(prefix + name)
                elif entry.is_dir(follow_symlinks=False):
                    with contextlib.suppress(OSError):
                        newest = max(newest, _look_into(os.open(name, _FOLDER, dir_fd=handle), f"{prefix}{name}/", rows))
                elif name != ".git":
                    try:
                        found = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue
                    written, changed = found.st_mtime_ns, found.st_ctime_ns
                    if written > newest or changed > newest:
                        newest = max(written, changed)
                    rows.append(f"{prefix}{name} {written} {changed} {found.st_size} {found.st_ino} {found.st_mode}")
    finally:
        os.close(handle)
    return newest


def kind_of(path: str) -> str:
    """What a list calls a file on a line: a note's type, an addition's kind, `register`, or the path itself."""
    name = names.parse(path)
    if isinstance(name, AdditionName):
        return name.kind
    if isinstance(name, NoteName):
        return name.type
    return "register" if path == "client.md" else path
