"""`vaultcli client edit`: a client's entry, by options or in the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.people import client_fields
from vaultcli.cli.ui import clock, picker, prompt, terminal

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.notes.client import Client


@click.command("edit")
@click.argument("client", required=False)
@click.option("--name", help="As you write it.")
@click.option("--handle", help="The short name for the keyboard, unique in the vault.")
@client_fields.lines
@pass_options
def command(options: Options, /, client: str | None, **lines: Any) -> None:  # noqa: ANN401
    """Change a client's entry.

    With options, those lines change and no other byte does; an empty value takes a line out. Without, your editor opens
    on the whole entry.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.people import register as registry

    with open_chart(options) as chart:
        whose = picker.client(chart, client)
        values = client_fields.with_members(chart, client_fields.given(lines))
        made = registry.change(chart, whose, values, clock.now()) if values else _in_editor(chart, whose)
        still = "" if made is whose else _still_held(chart, made)
    terminal.say(f"recorded {made.handle}" if made is not whose else "nothing changed")
    if still:
        terminal.warn(terminal.escape(f"{still}; --hold-ended says why it ends", keep=""))


def _still_held(chart: Chart, client: Client) -> str:
    """What still binds though the entry says it no longer."""
    from vaultcli.work.people import holds

    found = holds.of(chart, client.id)
    return "" if found.stands else found.why(clock.now().date())


def _in_editor(chart: Chart, client: Client) -> Client:
    from vaultcli.ground import files
    from vaultcli.ground.editor import command as editor
    from vaultcli.ground.errors import VaultError
    from vaultcli.record.notes import client as register
    from vaultcli.work.people import register as registry

    path = chart.folder(client.id) / register.PATH
    while True:
        registry.working(chart, client)
        prompt.settle()
        editor.edit(path)
        raw = registry.working(chart, client)
        if raw == chart.recorded(client.id, register.PATH):
            return client
        try:
            return registry.record(chart, client, raw, clock.now(), seen=files.digest(raw))
        except VaultError as error:
            if not terminal.is_interactive():
                raise
            terminal.warn(terminal.escape(error.message))
            if not prompt.confirm("edit it again?", default=True):
                raise
