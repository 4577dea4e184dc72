"""Taking a small secret file away so that its bytes go too, as far as a file system lets a program reach them.

The old bytes are written over with zeros where they lay. On flash, on file systems that copy on write, and in snapshots they may
lie elsewhere as well; nobody here can know.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from vaultcli.ground import files


def replace(path: Path, data: bytes) -> None:
    """Put new bytes in a file's place, durably; then write over the old ones, and what killed writers left beside it.

    Raises:
        DiskTrouble: it could not be written; the old file is untouched.
    """
    with _kept(path) as old:
        files.put(path, data)
        with files.trouble(path, "sync"):
            files.fsync_dir(path.parent)
        _zero(old)
    for left in path.parent.glob(f".{path.name[:180]}{files.SIDE}*"):
        remove(left)


def remove(path: Path) -> None:
    """Write over a file and delete it; one that is not there is no trouble.

    Raises:
        DiskTrouble: it cannot be deleted.
    """
    with _kept(path) as old:
        with files.trouble(path, "delete"):
            path.unlink(missing_ok=True)
        _zero(old)
    if path.parent.is_dir():
        files.fsync_dir(path.parent)


@contextlib.contextmanager
def _kept(path: Path) -> Iterator[int | None]:
    """The old file's descriptor, which reaches its bytes after the name is gone; None where there is none."""
    handle = None
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        if handle is not None:
            os.close(handle)


def _zero(handle: int | None) -> None:
    if handle is None:
        return
    # a file with a second name is somebody else's as well
    found = os.fstat(handle)
    if found.st_nlink == 0:
        with contextlib.suppress(OSError):
            os.pwrite(handle, bytes(found.st_size), 0)
            files.sync(handle)
