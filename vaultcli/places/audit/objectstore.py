"""The object store as files: which objects there are, and whether any file of it was touched since it was last read.

The lists come from the packs' own indexes and from the names of the loose files, not from a walk, so that objects which
nothing leads to are found as well. Formats: git's `gitformat-pack` (index version 2).
"""

from __future__ import annotations

import os
import re
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import NotFound, VaultError
from vaultcli.ground.git.catfile import Reader
from vaultcli.ground.git.objects import hasher
from vaultcli.ground.git.plumbing import Git
from vaultcli.record.finding import Finding

Stamp = tuple[int, int, int, int]
"""Size, modification time, change time (ns) and inode: what changes when a file is written to."""

_PACK = re.compile(r"pack-[0-9a-f]{40,64}\.idx")
_MAGIC = b"\xfftOc\0\0\0\2"
_LIMIT = 1 << 31


@dataclass(frozen=True)
class Store:
    """The objects that a repository has.

    Args:
        packs: pack name (without suffix) to the objects that its index lists.
        loose: ids of the loose objects.
        stamps: pack name to what its two files looked like.
        findings: packs that cannot be read.
    """

    packs: dict[str, list[str]]
    loose: list[str]
    stamps: dict[str, tuple[Stamp, Stamp]]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def all(self) -> set[str]:
        """Every object once."""
        return set(self.loose).union(*self.packs.values())

    @property
    def copies(self) -> int:
        """How many objects there are, counting copies."""
        return len(self.loose) + sum(map(len, self.packs.values()))


def stamp(path: Path) -> Stamp:
    """What a file looks like now."""
    found = path.lstat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def look(directory: Path, object_format: str) -> Store:
    """What is in the object store of a git directory.

    What seems wrong is looked at twice: another command may be packing, and a pack has no index or an index no pack while it
    comes or goes.
    """
    found = _look(directory, object_format)
    return _look(directory, object_format) if found.findings else found


def _look(directory: Path, object_format: str) -> Store:
    width = 32 if object_format == "sha256" else 20
    packs: dict[str, list[str]] = {}
    stamps: dict[str, tuple[Stamp, Stamp]] = {}
    found: list[Finding] = []
    for index in sorted((directory / "objects" / "pack").glob("*.idx")):
        name, pack = index.stem, index.with_suffix(".pack")
        try:
            packs[name] = _listed(index, pack, width)
            stamps[name] = stamp(index), stamp(pack)
        except (OSError, ValueError, struct.error):
            found.append(Finding(f".git/objects/pack/{name}", "damaged-object", "a pack or its index cannot be read"))
    found += [
        Finding(f".git/objects/pack/{pack.name}", "damaged-object", "a pack without its index")
        for pack in sorted((directory / "objects" / "pack").glob("*.pack"))
        if not pack.with_suffix(".idx").exists()
    ]
    return Store(packs, sorted(_loose(directory / "objects", width)), stamps, tuple(found))


def _listed(index: Path, pack: Path, width: int) -> list[str]:
    """The objects that a pack's index lists, if that is as many as the pack says it holds."""
    raw = files.read(index, _LIMIT)
    if not _PACK.fullmatch(index.name) or raw[:8] != _MAGIC:
        raise ValueError(index.name)
    (count,) = struct.unpack_from(">L", raw, 8 + 255 * 4)
    with pack.open("rb") as stream:
        magic, version, held = struct.unpack(">4sLL", stream.read(12))
    start = 8 + 256 * 4
    if (magic, version, held) != (b"PACK", 2, count) or len(raw) < start + count * width:
        raise ValueError(index.name)
    names = raw[start : start + count * width].hex()
    return [names[at : at + 2 * width] for at in range(0, len(names), 2 * width)]


def _loose(objects: Path, width: int) -> Iterator[str]:
    for folder in os.scandir(objects):
        if len(folder.name) == 2 and folder.is_dir(follow_symlinks=False):
            for entry in os.scandir(folder.path):
                name = folder.name + entry.name
                if len(name) == 2 * width and re.fullmatch(r"[0-9a-f]+", name):
                    yield name


def loose_is_good(directory: Path, oid: str, object_format: str) -> bool:
    """Whether a loose object is what its name says, read by ourselves: git reads a packed copy where there is one.

    One that has just been packed, and is gone, is no copy that anybody could read.
    """
    try:
        data = zlib.decompress(files.read(directory / "objects" / oid[:2] / oid[2:], _LIMIT))
    except NotFound:
        return True
    except (zlib.error, VaultError):
        return False
    return hasher(object_format)(data).hexdigest() == oid


def copies(directory: Path, store: Store, object_format: str) -> list[Finding]:
    """Objects that are stored twice: git reads either copy, so each has to be good."""
    if store.copies == len(store.all):
        return []
    counts: dict[str, int] = {}
    for names in (store.loose, *store.packs.values()):
        for oid in names:
            counts[oid] = counts.get(oid, 0) + 1
    twice = {oid for oid, count in counts.items() if count > 1}
    found = [
        Finding(f".git/objects/{oid[:2]}/{oid[2:]}", "damaged-object", "a loose copy is not what its name says")
        for oid in store.loose
        if oid in twice and not loose_is_good(directory, oid, object_format)
    ]
    for name, names in store.packs.items():
        here = twice.intersection(names)
        pack = directory / "objects" / "pack" / name
        # one that was replaced by another while we read is gone, index first or not
        if here and not _pack_is_good(pack, here, object_format) and pack.with_suffix(".idx").exists():
            found.append(Finding(f".git/objects/pack/{name}", "damaged-object", "a pack is not what its index says"))
    return found


def _pack_is_good(pack: Path, oids: Iterable[str], object_format: str) -> bool:
    """Whether these objects are what their names say in that pack, read where there is no other for git to turn to.

    The pack's other objects are in no other place, and are read with all the rest.
    """
    with tempfile.TemporaryDirectory() as name:
        alone = Path(name)
        (alone / "objects" / "pack").mkdir(parents=True)
        (alone / "refs").mkdir()
        (alone / "HEAD").write_text("ref: refs/heads/none\n")
        (alone / "config").write_text(f"[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = {object_format}\n")
        for suffix in (".idx", ".pack"):
            (alone / "objects" / "pack" / (pack.name + suffix)).symlink_to(pack.absolute().with_name(pack.name + suffix))
        with Reader(Git(alone, object_format=object_format)) as reader:
            reader.check(sorted(oids))
            return not reader.bad
