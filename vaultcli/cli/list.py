"""`vaultcli list`: notes, newest first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli import clock, terminal
from vaultcli.cli.door import Options, pass_options

if TYPE_CHECKING:
    from vaultcli.places.chart import Chart
    from vaultcli.record.client import Client
    from vaultcli.record.record import Entry

DAYS = 30
"""How far back the notes of all clients are listed, unless --since says otherwise."""
_SLACK = 31


@click.command("list")
@click.argument("client", required=False)
@click.option("--since", metavar="DATE", help=f"From this day on. Default: everything of a client; of all clients, {DAYS} days.")
@click.option("--type", "kind", help="Only notes of this type.")
@click.option("--state", help="Only notes in this state: draft, signed, needs co-signature, ...")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(
    options: Options, client: str | None, since: str | None, kind: str | None, state: str | None, as_json: bool
) -> None:  # fmt: skip
    """List a client's notes, or the recent notes of all clients, newest first.

    A note's state follows from what is signed: unrecorded, draft, signed, needs co-signature, co-signed, attested or
    withdrawn.
    """
    from vaultcli.cli.opening import open_chart
    from vaultcli.work import reading

    with open_chart(options) as chart:
        start = _start(client, since)
        _check_state(state)
        _check_type(kind)
        rows: list[tuple[Client, Entry]] = []
        for one in _clients(chart, client, start):
            rows += [(one, entry) for entry in reading.entries_of(chart, one)]
        wanted = [row for row in rows if _fits(row[1], start, kind, state)]
        ordered = sorted(wanted, key=lambda row: _order(row[1]), reverse=True)
        if as_json:
            terminal.emit_json({"notes": [as_row(one, entry) for one, entry in ordered]})
        elif ordered:
            terminal.say(_table(ordered, several=client is None))
        else:
            terminal.say("no notes")


def _start(client: str | None, since: str | None) -> str:
    from vaultcli.record import names

    if since is not None:
        if not names.is_date(since):
            raise click.UsageError(f"{since} is no day; write it as 2026-11-22")
        return since
    return "" if client else (clock.now().date() - timedelta(days=DAYS)).isoformat()


def _check_state(state: str | None) -> None:
    from vaultcli.record import record

    if state is not None and state not in record.STATES:
        raise click.UsageError("--state is one of " + ", ".join(record.STATES))


def _check_type(kind: str | None) -> None:
    from vaultcli.record import fields

    if kind is not None and kind not in fields.TYPES:
        raise click.UsageError("--type is one of " + ", ".join(fields.TYPES))


def _clients(chart: Chart, word: str | None, start: str) -> list[Client]:
    """The one named; else all whose folders or lines have a note of that time, by their file names."""
    from vaultcli.work import reading

    if word:
        return [reading.client_of(chart, word)]
    # a file keeps the first date that its note had, so look a little further back than the dates asked for
    first = (date.fromisoformat(start) - timedelta(days=_SLACK)).isoformat()
    return [chart.register(one) for one in chart.client_ids() if reading.newest_day(chart, one) >= first]


def _fits(entry: Entry, start: str, kind: str | None, state: str | None) -> bool:
    from vaultcli.work import reading

    fields = reading.fields_of(entry)
    return fields.date >= start and kind in (None, fields.type) and state in (None, entry.state)


def _order(entry: Entry) -> tuple[str, str, str]:
    from vaultcli.work import reading

    fields = reading.fields_of(entry)
    return fields.date, fields.time, entry.id


def _table(rows: list[tuple[Client, Entry]], *, several: bool) -> str:
    from vaultcli.work import reading

    cells = []
    for client, entry in rows:
        fields = reading.fields_of(entry)
        changed = ", edited" if entry.open else ", written over"
        state = entry.state + (changed if entry.edited and entry.recorded else "")
        name = [client.name] if several else []
        cells.append([*name, fields.date, fields.time, fields.type, fields.format, state, _additions(entry), entry.id])
    return terminal.table(cells, whole=(1, 2, 5) if several else (0, 1, 4))


def _additions(entry: Entry) -> str:
    kinds = [one.kind for one in entry.additions if one.kind in ("correction", "addendum", "late-entry")]
    plural = {"correction": "corrections", "addendum": "addenda", "late-entry": "late entries"}
    counted = [(kind, kinds.count(kind)) for kind in plural if kind in kinds]
    return ", ".join(f"{number} {kind if number == 1 else plural[kind]}" for kind, number in counted)


def as_row(client: Client, entry: Entry) -> dict[str, Any]:
    """A note as `list --json` has it."""
    from vaultcli.work import reading

    fields = reading.fields_of(entry)
    return {
        "client": entry.client,
        "handle": client.handle,
        "id": entry.id,
        "path": entry.path,
        "date": fields.date,
        "time": fields.time,
        "type": fields.type,
        "format": fields.format,
        "state": entry.state,
        "edited": entry.edited and entry.recorded is not None,
        "author": entry.author,
        "recorded": entry.recorded.time if entry.recorded else None,
        "signed": entry.signed.block.time if entry.signed else None,
        "additions": [
            {"kind": said.kind, "id": said.id, "path": one.file.path, "by": said.by, "signed": said.time}
            for one in entry.additions
            for said in [one.file.block]
        ],
    }
