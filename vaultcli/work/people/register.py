"""The register: opening a client's line, changing what it says, closing the chart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from vaultcli.ground import files, ids
from vaultcli.ground.errors import BadInput, Conflict, NotFound, Refused
from vaultcli.places.chart.chart import Chart, Recording
from vaultcli.record.notes import client as register
from vaultcli.record.notes import fields
from vaultcli.record.notes.client import Client
from vaultcli.record.rules.admission import ATTRIBUTES
from vaultcli.record.rules.policy import GITATTRIBUTES

Values = Mapping[str, str | list[str]]
"""Lines of an entry: name to a text or a list of texts; an empty one takes the line out."""

_AS_IN_NOTES = ("place", "format", "cpt", "diagnoses")


def add(chart: Chart, values: Values, now: datetime) -> Client:
    """Open a client's line: its root holds the register entry and nothing else.

    Raises:
        Conflict: the handle is taken.
        BadInput: a value is not in the register's form.
    """
    id_ = ids.new()
    raw = register.draft({"kind": "individual", **values, "opened": now.date().isoformat(), "id": id_})
    made = register.parse(raw)
    with chart.repository.lock():
        check(chart, made, values)
        chart.record(id_, Recording("open", (id_,), {register.PATH: raw, ATTRIBUTES: GITATTRIBUTES}), now)
    return made


def change(chart: Chart, client: Client, values: Values, now: datetime) -> Client:
    """Change lines of an entry; every other byte stays.

    Raises:
        Conflict: the handle is taken, or the working file was edited and not saved.
        BadInput: a value is not in the register's form.
    """
    raw = chart.recorded(client.id, register.PATH)
    assert raw is not None
    # of an entry that cannot be read, the one before it is what is changed
    new = register.edited(raw if client.newest else chart.entry_in_force(client.id), values)
    if new == raw:
        return client
    return record(chart, client, new, now, seen=files.digest(raw), values=values)


def record(
    chart: Chart, client: Client, raw: bytes, now: datetime, *, seen: str, values: Values | None = None
) -> Client:
    """Record an entry as it now reads.

    Args:
        chart: the chart.
        client: as it was.
        raw: the whole file.
        now: the clock.
        seen: SHA-256 of the working file that may be overwritten.
        values: the lines to look at; all of the entry's when None.

    Raises:
        Refused: the entry names another id.
        Conflict, BadInput: as for `change`.
    """
    made = register.parse(raw)
    if made.id != client.id:
        raise Refused("the entry names another client's id", hint=f"its id is {client.id}")
    if (made.kind == register.GROUP) != (client.kind == register.GROUP):
        raise Refused("an entry is made as a group's and stays one", hint="`vaultcli client add --kind group` makes one")
    with chart.repository.lock():
        check(chart, made, values if values is not None else dict(made.fields))  # type: ignore[arg-type]
        chart.record(client.id, Recording("register", (client.id,), {register.PATH: raw}, {register.PATH: seen}), now)
    return made


def check(chart: Chart, client: Client, values: Values) -> None:
    """Stop an entry whose handle is taken, whose defaults no note could carry, or whose members are not to be had.

    Raises:
        Conflict: the handle is another client's.
        BadInput: a default is not in the form that notes need; a member is nobody, a group, or named twice.
    """
    taken = next((one for one in chart.clients() if one.handle == client.handle and one.id != client.id), None)
    if taken is not None:
        raise Conflict(f"the handle {client.handle} is taken", hint="handles are unique in the vault; try another")
    if values.get("members"):
        check_members(chart, client)
    for name in _AS_IN_NOTES:
        value = values.get(name)
        if value and name in fields.TABLE:
            also = {str(value)} if name == "format" else set()
            wrong = fields.check(fields.TABLE[name], list(value) if isinstance(value, list) else value, also)
            if wrong:
                raise BadInput(f"{register.PATH}: {name} {wrong}")


def check_members(chart: Chart, group: Client) -> None:
    """Stop a list of members that names nobody, a group, or somebody twice.

    Raises:
        BadInput: it does.
    """
    members = group.items("members")
    kinds = {one.id: one.kind for one in chart.clients()}
    if len(set(members)) != len(members):
        raise BadInput(f"{register.PATH}: members names somebody twice")
    if any(kinds.get(member, register.GROUP) == register.GROUP for member in members):
        raise BadInput(f"{register.PATH}: members names an id that is no client's, or a group's")


def members(chart: Chart, words: str) -> list[str]:
    """The ids of clients that are named by handles, ids or parts of names, separated by commas.

    Raises:
        NotFound: one of them fits nobody, or more than one.
    """
    return [chart.client(word.strip()).id for word in words.split(",") if word.strip()]


def close(chart: Chart, client: Client, now: datetime, *, reopen: bool = False) -> Client:
    """Close a chart, or open it again; its line stays, and can still be added to.

    Raises:
        Refused: it is closed, or open, already.
    """
    if bool(client.closed) != reopen:
        raise Refused(f"{client.handle} is {f'closed since {client.closed}' if client.closed else 'not closed'}")
    return change(chart, client, {"closed": "" if reopen else now.date().isoformat()}, now)


def working(chart: Chart, client: Client) -> bytes:
    """The working file of an entry, for the editor.

    Raises:
        NotFound: it is missing.
    """
    path = chart.folder(client.id) / register.PATH
    try:
        return files.read(path)
    except NotFound as error:
        raise NotFound(f"{path} is missing", hint="`vaultcli status` offers to mend it") from error
