"""`python -m tests.bench`: make a practice, or take the one made before, and print the table of the bars."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import drawers, sealed, works
from tests.bench.generate import generate
from tests.bench.timing import Row, as_json, table

FULL = ((3, 120), (300, 120))
QUICK = ((3, 12), (12, 30))
PARTS = ("start", "look", "new", "record", "sign", "verify", "psychotherapy")
SEALED = ((6, 5), (300, 40))
SEALED_QUICK = ((3, 5), (6, 20))


def main() -> int:
    """Measure what was asked for; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the bars of docs/benchmarks.md.")
    parser.add_argument("--dir", type=Path, help="keep the practices here, and take them from here next time")
    parser.add_argument("--quick", action="store_true", help="a practice of 360 notes instead of 36,000")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure only this; may be given again")
    parser.add_argument("--rounds", type=int, default=9, help="how often short work is repeated (9)")
    given = parser.parse_args()
    with folder(given.dir) as top:
        isolate(top)
        wanted = given.only or PARTS
        sizes = QUICK if given.quick else FULL
        # the sealed notes have a vault of their own, and thirty years of a practice take a while to make
        small, large = (site(top, *size) for size in (sizes if set(wanted) - {"psychotherapy"} else ((1, 1), (1, 1))))
        with tempfile.TemporaryDirectory(dir=top) as scratch:
            parts: dict[str, Callable[[], list[Row]]] = {
                "start": lambda: works.starting(given.rounds),
                "look": lambda: works.looking(large, given.rounds),
                "new": lambda: works.beginning(small, large, given.rounds, Path(scratch)),
                "record": lambda: works.recording(small, large, given.rounds, Path(scratch)),
                "sign": lambda: works.signing(large, given.rounds, Path(scratch)),
                "verify": lambda: works.verifying(large, 20 if given.quick else 100),
                "psychotherapy": lambda: sealing(top, SEALED_QUICK if given.quick else SEALED, given.rounds, Path(scratch)),
            }
            rows: list[Row] = []
            for name in wanted:
                print(f"measuring: {name}", file=sys.stderr)
                rows += parts[name]()
    print(as_json(rows, about()) if given.json else f"{'; '.join(about().values())}\n\n{table(rows)}")
    return 1 if any(row.ok is False for row in rows) else 0


def sealing(top: Path, sizes: tuple[tuple[int, int], tuple[int, int]], rounds: int, scratch: Path) -> list[Row]:
    """The rows of the psychotherapy notes."""
    print(f"making {sizes[1][0] * sizes[1][1]:,} psychotherapy notes, or taking those made before", file=sys.stderr)
    small, large = (drawers.site(top, *size) for size in sizes)
    return sealed.measure(small, large, rounds, scratch)


@contextmanager
def folder(wanted: Path | None) -> Iterator[Path]:
    """Where the practices are."""
    if wanted is not None:
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted.absolute()
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def site(top: Path, clients: int, notes: int) -> works.Site:
    """The practice of that size, made where there is none."""
    where = top / f"{clients}x{notes}"
    if not (where / "practice" / "vault.toml").exists():
        print(f"making {clients * notes:,} notes", file=sys.stderr)
        shutil.rmtree(where, ignore_errors=True)
        generate(where, clients=clients, notes=notes)
    return works.at(where, clients * notes)


def isolate(top: Path) -> None:
    """A home of its own, without anybody's settings, keys or agent."""
    for name in list(os.environ):
        # with PYTHONDONTWRITEBYTECODE each process would compile what was edited last
        if name.startswith(("GIT_", "SSH_", "VAULTCLI_", "XDG_", "PYTHON")):
            del os.environ[name]
    home = top / "home"
    home.mkdir(exist_ok=True)
    os.environ.update(HOME=str(home), GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1", LC_ALL="C.UTF-8")


def about() -> dict[str, str]:
    """The machine in plain words."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    load = os.getloadavg()[0]
    return {
        "processors": f"{len(os.sched_getaffinity(0))} processors",
        "system": f"{platform.system()} on {platform.machine()}",
        "python": f"Python {platform.python_version()}",
        "git": f"git {git}",
        "load": f"load {load:.1f}",
    }


if __name__ == "__main__":
    sys.exit(main())
