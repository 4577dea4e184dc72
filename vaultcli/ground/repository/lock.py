"""The lock of a repository: one writer at a time, released by the kernel when its holder dies.

`flock` on `.git/vaultcli.lock`. Beside it `.git/vaultcli/writing` exists exactly while a writer is at work; who finds
it after taking the lock knows that the one before was killed, and cleans up after it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble
from vaultcli.ground.files import trouble

PATIENCE = 15.0
"""Seconds that a command waits for another one to finish."""

_PAUSE = 0.02


class Lock:
    """The write lock of one repository, shared by everything in this process that names the same git directory.

    Args:
        directory: the git directory.
        name: of the file that is locked, in that directory.
        sign: of the file in `vaultcli` there that exists while somebody is at work.
    """

    def __init__(self, directory: Path, name: str = "vaultcli.lock", sign: str = "writing") -> None:
        self._path = directory / name
        self.marker = directory / "vaultcli" / sign
        self._turn = threading.RLock()
        self._depth = 0
        self._handle: int | None = None
        self._trouble = False
        self.after_crash: int | None = None

    def held(self) -> int | None:
        """The descriptor while the lock is held, else None."""
        return self._handle

    @contextlib.contextmanager
    def hold(self, waiting: Callable[[], None] = lambda: None, patience: float = PATIENCE) -> Iterator[bool]:
        """Hold the lock; may be nested.

        Args:
            waiting: called once when somebody else holds it.
            patience: seconds to wait for them.

        Yields:
            Whether this is the outermost hold and the writer before was killed.

        Raises:
            Conflict: somebody else still holds it.
        """
        with self._turn:
            first = self._depth == 0
            if first:
                self._take(waiting, patience)
            self._depth += 1
            try:
                yield first and self.after_crash is not None
            except (Conflict, BadInput, KeyTrouble):
                raise
            except BaseException:
                # git may have left temporary files as it failed: the sign stays, and the next writer looks
                self._trouble = True
                raise
            finally:
                self._depth -= 1
                if first:
                    self._give()

    def _take(self, waiting: Callable[[], None], patience: float) -> None:
        with trouble(self._path, "lock"):
            self.marker.parent.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                _wait(handle, waiting, patience)
                self._mark()
            except BaseException:
                os.close(handle)
                raise
            self._handle, self._trouble = handle, False

    def _mark(self) -> None:
        """Leave the sign that somebody is writing; remember since when, if it was there already."""
        try:
            os.close(os.open(self.marker, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            self.after_crash = None
        except FileExistsError:
            self.after_crash = self.marker.lstat().st_mtime_ns

    def _give(self) -> None:
        handle, self._handle = self._handle, None
        if handle is None:
            return
        # after a crash the sign stays until `cleaned` says that the leftovers are gone
        if self.after_crash is None and not self._trouble:
            with contextlib.suppress(OSError):
                self.marker.unlink(missing_ok=True)
        os.close(handle)

    def cleaned(self) -> None:
        """Say that what a killed writer left has been dealt with."""
        self.after_crash = None

    def writer_died(self) -> bool:
        """Whether a writer was killed: the sign is there and nobody holds the lock. Never waits."""
        if not self.marker.exists() or self._handle is not None:
            return False
        with contextlib.suppress(OSError):
            handle = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            finally:
                os.close(handle)
        return False


def _wait(handle: int, waiting: Callable[[], None], patience: float) -> None:
    until = time.monotonic() + patience
    told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise Conflict(
                    "another vaultcli command is writing to this vault", hint="try again when it has finished"
                ) from None
            if not told:
                waiting()
                told = True
            time.sleep(_PAUSE)
        else:
            return


def fetch_lock(directory: Path) -> Lock:
    """What is held while a pack is fetched into a git directory, which other writers need not wait for."""
    return Lock(directory, "vaultcli/incoming", "fetching")


_locks: dict[Path, Lock] = {}
_locks_guard = threading.Lock()


def lock_of(directory: Path) -> Lock:
    """The one lock object of this process for a git directory."""
    with _locks_guard:
        return _locks.setdefault(directory.resolve(), Lock(directory.resolve()))
