"""What was once recorded binds until it is ended on purpose."""

from __future__ import annotations

from datetime import date

import pytest

from vaultcli.record.notes import hold
from vaultcli.record.notes.client import Client

DAY = date(2026, 11, 23)
HELD = {"hold": "litigation"}
KEPT = {"retain-until": "2031-01-01"}


def versions(*entries: dict[str, str] | None) -> list[Client | None]:
    return [None if fields is None else Client("x", "Ada", "ada", fields=fields) for fields in entries]


@pytest.mark.parametrize(
    ("entries", "word"),
    [
        ([HELD], "litigation"),
        ([HELD, {}], "line is gone"),
        ([HELD, {}, {"name": "Ada"}], "line is gone"),
        ([HELD, {"hold": ""}], "line is gone"),
        ([HELD, {"hold": "another", "hold-ended": "settled"}], "another"),
        ([HELD, {"hold-ended": "settled"}, HELD], "litigation"),
        ([HELD, {"hold-ended": "settled"}, {"hold": "board", "hold-ended": "settled"}, {"hold-ended": "settled"}], "board"),
        ([{"hold": "board", "hold-ended": "settled"}, {"hold-ended": "settled"}], "board"),
        ([HELD, {"hold": "board", "hold-ended": "settled"}, {"hold-ended": "settled"}], "board"),
        ([HELD, {"hold-ended": "settled"}, None, {"hold-ended": "settled"}], "a version of the entry cannot be read"),
        ([HELD, {"hold-ended": " "}], "line is gone"),
        ([HELD, {"hold-ended": "No"}], "line is gone"),
        ([HELD, {"hold-ended": "~"}], "line is gone"),
        ([{}, None, {}], "a version of the entry cannot be read"),
        ([HELD, None, {}], "litigation"),
        ([{"retain-until": "2031-13-99"}], "2031-13-99"),
        ([KEPT], "2031-01-01"),
        ([KEPT, {}], "line is gone"),
        ([KEPT, {"hold-ended": "settled"}], "2031-01-01"),
        ([{"retain-until": "2026-11-23"}], "2026-11-23"),
    ],
)
def test_what_binds(entries: list[dict[str, str] | None], word: str) -> None:
    why = hold.bound(versions(*entries)).why(DAY)
    assert why.startswith("the register says")
    assert word in why


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [{}],
        [{"hold-ended": "there was none"}],
        [HELD, {"hold-ended": "settled 2026-11-01"}],
        [None, {"hold-ended": "looked at: there was none"}],
        [HELD, {}, {"hold-ended": "settled"}, {}],
        [HELD, {"hold-ended": "settled"}, {"hold-ended": "settled"}],
        [HELD, {"hold-ended": "settled"}, {"hold": "board", "hold-ended": "settled"}, {"hold-ended": "board closed it"}],
        [HELD, HELD | {"hold-ended": "settled"}, {"hold-ended": "settled"}],
        [{"retain-until": "2026-11-22"}],
        [KEPT, {"retain-until": "2026-01-01"}],
    ],
)
def test_what_does_not(entries: list[dict[str, str] | None]) -> None:
    assert hold.bound(versions(*entries)).why(DAY) == ""


def test_whether_the_newest_version_says_it_itself() -> None:
    assert hold.bound(versions(HELD)).stands
    assert not hold.bound(versions(HELD, {})).stands
    assert hold.bound(versions(HELD, {"hold-ended": "settled"})).stands
