"""What `status` tells: what is open, what waits for somebody, and what does not look as it should."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from vaultcli.ground import files, ids
from vaultcli.ground.errors import VaultError
from vaultcli.ground.git import refs
from vaultcli.ground.patterns import pattern
from vaultcli.ground.repository.working import ignored, is_ignored
from vaultcli.places.audit.working import nobodys
from vaultcli.places.chart.chart import BRANCH, Chart
from vaultcli.places.machine import location, pins
from vaultcli.record.notes import names
from vaultcli.record.notes.names import AdditionName, NoteName
from vaultcli.work.backup import last
from vaultcli.work.backup.last import LastBackup
from vaultcli.work.index import lines as index_lines
from vaultcli.work.index.lines import Glance

# where nothing moved and nothing diverged, nothing is judged
if TYPE_CHECKING:
    from vaultcli.record.finding import Finding
    from vaultcli.work.index.mtimes import Stamps
    from vaultcli.work.sync.sync import Diverged


_NOTE = pattern(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}-[a-z-]+-{ids.PATTERN}")


@dataclass(frozen=True)
class Unfinished:
    """Something of a client's that is open.

    Args:
        client: the id; `handle` the short name.
        path: on the line.
        kind: the note's type, or what kind of addition it is.
        since: first recording (RFC 3339), or the file's own time where it was never recorded.
        by: who recorded it; empty before that.
        recorded: whether it ever was.
        edited: whether its file was changed since.
    """

    client: str
    handle: str
    path: str
    kind: str
    since: str
    by: str
    recorded: bool
    edited: bool


@dataclass(frozen=True)
class File:
    """A file of a client's: the id, the short name, and the path on the line."""

    client: str
    handle: str
    path: str


@dataclass(frozen=True)
class Awaited:
    """A note that waits for a co-signature: whose, which, by whom it is to be given, who signed it, and since when."""

    client: str
    handle: str
    path: str
    cosigner: str
    by: str
    since: str


@dataclass(frozen=True)
class Standing:
    """One vault.

    Args:
        root: its folder.
        practice: its name.
        me: whose machine this is.
        clients: how many.
        unfinished: drafts and additions in the making, oldest first.
        edited: recorded files that were changed since, drafts apart.
        overwritten, missing, strangers: finished files written over, recorded files that are gone, files of nobody.
        beside: files of other programs, and what plain git is told to ignore; never recorded, and no note.
        copies: of the strangers and of those beside, what is a copy of a note by its name.
        folders: what lies under `clients/` and is no client's.
        synced: the service that copies the vault's folder elsewhere by itself, as its place tells; empty where none does.
        waiting: notes that wait for a co-signature.
        diverged: lines that moved on in two places.
        doubts: findings against lines that are not where this machine saw them last.
        pinned: since when this machine has a pin, how it came to it; empty where it has none.
        backup: the newest clean backup that this machine knows of.
    """

    root: str
    practice: str
    me: str
    clients: int
    unfinished: tuple[Unfinished, ...]
    edited: tuple[File, ...]
    overwritten: tuple[File, ...]
    missing: tuple[File, ...]
    strangers: tuple[File, ...]
    beside: tuple[File, ...]
    copies: tuple[File, ...]
    folders: tuple[str, ...]
    synced: str
    waiting: tuple[Awaited, ...]
    diverged: tuple[Diverged, ...]
    doubts: tuple[Finding, ...]
    pinned: tuple[str, str]
    backup: LastBackup | None = None


