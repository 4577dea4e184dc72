"""`vaultcli diff`: what changed in a note, by words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, picker, terminal

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.view.entry import Entry


@click.command("diff")
@click.argument("note", required=False)
@click.argument("version", type=click.IntRange(1), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(options: Options, note: str | None, version: int | None, as_json: bool) -> None:
    """What changed in a note, by words: [-struck-] and {+inserted+}.

    Without VERSION the working file is compared with what was last recorded; with it, the text that stands now with that
    version. `vaultcli log NOTE` numbers the versions.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.ui import worddiff
    from vaultcli.record.view import values
    from vaultcli.work.notes import lookup

    with open_chart(options) as chart:
        entry = lookup.resolve(chart, picker.note(chart, note), clock.now())
        old, new = (values.text(raw) for raw in _both(chart, entry, version))
        if as_json:
            told = {"client": entry.client, "id": entry.id, "path": entry.path}
            terminal.emit_json(told | {"pieces": worddiff.as_json(old, new)})
        else:
            terminal.say(worddiff.render(old, new, context=2) or "no difference")


def _both(chart: Chart, entry: Entry, version: int | None) -> tuple[bytes, bytes]:
    """The two texts that are compared, the older one first."""
    from vaultcli.ground import files
    from vaultcli.ground.errors import NotFound
    from vaultcli.work.notes import versions

    if version is not None:
        return versions.text(chart, entry, version), entry.text
    recorded = chart.recorded(entry.client, entry.path)
    if recorded is None:
        raise NotFound(f"{entry.path} was never recorded", hint="`vaultcli save` records it")
    return recorded, files.read(chart.folder(entry.client) / entry.path)
