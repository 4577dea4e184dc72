"""How the searches show what they found: passages with the words in colour, no more than fit on a screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.record.view.passages import Place

SHOWN = 20
"""Texts that are shown unless --limit says otherwise; `--json` gives all."""
PLACES = 3
"""Places of one text that are shown."""

limit_option = click.option(
    "--limit", type=click.IntRange(min=0), help=f"So many texts; 0 for all. Default: {SHOWN}; all with --json."
)


def limit(given: int | None, *, as_json: bool) -> int:
    """How many texts are wanted; 0 for all."""
    return given if given is not None else 0 if as_json else SHOWN


def show(head: Sequence[str], places: Sequence[Place], where: Callable[[Place], str]) -> None:
    """One text that was found: a line on it, and its first places.

    Args:
        head: the parts of the line; empty ones are left out.
        places: in the text.
        where: what stands before a passage.
    """
    terminal.say(terminal.paint(terminal.escape(" · ".join(filter(None, head)), keep=""), "cyan"))
    for place in places[:PLACES]:
        section = f"  {place.section}" if place.section else ""
        terminal.say(terminal.escape(f"  {where(place)}{section}", keep=""))
        terminal.say(f"    {_passage(place)}")
    if len(places) > PLACES:
        terminal.say(f"  and {terminal.counted(len(places) - PLACES, 'more place')}")


def end(count: int, shown: int) -> None:
    """Say where nothing was found, or not all of it was shown."""
    if not count:
        terminal.warn("nothing found")
    elif shown < count:
        terminal.warn(f"{shown} of {count} texts; --limit shows more")


def as_json(places: Sequence[Place]) -> list[dict[str, Any]]:
    """Places as JSON has them (`docs/json.md`)."""
    return [
        {
            "line": place.line,
            "section": place.section,
            "passage": place.passage,
            "found": [text for text, found in place.pieces if found],
        }
        for place in places
    ]


def _passage(place: Place) -> str:
    shown = ((terminal.escape(text, keep=""), found) for text, found in place.pieces)
    return "".join(terminal.paint(text, "red", bold=True) if found else text for text, found in shown)
