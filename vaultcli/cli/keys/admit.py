"""`vaultcli keys admit`: let another machine record psychotherapy notes."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.ui import clock, prompt, terminal
from vaultcli.ground.errors import Refused


@click.command("admit")
@click.argument("line", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Ask nothing: the fingerprint was compared.")
@pass_options
def command(options: Options, line: tuple[str, ...], yes: bool) -> None:
    """Let the machine whose public key is LINE record from now on; it showed the line when it took over the notes.

    The key opens nothing. Compare the fingerprint with the one at the other machine, by telephone or on its screen.

    \b
    vaultcli keys admit ssh-ed25519 AAAAC3Nza...
    """  # noqa: D301
    with open_store.open_store(options) as store, store.machine() as (_, signer):
        from vaultcli.psychotherapy.keys import machines

        key = machines.parse(" ".join(line))
        if not yes:
            terminal.warn(f"the other machine's fingerprint is {key.fingerprint}")
            if not prompt.confirm("does it show the same?"):
                raise Refused("nothing was changed")
        entry = machines.admit(store, key, signer, clock.now())
    terminal.say(f"admitted {entry.principal} {entry.fingerprint}")
    terminal.say("it can record after both machines have synced: vaultcli psychotherapy sync")
