"""Durable file work: read what is really a file, create without overwriting, replace only what was seen.

A write goes to a temporary file in the same folder, is synced, takes its place by `link` or `rename`, and the folder is
synced: a crash or a power cut leaves the old text or the new one, never a part. Files are 0600, folders 0700.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput, Conflict, DiskTrouble, NotFound

LIMIT = 25 * 1024 * 1024
"""The greatest size in bytes of a file that we read: above it a note is no note."""

ANY_SIZE = 1 << 40
"""In the place of `LIMIT`, for a file of ours that is never in memory as a whole."""

SIDE = ".vaultcli-"
"""What the name of a temporary or kept file carries between the real name and a random id."""

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk failed",
    errno.EACCES: "not permitted",
    errno.EPERM: "not permitted",
    errno.EMFILE: "too many open files",
}
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}


@contextlib.contextmanager
def trouble(path: Path, doing: str) -> Iterator[None]:
    """Turn an `OSError` inside the block into `DiskTrouble` that names the path and what was being done."""
    try:
        yield
    except OSError as error:
        words = _WORDS.get(error.errno or 0, os.strerror(error.errno or 0))
        raise DiskTrouble(f"cannot {doing} {path}: {words}") from error


def digest(data: bytes) -> str:
    """The SHA-256 of the bytes as 64 hexadecimal digits, as `sha256sum` prints it."""
    return hashlib.sha256(data).hexdigest()


def read(path: Path, limit: int = LIMIT) -> bytes:
    """The bytes of a regular file that is not reached through a final symbolic link; arguments and errors of `pieces`."""
    return b"".join(pieces(path, limit))


def pieces(path: Path, limit: int = LIMIT) -> Iterator[bytes]:
    """The same, piece by piece, so that a large file is not in memory as a whole.

    Args:
        path: the file.
        limit: the greatest size in bytes that is accepted.

    Raises:
        NotFound: there is no such file.
        BadInput: a symbolic link, a folder, a pipe or a device, or more than `limit` bytes.
        DiskTrouble: it cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            raise BadInput(f"{path} is not a regular file") from error
        with trouble(path, "read"):
            raise
    try:
        with trouble(path, "read"):
            yield from _contents(path, handle, limit)
    finally:
        os.close(handle)


def _contents(path: Path, handle: int, limit: int) -> Iterator[bytes]:
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode):
        raise BadInput(f"{path} is not a regular file")
    size = 0
    # one byte more than allowed is asked for, because a file may grow after it was measured
    while part := os.read(handle, min(1 << 20, limit + 1 - size)):
        size += len(part)
        if size > limit:
            raise BadInput(f"{path} is larger than {limit} bytes")
        yield part


def small(path: str) -> str | None:
    """The text of a small file of our own or of git's, with as little ado as can be; None when there is none.

    Every command looks at some for each client. At most 4096 bytes; raises as `read` does.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError:
        return read(Path(path), 4096).decode("utf-8", "replace")
    try:
        return os.read(handle, 4096).decode("utf-8", "replace")
    except OSError:
        return read(Path(path), 4096).decode("utf-8", "replace")
    finally:
        os.close(handle)


def digest_in_pieces(path: Path) -> str:
    """The digest of a file of any size, read piece by piece; raises as `read` does."""
    found = hashlib.sha256()
    for piece in pieces(path, ANY_SIZE):
        found.update(piece)
    return found.hexdigest()


def digest_of(path: Path) -> str | None:
    """The digest of a file's bytes, or None when there is no file; raises as `read` does."""
    try:
        return digest(read(path))
    except NotFound:
        return None


def create(path: Path, data: bytes, *, scratch: Path | None = None, mode: int = 0o600, synced: bool = True) -> None:
    """Write a new file; never overwrites.

    Args:
        path: the file.
        data: its bytes.
        scratch: a folder on the same file system for the temporary file; the file's own folder when None.
        mode: its permission bits.
        synced: whether it is durable on return; False where the caller writes many and syncs them together.

    Raises:
        Conflict: something has that name already.
        DiskTrouble: it could not be written; nothing is left behind.
    """
    with trouble(path, "write"):
        temporary = _temporary(path, data, scratch or path.parent, mode, synced=synced)
        try:
            _place(temporary, path, [data], mode)
        finally:
            temporary.unlink(missing_ok=True)
        if synced:
            fsync_dir(path.parent)


