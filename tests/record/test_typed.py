"""Days and times as people type them."""

from __future__ import annotations

import contextlib
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultcli.ground.errors import BadInput
from vaultcli.record import typed

WEDNESDAY = date(2026, 11, 25)
DATES = st.dates(date(1990, 1, 1), date(2090, 12, 31))
MINUTES = st.integers(0, 1439)


@pytest.mark.parametrize(
    ("word", "behind", "ahead"),
    [
        ("today", "2026-11-25", "2026-11-25"),
        ("yesterday", "2026-11-24", "2026-11-24"),
        ("Mon", "2026-11-23", "2026-11-30"),
        ("wed", "2026-11-25", "2026-11-25"),
        ("thursday", "2026-11-19", "2026-11-26"),
        ("11/22", "2026-11-22", "2027-11-22"),
        ("3/4", "2026-03-04", "2027-03-04"),  # March 4
        ("12/24", "2025-12-24", "2026-12-24"),
        ("2/29", "2024-02-29", "2028-02-29"),
        ("11/22/25", "2025-11-22", "2025-11-22"),
        ("11/2/2019", "2019-11-02", "2019-11-02"),
        ("20261101", "2026-11-01", "2026-11-01"),
        (" 2026-11-01 ", "2026-11-01", "2026-11-01"),
    ],
)
def test_days(word: str, behind: str, ahead: str) -> None:
    assert typed.day(word, WEDNESDAY) == behind
    assert typed.day(word, WEDNESDAY, ahead=True) == ahead


@pytest.mark.parametrize(
    "word", ["", "5", "m", "mo", "foo", "13/1", "2/30", "22.11.", "2026-11-31", "2026-11", "11/22/", "١/٢", "-1"]
)
def test_what_is_no_day_is_refused(word: str) -> None:
    with pytest.raises(BadInput, match="is no day"):
        typed.day(word, WEDNESDAY)


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("2026-11", "2026-11-01", "2026-11-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("mon", "2026-11-23", "2026-11-23"),
    ],
)
def test_spans(word: str, first: str, last: str) -> None:
    assert typed.span(word, WEDNESDAY) == (first, last)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("9:00-9:53", ["09:00-09:53"]),
        ("9:00–9:53", ["09:00-09:53"]),
        ("2pm-2:53pm", ["14:00-14:53"]),
        ("2p-3p", ["14:00-15:00"]),
        ("2 p.m. - 2:50 p.m.", ["14:00-14:50"]),
        ("1400-1450", ["14:00-14:50"]),
        ("900-950", ["09:00-09:50"]),
        ("14.00-14.50", ["14:00-14:50"]),
        ("2-2:50", ["02:00-02:50", "14:00-14:50"]),
        ("2:00-2:50", ["02:00-02:50", "14:00-14:50"]),
        ("7-7:50", ["07:00-07:50", "19:00-19:50"]),
        ("2-2:50pm", ["14:00-14:50"]),
        ("11-1pm", ["11:00-13:00"]),
        ("11am-12:50", ["11:00-12:50"]),
        ("10:00-10:50", ["10:00-10:50"]),
        ("10:00-10:50pm", ["22:00-22:50"]),
        ("02:00-02:50", ["02:00-02:50"]),
        ("12:30-1:20", ["12:30-13:20"]),
        ("11:30-12:20", ["11:30-12:20"]),
        ("9-17", ["09:00-17:00"]),
        ("12am-1am", ["00:00-01:00"]),
        ("23:00-00:30", ["23:00-00:30"]),
        ("14:00-13:00", ["14:00-13:00"]),
        ("09:00-09:53 -0500", ["09:00-09:53 -0500"]),
        ("25:00-26:00", []),
        ("13pm-14pm", []),
        ("9:60-9:70", []),
        ("11:10", []),
        ("ada", []),
        ("2026-11-22", []),
    ],
)
def test_times(word: str, found: list[str]) -> None:
    assert typed.readings(word) == found
    assert typed.is_range(word) == bool(found)


@given(DATES, DATES)
def test_every_day_is_read_back_however_it_is_written(one: date, today: date) -> None:
    for word in (one.isoformat(), f"{one:%Y%m%d}", f"{one.month}/{one.day}/{one.year}", f"{one:%m/%d/%Y}"):
        assert typed.day(word, today) == one.isoformat()


@given(DATES, st.integers(0, 6))
def test_a_weekday_is_within_a_week(today: date, number: int) -> None:
    name = typed.WEEKDAYS[number]
    for length in range(3, len(name) + 1):
        behind = date.fromisoformat(typed.day(name[:length], today))
        ahead = date.fromisoformat(typed.day(name[:length], today, ahead=True))
        assert behind.weekday() == ahead.weekday() == number
        assert timedelta(0) <= today - behind < timedelta(7)
        assert timedelta(0) <= ahead - today < timedelta(7)


@given(DATES, DATES)
def test_a_day_without_a_year_is_never_ahead(one: date, today: date) -> None:
    behind = date.fromisoformat(typed.day(f"{one.month}/{one.day}", today))
    assert behind <= today
    assert (behind.month, behind.day) == (one.month, one.day)
    assert date.fromisoformat(typed.day(f"{one.month}/{one.day}", today, ahead=True)) >= today


@given(MINUTES, st.integers(1, 360))
def test_a_time_of_the_24_hour_clock_has_one_reading_and_noon_decides_the_others(start: int, lasts: int) -> None:
    end = (start + lasts) % 1440
    whole = f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    hours = [start // 60, end // 60]
    half = ["pm" if hour >= 12 else "am" for hour in hours]
    twelve = [f"{(hour % 12) or 12}:{minute % 60:02}" for hour, minute in zip(hours, (start, end), strict=True)]
    assert typed.readings(f"{twelve[0]}{half[0]}-{twelve[1]}{half[1]}") == [whole]
    assert whole in typed.readings(f"{twelve[0]}-{twelve[1]}{half[1]}") or lasts >= 300
    if all(hour >= 13 or hour < 10 for hour in hours):
        assert typed.readings(whole) == [whole]
        assert typed.readings(whole.replace(":", "")) == [whole]


@given(st.text(max_size=12))
def test_any_text_has_readings_or_none_and_nothing_else(text: str) -> None:
    for one in typed.readings(text):
        assert re.match(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", one)
    typed.moments(text)
    with contextlib.suppress(BadInput):
        assert date.fromisoformat(typed.day(text, WEDNESDAY))
