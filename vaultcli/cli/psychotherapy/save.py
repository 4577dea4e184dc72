"""`vaultcli psychotherapy save`: taking in what stock age sealed, and recording what waits."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import FINDINGS, OK


@click.command("save")
@pass_options
def command(options: Options) -> int:
    """Take in text that stock age sealed into a client's drawer folder, and record the access log.

    \b
    age -r RECIPIENT -o psychotherapy/DRAWER/anything.age note.txt

    Such a note is sealed anew and marked unsigned until you edit or confirm it, for anybody who knows the recipient could have
    made it; the file that you made is not recorded and is taken away. Whatever else lies in the folder is none of these
    notes': it is named, stays, and the exit code is 1.
    """  # noqa: D301
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.psychotherapy.notes import access_log, foreign_files

    with desks.open_desk(options) as desk:
        done = foreign_files.take(desk.store, desk.opener, clock.now())
        logged = access_log.flush(desk.store, clock.now())
        words = {one.known.token: one.word for one in desk.people if one.known is not None}
        for known, id_ in done.notes:
            terminal.say(terminal.escape(f"sealed {words.get(known.token, known.name)} {id_}, unsigned", keep=""))
        for path, why in sorted(done.strangers.items()):
            terminal.warn(terminal.escape(f"{path}: {why}", keep=""))
        if logged:
            terminal.say("recorded the access log")
        if not (done.notes or done.strangers or logged):
            terminal.say("nothing to record")
    return FINDINGS if done.strangers else OK
