"""Days and moments as an export prints them."""

from __future__ import annotations

from datetime import date, datetime

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day(iso: str, *, weekday: bool = False) -> str:
    """A day as people write it, `November 22, 2026`; a text that is no day as it stands."""
    try:
        when = date.fromisoformat(iso)
    except ValueError:
        return iso
    name = f"{_DAYS[when.weekday()]}, " if weekday else ""
    return f"{name}{_MONTHS[when.month - 1]} {when.day}, {when.year}"


def moment(time: str) -> str:
    """An RFC 3339 time as people read it: `November 22, 2026, 17:05:12 -05:00`."""
    when = datetime.fromisoformat(time)
    return f"{day(when.date().isoformat())}, {when:%H:%M:%S} {when.isoformat()[-6:]}"
