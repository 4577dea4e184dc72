"""`vaultcli keys list`: whose keys record in the psychotherapy repository."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.ui import terminal


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, as_json: bool) -> None:
    """The machines and the recovery signer, under their opaque names; `this` is the machine that you are at.

    Which machine is which stands nowhere: compare fingerprints on the machine itself.
    """
    with open_store.open_store(options) as store:
        from vaultcli.ground.ssh import keyfiles

        file = store.settings.keys / store.settings.machine_key
        own = keyfiles.public_key_of(file).fingerprint if file.is_file() else ""
        rows = store.state.signers.entries
    if as_json:
        terminal.emit_json(
            [
                {
                    "name": one.principal,
                    "kind": one.kind,
                    "fingerprint": one.fingerprint,
                    "added": one.added,
                    "endorsed_by": one.endorsed_by,
                    "revoked": one.revoked or None,
                    "reason": one.reason or None,
                    "this": one.fingerprint == own,
                }
                for one in rows
            ]
        )
        return
    table = []
    for one in rows:
        notes = [f"revoked {one.revoked} ({one.reason})"] * bool(one.revoked) + ["this"] * (one.fingerprint == own)
        table.append((one.principal, one.kind, one.added, one.fingerprint, ", ".join(notes)))
    terminal.say(terminal.table(table, heads=("name", "kind", "since", "fingerprint", ""), whole=(0, 3)))
