"""The working files of a line: brought to a commit without touching what others wrote, and compared with it.

`git status` and `git checkout` are not used: they run filters, trust the stat data in the index, and overwrite.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Conflict, NotFound
from vaultcli.ground.git.objects import hasher, name_object
from vaultcli.ground.git.plumbing import (
    INDEX,
    Ahead,
    Git,
)
from vaultcli.ground.git.tree import PLAIN, Change
from vaultcli.ground.git.trees import check_path
from vaultcli.ground.patterns import pattern

_LEFTOVER = pattern(
    r"\..*\.sw[a-p]|.*~|4913|\.DS_Store|#.*#|\.#.*|.*\.save(\.\d+)?|DEADJOE|\._.*|\.goutputstream-.*|.*\.kate-swp|.*\.orig|.*\.bak|\.nfs[0-9a-f]+"
)
_JUNK = pattern(
    r"(?:eh)?[Tt]humbs\.db|[Dd]esktop\.ini|Icon\r|\.directory|\.localized|\.~lock\..*#|~\$.*|.*\.(?:tmp|temp)|\.fuse_hidden.*"
)
"""What other systems and programs put into folders that they show."""
_JUNK_FOLDER = pattern(
    r"\.(?:obsidian|history|trash|Trash|Trashes|vscode|idea|stfolder|stversions|fseventsd|Spotlight-V100|TemporaryItems)(?:-\d+)?"
    r"|\.dropbox\.cache|\.tmp\.drivedownload|@eaDir|\$RECYCLE\.BIN|System Volume Information"
)
"""Folders in which programs keep what is theirs: settings, old versions, thrown-away files."""
MANY = 256
"""How many working files are written before the first of them is synced."""


@dataclass(frozen=True)
class Working:
    """How a line's working files differ from its head; every member is a sorted tuple of paths.

    `edited`: recorded, with other bytes now. `new`: not recorded. `missing`: recorded, not there. `leftovers`: what
    editors, other programs and interrupted saves leave, never recorded by us. `strange`: neither file nor folder (a
    link, a pipe), never read.
    """

    edited: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing is edited, new, missing or strange; leftovers do not count."""
        return not (self.edited or self.new or self.missing or self.strange)


def is_leftover(name: str) -> bool:
    """Whether a file name is what an editor or an interrupted save leaves behind."""
    return _LEFTOVER.fullmatch(name) is not None or (name.startswith(".") and files.SIDE in name)


def is_junk(path: str) -> bool:
    """Whether a path below a line's folder is of another program or system: never recorded, and never anybody's note."""
    *folders, name = path.split("/")
    return is_leftover(name) or _JUNK.fullmatch(name) is not None or any(map(_JUNK_FOLDER.fullmatch, folders))


def ignored(directory: Path) -> tuple[str, ...]:
    """The patterns of `.git/info/exclude`: what plain git is told to ignore in every line.

    Args:
        directory: the git directory.
    """
    with contextlib.suppress(OSError):
        lines = (directory / "info" / "exclude").read_text(encoding="utf-8", errors="replace").splitlines()
        return tuple(line.strip() for line in lines if line.strip() and line[0] not in "#!")
    return ()


def is_ignored(path: str, patterns: Sequence[str]) -> bool:
    """Whether a path is one that git is told to ignore; of git's patterns those without `**` and `!` are read."""
    parts = path.split("/")
    for one in patterns:
        plain = one.strip("/")
        whole = "/" in one.rstrip("/")
        upto = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)] if whole else parts
        if any(fnmatch.fnmatchcase(part, plain) for part in (upto[:-1] if one.endswith("/") else upto)):
            return True
    return False


def place(top: Path, path: str) -> Path | None:
    """Where a recorded path is on disk; None when a folder on the way is a link or no folder, or it is no path of ours."""
    folder = top
    try:
        *folders, name = PurePosixPath(check_path(path)).parts
    except BadInput:
        return None
    for part in folders:
        folder = folder / part
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISDIR(folder.lstat().st_mode):
                return None
    return folder / name


@dataclass(frozen=True)
class OnDisk:
    """A working file as it is now: its blob id and its digest, both from one reading."""

    blob: str
    digest: str


def look(file: Path, object_format: str) -> OnDisk | None:
    """The working file as it is; None when it is absent.

    Raises:
        BadInput: it is no regular file, or too large.
    """
    try:
        data = files.read(file)
    except NotFound:
        return None
    return OnDisk(name_object("blob", data, object_format), files.digest(data))


