"""Packs written anew, by the names of what they hold. Housekeeping: loose objects go into a pack, small packs into a larger one.

Housekeeping never asks what leads to an object, and drops nothing. The work grows with what is loose, not with the history: no
commit is walked, a pack of `LARGE` objects is never opened again, and the others double in size from one to the next. Whoever
packs holds the lock.

First the new pack becomes durable, and its index is read for every name. Then a note, `.git/vaultcli/packed`, names it and
the packs that it replaces; only then do they go, and the loose objects last. A kill leaves things twice, never once too few;
the next command after it finishes what the note says.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import GitTrouble, NotFound
from vaultcli.ground.git import loose
from vaultcli.ground.git.objects import is_oid
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.patterns import pattern

MANY = 2000
"""Loose objects from which they are packed: some four hundred recordings."""
LARGE = 25_000
"""Objects from which a pack stays as it is, so that no command is kept waiting by its size."""
_LIMIT = 1 << 30
_STEM = pattern(r"pack-(?:[0-9a-f]{40}|[0-9a-f]{64})")
_FANOUT = 8 + 4 * 256
_BESIDE = (".idx", ".pack", ".rev", ".bitmap", ".mtimes", ".keep", ".promisor")


def pack(git: Git, directory: Path) -> int:
    """Pack every loose object; how many there were. May be repeated after any interruption.

    Args:
        git: the repository, whose lock is held.
        directory: its git directory.

    Raises:
        GitTrouble: git could not read one of them; nothing was taken away.
        DiskTrouble: the disk is full or failing; nothing was taken away.
    """
    found = [oid for oid in loose.names(directory) if is_oid(oid)]
    if not found:
        return 0
    folder = directory / "objects" / "pack"
    old = _rolled(folder, len(found))
    stem = write(git, folder, [*found, *(oid for stem in old for oid in names(git, folder / f"{stem}.idx"))])
    _replace(directory, stem, [one for one in old if one != stem])
    with files.trouble(folder.parent, "clean up"):
        for oid in found:
            (folder.parent / oid[:2] / oid[2:]).unlink(missing_ok=True)
    return len(found)


def names(git: Git, index: Path) -> Sequence[str]:
    """The objects that a pack's index lists."""
    out = git.run("show-index", f"--object-format={git.object_format}", data=files.read(index, _LIMIT))
    return [row.split()[1] for row in out.decode().splitlines()]


def write(git: Git, folder: Path, oids: Iterable[str]) -> str:
    """Write a pack of these objects; its name, once it is durable and its index has been read for every one of them.

    Raises:
        GitTrouble: git could not read one of them.
        DiskTrouble: the disk is full or failing.
    """
    wanted = dict.fromkeys(oids)
    made = git.run("pack-objects", "-q", str(folder / "pack"), data="".join(f"{oid}\n" for oid in wanted).encode())
    stem = f"pack-{made.decode().strip()}"
    files.fsync_dir(folder)
    if not wanted.keys() <= set(names(git, folder / f"{stem}.idx")):
        raise GitTrouble("a pack was written without all of its objects")
    return stem


def unlink(folder: Path, stems: Iterable[str]) -> None:
    """Take packs away, with all that lies beside them; what they held is elsewhere, or is to go."""
    with files.trouble(folder, "clean up"):
        for stem in stems:
            for suffix in _BESIDE:
                (folder / f"{stem}{suffix}").unlink(missing_ok=True)
    files.fsync_dir(folder)


def finish(directory: Path) -> None:
    """Take away the packs that a killed housekeeping had replaced already; the caller holds the lock."""
    try:
        rows = files.read(directory / "vaultcli" / "packed").decode("ascii", "replace").split("\n")
    except NotFound:
        return
    # half a note was never acted on; and what it says holds for as long as the pack that it speaks of is there
    stem, *old = [row for row in rows[:-2] if _STEM.fullmatch(row)] or [""]
    if rows[-2:] == ["end", ""] and stem and _is_whole(directory / "objects" / "pack" / f"{stem}.idx"):
        unlink(directory / "objects" / "pack", old)
    _forget(directory)


def _rolled(folder: Path, many: int) -> list[str]:
    """The packs that are written anew with so many loose objects: the smallest ones, while each is less than twice the sum."""
    sizes = sorted((_size(index), index.stem) for index in folder.glob("pack-*.idx") if _is_ours(index))
    chosen: list[str] = []
    for size, stem in sizes:
        if size >= min(2 * many, LARGE):
            break
        chosen.append(stem)
        many += size
    return chosen


def _is_ours(index: Path) -> bool:
    """Whether a pack may be replaced: whole, and not one that somebody keeps or is still fetching."""
    kept = any(index.with_suffix(word).exists() for word in (".keep", ".promisor"))
    return _is_whole(index) and _STEM.fullmatch(index.stem) is not None and not kept


def _is_whole(index: Path) -> bool:
    return index.exists() and index.with_suffix(".pack").exists()


def _size(index: Path) -> int:
    """How many objects a pack has, by the last number of its index's first table."""
    with files.trouble(index, "read"), index.open("rb") as stream:
        head = stream.read(_FANOUT)
    if len(head) < _FANOUT or head[:8] != b"\xfftOc\0\0\0\x02":
        return LARGE
    return int(struct.unpack(">L", head[-4:])[0])


def _replace(directory: Path, by: str, stems: Sequence[str]) -> None:
    """Take packs away whose objects are in another, durable one."""
    if not stems:
        return
    note, scratch = directory / "vaultcli" / "packed", directory / "vaultcli" / "tmp"
    files.put(note, "\n".join((by, *stems, "end", "")).encode(), scratch=scratch)
    files.fsync_dir(note.parent)
    unlink(directory / "objects" / "pack", stems)
    _forget(directory)


def _forget(directory: Path) -> None:
    with files.trouble(directory / "vaultcli" / "packed", "delete"):
        (directory / "vaultcli" / "packed").unlink(missing_ok=True)
