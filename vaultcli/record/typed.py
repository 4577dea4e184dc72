"""Days and times as people type them: `mon`, `11/22`, `2pm-2:53pm`, `1400-1450`. One parser for every command; pure.

A day that has no year is the one nearest behind us. A time that could be before or after noon has two readings: whoever
asked for it asks which, and nothing here guesses. What is read is written as the record has it: `2026-11-22`, `14:00-14:53`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from vaultcli.ground.errors import BadInput
from vaultcli.ground.patterns import pattern

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = "2026-11-22, today, yesterday, mon or 11/22"
"""How a day can be typed, for hints."""
TIMES = "14:00-14:53, 2pm-2:53pm or 1400-1453"
"""How a time can be typed, for hints."""

_LEAST = 3
"""The fewest letters of a weekday's name."""
_CLOSE = 6 * 60
"""Minutes that a session may last before its end is doubted."""
_BACK = 8
"""Years that are looked through for the 29th of February."""

_ISO = pattern(r"(\d{4})-(\d\d)-(\d\d)|(\d{4})(\d\d)(\d\d)", re.ASCII)
_MONTH = pattern(r"(\d{4})-(\d\d)", re.ASCII)
_YEAR = pattern(r"(19|20)\d\d", re.ASCII)
_SLASHED = pattern(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d\d))?", re.ASCII)
_CLOCK = r"(\d{1,2})(?:[:.]?(\d\d))? ?([ap]\.?m?\.?)?"
_MOMENT = pattern(_CLOCK, re.ASCII)
_RANGE = pattern(rf"{_CLOCK} ?(?:-|–|—|to) ?{_CLOCK}((?: .*)?)", re.ASCII)


def day(word: str, today: date, *, ahead: bool = False) -> str:
    """The day that a word means.

    Args:
        word: an ISO date, `today`, `yesterday`, `tomorrow`, a weekday's name or its beginning, month/day or month/day/year.
        today: on which it is typed.
        ahead: whether a day without a year is the next one; else it is the last one, today included.

    Returns:
        As `2026-11-22`.

    Raises:
        BadInput: it is no day.
    """
    low = word.strip().casefold()
    near = {"today": 0, "yesterday": -1, "tomorrow": 1}
    if low in near:
        return (today + timedelta(days=near[low])).isoformat()
    if found := _ISO.fullmatch(low):
        return _made(word, *(int(part) for part in found.groups() if part))
    if len(low) >= _LEAST and (fits := [number for number, name in enumerate(WEEKDAYS) if name.startswith(low)]):
        away = (fits[0] - today.weekday()) % 7 if ahead else -((today.weekday() - fits[0]) % 7)
        return (today + timedelta(days=away)).isoformat()
    if found := _SLASHED.fullmatch(low):
        month, number, year = int(found[1]), int(found[2]), found[3] or ""
        if year:
            return _made(word, int(year) + (2000 if len(year) == 2 else 0), month, number)
        return _nearest(word, month, number, today, ahead=ahead)
    raise _no_day(word)


def span(word: str, today: date) -> tuple[str, str]:
    """The first and the last day that a word means: those of a month (`2026-11`) or a year, or one day twice.

    Raises:
        BadInput: it is none of these.
    """
    low = word.strip()
    if found := _MONTH.fullmatch(low):
        first = _made(word, int(found[1]), int(found[2]), 1)
        return first, f"{first[:8]}{calendar.monthrange(int(found[1]), int(found[2]))[1]}"
    if _YEAR.fullmatch(low):
        return f"{low}-01-01", f"{low}-12-31"
    one = day(word, today)
    return one, one


def is_range(word: str) -> bool:
    """Whether a word is a time with a beginning and an end, whatever it says."""
    return bool(readings(word))


def readings(word: str) -> list[str]:
    """What a beginning and an end may mean, as front matter has them: none, one, or one before noon and one after.

    `2-2:50pm` and `11-1pm` have one reading, and `2-2:50` has two. An hour with a leading zero, above twelve, or from
    eight to twelve with its minutes is of the 24-hour clock.
    """
    found = _RANGE.fullmatch(word.strip())
    if found is None:
        return []
    said = found[3] or found[6]
    begins = _hours(found[1], found[2], found[3], spread=bool(said))
    ends = _hours(found[4], found[5], found[6], spread=bool(said))
    # who types noon at one end alone means it of both where that fits
    wide = [(one, other) for one in begins for other in ends]
    kept = wide
    for most in (_CLOSE, 2 * _CLOSE):
        if near := [(one, other) for one, other in wide if 0 < (other - one) % 1440 <= most]:
            shortest = min((other - one) % 1440 for one, other in near)
            kept = [(one, other) for one, other in near if (other - one) % 1440 == shortest]
            break
    return [f"{_clock(one)}-{_clock(other)}{found[7]}" for one, other in kept]


def moments(word: str) -> list[str]:
    """What one time of day may mean, as `14:00`; none where it is no time."""
    found = _MOMENT.fullmatch(word.strip())
    return [_clock(one) for one in _hours(found[1], found[2], found[3], spread=False)] if found else []


def _hours(hour: str, minutes: str | None, half: str | None, *, spread: bool) -> list[int]:
    """Minutes since midnight that an hour may mean.

    Args:
        hour: as typed.
        minutes: as typed.
        half: `am` or `pm`, as typed, or None.
        spread: the other end says its half: without one, this hour may be in either.
    """
    number, past = int(hour), int(minutes or 0)
    if number > 23 or past > 59:
        return []
    if half:
        return [60 * (number % 12 + 12 * (half[0] == "p")) + past] if 1 <= number <= 12 else []
    if number == 0 or number > 12 or hour[0] == "0":
        return [60 * number + past]
    if not spread and (number == 12 or (minutes is not None and number >= 8)):
        return [60 * number + past]
    return [60 * (number % 12) + past, 60 * (number % 12 + 12) + past]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _made(word: str, year: int, month: int, number: int) -> str:
    try:
        return date(year, month, number).isoformat()
    except ValueError:
        raise _no_day(word) from None


def _nearest(word: str, month: int, number: int, today: date, *, ahead: bool) -> str:
    for one in _of_years(month, number, today.year, 1 if ahead else -1):
        if (one >= today) if ahead else (one <= today):
            return one.isoformat()
    raise _no_day(word)


def _of_years(month: int, number: int, year: int, step: int) -> Iterator[date]:
    for years in range(_BACK + 1):
        try:
            yield date(year + step * years, month, number)
        except ValueError:
            continue


def _no_day(word: str) -> BadInput:
    return BadInput(f"{word} is no day", hint=f"write it as {DAYS}")
