"""Taking a line's old commits out of this copy, once a recorded succession has put another root in their place.

The only thing here that deletes what was recorded. It begins with a note in `.git/vaultcli/retired/BRANCH`, written before
the branch moves: the old head, the new root, every object that the old head led to, and words that mark what else belongs
to them. Killed at any point, it is void while the branch still is where it was, and can be finished from the note alone
afterwards. `docs/spec/succession.md` numbers the steps.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import GitTrouble, NotFound
from vaultcli.ground.git import packs
from vaultcli.ground.git.catfile import Objects
from vaultcli.ground.git.objects import is_oid
from vaultcli.ground.git.plumbing import Git

_CACHES = ("pack/multi-pack-index", "info/commit-graph", "info/packs")
_LIMIT = 1 << 30


@dataclass(frozen=True)
class Retirement:
    """What is to go.

    Args:
        branch: the line.
        old: its head before the succession (bare id).
        new: the new root.
        marks: words that no object of another line holds: ids of files left out, ids of old commits.
        objects: everything that the old head led to; empty where this copy keeps the old commits.
    """

    branch: str
    old: str
    new: str
    marks: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()

    def text(self) -> str:
        """The note's text."""
        rows = [f"old {self.old}", f"new {self.new}"]
        rows += [f"mark {word}" for word in self.marks] + [f"object {oid}" for oid in self.objects]
        return "\n".join((*rows, "end", ""))


class Notes:
    """The notes of a repository.

    Args:
        directory: the git directory.
    """

    def __init__(self, directory: Path) -> None:
        self._folder = directory / "vaultcli" / "retired"
        self._scratch = directory / "vaultcli" / "tmp"

    def get(self, branch: str) -> Retirement | None:
        """The note of a line; None when there is none, or only a part of one."""
        try:
            rows = files.read(self._folder / branch, _LIMIT).decode("utf-8", "replace").split("\n")
        except NotFound:
            return None
        if rows[-2:] != ["end", ""]:
            return None
        found: dict[str, list[str]] = {}
        for row in rows[:-2]:
            name, _, value = row.partition(" ")
            found.setdefault(name, []).append(value)
        old, new = found.get("old", [""])[0], found.get("new", [""])[0]
        if not is_oid(old) or not is_oid(new):
            return None
        return Retirement(branch, old, new, tuple(found.get("mark", ())), tuple(found.get("object", ())))

    def write(self, note: Retirement) -> None:
        """Write a note, durably, over one that was never acted on."""
        file = self._folder / note.branch
        files.make_dirs(file.parent)
        files.put(file, note.text().encode(), scratch=self._scratch)
        files.fsync_dir(file.parent)

    def forget(self, branch: str) -> None:
        """Take a note away, because all is done or nothing was begun."""
        file = self._folder / branch
        with files.trouble(file, "delete"):
            if file.exists():
                file.unlink()
                files.fsync_dir(file.parent)

    def branches(self) -> list[str]:
        """The lines that have a note."""
        found = self._folder.glob("*/*") if self._folder.is_dir() else ()
        return sorted(f"{file.parent.name}/{file.name}" for file in found if not file.name.startswith("."))


def retire(git: Git, objects: Objects, note: Retirement, admin: Path) -> int:
    """Take out what only the old commits lead to: names first, then objects; may be repeated after any interruption.

    Args:
        git: the repository, whose lock is held.
        objects: its reader, which lets go of the packs.
        note: what is to go.
        admin: the git directory of the line's working folder.

    Returns:
        How many objects went.

    Raises:
        GitTrouble: something still leads to the old commits, or an object would not go.
    """
    _forget_names(git, note, admin)
    doomed = _doomed(git, objects, note)
    discard(git, objects, doomed)
    return len(doomed)


def discard(git: Git, objects: Objects, doomed: set[str]) -> None:
    """Take objects out of this copy; may be repeated after any interruption.

    Args:
        git: the repository, whose lock is held.
        objects: its reader, which lets go of the packs.
        doomed: the objects; nothing may lead to them any more.

    Raises:
        GitTrouble: one would not go.
    """
    objects.close()
    _repack(git, doomed)
    _unlink_loose(git, doomed)
    left = doomed & _stored(git)
    if left:
        raise GitTrouble(f"{len(left)} objects could not be removed")


