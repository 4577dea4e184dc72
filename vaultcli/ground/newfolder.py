"""A folder in the making: hidden and locked while it is filled, then given its name whole, or gone.

Whoever dies leaves a hidden folder that nobody holds locked (`flock(2)` on the folder itself, released by the kernel);
the next one to make a folder in the same place removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.errors import Conflict

PREFIX = f"{files.SIDE}making-"


@contextlib.contextmanager
def folder(parent: Path) -> Iterator[Path]:
    """A new hidden folder (0700); at the end of the block it is gone, unless `place` gave it a name.

    Args:
        parent: an existing folder.

    Raises:
        DiskTrouble: nothing can be made there.
    """
    with files.trouble(parent, "write in"):
        path, handle = _begin(parent)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(handle)


def place(path: Path, name: str) -> Path:
    """Sync a folder in the making with all that is in it, and give it its name; never over something that is there.

    Raises:
        Conflict: something has that name.
        DiskTrouble: it could not be written; nothing has that name.
    """
    target = path.with_name(name)
    with files.trouble(target, "write"):
        files.sync_tree(path)
        if os.path.lexists(target):
            raise Conflict(f"{target} exists already")
        path.rename(target)
        files.fsync_dir(target.parent)
    return target


def remove(path: Path) -> None:
    """Remove a folder: its name goes first, at one stroke, then what is in it.

    Raises:
        DiskTrouble: it cannot be removed.
    """
    with files.trouble(path, "delete"):
        hidden = path.with_name(f"{PREFIX}{ids.new()}")
        path.rename(hidden)
        files.fsync_dir(path.parent)
        shutil.rmtree(hidden)


def _begin(parent: Path) -> tuple[Path, int]:
    """A new locked folder, after those of the dead are gone; one at a time, so that nobody takes a newborn for dead."""
    place = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with contextlib.suppress(OSError):
            # some network disks know no locks; nothing is taken for dead there
            fcntl.flock(place, fcntl.LOCK_EX)
            _bury(parent)
        path = parent / f"{PREFIX}{ids.new()}"
        path.mkdir(mode=0o700)
        try:
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            path.rmdir()
            raise
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return path, handle
    finally:
        os.close(place)


def _bury(parent: Path) -> None:
    for path in parent.glob(f"{PREFIX}*"):
        if path.is_symlink() or not path.is_dir():
            continue
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
            finally:
                os.close(handle)