def stand(
    chart: Chart,
    now: datetime,
    step: Callable[[], None] = lambda: None,
    stamps: Stamps | None = None,
    heads: Mapping[str, str] | None = None,
) -> Standing:
    """Look at a vault.

    Args:
        chart: its chart.
        now: the clock; its zone is the one for files' times.
        step: called after each client.
        stamps: the times of the working files, where they are being taken already.
        heads: every line with its head, where they were read before.
    """
    heads = chart.repository.lines() if heads is None else heads
    lines = index_lines.all_lines(chart, step=step, stamps=stamps, lines=heads)
    handles = {line.client: _handle(chart, line) for line in lines if _needs_name(line)}
    patterns = ignored(chart.repository.directory)
    gist = chart.gist(heads.get(BRANCH, ""))

    def found(pick: Callable[[Glance], tuple[str, ...]]) -> tuple[File, ...]:
        files = (File(line.client, handles[line.client], path) for line in lines for path in pick(line))
        return tuple(sorted(files, key=lambda file: (file.handle, file.path)))

    def beside(line: Glance) -> tuple[str, ...]:
        return tuple(path for path in line.strangers if is_ignored(path, patterns)) + line.working.leftovers

    return Standing(
        root=str(chart.vault.root),
        practice=gist.name,
        me=chart.vault.principal,
        clients=len(lines),
        unfinished=tuple(sorted(_unfinished(chart, lines, handles, now), key=lambda one: (_instant(one.since), one.path))),
        edited=found(lambda line: tuple(path for path in line.edited if path not in {one.path for one in line.open})),
        overwritten=found(lambda line: line.overwritten),
        missing=found(lambda line: line.working.missing),
        strangers=found(lambda line: tuple(path for path in line.strangers if not is_ignored(path, patterns))),
        beside=found(beside),
        copies=found(lambda line: tuple(filter(_is_copy, (*line.strangers, *line.working.leftovers)))),
        folders=tuple(nobodys(chart.vault.chart, {line.client for line in lines})),
        synced=location.synced(chart.vault.root),
        waiting=tuple(
            Awaited(line.client, handles[line.client], one.path, one.cosigner, one.by, one.since)
            for line in lines
            for one in line.waiting
        ),
        diverged=_diverged(chart),
        doubts=_doubts(chart, gist.genesis, heads),
        pinned=_pinned(chart, gist.genesis),
        backup=last.last(chart),
    )


def _diverged(chart: Chart) -> tuple[Diverged, ...]:
    if refs.none_below(chart.repository.directory, "refs/remotes/"):
        return ()
    from vaultcli.work.sync import sync

    return tuple(sync.diverged(chart))


def _doubts(chart: Chart, genesis: str, heads: Mapping[str, str]) -> tuple[Finding, ...]:
    """What stands against lines that moved by another way than vaultcli's; costs nothing where none did."""
    known = pins.load(genesis, chart.repository.clone_id)
    if known is None:
        return ()
    lines = {name for name in (*heads, *known.heads) if name.startswith("client/") and known.heads.get(name) != heads.get(name)}
    moved = known.heads.get(BRANCH) != heads.get(BRANCH)
    if not (lines or moved):
        return ()
    from vaultcli.places.chart import continuity

    return tuple(continuity.doubts(chart.repository, genesis, sorted(lines)))


def _needs_name(line: Glance) -> bool:
    return bool(line.open or line.waiting or line.working.leftovers or not line.working.clean)


def _is_copy(path: str) -> bool:
    """Whether a file that is none of the record has a note's name in its own, as backups and older versions do."""
    return _NOTE.search(path.rpartition("/")[2]) is not None


def _handle(chart: Chart, line: Glance) -> str:
    from vaultcli.record.notes import client

    working = line.working
    if client.PATH not in {*working.edited, *working.new, *working.missing, *working.strange}:
        # what the file says is what is recorded, and no git has to be started to read it
        with contextlib.suppress(VaultError):
            return client.parse(files.read(chart.folder(line.client) / client.PATH)).handle
    with contextlib.suppress(VaultError):
        return chart.register(line.client).handle
    return line.client


def _unfinished(chart: Chart, lines: list[Glance], handles: dict[str, str], now: datetime) -> list[Unfinished]:
    found = []
    for line in lines:
        handle = handles.get(line.client, "")
        for one in line.open:
            kind, edited = index_lines.kind_of(one.path), one.path in line.working.edited
            found.append(Unfinished(line.client, handle, one.path, kind, one.recorded, one.by, True, edited))
        for path in line.unrecorded:
            since = _file_time(chart, line.client, path, now)
            found.append(Unfinished(line.client, handle, path, index_lines.kind_of(path), since, "", False, False))
    return found


def _file_time(chart: Chart, client_id: str, path: str, now: datetime) -> str:
    with contextlib.suppress(OSError):
        seconds = int((chart.folder(client_id) / path).stat().st_mtime)
        return datetime.fromtimestamp(min(seconds, int(now.timestamp())), now.tzinfo).isoformat()
    return now.isoformat()


def _instant(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _pinned(chart: Chart, genesis: str) -> tuple[str, str]:
    with contextlib.suppress(VaultError):
        found = pins.load(genesis, chart.repository.clone_id)
        if found is not None:
            return found.since, found.how
    return "", ""


def session_day(path: str) -> str:
    """The date in a note's or addition's name, or empty."""
    name = names.parse(path)
    if isinstance(name, AdditionName):
        return name.target.date
    return name.date if isinstance(name, NoteName) else ""

