"""Marks that one process has at a time, for as long as it works at something: an open editor, a log that is being written.

A mark is a locked file (`flock(2)`): the system frees it when its holder ends, however that ends. Unlike the lock of a repository
it leaves no file behind, and nobody has to clean up after a holder that was killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import Conflict

PATIENCE = 15.0
"""Seconds that a command waits for another one to finish."""
_PAUSE = 0.02


@contextlib.contextmanager
def mark(place: Path) -> Iterator[bool]:
    """Hold a mark for as long as the block runs; gives whether it was free."""
    files.make_dirs(place.parent)
    handle = _lock(place)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            place.unlink(missing_ok=True)
            os.close(handle)


@contextlib.contextmanager
def turn(place: Path, doing: str) -> Iterator[None]:
    """The same, waiting for whoever has it.

    Args:
        place: the mark.
        doing: what they are doing, for the refusal.

    Raises:
        Conflict: they do not finish.
    """
    until = time.monotonic() + PATIENCE
    while True:
        with mark(place) as free:
            if free:
                yield
                return
        if time.monotonic() > until:
            raise Conflict(f"another vaultcli is {doing}", hint="try again when it has finished")
        time.sleep(_PAUSE)


def is_held(place: Path) -> bool:
    """Whether somebody has the mark now."""
    if not place.exists():
        return False
    with mark(place) as free:
        return not free


def _lock(place: Path) -> int | None:
    """An open, locked file of that name; None when another process has it."""
    while True:
        with files.trouble(place, "open"):
            handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # the one before us may have deleted its mark between our opening and our locking it
            if place.exists() and os.path.samestat(place.stat(), os.fstat(handle)):
                return handle
        except BlockingIOError:
            os.close(handle)
            return None
        os.close(handle)
