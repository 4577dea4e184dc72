"""What is open in every client's line: drafts, edited files, co-signatures waited for; quick on a whole practice.

A line's history is replayed only where its file names show that something is open, and its files are read only where
their sizes or times changed. What was found is remembered, bound to the head and to those sizes and times.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from vaultcli.ground.repository.working import Working
from vaultcli.places.cachefile import CacheFile
from vaultcli.places.chart.chart import BRANCH
from vaultcli.places.machine import state
from vaultcli.record.notes import names
from vaultcli.record.notes.names import AdditionName, NoteName
from vaultcli.work.index import mtimes
from vaultcli.work.index.freshness import SETTLED

# what reads signed texts is brought in where one waits for somebody: a glance at what is remembered needs none of it
if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.work.index.mtimes import Stamps

RULES = 4
"""By which rules a line is looked at."""

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
    from vaultcli.record.view import entry as record

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


def all_lines(
    chart: Chart,
    only: Collection[str] | None = None,
    step: Callable[[], None] = lambda: None,
    stamps: Stamps | None = None,
    lines: Mapping[str, str] | None = None,
) -> list[Glance]:
    """Every client's line at a glance, in order of id.

    Args:
        chart: the chart.
        only: ids of the clients to look at; all when None.
        step: called after each line, for a progress bar.
        stamps: the times of the files, where they were asked for before.
        lines: every line with its head, where they were read before.
    """
    every = chart.repository.lines() if lines is None else lines
    store = _Store.load(chart, stamps, every.get(BRANCH, ""))
    heads = {branch.partition("/")[2]: head for branch, head in every.items() if branch.startswith("client/")}
    found = []
    for client_id, head in sorted(heads.items()):
        if only is None or client_id in only:
            found.append(store.glance(chart, client_id, head))
            step()
    if only is None or heads.keys() <= set(only):
        # who looks at a few lines is about to change them, and what is known of all others stays as it is
        store.save(heads)
    return found


class _Store:
    """What earlier commands found, by client."""

    def __init__(self, file: CacheFile, rows: dict[str, dict[str, Any]], began: int, *, cosigned: bool) -> None:
        self.file = file
        self.rows = rows
        self.began = began
        self.stamps: dict[str, tuple[str, int]] = {}
        self.cosigned = cosigned
        self.changed = False

    @classmethod
    def load(cls, chart: Chart, stamps: Stamps | None, practice: str) -> _Store:
        clone = chart.repository.clone_id
        file = CacheFile(state.folder("glance") / f"{clone}.json", RULES, {"clone": clone})
        rows: dict[str, dict[str, Any]] = file.load(lambda value: {client: dict(row) for client, row in value.items()}) or {}
        began = stamps.began if stamps is not None else mtimes.clock(chart.vault)
        made = cls(file, rows, began, cosigned=chart.gist(practice).cosigned)
        if stamps is not None:
            made.stamps = stamps.taken()
        return made

    def glance(self, chart: Chart, client_id: str, head: str) -> Glance:
        row = self.rows.get(client_id, {})
        stamp, newest = self.stamps.get(client_id) or mtimes.stamp(str(chart.folder(client_id)))
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
        self.file.save({client_id: row for client_id, row in self.rows.items() if client_id not in gone})


def _waiting(chart: Chart, client_id: str) -> Iterator[Waiting]:
    from vaultcli.record.view import entry as record

    line = chart.line(client_id)

    def read(path: str) -> bytes:
        return chart.repository.objects.blob(line.blob(path))

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


def kind_of(path: str) -> str:
    """What a list calls a file on a line: a note's type, an addition's kind, `register`, or the path itself."""
    name = names.parse(path)
    if isinstance(name, AdditionName):
        return name.kind
    if isinstance(name, NoteName):
        return name.type
    return "register" if path == "client.md" else path
