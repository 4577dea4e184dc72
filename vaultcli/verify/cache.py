"""What this machine has verified before, so that it need not walk again what has not moved. It can only save time.

Kept beside the pins, where whoever can write can move the pins too; believed only for a line whose head, whose policy and
whose rules are the same, and never by `verify --cold`. Deleting it costs time. `docs/decisions/0010-verify-cache.md`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.ground.version import __version__
from vaultcli.places.audit.objectstore import Store
from vaultcli.places.machine import pins
from vaultcli.verify.lines import LineReport
from vaultcli.verify.tally import Counts, Tally

RULES = f"{__version__}/3"
"""Which rules a line was found clean by: the program's version, and a number for changes between versions."""


@dataclass(frozen=True)
class Remembered:
    """A line that was clean: its head, its tally, and the stamp of its working files then."""

    head: str
    tally: Tally
    stamp: str


@dataclass(frozen=True)
class Cache:
    """What was clean under one policy.

    Args:
        practice: the head of `practice` then.
        lines: branch to what is remembered of it.
        packs: pack name to what its files looked like when all its objects were hashed.
        loose: the beginnings of the ids of all objects that were loose then.
    """

    practice: str = ""
    lines: Mapping[str, Remembered] = field(default_factory=dict)
    packs: Mapping[str, Any] = field(default_factory=dict)
    loose: frozenset[str] = frozenset()

    def holds(self, there: Store) -> bool:
        """Whether every object that was there then still is: no pack was touched or left, no loose object went.

        Where that is not so, a line whose head has not moved may have lost its past, and nothing remembered counts. After
        `git gc` everything is read once.
        """
        if any(list(there.stamps.get(name, ())) != stamps for name, stamps in self.packs.items()):
            return False
        lost = self.loose - shortened(there.loose)
        return not lost or lost <= shortened(oid for names in there.packs.values() for oid in names)


def path(genesis: str, clone: str) -> Path:
    """The cache of one copy of a chart."""
    return pins.folder().with_name("verified") / genesis / f"{clone}.json"


def load(genesis: str, clone: str, practice: str) -> Cache:
    """What may be believed under this policy; nothing where the file is missing, damaged, or of other rules."""
    try:
        value = json.loads(files.read(path(genesis, clone)))
        if value["rules"] != RULES:
            return Cache(practice)
        packs = {name: [tuple(one) for one in stamps] for name, stamps in value["packs"].items()}
        loose = frozenset(map(str, value["loose"]))
        if value["practice"] != practice:
            return Cache(practice, {}, packs, loose)
        return Cache(practice, {branch: _remembered(one) for branch, one in value["lines"].items()}, packs, loose)
    except (VaultError, ValueError, KeyError, TypeError, AttributeError):
        return Cache(practice)


def save(genesis: str, clone: str, cache: Cache) -> None:
    """Keep what was found clean; a disk that refuses costs time next time and nothing else."""
    value = {
        "rules": RULES,
        "practice": cache.practice,
        "lines": {branch: _value(one) for branch, one in sorted(cache.lines.items())},
        "packs": cache.packs,
        "loose": sorted(cache.loose),
    }
    where = path(genesis, clone)
    try:
        files.make_dirs(where.parent)
        files.put(where, json.dumps(value, separators=(",", ":")).encode())
    except VaultError:
        return


def shortened(oids: Iterable[str]) -> frozenset[str]:
    """The beginnings of some object ids: 64 bits tell whether one has gone."""
    return frozenset(oid[:16] for oid in oids)


def remember(report: LineReport) -> Remembered:
    """What to keep of a clean line."""
    return Remembered(report.head, report.tally, report.stamp)


def _value(one: Remembered) -> dict[str, Any]:
    tally = one.tally
    return {
        "head": one.head,
        "stamp": one.stamp,
        "counts": asdict(tally.counts),
        "signers": [[*who, count] for who, count in sorted(tally.signers.items())],
        "clocks": dict(tally.clocks),
        "first": tally.first,
        "last": tally.last,
    }


def _remembered(value: Mapping[str, Any]) -> Remembered:
    signers = Counter({(str(id_), str(name), str(words)): int(count) for id_, name, words, count in value["signers"]})
    clocks = Counter({str(clock): int(count) for clock, count in value["clocks"].items()})
    tally = Tally(Counts(**value["counts"]), signers, clocks, str(value["first"]), str(value["last"]))
    return Remembered(str(value["head"]), tally, str(value["stamp"]))
