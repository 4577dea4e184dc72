"""What this machine remembers of its backups: for each place the newest clean one. `docs/spec/backup.md`.

A note for the user and never a proof: a file that is gone or cannot be read counts as none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.errors import BadInput, NotFound, VaultError
from vaultcli.ground.git.objects import is_oid
from vaultcli.places.chart.chart import Chart
from vaultcli.places.machine import pins, state

VERSION = 1


@dataclass(frozen=True)
class Place:
    """Where backups go, and the newest clean one there.

    Args:
        place: the folder, absolute.
        name: of the backup's own folder.
        made: when (RFC 3339).
        sha256: of its content.
        commits: how many it holds.
        heads: line to bare head.
        sealed: to which recipients; empty for an open one.
        keep: how many are kept there; 0 for all.
        apart: whether it was on another disk than the vault.
    """

    place: str
    name: str
    made: str
    sha256: str
    commits: int
    heads: Mapping[str, str] = field(default_factory=dict)
    sealed: Sequence[str] = ()
    keep: int = 0
    apart: bool = False


@dataclass(frozen=True)
class LastBackup:
    """The newest clean backup of this copy: where, when, how many commits were recorded since, and at how many places one is."""

    place: str
    time: datetime
    since: int
    places: int
    sealed: bool
    apart: bool


def last(chart: Chart) -> LastBackup | None:
    """The newest clean backup, wherever it went; None where this machine knows of none. Costs one git call, or none."""
    found = places(_genesis(chart), chart.repository.clone_id)
    newest = max(found, key=lambda one: datetime.fromisoformat(one.made), default=None)
    if newest is None:
        return None
    time = datetime.fromisoformat(newest.made)
    return LastBackup(newest.place, time, recorded_since(chart, newest.heads), len(found), bool(newest.sealed), newest.apart)


def recorded_since(chart: Chart, heads: Mapping[str, str]) -> int:
    """How many commits of the lines are in none of these heads."""
    repository = chart.repository
    moved = [oid for line, oid in repository.lines().items() if heads.get(line) != oid]
    if not moved:
        return 0
    known = [oid for oid in heads.values() if repository.objects.find(oid) is not None]
    with suppress(VaultError):
        return len(repository.git.rev_list(*moved, without=known))
    return len(moved)


def places(genesis: str, clone: str) -> list[Place]:
    """Every place that this copy was backed up to, the newest backup last."""
    with suppress(NotFound, BadInput, ValueError, KeyError, TypeError, AttributeError):
        value = json.loads(files.read(_file(genesis, clone)))
        if value["vaultcli"] == VERSION:
            found = [_place(row) for row in value["places"]]
            return sorted(found, key=lambda one: datetime.fromisoformat(one.made))
    return []


def remember(genesis: str, clone: str, place: Place) -> None:
    """Note a clean backup; it takes the place of what was noted of the same folder."""
    kept = [one for one in places(genesis, clone) if one.place != place.place]
    value = {"vaultcli": VERSION, "places": [asdict(one) for one in (*kept, place)]}
    where = _file(genesis, clone)
    files.make_dirs(where.parent)
    files.put(where, (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode())


def _place(row: Mapping[str, object]) -> Place:
    found = Place(**row)  # type: ignore[arg-type]
    if datetime.fromisoformat(found.made).tzinfo is None or not all(is_oid(oid) for oid in found.heads.values()):
        raise ValueError(found.made)
    return found


def _file(genesis: str, clone: str) -> Path:
    if not is_oid(genesis) or not ids.is_id(clone):
        raise BadInput("a backup is noted by the vault's first commit and the copy's id; one of them is no id")
    return state.folder("backups") / genesis / f"{clone}.json"


def _genesis(chart: Chart) -> str:
    """The bare id of the first commit: from the pins, which cost one small file, else from the record."""
    known = pins.find(chart.repository.clone_id)
    return known[0].genesis if len(known) == 1 else chart.policies.genesis