@contextlib.contextmanager
def made(path: Path) -> Iterator[Path]:
    """An empty file beside a new one, for another program to write; it takes its place at the end of the block. Never overwrites.

    Args:
        path: the file (0600).

    Raises:
        Conflict: something has that name already.
        DiskTrouble: it could not be written; nothing is left behind, whatever went wrong.
    """
    with trouble(path, "write"):
        temporary = _temporary(path, b"", path.parent, 0o600, synced=False)
    try:
        yield temporary
        sync_file(temporary)
        with trouble(path, "write"):
            _place(temporary, path, pieces(temporary, ANY_SIZE), 0o600)
            fsync_dir(path.parent)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _place(temporary: Path, path: Path, data: Iterable[bytes], mode: int) -> None:
    try:
        os.link(temporary, path, follow_symlinks=False)
    except FileExistsError as error:
        raise Conflict(f"{path} exists already") from error
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # a stick formatted with FAT has no links: an exclusive open never overwrites either, but may leave a part
        try:
            _write(path, data, mode)
        except FileExistsError as exists:
            raise Conflict(f"{path} exists already") from exists


def replace(
    path: Path, data: bytes, *, expecting: str | None, scratch: Path | None = None, keep: bool = True, mode: int = 0o600
) -> None:
    """Put new bytes in the place of those that were seen.

    Args:
        path: the file.
        data: its new bytes.
        expecting: the digest of the bytes that the caller saw; None when there was no file.
        scratch: a folder on the same file system for the temporary file; the file's own folder when None.
        keep: whether the new bytes stay in a file beside it when the old ones have changed.
        mode: permission bits of the new file.

    Raises:
        Conflict: the file is no longer what was seen; it is untouched, and the hint names where the new text is.
        DiskTrouble: it could not be written; the old file is untouched.
    """
    with trouble(path, "write"):
        temporary = _temporary(path, data, scratch or path.parent, mode)
        try:
            _check(path, expecting)
        except Conflict as conflict:
            if not keep:
                temporary.unlink()
                raise
            fsync_dir(temporary.parent)
            raise Conflict(conflict.message, hint=f"what was to be written is in {temporary}") from None
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _rename(temporary, path)


class Replacement(NamedTuple):
    """A file that is to be replaced: new bytes, and the digest of those that were seen (None: there was no file)."""

    path: Path
    data: bytes
    expecting: str | None


def replace_together(wanted: Sequence[Replacement], scratch: Path) -> list[Path]:
    """`replace` for many files, synced in a few turns of the disk instead of two for each.

    Args:
        wanted: the files.
        scratch: a folder on the same file system for the temporary files.

    Returns:
        Those that were replaced; one that is no longer what was seen stays.

    Raises:
        DiskTrouble: one could not be written; each file is the old one or the new one.
    """
    temporary: dict[Path, Path] = {}
    done: list[Path] = []
    try:
        for one in wanted:
            with trouble(one.path, "write"):
                temporary[one.path] = _temporary(one.path, one.data, scratch, 0o600, synced=False)
        for one in wanted:
            with trouble(one.path, "write"):
                sync_bytes(temporary[one.path])
        for one in wanted:
            with contextlib.suppress(Conflict), trouble(one.path, "write"):
                _check(one.path, one.expecting)
                # what another change took away last may have been the folder's last file
                make_dirs(one.path.parent)
                temporary[one.path].rename(one.path)
                del temporary[one.path]
                done.append(one.path)
    finally:
        for left in temporary.values():
            with contextlib.suppress(OSError):
                left.unlink()
    for folder in sorted({path.parent for path in done}):
        fsync_dir(folder)
    return done


