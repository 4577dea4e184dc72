"""A private folder in memory, for a text that must never touch a disk.

Best is a file system of our own (`ramspace`); else a folder on a tmpfs, which the kernel's list of mounts must confirm;
on macOS a RAM disk. A folder on a disk is never taken. Whoever made a folder holds a lock on it for as long as it is in
use; one that nobody holds was left by a process that was killed, and `sweep` deletes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vaultcli.ground import ids
from vaultcli.ground.editor import ramfs
from vaultcli.ground.errors import DiskTrouble, Refused

PREFIX = "vaultcli-private-"
LEAST = 4 * 1024 * 1024
"""Bytes that must be free at least, where memory for files is limited."""

MEMORY = frozenset({"tmpfs", "ramfs"})
_MOUNTS = Path("/proc/self/mountinfo")
_SWAPS = Path("/proc/swaps")
_HINT = "mount a tmpfs at /dev/shm, or set XDG_RUNTIME_DIR to a folder on one"


@dataclass(frozen=True)
class Ram:
    """A private folder, in use until `free` is called.

    Args:
        folder: where it is; empty, 0700, with a random name.
        kind: `ramfs`, `tmpfs` or `RAM disk`.
        own: whether it is only the place on which the keeper mounts a file system that nobody else sees.
        told: sentences on what is missing.
        lock: the descriptor that shows others that the folder is in use.
    """

    folder: Path
    kind: str
    own: bool
    told: tuple[str, ...] = field(default=())
    lock: int = -1

    def free(self) -> None:
        """Delete the folder with all that is in it, and give up the lock."""
        if sys.platform == "darwin" and self.kind == "RAM disk":
            from vaultcli.ground.editor import ramdisk

            ramdisk.eject(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            os.close(self.lock)


def take(size: int, *, shared: bool = False) -> Ram:
    """A new private folder.

    Args:
        size: bytes that it will hold at first.
        shared: whether programs that run already must see it, as a graphical editor does.

    Raises:
        Refused: this machine has no place in memory for it.
        DiskTrouble: the memory for files is full.
    """
    if sys.platform == "darwin":
        return _ram_disk()
    swapped = _swap_said()
    if not shared:
        found = _made(_anywhere())
        if found and ramfs.possible(found[0]):
            return Ram(found[0], ramfs.FILE_SYSTEM, True, swapped, found[1])
        if found:
            Ram(*found[:1], "", False, lock=found[1]).free()
    return _on_tmpfs(size, shared, swapped)


def _on_tmpfs(size: int, shared: bool, swapped: tuple[str, ...]) -> Ram:  # noqa: FBT001
    full = ""
    for parent in _in_memory():
        if free_bytes(parent) < max(LEAST, 4 * size):
            full = str(parent)
        elif found := _made([parent]):
            missing = () if shared else ("this machine gives no file system of one's own: the text is in a folder on tmpfs",)
            return Ram(found[0], file_system(parent), False, (*missing, *swapped), found[1])
    if full:
        raise DiskTrouble(f"the memory for files is full: {full}", hint="delete what is not needed there")
    raise Refused("there is no place in memory for this text, and it must not be on a disk", hint=_HINT)


def _ram_disk() -> Ram:
    from vaultcli.ground.editor import ramdisk

    found = _made([Path(tempfile.gettempdir())])
    if found is None:
        raise Refused("there is no temporary folder on which a RAM disk could be mounted", hint="set TMPDIR to one")
    try:
        ramdisk.attach(found[0])
    except OSError as error:
        shutil.rmtree(found[0], ignore_errors=True)
        raise Refused(f"no RAM disk could be made: {os.strerror(error.errno or 0).lower()}", hint="`hdiutil` makes it") from None
    said = "RAM disks of macOS were never tried with this program, and no jail holds the editor there"
    return Ram(found[0], "RAM disk", False, (said,), found[1])


def parents() -> list[Path]:
    """The folders in which private ones may be made: this user's own, then the machine's."""
    named = [os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm", "/run/shm"]  # noqa: S108
    return list(dict.fromkeys(Path(name) for name in named if name))


def _in_memory() -> Iterator[Path]:
    return (path for path in parents() if file_system(path) in MEMORY and os.access(path, os.W_OK | os.X_OK))


def _anywhere() -> list[Path]:
    """Where an empty folder can be made to mount something on; nothing is ever written into that folder itself."""
    return [*_in_memory(), Path(tempfile.gettempdir())]


def file_system(path: Path) -> str:
    """The kind of file system that a path is on, as the kernel names it; "" when it cannot be told."""
    with contextlib.suppress(OSError):
        device = path.stat().st_dev
        number = f"{os.major(device)}:{os.minor(device)}"
        for line in _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines():
            fields = line.split(" ")
            if fields[2] == number:
                return fields[fields.index("-") + 1]
    return ""


def free_bytes(path: Path) -> int:
    """How much can be written on the file system of a path; memory without a limit counts as much."""
    try:
        found = os.statvfs(path)
    except OSError:
        return 0
    unlimited = not found.f_blocks
    if not unlimited and found.f_files and not found.f_favail:
        return 0
    return sys.maxsize if unlimited else found.f_bavail * found.f_frsize


def _made(places: list[Path]) -> tuple[Path, int] | None:
    for parent in places:
        folder = parent / (PREFIX + ids.new())
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700)
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with contextlib.suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(lock), folder.lstat()):
                    return folder, lock
            os.close(lock)
    return None


def sweep() -> int:
    """Delete the private folders of this user that nobody uses any more; how many there were.

    A lock tells: the kernel gives it up when the last process that held it has ended, which a process number, being
    used again and different in every container, does not tell.
    """
    done = 0
    for parent in dict.fromkeys([*parents(), Path(tempfile.gettempdir())]):
        with contextlib.suppress(OSError):
            done += sum(map(_swept, parent.glob(f"{PREFIX}*")))
    return done


def _swept(folder: Path) -> bool:
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if os.fstat(lock).st_uid != os.getuid():
            return False
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if sys.platform == "darwin":
            from vaultcli.ground.editor import ramdisk

            ramdisk.eject(folder)
        shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return False
    finally:
        os.close(lock)
    return not folder.exists()


def _swap_said() -> tuple[str, ...]:
    found = swaps()
    if not found:
        return ()
    return (f"swap is on ({', '.join(found)}) and not known to be encrypted: what programs hold in memory may be written there",)


def swaps() -> list[str]:
    """The swap areas on a disk that are not known to be encrypted; compressed memory (zram) is no disk."""
    try:
        lines = _SWAPS.read_text(encoding="utf-8", errors="replace").splitlines()[1:]
    except OSError:
        return []
    names = [line.split()[0] for line in lines if line.strip()]
    return [name for name in names if not Path(name).name.startswith("zram") and not _encrypted(name)]


def _encrypted(device: str) -> bool:
    try:
        uuid = Path("/sys/class/block", Path(device).resolve().name, "dm", "uuid").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return False
    return uuid.startswith("CRYPT-")
