"""`vaultcli search`: words in the notes of a practice."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import passages, terminal
from vaultcli.ground.errors import FINDINGS, OK

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.places.index import LineRow
    from vaultcli.work.index.view import View
    from vaultcli.work.overview.search import Found


@click.command("search")
@click.argument("words", metavar="WORD...", nargs=-1, required=True)
@click.option("--client", metavar="CLIENT", help="Only in this client's notes.")
@click.option("--since", metavar="DATE", help="Only in notes of this day on.")
@click.option("--until", metavar="DATE", help="Only in notes up to this day.")
@click.option("--type", "kind", help="Only in notes of this type.")
@click.option("--format", "shape", help="Only in notes of this format: dap, soap, ...")
@click.option("--withdrawn", is_flag=True, help="In withdrawn notes too.")
@passages.limit_option
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(
    options: Options,
    words: tuple[str, ...],
    client: str | None,
    since: str | None,
    until: str | None,
    kind: str | None,
    shape: str | None,
    withdrawn: bool,
    limit: int | None,
    as_json: bool,
) -> int:
    """Find the notes that hold all these words, newest session first.

    Case, accents and vowel points do not count, nor how a letter was typed: `strasse` finds Straße, `lukasz` Łukasz, and a
    soft hyphen or a ligature hides no word. Several words in quotation marks are a phrase, also across the end of a line; a
    star at the end stands for any ending. Chinese, Japanese and Thai are found anywhere in a line, as they write no blanks
    between words.

    Searched are the texts that stand, as corrected, with what was added to them; drafts as their
    files are now; and the lines at the top of a note. Closed charts are searched too, and marked.

    \b
    vaultcli search lithium
    vaultcli search "sleep diary" grief* --client ada --since 2026-01-01

    The exit code is 1 where nothing was found.
    """  # noqa: D301
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.see.filters import (
        check_type,
        only_client,
        telling,
    )
    from vaultcli.cli.ui.days import day
    from vaultcli.places.index import Wanted
    from vaultcli.record.view.query import query
    from vaultcli.work.index import view as views
    from vaultcli.work.overview import search

    # nothing is opened for a word that cannot be searched for
    asked = query(words)
    check_type(kind)
    wanted = Wanted("", day(since), day(until, last=True), kind or "", shape or "", withdrawn=withdrawn)
    most = passages.limit(limit, as_json=as_json)
    with open_chart(options) as chart:
        only = only_client(chart, client)
        if only:
            wanted = wanted._replace(client=only)
        with views.look(chart, only=[only] if only else None, telling=telling()) as view:
            found, count = search.search(view, asked, wanted, most)
            if as_json:
                terminal.emit_json({"found": count, "hits": [_as_json(view, one) for one in found]})
            else:
                for one in found:
                    _show(chart, view, one)
                passages.end(count, len(found))
    return OK if count else FINDINGS


def _whose(line: LineRow) -> str:
    return f"{line.name} ({line.handle}{', closed' if line.closed else ''})"


def _show(chart: Chart, view: View, one: Found) -> None:
    note, kind = one.hit.note, "" if one.hit.kind == "note" else one.hit.kind
    state = note.state + (", edited" if view.edited(note) else "")
    parts = (_whose(view.lines[note.client]), f"{note.date} {note.time}".strip(), note.type, state, kind)
    # where a terminal or an editor finds it from here
    path = os.path.relpath(chart.folder(note.client) / one.hit.path)
    passages.show(parts, one.places, lambda place: f"{path}:{place.line}")


def _as_json(view: View, one: Found) -> dict[str, Any]:
    note, line = one.hit.note, view.lines[one.hit.note.client]
    return {
        "client": note.client,
        "handle": line.handle,
        "closed": bool(line.closed),
        "id": note.id,
        "date": note.date,
        "time": note.time,
        "type": note.type,
        "format": note.format,
        "state": note.state,
        "edited": view.edited(note),
        "path": one.hit.path,
        "kind": one.hit.kind,
        "places": passages.as_json(one.places),
    }
