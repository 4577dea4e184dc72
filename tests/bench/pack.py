"""A pack of git objects written in one go, later trees whole and earlier ones as differences, as `git repack` leaves them.

Formats: git's `gitformat-pack`. `git index-pack` reads every pack that is written here and makes its index.
"""

from __future__ import annotations

import hashlib
import struct
import zlib

from vaultcli.ground.git.objects import name_object

KINDS = {"commit": 1, "tree": 2, "blob": 3}
DELTA = 6
"""A difference to an object that stands earlier in the same pack."""
DEEPEST = 50
"""Differences upon differences that `git repack` makes by default."""
_COPY = 0xFFFF


class Pack:
    """A pack in the making; nothing is added twice."""

    def __init__(self) -> None:
        self._parts = bytearray(12)
        self._at: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._at)

    def add(self, kind: str, data: bytes, oid: str = "") -> str:
        """Take an object in whole; its id."""
        oid = oid or name_object(kind, data, "sha256")
        if oid not in self._at:
            self._put(oid, KINDS[kind], len(data), b"", data)
        return oid

    def add_chain(self, versions: list[tuple[str, bytes]]) -> None:
        """Take versions of one folder in, oldest first given: the newest whole, each older one as its difference to the next."""
        depth, newer = 0, ("", b"")
        for oid, data in reversed(versions):
            if oid in self._at:
                continue
            if not newer[0] or depth == DEEPEST:
                self.add("tree", data, oid)
                depth = 0
            else:
                depth += 1
                changes = difference(newer[1], data)
                back = _offset(len(self._parts) - self._at[newer[0]])
                self._put(oid, DELTA, len(changes), back, changes)
            newer = (oid, data)

    def _put(self, oid: str, kind: int, size: int, base: bytes, data: bytes) -> None:
        self._at[oid] = len(self._parts)
        self._parts += _head(kind, size) + base + zlib.compress(data, 1)

    def bytes(self) -> bytes:
        """The whole pack."""
        struct.pack_into(">4sLL", self._parts, 0, b"PACK", 2, len(self._at))
        return bytes(self._parts) + hashlib.sha256(self._parts).digest()


def difference(base: bytes, data: bytes) -> bytes:
    """How to make `data` from `base`: the same beginning, some new bytes, the same end."""
    start = _common(base, data)
    end = min(_common(base[start:][::-1], data[start:][::-1]), len(base) - start, len(data) - start)
    new = data[start : len(data) - end]
    inserts = b"".join(bytes([len(new[at : at + 127])]) + new[at : at + 127] for at in range(0, len(new), 127))
    return _varint(len(base)) + _varint(len(data)) + _copy(0, start) + inserts + _copy(len(base) - end, end)


def _common(one: bytes, other: bytes) -> int:
    """How many bytes two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _copy(at: int, size: int) -> bytes:
    out = b""
    while size:
        part = min(size, _COPY)
        out += b"\xbf" + struct.pack("<LH", at, part)
        at, size = at + part, size - part
    return out


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def _offset(value: int) -> bytes:
    out = [value & 0x7F]
    while value := value >> 7:
        value -= 1
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))


def _head(kind: int, size: int) -> bytes:
    out = bytearray()
    byte, size = kind << 4 | size & 15, size >> 4
    while size:
        out.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    return bytes(out) + bytes([byte])
