"""Times measured in turn, so that both sides of a ratio meet the same machine."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Sample:
    """Seconds that some work took, once or several times, and its own processor time, which a busy machine stretches least."""

    seconds: tuple[float, ...]
    processor: tuple[float, ...] = ()

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        own = f", {shown(statistics.median(self.processor))} of processor" if self.processor else ""
        if len(self.seconds) == 1:
            return shown(self.median) + own
        return f"{shown(self.median)} ({shown(min(self.seconds))}-{shown(max(self.seconds))}){own}"


def shown(seconds: float) -> str:
    """Seconds as a person reads them."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s" if seconds < 300 else f"{seconds / 60:.0f} min"


def in_turn(rounds: int, *works: Callable[[], float | None]) -> list[Sample]:
    """Every work once a round, after one round that does not count; a work may return its own time."""
    found: list[list[float]] = [[] for _ in works]
    own: list[list[float]] = [[] for _ in works]
    for count in range(rounds + 1):
        for at, work in enumerate(works):
            began, used = time.perf_counter(), _processor()
            said = work()
            if count:
                found[at].append(time.perf_counter() - began if said is None else said)
                own[at] += [_processor() - used] if said is None else []
    return [Sample(tuple(times), tuple(used)) for times, used in zip(found, own, strict=True)]


def once(work: Callable[[], object]) -> Sample:
    """One time of something long."""
    began, used = time.perf_counter(), _processor()
    work()
    return Sample((time.perf_counter() - began,), (_processor() - used,))


def _processor() -> float:
    """Processor time of this process and of those that it waited for."""
    return sum(os.times()[:4])


def process(*words: str | Path, cwd: Path | None = None, ok: Sequence[int] = (0,), stdin: bytes = b"") -> Callable[[], None]:
    """Running a command to its end, as work; its output goes nowhere."""

    def work() -> None:
        done = subprocess.run(words, cwd=cwd, input=stdin, capture_output=True)
        if done.returncode not in ok:
            raise RuntimeError(f"{' '.join(map(str, words))}: exit {done.returncode}\n{done.stderr.decode()}")

    return work


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Args:
        work: what was done.
        measured: how long it took.
        against: what it is compared with, with its own time; empty where the bar is a time.
        ratio: measured by compared, the way round that the bar has it; None where the bar is a time.
        bar: as the design has it.
        ok: whether the bar is kept; None where the row has none of its own.
    """

    work: str
    measured: str
    against: str
    ratio: float | None
    bar: str
    ok: bool | None

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}" if self.ratio < 10 else f"{self.ratio:.0f}"
        return self.work, self.measured, self.against, ratio, self.bar, {True: "ok", False: "miss", None: ""}[self.ok]


def within(work: str, sample: Sample, limit: float, against: str = "") -> Row:
    """A row whose bar is a time."""
    return Row(work, str(sample), against, None, f"< {shown(limit)}", sample.median < limit)


def at_most(work: str, sample: Sample, other: Sample, name: str, limit: float | None) -> Row:
    """A row whose bar is a multiple of another time."""
    ratio = sample.median / other.median
    bar = "" if limit is None else f"< {limit:g} x"
    return Row(work, str(sample), f"{name}: {other}", ratio, bar, None if limit is None else ratio < limit)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table with aligned columns."""
    heads = ("work", "measured: median (least-most), processor time", "compared with", "ratio", "bar", "")
    cells = [heads, *(row.cells for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(heads))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def as_json(rows: Sequence[Row], about: dict[str, Any]) -> str:
    """The rows for programs."""
    return json.dumps({"about": about, "rows": [asdict(row) for row in rows]}, indent=1)
