"""How large a picture says it is, without decoding any of it."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultcli.record.notes import picture


def segment(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + struct.pack(">H", len(data) + 2) + data


FRAME = segment(0xC0, b"\x08" + struct.pack(">HH", 30, 40) + b"\x01\x01\x11\x00")
EXIF = segment(0xE1, b"Exif\0\0" + b"\xff\xc0" * 100)
JPEG = b"\xff\xd8" + segment(0xE0, b"JFIF\0") + EXIF + segment(0xDB, b"\0" * 65) + segment(0xC4, b"\0" * 20) + FRAME
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 40, 30) + b"\x08\x00\x00\x00\x00"
LOSSY = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 40, 30)
LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 39 | 29 << 14)
EXTENDED = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + (39).to_bytes(3, "little") + (29).to_bytes(3, "little")


@pytest.mark.parametrize("raw", [JPEG, PNG, LOSSY, LOSSLESS, EXTENDED], ids=["jpeg", "png", "webp", "lossless", "extended"])
def test_width_and_height(raw):
    assert picture.size(raw + b"\0" * 20) == (40, 30)


@pytest.mark.parametrize(
    "raw",
    [b"", b"GIF89a", b"\xff\xd8", b"\xff\xd8\xff\xda\0\x02", b"\xff\xd8junk", PNG[:20], LOSSY[:-2], b"RIFF\0\0\0\0WEBPVP9 "],
)
def test_what_does_not_say(raw):
    assert picture.size(raw) is None


@given(st.sampled_from([JPEG, PNG, LOSSY, LOSSLESS, EXTENDED]), st.data())
def test_no_bytes_make_it_fail(raw, data):
    cut = data.draw(st.integers(0, len(raw)))
    changed = bytearray(raw[:cut])
    for at in data.draw(st.lists(st.integers(0, max(0, cut - 1)), max_size=5)):
        if changed:
            changed[at] = data.draw(st.integers(0, 255))
    picture.size(bytes(changed))


def test_segments_without_end_do_not_hang():
    assert picture.size(b"\xff\xd8" + b"\xff\xe0\0\x02" * 100_000) is None
    assert picture.size(b"\xff\xd8" + b"\xff\xe0\0\0" * 100_000) is None
    assert picture.size(b"\xff" * 1_000_000) is None
