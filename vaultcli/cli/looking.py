"""What the commands that look through the index have in common: their options, and how they tell of long work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from vaultcli.cli import terminal

if TYPE_CHECKING:
    from vaultcli.places.chart import Chart
    from vaultcli.work.indexing import Telling


def day(text: str | None) -> str:
    """A day as an option names it; empty where it was left out."""
    if text is None:
        return ""
    from vaultcli.record import names

    if not names.is_date(text):
        raise click.UsageError(f"{text} is no day; write it as 2026-11-22")
    return text


def check_type(kind: str | None) -> None:
    """Refuse a type that no note has."""
    if kind is None:
        return
    from vaultcli.record import fields

    if kind not in fields.TYPES:
        raise click.UsageError("--type is one of " + ", ".join(fields.TYPES))


def check_state(state: str | None) -> None:
    """Refuse a state that no note can be in."""
    if state is None:
        return
    from vaultcli.record import record

    if state not in record.STATES:
        raise click.UsageError("--state is one of " + ", ".join(record.STATES))


def only_client(chart: Chart, word: str | None) -> str:
    """The id of the client that an option or argument names; empty where it was left out."""
    if not word:
        return ""
    from vaultcli.work import indexing

    if quick := indexing.whose(chart, word):
        return quick
    from vaultcli.work import reading

    return reading.client_of(chart, word).id


def telling() -> Telling:
    """Progress while lines are read anew, and one line when the index cannot be written."""
    from vaultcli.work.indexing import Telling

    return Telling(_progress, lambda why: terminal.warn(terminal.escape(why, keep="")))


@contextmanager
def _progress(lines: int) -> Iterator[Callable[[int], None]]:
    with terminal.progress("indexing", lines) as bar:
        yield bar.update
