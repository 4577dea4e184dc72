"""`vaultcli edit`: a draft, opened again."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.finish import after_editor
from vaultcli.cli.ui import clock, picker, terminal
from vaultcli.cli.ui.open_editor import open_editor
from vaultcli.cli.write import new_group
from vaultcli.ground.errors import OK


@click.command("edit")
@click.argument("note", required=False)
@click.option("--beside", is_flag=True, help="Show the client's newest finished note beside it, where the editor can.")
@click.option("--sign", is_flag=True, help="Sign it afterwards without asking.")
@click.option("--draft", is_flag=True, help="Record it as a draft afterwards without asking.")
@click.option("--anyway", is_flag=True, help="Of a group's session: a word that is a member's name is none here.")
@pass_options
def command(options: Options, note: str | None, beside: bool, sign: bool, draft: bool, anyway: bool) -> int:
    """Open a draft again.

    NOTE is a client (the newest draft), CLIENT@09:00, CLIENT@2026-11-22, CLIENT~1, a path, or part of a note's id. Of a group
    it is the sheet of a session from which no notes were made yet.

    A signed note does not change: `vaultcli amend` adds to it.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.notes import draft as drafts
    from vaultcli.work.notes import lookup

    if sign and draft:
        raise click.UsageError("--sign and --draft exclude each other")
    with open_chart(options) as chart:
        finished = new_group.resume(chart)
        word = note or picker.client(chart, None).handle
        if finished and new_group.was_meant(chart, word, finished):
            return OK
        entry = lookup.resolve(chart, word, clock.now())
        if entry.name.type == "group" and chart.is_group(entry.client):
            return new_group.reopen(options, chart, chart.register(entry.client), entry.path, anyway=anyway)
        made = drafts.reopen(chart, entry)
        with after_editor.kept(made):
            other = drafts.newest_before(lookup.entries_of(chart, made.client), made) if beside else None
            terminal.warn(f"{made.client.handle} {entry.path}")
            open_editor(chart, made, other)
        return after_editor.finish(options, chart, made, fresh=False, answer=after_editor.decided(sign=sign, draft=draft))
