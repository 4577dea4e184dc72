"""The names of files below `notes/`: what a file is can be told from its name alone, and the name says nothing else.

    2026-11-22-progress-7n5tq2m8wkc4xe9r.md                                the note
    2026-11-22-progress-7n5tq2m8wkc4xe9r.correction-0c1x8k5vd2mhq7tz.md    what was added to it
    2026-11-22-progress-7n5tq2m8wkc4xe9r.md.sig                            a signature, beside the file it signs

The date is the first one that the note had; it never changes, and is not compared with the note's `date:` later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from vaultcli.ground import ids
from vaultcli.ground.patterns import pattern

KINDS = ("correction", "addendum", "late-entry", "cosignature", "withdrawal", "attestation")
"""What can be added to a note."""
SUFFIX = ".md"
SIGNATURE = ".sig"
MAX_TYPE = 24
"""The most characters of a type in a name, so that every name stays below 100 characters."""

_TYPE = r"[a-z]+(?:-[a-z]+)*"
_NOTE = rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})-({_TYPE})-({ids.PATTERN})"
_NAME = pattern(rf"{_NOTE}(?:\.({'|'.join(KINDS)})-({ids.PATTERN}))?\.md", re.ASCII)
_TYPE_RE = pattern(_TYPE)
_DATE_RE = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, order=True)
class NoteName:
    """The name of a note.

    Args:
        date: the note's first date, `2026-11-22`.
        type: what kind of note, `progress`; at most 24 characters.
        id: the note's id.

    Raises:
        ValueError: a part is not what it should be.
    """

    date: str
    type: str
    id: str

    def __post_init__(self) -> None:
        if not (is_date(self.date) and is_type(self.type) and ids.is_id(self.id)):
            raise ValueError("the parts of a note's name are a date, a type and an id")

    @property
    def stem(self) -> str:
        """The name without its suffix; the names of everything added to the note start with it."""
        return f"{self.date}-{self.type}-{self.id}"

    @property
    def file(self) -> str:
        """The file name."""
        return self.stem + SUFFIX


@dataclass(frozen=True, order=True)
class AdditionName:
    """The name of what is added to a note.

    Args:
        target: the note; never another addition.
        kind: one of `KINDS`.
        id: the addition's own id.

    Raises:
        ValueError: a part is not what it should be.
    """

    target: NoteName
    kind: str
    id: str

    def __post_init__(self) -> None:
        if self.kind not in KINDS or not ids.is_id(self.id):
            raise ValueError("the parts of an addition's name are a note, a kind and an id")

    @property
    def stem(self) -> str:
        """The name without its suffix."""
        return f"{self.target.stem}.{self.kind}-{self.id}"

    @property
    def file(self) -> str:
        """The file name."""
        return self.stem + SUFFIX


def parse(path: str) -> NoteName | AdditionName | None:
    """What a path names, by its last part; None for any other name, that of a signature included."""
    return _parse(path.rpartition("/")[2])


@lru_cache(maxsize=1024)
def _parse(file: str) -> NoteName | AdditionName | None:
    found = _NAME.fullmatch(file)
    if found is None:
        return None
    day, type_, id_, kind, own = found.groups()
    if not is_date(day) or not is_type(type_):
        return None
    note = NoteName(day, type_, id_)
    return AdditionName(note, kind, own) if kind else note


def signature(path: str) -> str:
    """The path of the signature beside a file."""
    return path + SIGNATURE


def is_date(text: str) -> bool:
    """Whether the text is a day of the calendar, written `2026-11-22`."""
    if not _DATE_RE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_type(text: str) -> bool:
    """Whether the text can be a note's type in a name: lower-case words joined by hyphens."""
    return len(text) <= MAX_TYPE and _TYPE_RE.fullmatch(text) is not None
