"""Choosing a client on the terminal, so that no name has to be typed into the shell and its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import click

from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import NotFound

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.notes.client import Client
    from vaultcli.record.notes.find_client import Accept, Findable
    from vaultcli.record.view.entry import Entry

Who = TypeVar("Who", bound="Findable")

_SHOWN = 30


def client(chart: Chart, word: str | None) -> Client:
    """The client that a word means; without one, the client that is chosen from the register.

    Raises:
        NotFound: the word fits nobody, or more than one.
        click.UsageError: no word, and nobody to ask.
    """
    from vaultcli.work.notes import lookup

    return lookup.client_of(chart, word) if word else pick(chart)


def note(chart: Chart, word: str | None) -> str:
    """The word for a note; without one, the handle of the client that is chosen, which means that client's newest.

    Raises:
        NotFound, click.UsageError: as for `pick`.
    """
    return word or pick(chart).handle


def client_or_note(chart: Chart, word: str | None) -> tuple[Client, Entry | None]:
    """The client that a word means, else the note and whose it is; without a word, the client that is chosen.

    Raises:
        NotFound, click.UsageError: as for `client`.
    """
    from vaultcli.work.notes import lookup

    return lookup.client_or_note(chart, word, clock.now) if word else (pick(chart), None)


def pick(chart: Chart) -> Client:
    """The client that is chosen from the register; closed charts are not offered.

    Raises:
        NotFound: there is none.
        click.UsageError: nobody can be asked.
    """
    from vaultcli.record.notes.find_client import Accept

    nobody = NotFound("there are no clients yet", hint="`vaultcli client add` adds one")
    return choose([one for one in chart.clients() if not one.closed], Accept.ANY, nobody)


def choose(everyone: Sequence[Who], accept: Accept, nobody: NotFound) -> Who:
    """The one that is chosen from a list, by number or by a word.

    Args:
        everyone: who is offered.
        accept: what of a client a word may be.
        nobody: raised where the list is empty.

    Raises:
        NotFound: there is none.
        click.UsageError: nobody can be asked.
    """
    from vaultcli.cli.ui import prompt
    from vaultcli.record.notes.find_client import fitting

    if not terminal.is_interactive():
        raise click.UsageError("name a client; the list to choose from opens on a terminal only")
    if not everyone:
        raise nobody
    shown = everyone
    while True:
        _show(shown, everyone)
        typed = prompt.ask_line("client (number, or part of the name)").strip()
        if typed.isdigit() and 1 <= int(typed) <= len(everyone):
            return everyone[int(typed) - 1]
        found = fitting(everyone, typed, accept) if typed else []
        if len(found) == 1:
            return found[0]
        shown = found or everyone


def _show(shown: Sequence[Who], everyone: Sequence[Who]) -> None:
    rows = [[str(everyone.index(one) + 1), one.handle, one.name] for one in shown[:_SHOWN]]
    terminal.warn(terminal.table(rows))
    if len(shown) > _SHOWN:
        terminal.warn(f"... and {len(shown) - _SHOWN} more: type part of a name")