def leading_to(git: Git, branch: str, root: str) -> list[str]:
    """Refs other than the line's own, here or as last seen on another machine, that lead to a commit of it."""
    out = git.run("for-each-ref", "--format=%(refname)", "--contains", root).decode("utf-8", "surrogateescape")
    return [name for name in out.split("\n") if name and not _is_own(name, branch)]


def _is_own(ref: str, branch: str) -> bool:
    return ref == f"refs/heads/{branch}" or (ref.startswith("refs/remotes/") and ref.endswith(f"/{branch}"))


def _forget_names(git: Git, note: Retirement, admin: Path) -> None:
    """Reflogs, remote-tracking refs and the other places where git keeps ids of commits that a line once had."""
    old = set(note.objects)
    for ref, oid in git.refs("refs/remotes/").items():
        if oid in old and _is_own(ref, note.branch):
            git.update_ref(ref, None, oid)
    for file in (
        git.directory / "logs" / "refs" / "heads" / note.branch,
        *(git.directory / "logs" / "refs" / "remotes").glob(f"*/{note.branch}"),
        admin / "logs" / "HEAD",
        *(folder / name for folder in (admin, git.directory) for name in ("ORIG_HEAD", "FETCH_HEAD")),
    ):
        with files.trouble(file, "delete"):
            file.unlink(missing_ok=True)


def _doomed(git: Git, objects: Objects, note: Retirement) -> set[str]:
    """The old line's own objects, and stray ones of interrupted saves that bear its marks; never what a ref leads to."""
    reachable = git.leads_to(*git.refs().values(), *_detached(git))
    if note.old in reachable:
        raise GitTrouble(f"something other than {note.branch} still leads to its old commits")
    stored = _stored(git)
    stray = sorted(stored - reachable - set(note.objects))
    mark = re.compile(b"|".join(re.escape(word.encode()) for word in note.marks)) if note.marks else None
    marked = {one.oid for one in objects.read_many(stray) if mark and mark.search(one.data)} if stray else set()
    return (set(note.objects) | marked) & stored - reachable


def _detached(git: Git) -> Iterator[str]:
    """Commits that a folder shows without a branch."""
    for head in (git.directory / "HEAD", *(git.directory / "worktrees").glob("*/HEAD")):
        with contextlib.suppress(NotFound):
            text = files.read(head, 4096).decode("utf-8", "replace").strip()
            if is_oid(text):
                yield text


def _stored(git: Git) -> set[str]:
    out = git.run("cat-file", "--batch-all-objects", "--batch-check=%(objectname)", "--unordered")
    return set(out.decode().split())


def _repack(git: Git, doomed: set[str]) -> None:
    """Write every pack that holds one of them anew without it; the old pack goes once the new one is durable."""
    folder = git.directory / "objects" / "pack"
    if not folder.is_dir():
        return
    held = {index.stem: packs.names(git, index) for index in sorted(folder.glob("*.idx"))}
    for stem, oids in held.items():
        if not doomed.isdisjoint(oids):
            kept = [oid for oid in oids if oid not in doomed]
            if not kept or packs.write(git, folder, kept) != stem:
                packs.unlink(folder, [stem])
    # a pack without its index is what a kill between two of these lines leaves
    packs.unlink(folder, [pack.stem for pack in folder.glob("*.pack") if not pack.with_suffix(".idx").exists()])
    for name in _CACHES:
        (folder.parent / name).unlink(missing_ok=True)
    files.fsync_dir(folder)


def _unlink_loose(git: Git, doomed: set[str]) -> None:
    folders = set()
    for oid in doomed:
        file = git.directory / "objects" / oid[:2] / oid[2:]
        with files.trouble(file, "delete"):
            if file.exists():
                file.unlink()
                folders.add(file.parent)
    for folder in folders:
        files.fsync_dir(folder)
