"""`python -m tests.leaks`: every editor, every ending, every set of safeguards; searched on a raw disk where it can be.

Prints the table of `docs/psychotherapy/editing.md`; `--update` writes it there.
"""

from __future__ import annotations

import argparse
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.leaks import cases, disks
from tests.leaks.cases import ENDINGS, Outcome, Site
from tests.leaks.keys import EDITORS

PAGE = Path(__file__).parents[2] / "docs" / "psychotherapy" / "editing.md"
BEGIN, END = "<!-- tried: begin -->", "<!-- tried: end -->"
WAYS = {
    "all": (),
    "jail alone": ("no-space", "no-flags", "plain"),
    "flags alone": ("no-space", "no-jail"),
}
"""Sets of safeguards. With the jail alone an editor that is set up to keep copies stops at an error, so it is tried without
settings; `full` is tried without a file system of one's own, which is never full."""


def main() -> int:
    """Try what was asked for; 1 where anything leaked, was left or was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.leaks", description=__doc__.splitlines()[0])
    parser.add_argument("--editor", choices=EDITORS, action="append", help="only this one; may be given again")
    parser.add_argument("--ending", choices=ENDINGS, action="append", help="only this one; may be given again")
    parser.add_argument("--way", choices=WAYS, action="append", help="only these safeguards; may be given again")
    parser.add_argument("--rounds", type=int, default=1, help="how often each is tried (1)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (2)")
    parser.add_argument("--update", action="store_true", help="write the table into the page")
    given = parser.parse_args()
    if not disks.can_mount():
        print("NOT TRIED: raw disks and a full memory need root", file=sys.stderr)
    if not control():
        print("the search does not find what an editor leaves that nobody keeps: the rest would say nothing")
        return 1
    editors = [name for name in given.editor or EDITORS if there(name)]
    work = [
        (way, editor, ending)
        for _ in range(given.rounds) for way in given.way or WAYS for editor in editors for ending in given.ending or ENDINGS
        if ending != "full" or (disks.can_mount() and way == "all")
    ]  # fmt: skip
    with ThreadPoolExecutor(given.jobs) as pool:
        done = list(pool.map(one, work))
    text = table(list(zip((way for way, _, _ in work), done, strict=True)))
    print(text)
    if given.update:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(page.partition(BEGIN)[0] + f"{BEGIN}\n{text}\n{END}" + page.partition(END)[2], encoding="utf-8")
    return 0 if all(outcome.good for outcome in done) else 1


def there(editor: str) -> bool:
    """Whether an editor is installed; said when it is not."""
    if shutil.which(EDITORS[editor].program):
        return True
    print(f"NOT TRIED: {editor} is not installed", file=sys.stderr)
    return False


def one(work: tuple[str, str, str]) -> Outcome:
    """One case, on a disk of its own where that can be."""
    way, editor, ending = work
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leaks-")))
        top, raw = stack.enter_context(disks.raw_disk(folder)) if disks.can_mount() else (folder, None)
        runtime = stack.enter_context(disks.small_memory(folder)) if ending == "full" else None
        try:
            outcome = cases.run(Site(top / "site", raw, runtime), editor, ending, WAYS[way])
        except Exception as error:  # an editor that never showed the text is a result too
            outcome = Outcome(editor, ending, wrong=(f"{type(error).__name__}: {str(error).splitlines()[0]}",))
    print(f"{way}: {editor}, {ending}: {'good' if outcome.good else outcome}", file=sys.stderr, flush=True)
    return outcome


def control() -> bool:
    """Whether the search finds what vim leaves on a raw disk when nobody keeps it: its backup, and deleted bytes."""
    if not there("vim"):
        return False
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leaks-")))
        top, raw = stack.enter_context(disks.raw_disk(folder)) if disks.can_mount() else (folder, None)
        return cases.unkept(Site(top / "site", raw), "vim")


def version(editor: str) -> str:
    """What an editor says of its version, as a number."""
    others = {"kak": "-version", "mg": "", "ne": "--help", "joe": "--help", "micro": "-version"}
    flag = others.get(editor, "--version")
    if not flag:
        return ""
    done = subprocess.run([EDITORS[editor].program, flag], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = re.search(r"\d+\.[\d.]*\d", done.stdout + done.stderr)
    return found[0] if found else ""


def table(results: list[tuple[str, Outcome]]) -> str:
    """Editors by endings; a cell is how many were good of how many were tried."""
    ways = list(dict.fromkeys(way for way, _ in results))
    endings = [name for name in ENDINGS if any(outcome.ending == name for _, outcome in results)]
    looks = sum(outcome.looks for _, outcome in results)
    lines = [
        f"Linux {platform.release().partition('-')[0]}; {len(results)} cases; {looks:,} looks at command lines and environments.",
        "",
        f"| editor | {' | '.join(endings)} |",
        f"| --- |{' --- |' * len(endings)}",
    ]
    for editor in dict.fromkeys(outcome.editor for _, outcome in results):
        cells = [cell(results, ways, editor, ending) for ending in endings]
        lines.append(f"| {f'{editor} {version(editor)}'.strip()} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(results: list[tuple[str, Outcome]], ways: list[str], editor: str, ending: str) -> str:
    """`3/3 · 3/3 · 2/3`: one part for each set of safeguards."""
    parts = []
    for way in ways:
        mine = [outcome.good for name, outcome in results if (name, outcome.editor, outcome.ending) == (way, editor, ending)]
        parts.append(f"{sum(mine)}/{len(mine)}" if mine else "-")
    return " · ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