@dataclass(frozen=True)
class Checkout:
    """The working files of one line.

    Args:
        git: the repository.
        top: the line's folder.
        admin: the git directory that holds its index.
        scratch: a folder on the same file system for files that are being written.
    """

    git: Git
    top: Path
    admin: Path
    scratch: Path

    def bring(
        self,
        changes: list[Change],
        blob: Callable[[str], bytes],
        seen: Mapping[str, str | None] | None = None,
        index: Ahead | None = None,
    ) -> list[str]:
        """Bring working files and index to these changes' after side.

        Args:
            changes: what differs between the last marked head and the new one.
            blob: reads a blob.
            seen: digests of working files that may be overwritten though they are not the recorded text.
            index: an `INDEX` that was started before.

        Returns:
            Paths that were written or deleted. A file that is neither what was recorded nor what was seen stays.
        """
        if not changes:
            return []
        if index is None:
            with self.git.ahead(INDEX, index_of=self.admin) as (started,):
                return self.bring(changes, blob, seen, started)
        touched: set[str] = set()
        for at in range(0, len(changes), MANY):
            some = changes[at : at + MANY]
            waiting: dict[Path, tuple[str, files.Replacement]] = {}
            touched |= {change.path for change in some if self._bring_one(change, blob, (seen or {}).get(change.path), waiting)}
            done = files.replace_together([one for _, one in waiting.values()], self.scratch)
            touched |= {waiting[path][0] for path in done}
        index.run(self._index_lines(changes))
        return [change.path for change in changes if change.path in touched]

    def _bring_one(
        self, change: Change, blob: Callable[[str], bytes], seen: str | None, waiting: dict[Path, tuple[str, files.Replacement]]
    ) -> bool:
        """Bring one working file along, or put it among those that are written together; whether it is done."""
        file = place(self.top, change.path)
        if file is None or change.mode not in (0, PLAIN):
            return False
        with contextlib.suppress(BadInput, Conflict):
            found = look(file, self.git.object_format)
            if (found and found.blob) == change.after:
                if found is not None:
                    # whoever wrote it may not have synced it: the text of the record must not be an empty file after a power cut
                    files.sync_file(file)
                return False
            if found is None or found.blob == change.before or found.digest == seen:
                if change.after is not None:
                    files.make_dirs(file.parent)
                    expecting = found.digest if found else None
                    waiting[file] = change.path, files.Replacement(file, blob(change.after), expecting)
                    return False
                if found is not None:
                    files.remove(file, expecting=found.digest)
                    self._drop_empty(file.parent)
                return True
        return False

    def _drop_empty(self, folder: Path) -> None:
        with contextlib.suppress(OSError):
            while folder != self.top:
                folder.rmdir()
                folder = folder.parent

    def _index_lines(self, changes: list[Change]) -> bytes:
        """What brings the index along, so that plain `git status` agrees."""
        nothing = "0" * (64 if self.git.object_format == "sha256" else 40)
        lines = "".join(
            f"0 {nothing}\t{change.path}\0" if change.after is None else f"{change.mode:o} {change.after}\t{change.path}\0"
            for change in changes
        )
        return lines.encode("utf-8", "surrogateescape")

    def compare(self, recorded: Mapping[str, str], apart: frozenset[str] = frozenset()) -> Working:
        """How the working files differ from these recorded blobs.

        Args:
            recorded: path to blob id, of the head.
            apart: names of folders directly below the top that are none of this line's.
        """
        found = dict(_walk(self.top, "", apart))
        strange = {path for path, entry in found.items() if entry is None}
        leftovers = {path for path in found if path not in recorded and is_junk(path)}
        edited = {path for path in recorded.keys() & found.keys() - strange if not self._is(path, recorded[path])}
        return Working(
            edited=tuple(sorted(edited)),
            new=tuple(sorted(found.keys() - recorded.keys() - strange - leftovers)),
            missing=tuple(sorted(recorded.keys() - found.keys())),
            leftovers=tuple(sorted(leftovers)),
            strange=tuple(sorted(strange - leftovers)),
        )

    def _is(self, path: str, oid: str) -> bool:
        """Whether a working file is that blob; a large one is not in memory as a whole."""
        file = self.top / path
        with contextlib.suppress(BadInput, NotFound, FileNotFoundError):
            head = b"blob %d\0" % file.lstat().st_size
            digest = hasher(self.git.object_format)(head)
            for piece in files.pieces(file):
                digest.update(piece)
            return digest.hexdigest() == oid
        return False


def _walk(folder: Path, prefix: str, apart: frozenset[str]) -> Iterator[tuple[str, bool | None]]:
    """Every file below a folder with True, every strange thing with None; other worktrees are not entered."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        path = prefix + entry.name
        if entry.name == ".git" or (not prefix and entry.name in apart):
            continue
        if entry.is_dir(follow_symlinks=False):
            if not (folder / entry.name / ".git").exists():
                yield from _walk(folder / entry.name, path + "/", frozenset())
        else:
            yield path, True if entry.is_file(follow_symlinks=False) else None
