"""`vaultcli psychotherapy log`: recorded versions, and with --access who opened what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal
from vaultcli.ground.errors import FINDINGS, OK

if TYPE_CHECKING:
    from vaultcli.cli.psychotherapy.desk import Desk
    from vaultcli.psychotherapy.notes.access_log import Row
    from vaultcli.psychotherapy.notes.lookup import Version


@click.command("log")
@click.argument("what", metavar="[CLIENT|NOTE]", required=False)
@click.option("--access", is_flag=True, help="What was opened through vaultcli, by every machine; the chain is checked.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(options: Options, what: str | None, access: bool, as_json: bool) -> int:
    """Every recorded version of a client's psychotherapy notes, or of one note, newest first: when, by which machine.

    CLIENT gives the whole drawer; CLIENT~0, CLIENT@DATE or the beginning of an id one note, whose versions `show --version` and
    `diff` take.

    With --access: the openings, oldest first. Each was sealed before its text was shown, and each machine's are one chain: a
    lost or changed line is told, and the exit code is 1. An opening with stock age leaves no line, here or anywhere.
    """
    from vaultcli.cli.psychotherapy import desk as desks

    if access and what:
        raise click.UsageError("--access is of all clients")
    with desks.open_desk(options) as desk:
        if access:
            return _access(desk, as_json=as_json)
        versions = _versions(desk, what)[::-1]
        if as_json:
            terminal.emit_json({"versions": [_as_json(one) for one in versions]})
        else:
            terminal.say(terminal.table([_cells(one) for one in versions], whole=(0, 4)) or "nothing is recorded")
    return OK


def _versions(desk: Desk, what: str | None) -> list[Version]:
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.ground.errors import NotFound
    from vaultcli.psychotherapy.notes import lookup
    from vaultcli.psychotherapy.notes.people import ACCEPTED
    from vaultcli.record.notes.find_client import fitting

    if what and not fitting(desk.people, what, ACCEPTED):
        meant = desks.meant(desk, what)
        return lookup.versions(desk.store, desk.opener, meant.known, meant.file.at.id)
    person = desks.whose(desk, what)
    if person.known is None:
        raise NotFound(f"{person.word} has no psychotherapy notes")
    return list(lookup.history(desk.store, desk.opener, person.known))


def _cells(one: Version) -> list[str]:
    from vaultcli.cli.psychotherapy.show import marks

    head = one.opened.header
    kind = head.kind + (", as another machine wrote it" if one.opened.at.beside else "")
    return [terminal.moment(head.written), f"version {one.number}", kind, ", ".join([head.machine, *marks(one.opened)]), head.id]


def _as_json(one: Version) -> dict[str, Any]:
    from vaultcli.cli.psychotherapy.show import row

    kept = row(one.opened)
    told = {key: kept[key] for key in ("id", "kind", "to", "written", "by", "machine", "signed", "problem", "sha256")}
    return told | {"version": one.number, "commit": one.commit, "recorded": one.day, "beside": bool(one.opened.at.beside)}


def _access(desk: Desk, *, as_json: bool) -> int:
    from vaultcli.psychotherapy.notes import access_log

    rows = access_log.rows(desk.store, desk.opener)
    found = access_log.check(desk.store, desk.opener)
    names = {one.known.token: one.handle or one.name for one in desk.people if one.known is not None}
    if as_json:
        findings = [{"path": one.path, "rule": one.rule, "message": one.message} for one in found]
        terminal.emit_json({"events": [_event(row) for row in rows], "findings": findings})
    else:
        terminal.say(terminal.table([_event_cells(row, names) for row in rows], whole=(0,)) or "nothing was opened yet")
        for one in found:
            terminal.warn(terminal.escape(one.text(), keep=""))
    return FINDINGS if found else OK


def _event(row: Row) -> dict[str, Any]:
    event = row.event
    return {
        "machine": row.machine,
        "n": event.n,
        "time": event.time,
        "event": event.event,
        "token": event.token,
        "ids": list(event.ids),
        "why": event.why,
        "recorded": not row.waiting,
    }


def _event_cells(row: Row, names: dict[str, str]) -> list[str]:
    event = row.event
    whom = names.get(event.token, event.token) if event.token else "all clients" if event.event == "search" else ""
    files = ", ".join(event.ids) if len(event.ids) < 3 else terminal.counted(len(event.ids), "file")
    return [terminal.moment(event.time), str(event.n), event.event, whom, files, event.why, row.machine, "waits" * row.waiting]
