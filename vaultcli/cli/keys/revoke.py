"""`vaultcli keys revoke`: end a machine's key in the psychotherapy repository."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.ui import clock, prompt, terminal
from vaultcli.ground.errors import Refused


@click.command("revoke")
@click.argument("machine")
@click.option("--reason", type=click.Choice(["lost", "left", "replaced", "compromised"]), required=True, help="Recorded with it.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@pass_options
def command(options: Options, machine: str, reason: str, yes: bool) -> None:
    """End a machine's key: MACHINE is its name or fingerprint from `keys list`. What it recorded until now keeps counting.

    This stops it from recording. It closes nothing: a lost machine had epoch.age, under your passphrase. If the passphrase may be
    known, rotate, and read in docs/psychotherapy/keys.md what that cannot undo.

    \b
    vaultcli keys revoke m5k2x8q0c --reason lost
    """  # noqa: D301
    with open_store.open_store(options) as store, store.machine() as (own, signer):
        from vaultcli.psychotherapy.keys import machines

        entry = machines.find(store.state.signers, machine)
        question = f"end {entry.principal} {entry.fingerprint}" + (", which is this machine?" if entry == own else "?")
        if not yes and not prompt.confirm(question):
            raise Refused("nothing was changed")
        machines.revoke(store, entry, reason, signer, clock.now())
        left = machines.let_in_by(store.state.signers, entry)
    terminal.say(f"revoked {entry.principal} ({reason})")
    for one in left if reason in ("lost", "compromised") else ():
        terminal.warn(f"it let in {one.principal} {one.fingerprint} ({one.added}): if that is none of yours, revoke it, too")
    if reason in ("lost", "compromised"):
        terminal.say("it had epoch.age under your passphrase: take a new one with `vaultcli keys rotate`")
