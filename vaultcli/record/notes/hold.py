"""Holds: what a client's entry has said, from its first version on, of destroying nothing.

`docs/spec/client.md`, "Holds". A hold and a day of retention that were once recorded bind until they are ended on purpose; that
a line is no longer there ends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from vaultcli.record.notes.client import Client

UNREADABLE = "a version of the entry cannot be read"
HOLD, ENDED, RETAIN = "hold", "hold-ended", "retain-until"
_NO_REASON = frozenset({"~", "null", "true", "false", "yes", "no", "on", "off"})


@dataclass(frozen=True)
class Hold:
    """What binds after some versions of an entry.

    Args:
        text: of the hold, as last recorded; empty where there was none, or it was ended.
        until: the day of retention as last recorded (ISO), or empty.
        stands: whether the newest version itself says all of that.
    """

    text: str = ""
    until: str = ""
    stands: bool = True

    def why(self, today: date) -> str:
        """Why nothing of the client's is destroyed on that day; empty where nothing forbids it."""
        if self.text:
            gone = "" if self.stands else ", and was not ended though the line is gone"
            return f"the register says hold: {self.text}{gone}"
        if self.until and not _is_over(self.until, today):
            gone = "" if self.stands else ", though the line is gone"
            return f"the register says retain-until: {self.until}{gone}"
        return ""


def _is_over(until: str, today: date) -> bool:
    try:
        return date.fromisoformat(until) < today
    except ValueError:  # a day that no calendar has
        return False


def _is_reason(end: str) -> bool:
    """Whether that says why a hold ended: a word that YAML reads as nothing, yes or no says it of none."""
    return bool(end.strip(" \t'\"")) and end.strip().lower() not in _NO_REASON


@dataclass(frozen=True)
class Free:
    """That holds were asked for, and none forbids what is about to be done; what destroys wants to see one.

    Args:
        client: the id; empty where the register never had such a client.
        day: on which it was asked (ISO).
    """

    client: str
    day: str


def bound(versions: Iterable[Client | None]) -> Hold:
    """What binds after these versions of one entry, oldest first; None is one that cannot be read, and may have said anything.

    A reason that stood in the entry when a hold was begun or renamed ended another one, and ends this one never.
    """
    text = until = end = former = ""
    stands = True
    for one in versions:
        if one is None:
            text, stands, former = text or UNREADABLE, False, former if text else end
            continue
        said, end, day = one.text(HOLD), one.text(ENDED), one.text(RETAIN)
        if said and said != text:
            text, former = said, end
        elif not said and _is_reason(end) and end != former:
            text = ""
        until = day or until
        stands = (text == said) and (until == day)
    return Hold(text, until, stands)
