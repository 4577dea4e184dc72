"""What the next command mends after a writer was killed, the power failed, or the vault was moved.

A commit is whole or absent by git's own making; what can be behind is what comes after it: working files, index, and
git's lock and temporary files. A mark per line, `.git/vaultcli/heads/BRANCH`, names the last head whose files were
completely written; from it to the branch's head is what remains to be done.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import NotFound
from vaultcli.ground.git.objects import is_oid

_TEMPORARY = (
    "*.lock",
    "worktrees/*/*.lock",
    "refs/**/*.lock",
    "logs/**/*.lock",
    "objects/**/*.lock",
    "objects/*/tmp_obj_*",
    "objects/pack/tmp_*",
    "objects/tmp_*",
)


@dataclass(frozen=True)
class Repair:
    """Something that was mended: `line` is a branch, empty for the whole repository; `what` says it to the user."""

    line: str
    what: str


class Marks:
    """The marks of a repository: branch to the head whose working files are known to be complete.

    Beside them, while a save is under way, `.git/vaultcli/seen/BRANCH` holds the digests of the working files that it may
    overwrite, bound to the commit that replaces them. It need not survive anything: without it, a file merely stays as
    the user left it.

    Args:
        directory: the git directory.
    """

    def __init__(self, directory: Path) -> None:
        self._heads = directory / "vaultcli" / "heads"
        self._seen = directory / "vaultcli" / "seen"
        self._scratch = directory / "vaultcli" / "tmp"

    def get(self, branch: str) -> str | None:
        """The marked head; None when there is none or it cannot be read."""
        text = (files.small(f"{self._heads}/{branch}") or "").strip()
        return text if is_oid(text) else None

    def set(self, branch: str, head: str) -> None:
        """Mark a head. The name need not be durable: an older mark only means that finished work is looked at again."""
        file = self._heads / branch
        with files.trouble(file, "write"):
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            files.put(file, f"{head}\n".encode(), scratch=self._scratch)
            (self._seen / branch).unlink(missing_ok=True)

    def seen(self, branch: str, head: str) -> dict[str, str | None]:
        """The digests that the save of this head may overwrite; empty when unknown."""
        first, *lines = _text(self._seen / branch).split("\n")
        if first != head or lines[-2:] != ["end", ""]:
            return {}
        pairs = [line.partition(" ") for line in lines[:-2]]
        return {path: digest for digest, _, path in pairs}

    def note_seen(self, branch: str, head: str, seen: Mapping[str, str | None]) -> None:
        """Note what the save of this head may overwrite."""
        lines = [f"{digest} {path}" for path, digest in seen.items() if digest is not None]
        if lines:
            file = self._seen / branch
            with files.trouble(file, "write"):
                file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                file.write_text("\n".join([head, *lines, "end", ""]), encoding="utf-8")


def _text(file: Path) -> str:
    try:
        return files.read(file).decode("utf-8", "replace")
    except NotFound:
        return ""


def leftovers(directory: Path, since: int) -> Iterator[Path]:
    """Lock and temporary files that git left in a git directory since a time in nanoseconds; none of ours."""
    for pattern in _TEMPORARY:
        for file in directory.glob(pattern):
            with contextlib.suppress(FileNotFoundError):
                # a second of grace: file systems keep coarse times
                if file.name != "vaultcli.lock" and file.lstat().st_mtime_ns >= since - 1_000_000_000:
                    yield file


def sweep(directory: Path, since: int) -> list[Path]:
    """Delete what a killed writer left in a git directory; the caller holds the lock, so no writer of ours is alive.

    Args:
        directory: the git directory.
        since: when the killed writer began, in nanoseconds since 1970; older files are somebody else's.

    Returns:
        What was deleted.
    """
    import shutil

    gone = []
    with files.trouble(directory, "clean up"):
        for file in list(leftovers(directory, since)):
            if file.is_dir() and not file.is_symlink():
                shutil.rmtree(file)
            else:
                file.unlink(missing_ok=True)
            gone.append(file)
        scratch = directory / "vaultcli" / "tmp"
        for file in list(scratch.iterdir()) if scratch.is_dir() else []:
            shutil.rmtree(file) if file.is_dir() and not file.is_symlink() else file.unlink(missing_ok=True)
    return gone


def sweep_packs(directory: Path, since: int) -> list[Path]:
    """Delete the parts of packs that a killed fetch left; the caller holds both locks.

    Args:
        directory: the git directory.
        since: when that fetch began, in nanoseconds since 1970; older files are somebody else's.

    Returns:
        What was deleted. A pack that came whole stays.
    """
    packs, gone = directory / "objects" / "pack", []
    with files.trouble(packs, "clean up"):
        for file in [*packs.glob("tmp_*"), *_fetched(packs)]:
            if file.lstat().st_mtime_ns >= since - 1_000_000_000:
                file.unlink()
                gone.append(file)
    return gone


def _fetched(packs: Path) -> Iterator[Path]:
    """Files `.keep` that say that a fetch made them, each after its pack where that has no index and cannot be read."""
    for keep in packs.glob("*.keep"):
        # empty: killed before it was written, and the pack gets its name after that
        if keep.read_bytes()[:10] in (b"", b"fetch-pack"):
            pack = keep.with_suffix(".pack")
            if pack.exists() and not keep.with_suffix(".idx").exists():
                yield pack
            yield keep


def plain_git_at_work(top: Path) -> bool:
    """Whether somebody runs git in these folders right now, as far as the system tells (Linux does, macOS does not).

    Our own git runs in `.git` itself and is not meant: its readers do no harm, and its writers hold the lock.
    """
    inside = str(top.resolve())
    for process in Path("/proc").glob("[0-9]*") if Path("/proc/self/cwd").exists() else ():
        with contextlib.suppress(OSError):
            name = (process / "comm").read_text().strip()
            where = str((process / "cwd").readlink())
            ours = where == f"{inside}/.git"
            if name.startswith("git") and not ours and (where == inside or where.startswith(inside + "/")):
                return True
    return False
