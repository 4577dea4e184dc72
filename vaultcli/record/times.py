"""Times as the record writes and compares them: commit times, RFC 3339 texts, and history that never runs backwards."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from vaultcli.ground.patterns import pattern

if TYPE_CHECKING:
    from datetime import datetime, timezone

_ZONE = pattern(r"\+(?:0[0-9]|1[0-4])[0-5][0-9]|-(?!0000)(?:0[0-9]|1[0-2])[0-5][0-9]")
_MOMENT = pattern(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]"
)
_LAST = 253_402_214_400
"""The first second of 9999-12-31 (UTC): what comes later has no four-digit year everywhere on earth."""


FAR = 1 << 62
"""A clock so late that replaying never finds a commit in the future."""
CLOCKS = 300
"""Seconds by which two clocks that are both kept may differ."""
DAY = 86_400
"""Seconds within which a clock that was set wrong is noticed."""
ZONES = 26 * 3600
"""Seconds from the zone -12:00 to the zone +14:00: with so much slack no table of zones decides."""


def onward(now: datetime, newest: int) -> datetime:
    """The clock, or the newest commit's time where the clock runs behind it: history never runs backwards."""
    return now if int(now.timestamp()) >= newest else now.fromtimestamp(newest, now.tzinfo)


def is_git_time(seconds: int, zone: str) -> bool:
    """Whether a commit's time is one that a clock somewhere can show: after 1970, before 10000, a real offset."""
    return 0 <= seconds < _LAST and _ZONE.fullmatch(zone) is not None


def git_time(seconds: int, zone: str) -> str:
    """A commit's time as our files write it: RFC 3339 with the offset that the commit names.

    What `is_git_time` refuses is brought into its range first, so that judging a hostile commit never fails.
    """
    from datetime import datetime

    if not is_git_time(seconds, zone):
        seconds, zone = min(max(seconds, 0), _LAST - 1), zone if _ZONE.fullmatch(zone) else "+0000"
    return datetime.fromtimestamp(seconds, _offset(zone)).isoformat()


@lru_cache(maxsize=256)
def _offset(zone: str) -> timezone:
    from datetime import timedelta, timezone

    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return timezone(-offset if zone[0] == "-" else offset)


def instant(moment: str) -> int:
    """Seconds since 1970 of an RFC 3339 time."""
    return int(_timestamp(moment))


@lru_cache(maxsize=1024)
def _timestamp(moment: str) -> float:
    """The same with its fraction; remembered, because a file's times are compared with those of the files around it."""
    from datetime import datetime

    return datetime.fromisoformat(moment).timestamp()


def is_commit_moment(moment: str) -> bool:
    """The same with an offset that a commit can have, as a signature's block and its commit carry one moment."""
    return is_moment(moment) and _ZONE.fullmatch(moment[19:22] + moment[23:]) is not None


def is_moment(moment: str) -> bool:
    """Whether a text is a time as our files write it: a real second, with its offset, from 1970 on."""
    if _MOMENT.fullmatch(moment) is None:
        return False
    try:
        return 0 <= _timestamp(moment) < _LAST
    except (ValueError, OverflowError):
        return False
