"""`vaultcli keys rotate`: a new passphrase, or another key, for the clinician."""

from __future__ import annotations

from typing import TextIO

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.keys import open_epoch
from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.psychotherapy.init_options import identity as identity_of
from vaultcli.cli.ui import clock, new_passphrase, terminal


@click.command("rotate")
@click.option("--identity", metavar="ssh:PATH|plugin:PATH", help="An SSH key or a plugin's identity, not a passphrase.")
@click.option("--passphrase-file", type=click.File(encoding="utf-8"), metavar="FILE", help="Its first line is the passphrase.")
@pass_options
def command(options: Options, identity: str | None, passphrase_file: TextIO | None) -> None:
    """Make yourself a new key under a new passphrase.

    One file is sealed anew, here and on every stick that is plugged in; no note is. What rotation cannot undo: what was
    readable with the old key or passphrase and an old copy of epoch.age stays readable with them.

    \b
    vaultcli keys rotate
    vaultcli keys rotate --identity ssh:~/.ssh/id_ed25519
    """  # noqa: D301
    if identity and passphrase_file:
        raise click.UsageError("--identity or --passphrase-file, not both")
    now = clock.now()
    with open_store.open_store(options) as store:
        from vaultcli.psychotherapy.keys import rotate
        from vaultcli.psychotherapy.unlock import agent, keys

        epoch, old = open_epoch.unlocked(store)
        asked = new_passphrase.asker(passphrase_file)
        done = rotate.rotate(store, epoch, old, now, asked, identity_of(identity), open_store.ask)
        open_epoch.log(store, keys.Keys(store, epoch), "rotate", now)
        terminal.say("rotated: epoch.age is sealed to your new key; no note was touched")
        open_epoch.tell_sticks(done.updated, done.stale)
        terminal.say(f"what this cannot undo: {rotate.CANNOT}")
        # whoever unlocked with the old key reads no more
        agent.forget(store)
