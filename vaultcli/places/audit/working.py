"""The working files of a line against its head: every file is read, whatever the index or its times say of it.

Text that its author is still at is counted. A file whose words are signed, and that says something else on disk than in
the record, is a finding: whoever opens the folder would read what nobody signed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import struct
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.ground.git.catfile import PIECE
from vaultcli.ground.git.objects import hasher
from vaultcli.ground.repository.working import is_junk
from vaultcli.record.finding import Finding

FRESH = 2_000_000_000
"""Nanoseconds for which a file's times cannot tell a second change from the first."""
_ASSUME, _EXTENDED, _SKIP = 0x8000, 0x4000, 0x4000


@dataclass(frozen=True)
class Working:
    """What a line's folder holds beside its head.

    Args:
        findings: signed files that differ, index entries that hide.
        edited: recorded files with text that is not recorded yet.
        unrecorded: files that were never recorded.
        stamp: changes whenever a file of the folder is touched; empty where that cannot be told yet.
    """

    findings: tuple[Finding, ...] = ()
    edited: int = 0
    unrecorded: int = 0
    stamp: str = ""


@dataclass(frozen=True)
class Place:
    """Where a line's working files are.

    Args:
        branch: the line.
        top: its folder.
        admin: the git directory with its index.
        apart: names below the top that belong to other lines.
        shown: the folder as the user knows it, with a slash, for findings.
    """

    branch: str
    top: Path
    admin: Path
    apart: frozenset[str] = frozenset()
    shown: str = ""


def nobodys(top: Path, clients: Container[str]) -> list[str]:
    """What lies under `clients/` and is no client's folder, in order of name.

    Args:
        top: the chart's folder.
        clients: ids of the clients that have a line.
    """
    with contextlib.suppress(OSError):
        there = os.listdir(top / "clients")  # noqa: PTH208 - names, no paths
        return sorted(name for name in there if name not in clients and not is_junk(name))
    return []


def compare(place: Place, recorded: Mapping[str, str], final: set[str], object_format: str, now: int) -> Working:
    """Compare a folder with its line's head.

    Args:
        place: the folder.
        recorded: path to blob id, at the head.
        final: paths whose bytes may not differ.
        object_format: `sha256` or `sha1`.
        now: the clock, seconds since 1970.
    """
    if not place.top.is_dir():
        return Working()
    there = _files(place.top, place.apart)
    stamp = _stamp(place, there, now)
    found: list[Finding] = []
    edited = 0
    top = str(place.top)
    for path, oid in recorded.items():
        state = _state(f"{top}/{path}", oid, there.get(path), object_format)
        if state and path in final:
            found.append(Finding(place.shown + path, "overwritten", state, branch=place.branch))
        elif state:
            edited += 1
    unrecorded = sum(1 for path in there if path not in recorded and not is_junk(path))
    found += _index(place, object_format)
    return Working(tuple(found), edited, unrecorded, stamp)


def _state(file: str, oid: str, entry: os.stat_result | None, object_format: str) -> str:
    """How a working file differs from what is recorded; empty where it does not."""
    if entry is None:
        return "is in the record and not in the folder"
    try:
        name = _name(file, entry, object_format)
    except OSError:
        return "is not the file that was recorded, but a link, a device, or cannot be read"
    if name != oid:
        return "says something else in the folder than what was signed; the record still has the signed text"
    return ""