def put(path: Path, data: bytes, *, scratch: Path | None = None, synced: bool = True, mode: int = 0o600) -> None:
    """Replace a small file of our own, whatever it held.

    Its bytes are synced unless the caller can make them again, its name is not: after a power cut the old file may be back.

    Raises:
        DiskTrouble: it could not be written; the old file is untouched.
    """
    with trouble(path, "write"):
        if scratch is None:
            clear_stale(path)
        temporary = _temporary(path, data, scratch or path.parent, mode, synced=synced)
        try:
            temporary.rename(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise


STALE = 60
"""Seconds after which the temporary file of a small file is one that a killed command left."""


def clear_stale(path: Path, seconds: float = STALE) -> None:
    """Delete temporary files for this path that a killed command left beside it; for folders that nothing else cleans up.

    Args:
        path: the file that they were to become.
        seconds: how old they must be; 0 where nobody else writes this file.
    """
    there = list(path.parent.glob(f".{path.name[:180]}{SIDE}*"))
    newest = _disk_time(path.parent) - seconds if there else 0
    for left in there:
        with contextlib.suppress(OSError):
            if left.lstat().st_mtime <= newest:
                left.unlink()


def _disk_time(folder: Path) -> float:
    """What the time of a file would be that is written there now: file times are compared by the disk's own clock."""
    import tempfile

    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            return os.fstat(probe.fileno()).st_mtime
    except OSError:
        return 0


def _rename(temporary: Path, path: Path) -> None:
    try:
        temporary.rename(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    fsync_dir(path.parent)


def remove(path: Path, *, expecting: str) -> None:
    """Delete a file that still is what was seen; one that is gone already is no trouble.

    Raises:
        Conflict: it changed, and stays.
        DiskTrouble: it cannot be deleted.
    """
    with trouble(path, "delete"):
        if digest_of(path) is None:
            return
        _check(path, expecting)
        path.unlink()
        fsync_dir(path.parent)


def _check(path: Path, expecting: str | None) -> None:
    if digest_of(path) != expecting:
        raise Conflict(f"{path} changed since it was read")


def _temporary(path: Path, data: bytes, folder: Path, mode: int, *, synced: bool = True) -> Path:
    temporary = folder / f".{path.name[:180]}{SIDE}{ids.new()}"
    try:
        _write(temporary, [data], mode, synced=synced)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return temporary


def _write(path: Path, data: Iterable[bytes], mode: int, *, synced: bool = True) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        for piece in data:
            view = memoryview(piece)
            while view:
                view = view[os.write(handle, view) :]
        if synced:
            sync(handle)
    finally:
        os.close(handle)


def sync(handle: int) -> None:
    """Ask the disk itself to keep what was written through this descriptor (on macOS `fsync` alone does not)."""
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(handle, full)
            return
    os.fsync(handle)


def sync_bytes(path: Path | str) -> None:
    """Push a file's bytes to the disk, not its name."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        sync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make a file that somebody else wrote durable, its bytes and its name."""
    _push(path, os.O_NOFOLLOW | os.O_NONBLOCK)
    fsync_dir(path.parent)


def fsync_dir(path: Path) -> None:
    """Make the names in a folder durable. A failed sync is a failure, never tried again: the kernel may forget it."""
    _push(path, os.O_DIRECTORY)


def _push(path: Path, flags: int) -> None:
    with trouble(path, "sync"):
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | flags)
        try:
            sync(handle)
        finally:
            os.close(handle)


def sync_tree(top: Path) -> None:
    """Make a folder durable with all that another program wrote into it: every file, every name; links are not followed."""
    for folder, _, names in os.walk(top, topdown=False):
        for name in names:
            _push(Path(folder) / name, os.O_NOFOLLOW | os.O_NONBLOCK)
        fsync_dir(Path(folder))


def make_dirs(path: Path) -> None:
    """Create a folder, and those above it that are missing, durable and readable by the owner alone."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        with trouble(folder, "create"):
            with contextlib.suppress(FileExistsError):
                folder.mkdir(mode=0o700)
            fsync_dir(folder.parent)
