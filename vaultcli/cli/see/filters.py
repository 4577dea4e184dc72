"""What the commands that look through the index have in common: their options, and how they tell of long work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.work.index.view import Telling


def check_type(kind: str | None) -> None:
    """Refuse a type that no note has."""
    if kind is None:
        return
    from vaultcli.record.notes import fields

    if kind not in fields.TYPES:
        raise click.UsageError("--type is one of " + ", ".join(fields.TYPES))


def check_state(state: str | None) -> None:
    """Refuse a state that no note can be in."""
    if state is None:
        return
    from vaultcli.record.view import entry

    if state not in entry.STATES:
        raise click.UsageError("--state is one of " + ", ".join(entry.STATES))


def only_client(chart: Chart, word: str | None) -> str:
    """The id of the client that an option or argument names; empty where it was left out."""
    if not word:
        return ""
    from vaultcli.work.index import view

    if quick := view.whose(chart, word):
        return quick
    from vaultcli.work.notes import lookup

    return lookup.client_of(chart, word).id


def telling() -> Telling:
    """Progress while lines are read anew, and one line when the index cannot be written."""
    from vaultcli.work.index.view import Telling

    return Telling(_progress, lambda why: terminal.warn(terminal.escape(why, keep="")))


@contextmanager
def _progress(lines: int) -> Iterator[Callable[[int], None]]:
    with terminal.progress("indexing", lines) as bar:
        yield bar.update
