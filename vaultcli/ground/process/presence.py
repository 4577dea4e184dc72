"""Processes that say that they are there, by a shared `flock` on one file: whoever can have it alone knows that nobody is.

The file lies with what the processes work on. It is found again whatever the environment, the home folder or the container
are, and the kernel takes a process off when it ends, however it ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from vaultcli.ground.files import trouble

_PAUSE = 0.02
_LOCKS = "/proc/locks"


def enter(file: Path, seconds: float = 5.0) -> int:
    """Be there until the descriptor that this returns is closed, or this process ends.

    Args:
        file: made where it is not there; its folder is.
        seconds: how long somebody who looks whether he is alone is waited for.

    Raises:
        DiskTrouble: it cannot be made, or is held by somebody else all the time.
    """
    with trouble(file, "lock"):
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            _try(handle, fcntl.LOCK_SH, seconds)
        except BaseException:
            os.close(handle)
            raise
    return handle


def is_alone(file: Path, seconds: float = 0.0) -> bool:
    """Whether nobody is there; asked again until the time is over.

    Args:
        file: nobody is there where it is not.
        seconds: for who was told to go.
    """
    with trouble(file, "lock"), contextlib.suppress(FileNotFoundError), _opened(file) as handle:
        try:
            _try(handle, fcntl.LOCK_EX, seconds)
        except BlockingIOError:
            return False
    return True


def processes(file: Path) -> list[int]:
    """Who is there, as far as the kernel tells (Linux, and only processes that can be seen from here)."""
    try:
        found = file.stat()
        rows = Path(_LOCKS).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    name = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    parts = (row.split() for row in rows)
    return sorted({int(one[4]) for one in parts if len(one) > 5 and one[1] == "FLOCK" and one[5] == name and int(one[4]) > 0})


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[int]:
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def _try(handle: int, how: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise
            time.sleep(_PAUSE)
        else:
            return
