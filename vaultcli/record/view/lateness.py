"""When a note was written, as history has it, held against the practice's deadline. Pure.

Three times are told apart: the note was first recorded, the text that was signed was first recorded, and it was signed. Only
a text that history does not have within the deadline is a late entry; a signature alone may come later.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.record.history.stamp import session_end
from vaultcli.record.notes.note import Note
from vaultcli.record.view.entry import Entry

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"^ {0,3}#{1,6}(?:[ \t].*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Writing:
    """When a note was written, where that is worth a word.

    Args:
        begun: the note's first recording (RFC 3339).
        done: the first recording of the text that was signed.
        hours_after: whole hours from the end of the session, or of its day, to the first recording of that text.
        late: whether that is beyond the deadline.
        begun_late: whether the first recording of all is.
        what: what the hours are counted from: `the session ended`, or `the day` where the note has no time.
    """

    begun: str
    done: str
    hours_after: int
    late: bool
    begun_late: bool
    what: str


def ended(entry: Entry) -> tuple[datetime, str] | None:
    """When a note's session ended, and what that is called; of a note without a time, the end of its day.

    The zone is the note's own, or else that of its first recording. None for a note that is not signed, was imported (nobody
    is asked for an old time), describes an attached file, or cannot be read.
    """
    if entry.signed is None or entry.recorded is None or entry.attachment is not None or entry.withdrawal is not None:
        return None
    try:
        note = Note.parse(entry.raw, entry.path)
    except BadInput:
        return None
    if note.imported or not note.date:
        return None
    zone = datetime.fromisoformat(entry.recorded.time).tzinfo
    end = session_end(note, zone)
    if end is not None:
        return end, "the session ended"
    return datetime.fromisoformat(f"{note.date}T00:00").replace(tzinfo=zone) + timedelta(days=1), "the day"


def signed_late(entry: Entry, hours: int) -> bool:
    """Whether a note was signed beyond the deadline, so that it is worth looking when it was written."""
    end = ended(entry)
    return end is not None and entry.signed is not None and _hours(entry.signed.block.time, end[0]) > hours


def writing(entry: Entry, done: str, hours: int) -> Writing | None:
    """When a note was written, where it was signed beyond the deadline.

    Args:
        entry: the note.
        done: the first recording of the text that was signed, from `first_with`; empty where that is the note's own.
        hours: the practice's deadline, from the end of the session.
    """
    end = ended(entry)
    if end is None or not signed_late(entry, hours):
        return None
    assert entry.recorded is not None
    begun, last = entry.recorded.time, done or entry.recorded.time
    after = int((datetime.fromisoformat(last) - end[0]).total_seconds() // 3600)
    return Writing(begun, last, after, _hours(last, end[0]) > hours, _hours(begun, end[0]) > hours, end[1])


def _hours(moment: str, end: datetime) -> float:
    return (datetime.fromisoformat(moment) - end).total_seconds() / 3600


def first_with(entry: Entry, versions: Sequence[tuple[str, bytes]]) -> str:
    """The time of the version from which on a note has had the words that were signed.

    Headings and comments are not counted: signing takes prompts out, and headings below which nothing was written.

    Args:
        entry: the note, signed.
        versions: time (RFC 3339) and bytes of each recorded version of its file, oldest first.
    """
    wanted, found = _words(entry.raw), ""
    for time, raw in versions:
        if _words(raw) != wanted:
            found = ""
        elif not found:
            found = time
    return found


def _words(raw: bytes) -> str:
    try:
        body = frontmatter.split(raw, "note").body.decode("utf-8", "replace")
    except BadInput:
        return ""
    return "".join(_HEADING.sub("", _COMMENT.sub("", body)).split())
