"""`vaultcli lock`: end the reading of psychotherapy notes."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import VaultError


@click.command("lock")
@pass_options
def command(options: Options) -> None:
    """End the agent that `vaultcli unlock` began, and record what waits of the access log. No passphrase is needed."""
    from vaultcli.cli.psychotherapy import open_store
    from vaultcli.psychotherapy.notes import access_log
    from vaultcli.psychotherapy.unlock import agent

    with open_store.open_store(options) as store:
        ended = agent.lock(store)
        terminal.say("locked" if ended else "nothing was unlocked")
        try:
            if access_log.flush(store, clock.now()):
                terminal.say("recorded the access log")
        except VaultError as error:
            terminal.warn(terminal.escape(f"the access log waits: {error.message}", keep=""))
