"""The times of all working files of a chart, asked for by copies of this process while it does something else.

Nothing that judges or reads a text is imported here, so that a quick command can begin with it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from array import array
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from stat import S_IFREG, S_ISDIR
from types import TracebackType

from vaultcli.ground.process import workers
from vaultcli.places.machine.vault import Vault
from vaultcli.work.index.freshness import disk_clock

FEW = 20
"""Folders below which copies of the process cost more than they save."""


class Stamps:
    """The times of all working files, taken by copies of this process while it does something else; a context manager.

    Begun before the chart is opened. What was taken before a file of the vault was written by the command itself, or mended at
    the opening, does not hold any more: whoever did that takes none of it.

    Args:
        vault: whose chart.
    """

    def __init__(self, vault: Vault) -> None:
        self.began = clock(vault)
        folder = f"{vault.chart}/clients"
        there: list[str] = []
        with contextlib.suppress(OSError):
            there = os.listdir(folder)  # noqa: PTH208 - names, no paths: there are hundreds
        copies = workers.available() if len(there) >= FEW else 1
        self._aside = workers.Aside(lambda client: stamp(f"{folder}/{client}"), there, copies if copies > 1 else 0)

    def __enter__(self) -> Stamps:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._aside.__exit__(kind, error, trace)

    def taken(self) -> dict[str, tuple[str, int]]:
        """Client id to the stamp of the files and the newest of their times; to be asked once."""
        return self._aside.results()


def clock(vault: Vault) -> int:
    """The time by the clock of the chart's file system, as `disk_clock`."""
    return disk_clock(vault.chart / ".git" / "vaultcli" / "glance.probe")


def stamp(folder: str) -> tuple[str, int]:
    """Names, sizes and times of a line's files as one digest, and the newest of the times.

    A signature's times are not asked for: nobody edits one in place, and `verify` reads them all.
    """
    digest, newest = hashlib.blake2b(digest_size=20), 0
    with contextlib.suppress(OSError):
        newest = _look_into(os.open(folder, _FOLDER & ~os.O_NOFOLLOW), digest.update)
    return digest.hexdigest(), newest


_SIGNATURE = ".sig"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE, _CHANGED, _WRITTEN = attrgetter("st_mode"), attrgetter("st_ctime_ns"), attrgetter("st_mtime_ns")
_PARTS = (("q", _CHANGED), ("q", _WRITTEN), ("q", attrgetter("st_size")), ("Q", attrgetter("st_ino")), ("q", _MODE))
"""What is kept of each file, as whole columns of numbers."""


def _look_into(handle: int, update: Callable[[bytes | array[int]], None]) -> int:
    """Add the files of an open folder and those below to a digest, and close it; the newest time.

    Forty thousand files are asked for their times here: by name from their open folder, in loops that are not Python's own.
    """
    try:
        there = os.listdir(handle)
        there.sort()
        update("\0".join(there).encode("utf-8", "surrogateescape"))
        asked = [name for name in there if name[-4:] != _SIGNATURE and name != ".git"]
        try:
            found = list(map(partial(os.stat, dir_fd=handle, follow_symlinks=False), asked))
        except OSError:
            # a file went as we looked: what is told of this folder now must not be what is told of it later
            update(os.urandom(16))
            return sys.maxsize
        columns = [array(kind, map(part, found)) for kind, part in _PARTS]
        for column in columns:
            update(column)
        changed, written, *_, modes = columns
        newest = max(max(changed, default=0), max(written, default=0))
        # a plain file has a greater number than a folder, a pipe or a device
        plain = min(modes, default=S_IFREG) >= S_IFREG
        folders = [] if plain else [name for name, mode in zip(asked, modes, strict=True) if S_ISDIR(mode)]
        for name in folders:
            with contextlib.suppress(OSError):
                newest = max(newest, _look_into(os.open(name, _FOLDER, dir_fd=handle), update))
        return newest
    finally:
        os.close(handle)
