"""The machine's clock, for scripts that bring none of their own; the only place on this floor that asks the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Gives the time, with its offset, anew at each call."""


def system() -> datetime:
    """The local time with its offset, to the second."""
    return datetime.now().astimezone().replace(microsecond=0)
