"""`vaultcli psychotherapy attach`: a scan or a dictation, sealed beside a psychotherapy note."""

from __future__ import annotations

from pathlib import Path

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal


@click.command("attach")
@click.argument("note", metavar="NOTE|CLIENT")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-m", "--message", metavar="-", default="", help="A remark from standard input: -m -")
@pass_options
def command(options: Options, note: str, file: Path, message: str) -> None:
    """Seal a copy of a file into the drawer of a client, beside the note that it belongs to.

    The file itself is on a disk already, in the clear, and stays there: delete it where it must not be, and think of
    backups, of synced folders and of the device that it came from. `show` of the attachment gives its bytes back with --raw.
    """
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.cli.psychotherapy.write import given
    from vaultcli.ground import files
    from vaultcli.psychotherapy.notes import write
    from vaultcli.record.sealed.header import ATTACHMENT, CONTENT_FILE, LIMITS, NOTE_FILE

    raw = files.read(file, LIMITS[CONTENT_FILE])
    with desks.open_desk(options) as desk:
        meant = desks.meant(desk, note, whole=True)
        target = write.fresh(meant.known, ATTACHMENT, meant.entry.id)
        remark = (given(message, None) or b"") if message else b""
        title = " ".join(file.name.split())
        name = meant.person.name
        terminal.warn(terminal.escape(f"for {name}", keep=""))
        write.record(desk.store, desk.opener, target, {NOTE_FILE: remark, CONTENT_FILE: raw}, clock.now(), title=title)
        size, where = terminal.size(len(raw)), f"with the note {meant.entry.id} of {name}"
        said = f"sealed {meant.person.word} {target.id}: {title}, {size}, {where}"
        terminal.say(terminal.escape(said, keep=""))
        place = terminal.escape(str(file), keep="")
        terminal.warn(f"{place} itself is still on the disk in the clear: delete it where it must not stay")
