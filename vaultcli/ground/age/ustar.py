"""The plaintext of a sealed file: a POSIX ustar archive in one canonical form, padded to steps of 4096 bytes.

`docs/spec/psychotherapy/sealed-file.md`, rule 2. Any tar reads it. There is exactly one text for a list of members,
written here byte for byte rather than by a library whose output may change between versions, and reading accepts nothing
else, so that hostile archives need no clever reader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from vaultcli.ground.errors import BadInput

STEP = 4096
"""Plaintext is a multiple of this many bytes long."""
LIMIT = 26 * 1024 * 1024
"""No plaintext is longer."""
_BLOCK = 512
_END = bytes(2 * _BLOCK)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


class Member(NamedTuple):
    """One file of an archive."""

    name: str
    data: bytes


def pack(members: Sequence[Member], limit: int = LIMIT) -> bytes:
    """The archive of these files, in this order.

    Raises:
        BadInput: a name is not plain, stands twice, or the whole is longer than `limit`.
    """
    names = [one.name for one in members]
    if not names or len(set(names)) != len(names) or not all(map(_NAME.fullmatch, names)):
        raise BadInput("a sealed file's members have plain names, each once")
    pieces = [piece for name, data in members for piece in (_head(name, len(data)), data, bytes(-len(data) % _BLOCK))]
    return padded(b"".join([*pieces, _END]), limit=limit)


def _head(name: str, size: int) -> bytes:
    """One header block: a regular file of that size, mode 0600, owner and group 0, time 0."""
    fields = (
        name.encode().ljust(100, b"\0"),
        b"0000600\0" + b"0000000\0" * 2,
        b"%011o\0" % size,
        b"00000000000\0",
        b" " * 8,
        b"0".ljust(101, b"\0"),
        b"ustar\x0000",
    )
    block = b"".join(fields).ljust(_BLOCK, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def padded(data: bytes, with_: bytes = b"\0", limit: int = LIMIT) -> bytes:
    """The bytes, filled up to the next step.

    Raises:
        BadInput: they are longer than `LIMIT`.
    """
    length = len(data) + -len(data) % STEP
    if length > limit:
        raise BadInput(f"too long to be sealed: {len(data):,} bytes, of at most {limit:,}")
    return data + with_ * (length - len(data))


def unpack(raw: bytes, limit: int = LIMIT) -> list[Member]:
    """The members of an archive.

    Raises:
        BadInput: it is not one in the canonical form.
    """
    found: list[Member] = []
    at = 0
    while raw[at : at + 1].strip(b"\0"):
        head = raw[at : at + _BLOCK]
        name = head[:100].rstrip(b"\0").decode("ascii", "replace")
        size = int(head[124:135], 8) if re.fullmatch(rb"[0-7]{11}", head[124:135]) else -1
        if size < 0 or at + _BLOCK + size > len(raw) or head != _head(name, size):
            raise BadInput("the plaintext is no archive of ours")
        found.append(Member(name, raw[at + _BLOCK : at + _BLOCK + size]))
        at += _BLOCK + size + -size % _BLOCK
    if not found or len(raw) > limit or pack(found, limit) != raw:
        raise BadInput("the plaintext is no archive of ours")
    return found
