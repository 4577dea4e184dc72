"""Which attached files are shown: photographs and scans of a kind and size that every page can hold."""

from __future__ import annotations

from collections.abc import Mapping

from vaultcli.export.document import Figure
from vaultcli.export.source import Source
from vaultcli.record.notes import media, picture
from vaultcli.record.notes.attachment import Attachment

SHOWN = ("image/jpeg", "image/png", "image/webp")
LARGEST, TOGETHER = 10_000_000, 40_000_000
"""Bytes of one picture, and of all in one export: a page that holds more is not opened any more."""
PIXELS = 50_000_000
"""Width times height; a small file can claim a picture that fills a computer's memory."""


def of(source: Source) -> Mapping[str, Figure]:
    """The pictures of an export, by the ids of their notes."""
    found: dict[str, Figure] = {}
    left = TOGETHER
    for entry in source.entries if source.read is not None else ():
        file = entry.attachment if entry.withdrawal is None and entry.signed is not None else None
        if file is None or file.media_type not in SHOWN or file.size > min(LARGEST, left):
            continue
        assert source.read is not None
        data = source.read(file)
        size = picture.size(data)
        # by its first bytes, and not by what its note calls it
        kind = media.of(data[: media.HEAD]).type
        if size is not None and kind in SHOWN and 0 < size[0] * size[1] <= PIXELS:
            found[entry.id] = Figure(data, kind, caption(file), f"attachments/{file.released_as}")
            left -= file.size
    return found


def caption(file: Attachment) -> str:
    """What stands below a picture."""
    return f"{file.kind.replace('-', ' ').capitalize()}: {file.name}"
