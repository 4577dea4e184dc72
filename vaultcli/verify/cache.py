"""What this machine has verified before, so that it need not walk again what has not moved. It can only save time.

Believed only for a line whose head and whose policy are the same, and never by `verify --cold`; decision 0010.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from vaultcli.places.audit.objectstore import Store
from vaultcli.places.cachefile import CacheFile
from vaultcli.places.machine import state
from vaultcli.record.finding import Finding
from vaultcli.verify.lines import LineReport
from vaultcli.verify.tally import Counts, Tally

RULES = 5
"""By which rules a line was found clean."""


@dataclass(frozen=True)
class Remembered:
    """A line that was clean: its head, its tally, the stamp of its working files then, and what was remarked on."""

    head: str
    tally: Tally
    stamp: str
    remarks: tuple[Finding, ...] = ()


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


def file(genesis: str, clone: str) -> CacheFile:
    """The cache of one copy of a chart."""
    return CacheFile(state.folder("verified") / genesis / f"{clone}.json", RULES, {"genesis": genesis, "clone": clone})


def load(genesis: str, clone: str, practice: str) -> Cache:
    """What may be believed under this policy."""

    def made(value: Mapping[str, Any]) -> Cache:
        packs = {name: [tuple(one) for one in stamps] for name, stamps in value["packs"].items()}
        loose = frozenset(map(str, value["loose"]))
        lines = value["lines"].items() if value["practice"] == practice else ()
        return Cache(practice, {branch: _remembered(one) for branch, one in lines}, packs, loose)

    return file(genesis, clone).load(made) or Cache(practice)


def save(genesis: str, clone: str, cache: Cache) -> None:
    """Keep what was found clean."""
    value = {
        "practice": cache.practice,
        "lines": {branch: _value(one) for branch, one in sorted(cache.lines.items())},
        "packs": cache.packs,
        "loose": sorted(cache.loose),
    }
    file(genesis, clone).save(value)


def shortened(oids: Iterable[str]) -> frozenset[str]:
    """The beginnings of some object ids: 64 bits tell whether one has gone."""
    return frozenset(oid[:16] for oid in oids)


def remember(report: LineReport) -> Remembered:
    """What to keep of a clean line."""
    return Remembered(report.head, report.tally, report.stamp, report.remarks)


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
        "remarks": [asdict(remark) for remark in one.remarks],
    }


def _remembered(value: Mapping[str, Any]) -> Remembered:
    signers = Counter({(str(id_), str(name), str(words)): int(count) for id_, name, words, count in value["signers"]})
    clocks = Counter({str(clock): int(count) for clock, count in value["clocks"].items()})
    tally = Tally(Counts(**value["counts"]), signers, clocks, str(value["first"]), str(value["last"]))
    remarks = tuple(Finding(**one) for one in value["remarks"])
    return Remembered(str(value["head"]), tally, str(value["stamp"]), remarks)
