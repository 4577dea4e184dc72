"""How large a picture says it is, read from its first bytes; nothing of it is decoded. Pure."""

from __future__ import annotations

import re
import struct

_START = re.compile(rb"\xff+([\xc0-\xcf\xd8\xd9\xda\xe0-\xef\xdb\xdd\xfe\x01\xd0-\xd7])")
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG's markers of a frame; the three others in their midst are tables."""


def size(raw: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, JPEG or WebP; None of anything else, and where it does not say."""
    try:
        if raw.startswith(b"\x89PNG\r\n\x1a\n") and raw[12:16] == b"IHDR":
            return struct.unpack(">II", raw[16:24])
        if raw.startswith(b"\xff\xd8"):
            return _jpeg(raw)
        if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
            return _webp(raw)
    except struct.error:
        pass
    return None


def _jpeg(raw: bytes) -> tuple[int, int] | None:
    """ISO/IEC 10918-1, B.1 and B.2.2: segments, each with its length, up to the frame's."""
    at = 2
    while (found := _START.match(raw, at)) is not None:
        kind, at = found[1][0], found.end()
        if kind in _FRAMES:
            height, width = struct.unpack(">HH", raw[at + 3 : at + 7])
            return width, height
        if kind in (0xD9, 0xDA):
            return None
        if kind != 0x01 and not 0xD0 <= kind <= 0xD8:
            (length,) = struct.unpack(">H", raw[at : at + 2])
            at += length
    return None


def _webp(raw: bytes) -> tuple[int, int] | None:
    """RFC 9649, sections 2.5 to 2.7."""
    kind = raw[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(raw[24:27], "little"), 1 + int.from_bytes(raw[27:30], "little")
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", raw[21:25])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and raw[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", raw[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
