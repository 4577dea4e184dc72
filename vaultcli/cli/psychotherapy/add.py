"""`vaultcli psychotherapy add`: something more to a psychotherapy note, as a file of its own."""

from __future__ import annotations

from typing import BinaryIO

import click

from vaultcli.cli.door import Options, pass_options


@click.command("add")
@click.argument("note", required=False)
@click.option("-m", "--message", metavar="-", help="The text from standard input, without an editor: -m -")
@click.option("--from", "source", type=click.File("rb"), help="Take the text from a file, which stays; - is standard input.")
@pass_options
def command(options: Options, note: str | None, message: str | None, source: BinaryIO | None) -> int:
    """Add to a psychotherapy note: a new file that belongs to it, while the note stays as it is.

    NOTE is a client (the newest note), CLIENT~1, CLIENT@2026-11-22, or the beginning of an id.
    """
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.cli.psychotherapy import write as writer
    from vaultcli.psychotherapy.notes import write
    from vaultcli.record.sealed.header import ADDITION

    text = writer.given(message, source)
    with desks.open_desk(options) as desk:
        meant = desks.meant(desk, note, whole=True)
        target = write.fresh(meant.known, ADDITION, meant.entry.id)
        return writer.write(desk, target, b"", text, word=meant.person.word, name=meant.person.name)
