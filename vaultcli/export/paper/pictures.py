"""Pictures for paper: handed to the typesetter as files in a folder that is gone afterwards, never as markup."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from vaultcli.export.document import Document, Figure

FORMATS = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
"""The media types that the typesetter takes, with its names for them."""
_MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory


def name(data: bytes, media: str) -> str:
    """The file's name for the typesetter."""
    return f"/{hashlib.sha256(data).hexdigest()}.{FORMATS[media]}"


def of(document: Document) -> dict[str, bytes]:
    """The pictures of a document by those names."""
    figures = (block for part in document.parts for block in part.blocks if isinstance(block, Figure))
    return {name(one.data, one.media): one.data for one in figures}


@contextmanager
def folder(pictures: Mapping[str, bytes]) -> Iterator[str | None]:
    """A folder that holds them, readable by its owner, in memory where the system has a place for that; None without any."""
    if not pictures:
        yield None
        return
    with TemporaryDirectory(prefix="vaultcli-", dir=_MEMORY if _MEMORY.is_dir() else None) as made:
        for path, data in pictures.items():
            Path(made, path[1:]).write_bytes(data)
        yield made
