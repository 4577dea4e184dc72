"""`vaultcli repair`: objects of the record that a disk has spoilt, brought back from another copy."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal
from vaultcli.ground.errors import FINDINGS, OK


@click.command("repair")
@click.option("--from", "source", metavar="COPY|REMOTE|BACKUP", default="", help="Where to take it from. Default: every remote.")
@pass_options
def command(options: Options, source: str) -> int:
    """Bring back what a failing disk, or a slip, has taken from the git folder of the record.

    Looks at every object that the lines of this copy lead to. Those that are missing or damaged are taken from a remote, a
    backup or another copy; each has to have the right hash. Nothing else is taken, and nothing that was deleted comes back.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.backup import repair

    with open_chart(options) as chart:
        if chart.repository.keep_objects():
            terminal.say("stock git deletes no object here from now on")
        done = repair.repair(chart, source)
    for name, why in done.away.items():
        terminal.warn(terminal.escape(f"{name}: cannot be read: {why}", keep=""))
    for name, number in done.back.items():
        if number:
            terminal.say(f"brought back {terminal.counted(number, 'object')} from {terminal.escape(name, keep='')}")
    if done.left:
        first = ", ".join(one[:12] for one in done.left[:5])
        terminal.warn(f"{terminal.counted(len(done.left), 'object')} missing or damaged: {first}")
        terminal.warn("`vaultcli repair --from DIR` takes them from another copy or a backup")
        return FINDINGS
    terminal.say(f"nothing is damaged: {terminal.counted(done.read, 'object')} read")
    return OK
