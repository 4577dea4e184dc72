"""Every point at which a command can be interrupted, tried one after the other.

`python -m tests.faults.sweep [--stride N] [--modes kill,full,...] [CASE ...]`. A case is a folder to start from, a command,
and an oracle that looks at what was left. For each file system call that the command makes, in each of its processes, the
folder is put back, the command is run with that call going wrong, and the oracle is asked. `cases.py` has the ground's cases.
"""

from __future__ import annotations

import argparse
import collections
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from tests.faults import shim

Oracle = Callable[[Path, shim.Outcome], list[str]]


class Runner(Protocol):
    """Runs a command with one call going wrong, as `shim.run` does."""

    def __call__(
        self, argv: Sequence[str], *, cwd: Path, counter: Path, at: int = 0, mode: shim.Mode | None = None,
        trace: Path | None = None,
    ) -> shim.Outcome: ...  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What is swept.

    `setup` fills an empty folder; `argv` is run in that folder; `oracle` gets the folder and the outcome and names what is wrong;
    `ends` is the exit code when nothing is disturbed.
    """

    name: str
    setup: Callable[[Path], None]
    argv: Sequence[str]
    oracle: Oracle
    ends: int = 0


@dataclass
class Report:
    """Points tried by mode, how they ended by mode and exit code, and what was wrong."""

    case: str
    calls: int
    tried: collections.Counter[str] = field(default_factory=collections.Counter)
    codes: collections.Counter[tuple[str, int]] = field(default_factory=collections.Counter)
    wrong: list[str] = field(default_factory=list)


def sweep(
    case: Case,
    work: Path,
    library: Path,
    *,
    modes: Iterable[shim.Mode],
    stride: int = 1,
    offset: int = 0,
    run: Runner | None = None,
) -> Report:
    """Try every `stride`-th point in every mode.

    Args:
        case: what is swept.
        work: an empty folder; the case always runs at the same path below it, because worktrees record absolute paths.
        library: the compiled shim.
        modes: the ways to go wrong.
        stride: every how manieth point.
        offset: with which point to begin.
        run: how the command is run; a process of its own when None.
    """
    run = run or partial(shim.run, library)
    world, template, counter = work / "world", work / "template", work / "counter"
    world.mkdir()
    case.setup(world)
    shutil.copytree(world, template, symlinks=True)
    trace = work / "trace"
    sound = run(case.argv, cwd=world, counter=counter, trace=trace)
    report = Report(case.name, sound.calls)
    report.wrong += [f"undisturbed: {text}" for text in case.oracle(world, sound)]
    if sound.code != case.ends:
        report.wrong.append(f"undisturbed: exit code {sound.code}: {sound.err.strip()}")
    names = dict(line.split(" ", 1) for line in trace.read_text().splitlines())
    for mode in modes:
        for at in range(1 + offset, sound.calls + 1, stride):
            shutil.rmtree(world)
            shutil.copytree(template, world, symlinks=True)
            outcome = run(case.argv, cwd=world, counter=counter, at=at, mode=mode)
            report.tried[mode.name] += 1
            report.codes[mode.name, outcome.code] += 1
            place = f"{mode.name} at {at} ({names.get(str(at), '?')}), exit {outcome.code}"
            report.wrong += [f"{place}: {text}" for text in _judge(case, world, outcome)]
    return report


def _judge(case: Case, world: Path, outcome: shim.Outcome) -> list[str]:
    wrong = []
    if "Traceback" in outcome.err:
        wrong.append(f"a traceback: {outcome.err.strip().splitlines()[-1]}")
    try:
        wrong += case.oracle(world, outcome)
    except Exception as error:  # whatever an oracle stumbles over is a finding
        wrong.append(f"the next command failed: {type(error).__name__}: {error}")
    return wrong


def main(argv: Sequence[str] | None = None) -> int:
    """Sweep the named cases, all of them by default; 0 when nothing was wrong, 1 otherwise, 3 when it could not be run."""
    from tests.faults.cases import CASES

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--modes", default=",".join(shim.MODES))
    asked = parser.parse_args(argv)
    if reason := shim.why_not():
        print(f"not run: {reason}")
        return 3
    wrong = 0
    for name in asked.cases or list(CASES):
        with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
            began = time.monotonic()
            modes = [shim.MODES[word] for word in asked.modes.split(",")]
            library = shim.build(Path(folder))
            report = sweep(CASES[name], Path(folder), library, modes=modes, stride=asked.stride, offset=asked.offset)
        show(report, time.monotonic() - began)
        wrong += len(report.wrong)
    return 1 if wrong else 0


def show(report: Report, seconds: float) -> None:
    """Print what was tried and what was wrong."""
    tried = sum(report.tried.values())
    print(f"{report.case}: {report.calls} calls, {tried} points tried, {len(report.wrong)} wrong, {seconds:.0f} s")
    for mode, count in report.tried.items():
        codes = ", ".join(f"exit {code}: {many}" for (of, code), many in sorted(report.codes.items()) if of == mode)
        print(f"  {mode}: {count} ({codes})")
    for text in report.wrong:
        print(f"  WRONG {text}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
