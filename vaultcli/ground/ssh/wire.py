"""The SSH wire encoding (RFC 4251, section 5), read so that every value has one accepted form."""

from __future__ import annotations

from typing import Final

MEANINGS: Final = {
    "algorithm": "the signature's algorithm is not accepted for this key",
    "application": "the token key belongs to no ssh application",
    "armor": "not the canonical text of one SSH signature",
    "hash": "the hash is not sha256 or sha512",
    "key": "not a public key line",
    "key-type": "the key's type is not accepted",
    "magic": "not an SSH signature of version 1",
    "mathematics": "the signature does not fit the bytes and the key",
    "mpint": "a number is not in its shortest form",
    "namespace": "signed as another kind of thing",
    "point": "the key is not a point of its curve",
    "presence": "the token was not touched",
    "reserved": "the reserved field is not empty",
    "trailing": "bytes are left over",
    "truncated": "the signature or key ends too early",
    "weak-key": "the key is too weak to prove anything",
}
"""Every reason, with what it means. `docs/spec/signature.md` lists the same; a test holds the two together."""


class BadSignature(ValueError):
    """A signature or public key that proves nothing.

    Args:
        reason: a stable word of `MEANINGS`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(MEANINGS[reason])
        self.reason = reason


def require(condition: bool, reason: str) -> None:  # noqa: FBT001 - reads as a sentence: require(x == y, "why not")
    """Raises BadSignature with the reason unless the condition holds."""
    if not condition:
        raise BadSignature(reason)


def frame(*parts: bytes) -> bytes:
    """The parts as SSH strings: each behind its length in four bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


class Reader:
    """Bytes taken from the front, until `end` says that none may be left.

    Args:
        data: what is read.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes; raises BadSignature (`truncated`) when there are fewer."""
        stop = self._at + count
        if stop > len(self._data):
            raise BadSignature("truncated")
        part = self._data[self._at : stop]
        self._at = stop
        return part

    def string(self) -> bytes:
        """The next SSH string."""
        return self.take(int.from_bytes(self.take(4), "big"))

    def mpint(self) -> int:
        """The next positive number; raises BadSignature (`mpint`) unless it is written in the fewest bytes."""
        raw = self.string()
        require(bool(raw) and raw[0] < 0x80 and raw != b"\0", "mpint")
        require(raw[0] != 0 or raw[1] >= 0x80, "mpint")
        return int.from_bytes(raw, "big")

    def end(self) -> None:
        """Raises BadSignature (`trailing`) unless everything was read."""
        require(self._at == len(self._data), "trailing")
