"""The time, for the whole program: every other floor is given it as an argument.

For tests and the demo the clock can be set: with `VAULTCLI_TESTING=1` and `VAULTCLI_CLOCK` an ISO 8601 time, the first
call of `now` in a process returns that time and each later call one second more. Signed notes record which clock it
was, so a set clock is never mistaken for the system's.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Literal

from vaultcli.ground.errors import BadInput

_start: datetime | None = None
_calls = 0


def wind() -> None:
    """Read the environment and start from the beginning; the door does so once for each command line.

    Raises:
        BadInput: `VAULTCLI_CLOCK` is no ISO 8601 time.
    """
    global _start, _calls
    _start, _calls = _setting(), 0


def now() -> datetime:
    """The local time with its offset, to the second."""
    global _calls
    if _start is None:
        return datetime.now().astimezone().replace(microsecond=0)
    _calls += 1
    return _start + timedelta(seconds=_calls - 1)


def clock_source() -> Literal["system", "set"]:
    """Which clock `now` reads: the machine's, or one set for a test or the demo."""
    return "system" if _start is None else "set"


def _setting() -> datetime | None:
    text = os.environ.get("VAULTCLI_CLOCK")
    if not text or os.environ.get("VAULTCLI_TESTING") != "1":
        return None
    try:
        return datetime.fromisoformat(text).astimezone().replace(microsecond=0)
    except ValueError as error:
        raise BadInput("VAULTCLI_CLOCK is not a time", hint="write it like 2026-11-22T14:53:00-05:00") from error
