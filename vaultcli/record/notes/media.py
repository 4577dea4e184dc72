"""What a file's first bytes look like: a media type and the ending that its name gets in the record.

A small table of what practices are sent and hand out. It helps a program that shows the file; nothing is trusted or run because
of it, and what is not in the table is `application/octet-stream` with the ending `bin`. Pure.
"""

from __future__ import annotations

from typing import NamedTuple

HEAD = 64 * 1024
"""Bytes of a file that are looked at."""


class Media(NamedTuple):
    """A media type, and the endings that a file of it may have, the usual one first."""

    type: str
    endings: tuple[str, ...]


UNKNOWN = Media("application/octet-stream", ("bin",))
TEXT = Media("text/plain", ("txt", "csv"))
_PREFIXES = (
    (b"%PDF-", Media("application/pdf", ("pdf",))),
    (b"\xff\xd8\xff", Media("image/jpeg", ("jpg", "jpeg"))),
    (b"\x89PNG\r\n\x1a\n", Media("image/png", ("png",))),
    (b"II*\0", Media("image/tiff", ("tiff", "tif"))),
    (b"MM\0*", Media("image/tiff", ("tiff", "tif"))),
    (b"GIF87a", Media("image/gif", ("gif",))),
    (b"GIF89a", Media("image/gif", ("gif",))),
    (b"{\\rtf", Media("text/rtf", ("rtf",))),
    (b"ID3", Media("audio/mpeg", ("mp3",))),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Media("application/x-ole-storage", ("ole", "doc", "xls", "ppt", "msg"))),
)
_FTYP = (
    ((b"heic", b"heix", b"mif1", b"msf1"), Media("image/heic", ("heic", "heif"))),
    ((b"avif",), Media("image/avif", ("avif",))),
    ((b"M4A ",), Media("audio/mp4", ("m4a",))),
    ((b"qt  ",), Media("video/quicktime", ("mov",))),
    ((b"isom", b"iso2", b"mp41", b"mp42", b"avc1"), Media("video/mp4", ("mp4",))),
)
_OFFICE = "application/vnd.openxmlformats-officedocument"
_ZIPPED = (
    (b"word/", Media(f"{_OFFICE}.wordprocessingml.document", ("docx",))),
    (b"xl/", Media(f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",))),
    (b"ppt/", Media(f"{_OFFICE}.presentationml.presentation", ("pptx",))),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", Media("application/vnd.oasis.opendocument.text", ("odt",))),
)
_ZIP = Media("application/zip", ("zip",))
_RIFF = {b"WEBP": Media("image/webp", ("webp",)), b"WAVE": Media("audio/wav", ("wav",))}
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\f\r\x1b") + b"\x7f"


def of(head: bytes) -> Media:
    """What a file that begins with these bytes looks like."""
    found = next((media for start, media in _PREFIXES if head.startswith(start)), None)
    if found is not None:
        return found
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], UNKNOWN)
    if head[4:8] == b"ftyp":
        return next((media for brands, media in _FTYP if head[8:12] in brands), UNKNOWN)
    if head.startswith(b"PK\x03\x04"):
        return next((media for part, media in _ZIPPED if part in head), _ZIP)
    return TEXT if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    if not head or any(byte in _CONTROLS for byte in head):
        return False
    # a character that is cut in two at the end of what is looked at is no reason to call the file something else
    for cut in range(4):
        try:
            head[: len(head) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return cut == 0 or len(head) == HEAD
    return False


def ending(media: Media, name: str) -> str:
    """The ending in the record: that of the file's own name where it is one of the table's, else the usual one."""
    own = name.rpartition(".")[2].lower()
    return own if own in media.endings else media.endings[0]


def tells_more(head: bytes) -> bool:
    """Whether a picture carries what a camera wrote beside it, often the place and the time."""
    return b"Exif\0" in head or of(head).type in ("image/heic", "image/tiff") or b"eXIf" in head
