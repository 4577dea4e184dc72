"""The verdict: who, when by whose clock, unchanged since - and everything that has to be said beside it, as one value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from vaultcli.ground.errors import EXCEPTED, FINDINGS, OK, Unpinned
from vaultcli.places.machine import pins
from vaultcli.places.machine.pins import Pins
from vaultcli.record.finding import Finding
from vaultcli.record.message import trailer
from vaultcli.verify.excuses import Excuse, Excused
from vaultcli.verify.lines import LineReport, Succeeded
from vaultcli.verify.tally import Tally

VERSION = 1
_WORDS = {pins.INIT: "created on this machine", pins.ADOPTED: "heads as adopted", pins.RESTORED: "heads as restored"}


@dataclass(frozen=True)
class Verdict:
    """What verification found.

    Args:
        genesis: the vault's first commit (`sha256:HEX`), or empty where there is none.
        pins: what this machine remembers; None makes the verdict UNPINNED.
        pinned_by_hand: the genesis was named by the user (a release, with the id from the recovery page).
        lines: a report each, `practice` first.
        findings: every finding that no exception excuses.
        remarks: harmless things around the history, worth a line; those on lines are in `lines`.
        objects: how many objects were hashed; `unreachable` those that no line leads to, None where not all were read.
        cold: whether everything was read, and nothing taken from an earlier verdict of this machine.
        witness: what the practice says of an outside clock.
    """

    genesis: str
    pins: Pins | None
    pinned_by_hand: bool
    lines: tuple[LineReport, ...]
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()
    objects: int = 0
    unreachable: int | None = None
    cold: bool = True
    witness: str = "none"
    scope: str = field(default="vault")

    @property
    def excused(self) -> tuple[Excused, ...]:
        """Findings that a signed exception excuses."""
        return tuple(one for line in self.lines for one in line.excused)

    @property
    def exceptions(self) -> tuple[Excuse, ...]:
        """Every signed exception that counts, used or not."""
        return tuple(one for line in self.lines for one in line.excuses)

    @property
    def successions(self) -> tuple[Succeeded, ...]:
        """Every line that replaced another."""
        return tuple(one for line in self.lines for one in line.succeeded)

    @property
    def all_remarks(self) -> tuple[str, ...]:
        """Every remark as it is printed, those on lines behind those on what is around them."""
        return (*self.remarks, *(one.text() for line in self.lines for one in line.remarks))

    @property
    def tally(self) -> Tally:
        """All lines together."""
        return total(self.lines)

    @property
    def unpinned(self) -> bool:
        """Whether nothing but the record itself says that this is the record it claims to be."""
        return self.pins is None and not self.pinned_by_hand

    @property
    def exit_code(self) -> int:
        """1 for findings, else 11 unpinned, else 12 only excused, else 0."""
        if self.findings:
            return FINDINGS
        if self.unpinned:
            return Unpinned.exit_code
        return EXCEPTED if self.excused else OK

    @property
    def word(self) -> str:
        """The verdict in one word."""
        return {OK: "verified", FINDINGS: "findings", EXCEPTED: "excepted"}.get(self.exit_code, "unpinned")

    @property
    def cached(self) -> int:
        """How many lines were not walked again, as they have not moved since this machine verified them."""
        return sum(line.cached for line in self.lines)

    @property
    def who(self) -> str:
        """The first part: who signed."""
        tally = self.tally
        if not tally.signers:
            return "nobody has signed a note yet"
        rows = sorted(tally.signers.items(), key=lambda item: (-item[1], item[0]))
        return "; ".join(f"{', '.join(filter(None, who[1:]))} ({count:,} signed)" for who, count in rows)

    @property
    def when(self) -> str:
        """The second part: when, by whose clock."""
        tally = self.tally
        clocks = set(tally.clocks)
        whose = "the signers' own clocks" if clocks <= {"system"} else f"clocks: {', '.join(sorted(clocks))}"
        span = f"{tally.first[:10]} to {tally.last[:10]}, " if tally.first else ""
        outside = "not anchored by an outside clock" if self.witness == "none" else f"witness: {self.witness}"
        return f"{span}by {whose}; {outside}"

    @property
    def unchanged(self) -> str:
        """The third part: unchanged since when, and on whose word."""
        if self.findings:
            return f"NO: {counted(len(self.findings), 'finding')}"
        since = f"since each was signed; {counted(self.tally.counts.commits, 'commit')} from {self.genesis[:19]}"
        if self.pins is not None:
            return f"{since}, pinned here ({_WORDS[self.pins.how]} on {self.pins.since[:10]})"
        if self.pinned_by_hand:
            return f"{since}, the first commit that you named; how new it is, this machine cannot know"
        return f"{since}, UNPINNED: nothing here says that this is the whole record, or the right one"

    def as_json(self) -> dict[str, Any]:
        """The verdict for programs; `docs/spec/verify.md` describes it."""
        tally = self.tally
        return {
            "vaultcli": VERSION,
            "scope": self.scope,
            "verdict": self.word,
            "exit": self.exit_code,
            "genesis": self.genesis,
            "pinned": {
                "by": "user" if self.pinned_by_hand else self.pins.how if self.pins else "none",
                "since": self.pins.since if self.pins else "",
            },
            "who": [
                {"id": id_, "name": name, "credentials": credentials, "signed": count}
                for (id_, name, credentials), count in sorted(tally.signers.items())
            ],
            "when": {"first": tally.first, "last": tally.last, "clocks": dict(tally.clocks), "witness": self.witness},
            "unchanged": not self.findings,
            "counts": {**asdict(tally.counts), "notes": tally.counts.notes, "lines": len(self.lines)},
            "objects": {"hashed": self.objects, "unreachable": self.unreachable},
            "cold": self.cold,
            "lines": [_line(line) for line in self.lines],
            "findings": [asdict(one) for one in self.findings],
            "excused": [{"finding": asdict(one.finding), "by": asdict(one.excuse)} for one in self.excused],
            "exceptions": [asdict(one) for one in self.exceptions],
            "successions": [asdict(one) for one in self.successions],
            "remarks": list(self.all_remarks),
        }


def _line(line: LineReport) -> dict[str, Any]:
    head = trailer(line.head) if line.head else ""
    return {"line": line.branch, "head": head, "cached": line.cached, **asdict(line.tally.counts)}


def total(lines: Iterable[LineReport]) -> Tally:
    """The tallies of some lines together."""
    whole = Tally()
    for line in lines:
        whole += line.tally
    return whole


def counted(number: int, what: str) -> str:
    """`1 note`, `2 notes`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
