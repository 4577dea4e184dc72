"""Whether the clock can be right."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from vaultcli.work.health.situation import Health, Machine, Situation, ok, problem

_FIRST = 2026
"""The year in which this program was made: no clock before it is right."""
_GRACE = timedelta(minutes=5)
_WHY = "the times of notes and signatures come from it, and are asked about in court"


def look(s: Situation) -> Iterator[Health]:
    """The clock against the newest commit of any line."""
    if s.machine.now.year < _FIRST:
        yield problem(f"the clock says {s.machine.now:%Y-%m-%d}", _WHY, "set it, or switch on network time")
        return
    newest = _newest(s)
    if newest is not None and newest > s.machine.now + _GRACE:
        what = f"the newest commit is of {newest:%Y-%m-%d %H:%M}, and the clock says {s.machine.now:%Y-%m-%d %H:%M}"
        yield problem(what, _WHY, "set the clock, or find out whose machine was ahead")
    else:
        yield ok("the clock runs on from the record")


def _newest(s: Situation) -> datetime | None:
    out = s.chart.repository.git.run("for-each-ref", "--format=%(committerdate:unix)", "refs/heads/").decode().split()
    times = [int(word) for word in out if word.isdigit()]
    return datetime.fromtimestamp(max(times), s.machine.now.tzinfo) if times else None


__all__ = ["Machine", "look"]
