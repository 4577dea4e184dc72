"""Where a signed file of a line stands, told from its path alone."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from vaultcli.ground import ids
from vaultcli.record.notes import names

TEXTS = ("note", "correction", "addendum", "late-entry")
"""Kinds that carry a text of the record, which a co-signature covers."""


class Place(NamedTuple):
    """Where a signed file stands: its path, kind, own id and, for an addition, the note it belongs to."""

    path: str
    kind: str
    id: str
    stem: str
    target: str


@lru_cache(maxsize=1024)
def place(path: str) -> Place | None:
    """The place that a path `notes/NAME.md` or `exceptions/ID.md` gives a signed file; None for every other path."""
    folder, _, file = path.partition("/")
    if folder == "exceptions":
        id_ = file.removesuffix(".md")
        return Place(path, "exception", id_, "", "") if ids.is_id(id_) and file != id_ else None
    # names.parse looks at the last part alone: a folder below notes/ would pass for none
    name = names.parse(file) if folder == "notes" and "/" not in file else None
    if isinstance(name, names.NoteName):
        return Place(path, "note", name.id, name.stem, "")
    if isinstance(name, names.AdditionName):
        return Place(path, name.kind, name.id, name.target.stem, name.target.id)
    return None
