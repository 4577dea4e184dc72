"""What a refused plain git command leaves moved, and putting it right.

git changes index and files first and asks the hook last: after a refused `reset`, `pull`, `merge`, `cherry-pick` or
`rebase` the record stands where it stood, but the index, some files or the folder's HEAD do not. A text of the user's own
is never touched; a file is only brought back where its bytes are those of an earlier recorded version, or it is missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Conflict, NotFound
from vaultcli.ground.repository.repository import Repair
from vaultcli.ground.repository.working import look, place
from vaultcli.places.chart.chart import Chart

HEAD, UNDERWAY, STAGED, FILE = "head", "underway", "staged", "file"
_UNDERWAY = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "sequencer": "a cherry-pick or revert of several commits",
    "BISECT_LOG": "a bisect",
}
_ALSO = ("MERGE_MSG", "MERGE_MODE", "MERGE_RR", "AUTO_MERGE", "REBASE_HEAD", "SQUASH_MSG", "BISECT_START", "BISECT_TERMS")
_STAGES = ("index.lock",)


@dataclass(frozen=True)
class Leftover:
    """One thing that plain git left.

    Args:
        branch: the line.
        kind: `HEAD`, `UNDERWAY`, `STAGED` or `FILE`.
        path: of the file, for the last two.
        text: what it is, for the user.
    """

    branch: str
    kind: str
    path: str
    text: str


def leftovers(chart: Chart, lines: Mapping[str, str] | None = None) -> list[Leftover]:
    """What plain git left in the folders of a chart.

    Quick where it left nothing: a folder is looked into only if its index was written after our own last recording.

    Args:
        chart: the chart.
        lines: every line with its head, where they were read before.
    """
    heads = chart.repository.lines() if lines is None else lines
    return [one for branch, head in heads.items() for one in _of(chart, branch, head)]


def _of(chart: Chart, branch: str, head: str) -> Iterator[Leftover]:
    admin = str(chart.repository.worktrees.admin(branch))
    said = _head(admin)
    if said and said != f"ref: refs/heads/{branch}\n":
        yield Leftover(branch, HEAD, "", "its folder shows another commit than the newest of its line")
    there: list[str] = []
    with suppress(OSError):
        # one question in the place of seven: `status` asks it of every line
        there = os.listdir(admin)  # noqa: PTH208 - names, no paths
    for name in _UNDERWAY.keys() & there:
        yield Leftover(branch, UNDERWAY, name, f"{_UNDERWAY[name]} was begun with plain git and not finished")
    if _is_touched(chart, branch, admin):
        yield from _differing(chart, branch, head, Path(admin))


def _is_touched(chart: Chart, branch: str, admin: str) -> bool:
    """Whether somebody else wrote the index since we did: our mark of the line is always written after it."""
    try:
        index = os.lstat(f"{admin}/index").st_mtime_ns
        mark = os.lstat(f"{chart.repository.directory}/vaultcli/heads/{branch}").st_mtime_ns
    except FileNotFoundError:
        return False
    return index > mark


def _differing(chart: Chart, branch: str, head: str, admin: Path) -> Iterator[Leftover]:
    repository = chart.repository
    recorded = repository.files(head)
    staged = _index(chart, admin)
    for path in sorted(path for path in recorded.keys() | staged.keys() if staged.get(path) != {recorded.get(path)}):
        yield Leftover(branch, STAGED, path, "is staged with plain git and not recorded")
        if path in recorded and _is_older(chart, branch, path, recorded[path][1]):
            yield Leftover(branch, FILE, path, "was set back to an earlier version, or removed")


def _index(chart: Chart, admin: Path) -> dict[str, set[tuple[str, str] | None]]:
    """Path to every (mode, blob id) that the index has for it."""
    out = chart.repository.git.run("ls-files", "--stage", "-z", index_of=admin).decode("utf-8", "surrogateescape")
    found: dict[str, set[tuple[str, str] | None]] = {}
    for head, _, path in (row.partition("\t") for row in out.split("\0") if row):
        mode, oid, _ = head.split(" ")
        found.setdefault(path, set()).add((mode, oid))
    return found


def _is_older(chart: Chart, branch: str, path: str, newest: str) -> bool:
    """Whether the working file is missing, or is byte for byte a version that the record has had."""
    top = chart.repository.folder(branch)
    file = place(top, path) if top is not None else None
    if file is None:
        return False
    try:
        found = look(file, chart.repository.object_format)
    except BadInput:
        return False
    return found is None or (found.blob != newest and found.blob in _versions(chart, branch, path))


def _versions(chart: Chart, branch: str, path: str) -> set[str]:
    parent: str | None = None
    blobs: set[str] = set()
    for commit in chart.repository.history(branch):
        changes = chart.repository.changes(parent, commit.oid)
        blobs.update(change.after for change in changes if change.path == path and change.after)
        parent = commit.oid
    return blobs


def mend(chart: Chart, found: Iterable[Leftover]) -> list[Repair]:
    """Put right what `leftovers` found; a file that changed meanwhile stays as it is.

    Returns:
        What was done, for the user.

    Raises:
        Conflict: git is at work there right now.
    """
    by_branch: dict[str, list[Leftover]] = {}
    for one in found:
        by_branch.setdefault(one.branch, []).append(one)
    repairs: list[Repair] = []
    with chart.repository.lock():
        for branch, several in by_branch.items():
            repairs += _mend(chart, branch, several)
    return repairs


def _mend(chart: Chart, branch: str, found: list[Leftover]) -> Iterator[Repair]:
    repository = chart.repository
    admin, head = repository.worktrees.admin(branch), repository.head(branch)
    if head is None:
        return
    for name in _STAGES:
        if (admin / name).exists():
            raise Conflict("another git is at work in this repository", hint=f"if no other git is running, delete {admin / name}")
    kinds = {one.kind for one in found}
    for name in (*_UNDERWAY, *_ALSO) if UNDERWAY in kinds else ():
        _remove(admin / name)
    if UNDERWAY in kinds:
        yield Repair(branch, "what was begun with plain git was ended; nothing of it had been recorded")
    if HEAD in kinds:
        files.put(admin / "HEAD", f"ref: refs/heads/{branch}\n".encode(), scratch=repository.scratch)
        yield Repair(branch, "its folder shows the newest commit again")
    restored = [one.path for one in found if one.kind == FILE and _restore(chart, branch, head, one.path)]
    repository.git.run("read-tree", head, index_of=admin)
    repository.marks.set(branch, head)
    if restored:
        yield Repair(branch, f"written from the record: {', '.join(restored)}")
    elif STAGED in kinds:
        yield Repair(branch, "what was staged is no longer staged; the files are as they were")


def _restore(chart: Chart, branch: str, head: str, path: str) -> bool:
    """Write a file as recorded, if what is there is still missing or an earlier version."""
    repository = chart.repository
    top, data = repository.folder(branch), repository.read(head, path)
    oid = repository.files(head).get(path, ("", ""))[1]
    file = place(top, path) if top is not None else None
    if file is None or data is None or not _is_older(chart, branch, path, oid):
        return False
    found = look(file, repository.object_format)
    files.make_dirs(file.parent)
    files.replace(file, data, expecting=found.digest if found else None, scratch=repository.scratch, keep=False)
    return True


def _remove(path: Path) -> None:
    with files.trouble(path, "delete"):
        if path.is_dir() and not path.is_symlink():
            import shutil

            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _head(admin: str) -> str:
    """What the HEAD of a folder says; empty where there is none, or it is no file."""
    try:
        return files.small(f"{admin}/HEAD") or ""
    except (NotFound, BadInput):
        return ""
