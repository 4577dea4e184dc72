"""Loose objects: new ones written as git writes them, each durable; and how many there are.

`gitformat-loose`: the compressed header and bytes in `objects/XX/REST`, by the object's own name. A file comes into its place
whole. One of that name that holds the same is only synced, as whoever wrote it may not have; one that is damaged, as git leaves
it in a power cut, is replaced.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.errors import GitTrouble, VaultError
from vaultcli.ground.git.objects import format_of, hasher

FOLDERS = tuple(f"{number:02x}" for number in range(256))


def store(directory: Path, objects: Mapping[str, tuple[str, bytes]]) -> None:
    """Store objects, durably when this returns; what fails leaves whole objects or none.

    Args:
        directory: the git directory.
        objects: id to (kind, bytes).

    Raises:
        DiskTrouble: one could not be written.
        GitTrouble: other bytes have the same name, which SHA-1 does not rule out.
    """
    top = directory / "objects"
    places: dict[str, str] = {}
    with files.trouble(top, "write"):
        try:
            for oid, (kind, data) in objects.items():
                home = f"{top}/{oid[:2]}"
                if os.path.lexists(f"{home}/{oid[2:]}") and _is_there(Path(home) / oid[2:], oid, kind, data):
                    continue
                # git's name for such files: whoever cleans up after a kill knows it
                beside = f"{home}/tmp_obj_{ids.new()}"  # noqa: S108 - not in /tmp
                places[beside] = f"{home}/{oid[2:]}"
                _write(home, beside, zlib.compress(b"%b %d\0" % (kind.encode(), len(data)) + data, 1))
            # all are written before the first is synced: the disk then has them in a few turns instead of one for each
            for beside in places:
                files.sync_bytes(beside)
            for beside, place in places.items():
                os.rename(beside, place)  # noqa: PTH104 - texts, no paths
        except (OSError, VaultError):
            for beside in places:
                with contextlib.suppress(OSError):
                    Path(beside).unlink()
            raise
    for folder in sorted({top / oid[:2] for oid in objects}):
        files.fsync_dir(folder)
    files.fsync_dir(top)


def _is_there(file: Path, oid: str, kind: str, data: bytes) -> bool:
    """Whether a file holds this object already; it is synced then."""
    wanted = b"%b %d\0" % (kind.encode(), len(data)) + data
    try:
        engine = zlib.decompressobj()
        found = engine.decompress(files.read(file), len(wanted) + 1)
    except (VaultError, zlib.error):
        return False
    if found == wanted and engine.eof and not engine.unused_data:
        files.sync_file(file)
        return True
    if engine.eof and found != wanted and hasher(format_of(oid))(found).hexdigest() == oid:
        raise GitTrouble(f"object {oid} holds other bytes of the same name")
    return False


def _write(folder: str, beside: str, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(beside, flags, 0o400)
    except FileNotFoundError:
        os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103
        handle = os.open(beside, flags, 0o400)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
    finally:
        os.close(handle)


def count(directory: Path) -> int:
    """How many loose objects a git directory has."""
    return sum(map(len, _names(directory, FOLDERS)))


_SOME = FOLDERS[7::16]


def about(directory: Path) -> int:
    """The same, from one folder in sixteen: names are as good as random. For who only wants to know whether it is many."""
    return sum(map(len, _names(directory, _SOME))) * len(FOLDERS) // len(_SOME)


def names(directory: Path) -> list[str]:
    """The ids of all loose objects."""
    return [folder + rest for folder, found in zip(FOLDERS, _names(directory, FOLDERS), strict=True) for rest in found]


def _names(directory: Path, folders: Sequence[str]) -> Iterator[list[str]]:
    for name in folders:
        try:
            yield os.listdir(f"{directory}/objects/{name}")  # noqa: PTH208 - names, no paths: there may be thousands
        except FileNotFoundError:
            yield []
