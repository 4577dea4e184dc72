"""`vaultcli keys receive`: the `epoch.age` of an epoch that began on another machine."""

from __future__ import annotations

from pathlib import Path

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.keys import open_epoch
from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.ui import clock, prompt, terminal


@click.command("receive")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Ask nothing.")
@pass_options
def command(options: Options, file: Path, yes: bool) -> None:
    """Take over a new epoch: FILE is the other machine's epoch.age, brought on a stick, or the new recovery page.

    Sync first. The old epoch.age goes; drawers that this machine began meanwhile are sealed to the new epoch.

    \b
    vaultcli psychotherapy sync
    vaultcli keys receive /media/lee/blue/psychotherapy-keys/epoch.age
    """  # noqa: D301
    with open_store.open_store(options) as store:
        from vaultcli.psychotherapy.keys import receive
        from vaultcli.psychotherapy.unlock import agent

        identities = open_epoch.identities(store)
        fresh = receive.open_file(file.expanduser(), identities)

        def agreed(names: list[str]) -> bool:
            terminal.warn("that epoch destroys the psychotherapy notes of:")
            for name in names:
                terminal.warn(f"  {terminal.escape(name, keep='')}")
            return yes or prompt.confirm("give them up on this machine too?")

        done = receive.receive(store, fresh, identities, clock.now(), agreed)
        terminal.say(f"epoch {done.number} is in force on this machine")
        if done.over:
            terminal.say(f"{terminal.counted(done.over, 'drawer')} begun here meanwhile sealed to it; sync once more")
        open_epoch.tell_sticks(done.updated, [])
        agent.forget(store)
