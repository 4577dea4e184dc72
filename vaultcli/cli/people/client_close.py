"""`vaultcli client close`: the end of a treatment."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, picker, terminal


@click.command("close")
@click.argument("client", required=False)
@click.option("--reopen", is_flag=True, help="Open a closed chart again.")
@pass_options
def command(options: Options, client: str | None, reopen: bool) -> None:
    """Close a client's chart.

    It leaves the lists; everything recorded stays, can be read, exported and added to.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.overview import card
    from vaultcli.work.people import register

    with open_chart(options) as chart:
        whose, now = picker.client(chart, client), clock.now()
        drafts = card.card(chart, whose, now).drafts
        register.close(chart, whose, now, reopen=reopen)
    terminal.say(f"{'opened' if reopen else 'closed'} {whose.handle}")
    if drafts and not reopen:
        terminal.warn(f"{len(drafts)} of its notes are not finished: vaultcli sign {whose.handle}")
