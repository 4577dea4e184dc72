"""`vaultcli template list`: the names of templates, and where each comes from."""

from __future__ import annotations

from typing import Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, as_json: bool) -> None:
    """List templates: how `new` names each, whose it is, and its headings."""
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.places.chart import templates
    from vaultcli.record.notes import template

    with open_chart(options) as chart:
        mine = set(templates.own_names(chart))
        found = {name: template.read(templates.get(chart, name), name) for name in templates.names(chart)}
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "from": "practice" if name in mine else "vaultcli",
            "type": one.type or "progress",
            "format": one.format or None,
            "headings": list(one.headings),
        }
        for name, one in found.items()
    ]
    if as_json:
        terminal.emit_json({"templates": rows})
        return
    shown = [(_asked(one), one["from"], ", ".join(one["headings"])) for one in rows]
    width = max(len(asked) + len(whose) for asked, whose, _ in shown) + 6
    terminal.say(terminal.table([(asked, whose, _short(heads, 100 - width)) for asked, whose, heads in shown]))


def _asked(row: dict[str, Any]) -> str:
    return f"--type {row['name']}" if row["type"] != "progress" else f"--format {row['name']}"


def _short(text: str, width: int) -> str:
    return terminal.escape(text if len(text) <= width else text[: width - 4] + " ...", keep="")
