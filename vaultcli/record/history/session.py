"""When a session ended, told from a note's own fields; `docs/spec/times.md`, 8 to 10.

Verification needs no table of time zones: the offset of the signature's time is used, and the slack of the rules covers every
other. Whoever prints uses the zone that the note names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vaultcli.ground.frontmatter import Value
from vaultcli.ground.patterns import pattern
from vaultcli.record.notes import fields
from vaultcli.record.times import instant

if TYPE_CHECKING:
    from datetime import tzinfo

_TIME = pattern(fields.TIME)
_DATE = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY = 86_400


def ended(front: Mapping[str, Value], moment: str) -> int | None:
    """When a note's session ended, seconds since 1970; None where its fields do not say.

    Args:
        front: the note's front matter.
        moment: the time of the signature (RFC 3339), whose offset counts.
    """
    date, time = front.get("date"), front.get("time")
    if not (isinstance(date, str) and isinstance(time, str) and _DATE.fullmatch(date)):
        return None
    found = _TIME.fullmatch(time)
    if found is None or found[1] == found[2]:
        return None
    try:
        end = instant(f"{date}T{found[2]}:00{moment[19:]}")
    except (ValueError, OverflowError):
        return None
    return end + _DAY if found[2] < found[1] else end


def lateness(end: int, signed: int) -> int:
    """Whole hours from a session's end to a signature, rounded down: -1 is up to an hour before the end."""
    return (signed - end) // 3600


def hours(raw: bytes, moment: str) -> int | None:
    """The lateness that is printed of a note's signature, computed from its text; None where there is no end of a session.

    Args:
        raw: the note.
        moment: the time of the signature (RFC 3339).
    """
    from vaultcli.ground.frontmatter.peek import peek

    told = peek(raw, ("date", "time"))
    end, named = ended(told, moment), told.get("time", "")[12:]
    if end is None:
        return None
    zone = zone_of(named) if named else None
    if zone is not None:
        from datetime import datetime, timedelta

        begin, until = told["time"][:5], told["time"][6:11]
        try:
            day = datetime.fromisoformat(f"{told['date']}T{until}") + timedelta(days=1 if until < begin else 0)
            end = int(day.replace(tzinfo=zone).timestamp())
        except (ValueError, OverflowError):
            return None
    return lateness(end, instant(moment))


def zone_of(name: str) -> tzinfo | None:
    """The zone that a note's time names; None where there is none, or none that is known here."""
    from datetime import datetime

    if not name:
        return None
    if name == "Z" or name[0] in "+-":
        return datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
