"""`vaultcli people list`: who works here, their roles, and their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.record.practice.keyring import Entry


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, as_json: bool) -> None:
    """List people, their roles and their keys."""
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.record.practice.keyring import RECOVERY

    with open_chart(options) as chart:
        people, keys = chart.policy.practice.people, chart.policy.keyring.entries
    if as_json:
        found = [{**_person(person), "keys": [_key(k) for k in keys if k.principal == person.id]} for person in people]
        terminal.emit_json({"people": found, "recovery": [_key(key) for key in keys if key.principal == RECOVERY]})
        return
    shown = [
        (one.id, one.name, one.credentials, " ".join(one.roles), f"ended {one.until}" if one.until else _by(one.supervisor))
        for one in people
    ]
    terminal.say(terminal.table(shown, heads=("id", "name", "credentials", "roles", "")))
    terminal.say()
    rows = [(key.principal, key.kind, key.fingerprint, _state(key)) for key in keys]
    terminal.say(terminal.table(rows, heads=("key of", "kind", "fingerprint", "")))


def _by(supervisor: str) -> str:
    return f"co-signed by {supervisor}" if supervisor else ""


def _state(key: Entry) -> str:
    if key.revoked:
        return f"revoked {key.revoked[:10]} ({key.reason})"
    return "policy" if key.policy else ""


def _person(person: Any) -> dict[str, Any]:  # noqa: ANN401  a dataclass, shown whole
    from dataclasses import asdict

    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(person).items()}


def _key(key: Entry) -> dict[str, Any]:
    return {
        "fingerprint": key.fingerprint,
        "kind": key.kind,
        "roles": list(key.roles),
        "added": key.added,
        "endorsed_by": key.endorsed_by,
        "revoked": key.revoked or None,
        "reason": key.reason or None,
        "last_good": key.last_good or None,
    }