def _name(file: str, entry: os.stat_result, object_format: str) -> str:
    """The blob id that a regular file's bytes have; those of a large one are not all in memory at once."""
    if entry.st_size <= PIECE:
        data = _bytes(file, entry)
        return hasher(object_format)(b"blob %d\0" % len(data) + data).hexdigest()
    if not stat.S_ISREG(entry.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    digest = hasher(object_format)(b"blob %d\0" % entry.st_size)
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        while part := os.read(handle, PIECE):
            digest.update(part)
    finally:
        os.close(handle)
    return digest.hexdigest()


def _bytes(file: str, entry: os.stat_result) -> bytes:
    """A regular file's bytes, in as few calls as that takes: there are tens of thousands."""
    if not stat.S_ISREG(entry.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        data = os.read(handle, entry.st_size + 1)
        while len(data) != entry.st_size and (part := os.read(handle, max(entry.st_size - len(data), 0) + 1)):
            data += part
        return data
    finally:
        os.close(handle)


_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def _files(top: Path, apart: frozenset[str]) -> dict[str, os.stat_result]:
    """Every file below a folder, in order of name, asked for by name from its open folder: by whole paths it takes longer."""
    found: dict[str, os.stat_result] = {}
    with contextlib.suppress(OSError):
        _walk(os.open(top, _FOLDER), "", apart, found)
    return found


def _walk(handle: int, prefix: str, apart: frozenset[str], found: dict[str, os.stat_result]) -> None:
    """Add the files of an open folder, and close it; a folder that cannot be read has none."""
    try:
        with os.scandir(handle) as listed:
            entries = sorted(listed, key=attrgetter("name"))
        for entry in entries:
            name = entry.name
            if name == ".git" or (not prefix and name in apart):
                continue
            if entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    _walk(os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=handle), f"{prefix}{name}/", frozenset(), found)
            else:
                found[prefix + name] = entry.stat(follow_symlinks=False)
    finally:
        os.close(handle)


def stamp_of(place: Place, now: int) -> str:
    """A hash over names, sizes, times and inodes of the folder's files and its index; empty while they are too fresh.

    No program can set a file's change time short of setting the machine's clock, so that a file which was written to has
    another stamp; only within the clock's own step after a change could a second one go unseen.
    """
    return _stamp(place, _files(place.top, place.apart), now)


def _stamp(place: Place, there: Mapping[str, os.stat_result], now: int) -> str:
    rows: list[str] = []
    newest = 0
    for path, entry in (*there.items(), *_index_stat(place)):
        changed = entry.st_ctime_ns
        if changed > newest:
            newest = changed
        rows.append(f"{path!a} {entry.st_size} {entry.st_mtime_ns} {changed} {entry.st_ino} {entry.st_mode}")
    if newest + FRESH > now * 1_000_000_000:
        return ""
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _index_stat(place: Place) -> Iterator[tuple[str, os.stat_result]]:
    index = place.admin / "index"
    if index.exists():
        yield "//index", index.lstat()


def _index(place: Place, object_format: str) -> list[Finding]:
    """Index entries by which plain git is told to look away from a file. Format: git's `gitformat-index`."""
    try:
        raw = files.read(place.admin / "index")
        hidden = _hidden(raw, 32 if object_format == "sha256" else 20)
    except (VaultError, struct.error, IndexError, ValueError):
        return []
    text = "plain git is told not to look at this file (assume-unchanged or skip-worktree)"
    return [Finding(place.shown + path, "index", text, branch=place.branch) for path in hidden]


def _hidden(raw: bytes, width: int) -> list[str]:
    magic, version, count = struct.unpack_from(">4sLL", raw)
    if magic != b"DIRC" or version not in (2, 3, 4):
        return []
    found: list[str] = []
    at, name = 12, b""
    for _ in range(count):
        (flags,) = struct.unpack_from(">H", raw, at + 40 + width)
        more = struct.unpack_from(">H", raw, at + 42 + width)[0] if flags & _EXTENDED else 0
        start = at + 42 + width + (2 if flags & _EXTENDED else 0)
        strip, begin = _varint(raw, start) if version == 4 else (len(name), start)
        end = raw.index(b"\0", begin)
        name = name[: len(name) - strip] + raw[begin:end]
        at = end + 1 if version == 4 else at + (end - at + 8) // 8 * 8
        if flags & _ASSUME or more & _SKIP:
            found.append(name.decode("utf-8", "replace"))
    return found


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """A number in the encoding of pack offsets, and where it ends."""
    value = raw[at] & 0x7F
    while raw[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (raw[at] & 0x7F)
    return value, at + 1
