"""`vaultcli template show`: one template, byte for byte."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal


@click.command("show")
@click.argument("name")
@click.option("--shipped", is_flag=True, help="The one that comes with vaultcli, also where the practice has its own.")
@pass_options
def command(options: Options, name: str, shipped: bool) -> None:
    """Print a template, to be read or changed: vaultcli template show dap > dap.md."""
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.ground.errors import NotFound
    from vaultcli.places.chart import templates

    with open_chart(options) as chart:
        raw = templates.shipped(name) if shipped else templates.get(chart, name)
    if raw is None:
        raise NotFound(f"no shipped template is called {name}", hint="there are: " + ", ".join(templates.shipped_names()))
    terminal.write(raw)
