"""Choosing a client on the terminal, so that no name has to be typed into the shell and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.notes.client import Client

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


def pick(chart: Chart) -> Client:
    """The client that is chosen from the register; closed charts are not offered.

    Raises:
        NotFound: there is none.
        click.UsageError: nobody can be asked.
    """
    if not terminal.is_interactive():
        raise click.UsageError("name a client; the list to choose from opens on a terminal only")
    return _pick([one for one in chart.clients() if not one.closed])


def _pick(everyone: list[Client]) -> Client:
    from vaultcli.cli.ui import prompt
    from vaultcli.ground.errors import NotFound
    from vaultcli.record.notes import client as register

    if not everyone:
        raise NotFound("there are no clients yet", hint="`vaultcli client add` adds one")
    shown = everyone
    while True:
        _show(shown, everyone)
        typed = prompt.ask_line("client (number, or part of the name)").strip()
        if typed.isdigit() and 1 <= int(typed) <= len(everyone):
            return everyone[int(typed) - 1]
        found = register.find(everyone, typed) if typed else []
        if len(found) == 1:
            return found[0]
        shown = found or everyone


def _show(shown: list[Client], everyone: list[Client]) -> None:
    rows = [[str(everyone.index(one) + 1), one.handle, one.name] for one in shown[:_SHOWN]]
    terminal.warn(terminal.table(rows))
    if len(shown) > _SHOWN:
        terminal.warn(f"... and {len(shown) - _SHOWN} more: type part of a name")
