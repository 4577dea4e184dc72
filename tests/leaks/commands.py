"""`python -m tests.leaks.commands`: every editor and every ending through `psychotherapy new` and `edit`, searched on raw disks.

A home, a vault and the psychotherapy notes lie on an ext4 disk in a file; afterwards its raw bytes, every object of both
repositories, the folders that all share and, all the while, the process list are searched, and what was saved must come back
through `psychotherapy recover`. Prints the second table of `docs/psychotherapy/editing.md`; `--update` writes it there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.leaks import disks, sitting
from tests.leaks.__main__ import PAGE, version
from tests.leaks.cases import ENDINGS, Outcome, Site

BEGIN, END = "<!-- tried through the commands: begin -->", "<!-- tried through the commands: end -->"


def main() -> int:
    """Try what was asked for; 1 where anything leaked, was left or was lost; 3 where it could not be tried."""
    parser = argparse.ArgumentParser(prog="python -m tests.leaks.commands", description=__doc__.splitlines()[0])
    parser.add_argument("--editor", choices=sitting.TRIED, action="append", help="only this one; may be given again")
    parser.add_argument("--ending", choices=ENDINGS, action="append", help="only this one; may be given again")
    parser.add_argument("--way", choices=sitting.WAYS, action="append", help="only this one; may be given again")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (2)")
    parser.add_argument("--update", action="store_true", help="write the table into the page")
    given = parser.parse_args()
    if not disks.can_mount():
        print("NOT TRIED: raw disks need root", file=sys.stderr)
        return 3
    with ExitStack() as stack:
        if not {"object", "disk.img (raw)"} <= set(sitting.caught(_site(stack)[0])):
            print("the search does not find what was planted: the rest would say nothing")
            return 1
    editors = [name for name in given.editor or sitting.TRIED if sitting.there(name)]
    work = [
        (editor, ending, way)
        for ending in given.ending or ENDINGS for editor in editors for way in given.way or sitting.WAYS
    ]  # fmt: skip
    with ThreadPoolExecutor(given.jobs) as pool:
        done = list(pool.map(_one, work))
    text = table(done)
    print(text)
    if given.update:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(page.partition(BEGIN)[0] + f"{BEGIN}\n{text}\n{END}" + page.partition(END)[2], encoding="utf-8")
    return 0 if all(outcome.good for outcome in done) else 1


def _site(stack: ExitStack, *, full: bool = False) -> tuple[Site, Path]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leaks-")))
    top, raw = stack.enter_context(disks.raw_disk(folder))
    memory = stack.enter_context(disks.small_memory(folder)) if full else None
    return Site(top / "site", raw, memory), folder


def _one(work: tuple[str, str, str]) -> Outcome:
    editor, ending, way = work
    with ExitStack() as stack:
        site, _ = _site(stack, full=ending == "full")
        try:
            outcome = sitting.run(site, editor, ending, way)
        except Exception as error:  # an editor that never showed the text is a result too
            outcome = Outcome(f"{editor}, {way}", ending, wrong=(f"{type(error).__name__}: {str(error)[:600]}",))
    print(f"{editor}, {way}, {ending}: {'good' if outcome.good else outcome}", file=sys.stderr, flush=True)
    return outcome


def table(results: list[Outcome]) -> str:
    """Editors by endings; a cell is how many were good of how many were tried, for `new` and for `edit`."""
    endings = [name for name in ENDINGS if any(outcome.ending == name for outcome in results)]
    looks = sum(outcome.looks for outcome in results)
    lines = [
        f"{len(results)} cases; {looks:,} looks at command lines and environments.",
        "",
        f"| editor | {' | '.join(endings)} |",
        f"| --- |{' --- |' * len(endings)}",
    ]
    for editor in dict.fromkeys(outcome.editor.partition(",")[0] for outcome in results):
        cells = [" · ".join(_cell(results, editor, way, ending) for way in sitting.WAYS) for ending in endings]
        lines.append(f"| {f'{editor} {version(editor)}'.strip()} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(results: list[Outcome], editor: str, way: str, ending: str) -> str:
    mine = [outcome.good for outcome in results if (outcome.editor, outcome.ending) == (f"{editor}, {way}", ending)]
    return f"{sum(mine)}/{len(mine)}" if mine else "-"


if __name__ == "__main__":
    sys.exit(main())
