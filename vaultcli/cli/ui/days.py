"""Days and times that options name, read by the one parser and shown back with the weekday where they were not typed whole."""

from __future__ import annotations

import click

from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import BadInput

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(word: str | None, example: str = "", *, last: bool = False, ahead: bool = False) -> str:
    """A day of the calendar; empty where it was left out.

    Args:
        word: as typed; a month or a year too, where no example is given.
        example: how else it can be written, where it is none.
        last: of a month or year its last day; else its first.
        ahead: whether a day without a year is the next one.

    Raises:
        click.UsageError: it is none.
    """
    from vaultcli.record import typed

    if word is None:
        return ""
    today = clock.now().date()
    try:
        found = typed.day(word, today, ahead=ahead) if example or ahead else typed.span(word, today)[last]
    except BadInput as error:
        raise click.UsageError(f"{error.message}; write it as {example or typed.DAYS}") from None
    if found != word:
        terminal.warn(f"{terminal.escape(word, keep='')} is {shown(found)}")
    return found


def session_day(word: str | None, *, tell: bool = False) -> str:
    """The day of a session; one without a year is the last one behind us, and today where it was left out.

    Args:
        word: as typed.
        tell: say so where it is in the future.

    Raises:
        click.UsageError: it is none.
    """
    from vaultcli.record import typed

    today = clock.now().date().isoformat()
    found = day(word, typed.DAYS) or today
    if found > today and tell:
        terminal.warn(f"{shown(found)} is in the future")
    return found


def time(word: str | None) -> str:
    """The time of a session as front matter has it; where it may be before or after noon, it is asked.

    Args:
        word: as typed; what is no time is handed on, to be refused with its reason.

    Raises:
        BadInput: it has two readings, and nobody can be asked.
    """
    from vaultcli.cli.ui import prompt
    from vaultcli.record import typed

    found = typed.readings(word or "")
    if not found:
        return word or ""
    if len(found) == 1:
        (one,) = found
    else:
        if not terminal.is_interactive():
            raise BadInput(f"{word} may be {' or '.join(found)}", hint=f"write it as {typed.TIMES}")
        one = found["ap".index(prompt.ask(f"{word}:", [f"[a]m {found[0]}", f"[p]m {found[1]}"]))]
    begins, ends = (60 * int(part[:2]) + int(part[3:5]) for part in (one[:5], one[6:11]))
    if (ends - begins) % 1440 > 720:
        terminal.warn(f"{word} ends on the next day, {(ends - begins) % 1440 // 60} h later; is that what you mean?")
    return one


def shown(day_: str) -> str:
    """A day with its weekday, as in `Sun 2026-11-22`; what is no day, as it is."""
    from datetime import date

    from vaultcli.record.notes import names

    return f"{_WEEKDAYS[date.fromisoformat(day_).weekday()]} {day_}" if names.is_date(day_) else day_
