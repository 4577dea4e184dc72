"""`vaultcli client list`: the register, a client a line."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal


@click.command("list")
@click.option("--closed", is_flag=True, help="Also charts that are closed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, closed: bool, as_json: bool) -> None:
    """List the register."""
    from vaultcli.cli.open_chart import open_chart

    with open_chart(options) as chart:
        shown = [one for one in chart.clients() if closed or not one.closed]
    if as_json:
        terminal.emit_json([{**one.fields, "kind": one.kind} for one in shown])
        return
    rows = [[one.handle, one.name, one.kind, one.text("slot"), f"closed {one.closed}" if one.closed else ""] for one in shown]
    terminal.say(terminal.table(rows, heads=("handle", "name", "kind", "slot", "")) or "no clients yet; `vaultcli client add`")
