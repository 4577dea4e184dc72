"""What is tried every day of many cases of one kind; the long suite, `pytest -m slow`, tries the others.

A case has the same name in both, so that nothing is lost between them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

import pytest
from hypothesis import settings

LONG = False
"""Whether the long suite runs; set before a test is imported."""
LEAST = 25


def begin(expression: str) -> None:
    """Take notice of what `-m` chooses; and no property is timed, for how long one takes says something of the machine only."""
    global LONG
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
    LONG = "not slow" not in expression


def examples(many: int) -> Callable[[Any], Any]:
    """A property that is tried with so many examples in the long suite, and with a tenth of them every day."""

    def tried(test: Any) -> Any:
        count = many if LONG else max(many // 10, LEAST)
        return pytest.mark.longer(settings(max_examples=count, deadline=None)(test))

    return tried


def also_slow(items: Iterable[pytest.Item]) -> None:
    """Let the long suite have the properties, too."""
    for item in items:
        if LONG and item.get_closest_marker("longer"):
            item.add_marker("slow")


def some(values: Iterable[Any], every: int, *, first: int = 0) -> list[Any]:
    """Parameters of which every so manieth is for every day, and the others are slow.

    Args:
        values: of the parameter; tuples where it stands for several.
        every: how manieth.
        first: the first one that is for every day.
    """
    return only(values, lambda number, _: number % every == first)


def these(values: Iterable[Any], daily: Collection[Any]) -> list[Any]:
    """Parameters of which these are for every day, and the others are slow."""
    found = list(values)
    assert set(daily) <= set(found), set(daily) - set(found)
    return only(found, lambda _, value: value in daily)


def only(values: Iterable[Any], is_daily: Any) -> list[Any]:
    """Parameters that are for every day where the function of number and value says so, and slow elsewhere."""
    made = []
    for number, value in enumerate(values):
        marks = () if is_daily(number, value) else (pytest.mark.slow,)
        made.append(pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=marks))
    assert any(not one.marks for one in made)
    return made
