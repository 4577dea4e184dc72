"""`vaultcli psychotherapy confirm`: signing what stock age sealed."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal


@click.command("confirm")
@click.argument("note", required=False)
@pass_options
def command(options: Options, note: str | None) -> None:
    """Say that an unsigned note is yours: it is sealed anew, unchanged and signed by this machine.

    What somebody sealed with stock age to a drawer's recipient is taken in by `save` and marked unsigned, because anybody who
    knows the recipient could have made it. Read it first: `vaultcli psychotherapy show NOTE`.
    """
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.psychotherapy.notes import write

    with desks.open_desk(options) as desk:
        meant = desks.meant(desk, note, whole=True)
        terminal.warn(terminal.escape(f"for {meant.person.name}", keep=""))
        write.signed_again(desk.store, desk.opener, meant.file, clock.now())
        terminal.say(terminal.escape(f"confirmed {meant.person.word} {meant.file.at.id} of {meant.person.name}", keep=""))
