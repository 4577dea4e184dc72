"""Days that options name, such as `2026-11-22` or `yesterday`, checked."""

from __future__ import annotations

from datetime import timedelta

import click

from vaultcli.cli.ui import clock, terminal


def day(word: str | None, example: str = "2026-11-22") -> str:
    """A day of the calendar; empty where it was left out.

    Args:
        word: as typed.
        example: shown where it is none.

    Raises:
        click.UsageError: it is none.
    """
    from vaultcli.record.notes import names

    if word is None:
        return ""
    if not names.is_date(word):
        raise click.UsageError(f"{word} is no day; write it as {example}")
    return word


def session_day(word: str | None, *, tell: bool = False) -> str:
    """The day of a session: a day of the calendar, `today` or `yesterday`; today where it was left out.

    Args:
        word: as typed.
        tell: say so where it is in the future.

    Raises:
        click.UsageError: it is none of these.
    """
    today = clock.now().date()
    if word is None or word == "today":
        return today.isoformat()
    if word == "yesterday":
        return (today - timedelta(days=1)).isoformat()
    if day(word) > today.isoformat() and tell:
        terminal.warn(f"{word} is in the future")
    return word
