"""`vaultcli list`: notes, newest first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal

if TYPE_CHECKING:
    from collections.abc import Collection

    from vaultcli.places.chart.chart import Chart
    from vaultcli.places.index import NoteRow
    from vaultcli.work.index.view import View

DAYS = 30
"""How far back the notes of all clients are listed, unless --since or --until says otherwise."""
_SLACK = 31
_TYPED = 6
"""Characters of an id on a screen: among ten thousand notes one in some ten thousand fits another, too; both are then listed."""
_NARROW = 72
"""Columns of a terminal below which a note takes two lines."""
_PLURAL = {"correction": "corrections", "addendum": "addenda", "late-entry": "late entries"}


@click.command("list")
@click.argument("client", required=False)
@click.option("--since", metavar="DATE", help=f"From this day on. Default: everything of a client; of all clients, {DAYS} days.")
@click.option("--until", metavar="DATE", help="Up to this day.")
@click.option("--type", "kind", help="Only notes of this type.")
@click.option("--state", help="Only notes in this state: draft, signed, needs co-signature, ...")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(
    options: Options,
    client: str | None,
    since: str | None,
    until: str | None,
    kind: str | None,
    state: str | None,
    as_json: bool,
) -> None:
    """List a client's notes, or the recent notes of all clients, newest first.

    A note's state follows from what is signed: unrecorded, draft, signed, needs co-signature, co-signed, attested or
    withdrawn. An attached file is listed by the note that describes it, with its kind, its name and its size.

    \b
    vaultcli list ada --type attachment
    vaultcli list --since 2026-01-01 --until 2026-03-31 --state draft
    """  # noqa: D301
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.see.filters import (
        check_state,
        check_type,
        only_client,
        telling,
    )
    from vaultcli.cli.ui.days import day
    from vaultcli.places.index import Wanted
    from vaultcli.work.index import view as views

    start, end = day(since), day(until, last=True)
    if not (client or start or end):
        start = (clock.now().date() - timedelta(days=DAYS)).isoformat()
    check_state(state)
    check_type(kind)
    with open_chart(options) as chart:
        only = only_client(chart, client)
        wanted = Wanted(only, start, end, kind or "", state=state or "")
        worth = _Worth(chart, "" if only else start)
        with views.look(chart, only=[only] if only else None, worth=worth, telling=telling()) as view:
            found = sorted(view.notes(wanted), key=lambda note: note.moment, reverse=True)
            if as_json:
                terminal.emit_json({"notes": [_as_json(view, note) for note in found]})
            else:
                terminal.say(_table(view, found, several=not only) or "no notes")


class _Worth:
    """Whether a line that the index does not have has notes of the days asked for, by the names of its files."""

    def __init__(self, chart: Chart, start: str) -> None:
        self._chart = chart
        # a file keeps the first date that its note had, so look a little further back
        self._first = (date.fromisoformat(start) - timedelta(days=_SLACK)).isoformat() if start else ""

    def __call__(self, client: str) -> bool:
        from vaultcli.work.notes import lookup

        return not self._first or lookup.newest_day(self._chart, client) >= self._first


def _table(view: View, found: Collection[NoteRow], *, several: bool) -> str:
    if (total := terminal.columns()) is not None:
        return _on_screen(view, found, several=several, total=total)
    cells = []
    for note in found:
        changed = ", edited" if note.state in ("unrecorded", "draft") else ", written over"
        state = note.state + (changed if view.edited(note) else "")
        name = [view.lines[note.client].name] if several else []
        what = ", ".join(filter(None, (_attached(note), _additions(note))))
        cells.append([*name, note.date, note.time, note.type, note.format, state, what, note.id])
    return terminal.table(cells, whole=(1, 2, 5) if several else (0, 1, 4))


def _on_screen(view: View, found: Collection[NoteRow], *, several: bool, total: int) -> str:
    """The same for a person at a terminal: handles and ids as short as can be typed; two lines a note where one is too narrow."""
    length = _shortest([note.id for note in found])
    rows = []
    for note in found:
        changed = ", edited" if note.state in ("unrecorded", "draft") else ", written over"
        state = note.state + (changed if view.edited(note) else "")
        what = ", ".join(filter(None, (_attached(note), _additions(note))))
        who = [view.lines[note.client].handle] if several else []
        rows.append(([note.id[:length], *who, note.date, note.time], [note.type, note.format, state, what]))
    if total >= _NARROW:
        return terminal.table([[*head, *rest] for head, rest in rows], whole=(0, 1, 2, 3) if several else (0, 1, 2))
    lines = terminal.table([head for head, _ in rows], whole=(0, 1, 2)).split("\n") if rows else []
    below = ["    " + terminal.escape(" ".join(filter(None, rest)), keep="") for _, rest in rows]
    return "\n".join(line for both in zip(lines, below, strict=True) for line in both)


def _shortest(ids: Collection[str]) -> int:
    """How many first characters of these ids name each of them, and are no fewer than a word for a note has to have."""
    return next(length for length in range(_TYPED, 17) if len({one[:length] for one in ids}) == len(ids))


def _attached(note: NoteRow) -> str:
    said = note.attachment
    return f"{said['kind']} {said['name']}, {terminal.size(said['bytes'])}" if said is not None else ""


def _additions(note: NoteRow) -> str:
    kinds = [one["kind"] for one in note.additions]
    counted = [(kind, kinds.count(kind)) for kind in _PLURAL if kind in kinds]
    return ", ".join(f"{number} {kind if number == 1 else _PLURAL[kind]}" for kind, number in counted)


def _as_json(view: View, note: NoteRow) -> dict[str, Any]:
    return {**note._asdict(), "handle": view.lines[note.client].handle, "edited": view.edited(note)}
