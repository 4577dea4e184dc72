"""`vaultcli psychotherapy edit`: a psychotherapy note, opened again."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.psychotherapy.notes.lookup import Meant
    from vaultcli.record.sealed.text import Facts

_OTHER = "\n<!-- Below is what another machine wrote meanwhile. Take over what is missing above, and delete the rest. -->\n\n"


@click.command("edit")
@click.argument("note", required=False)
@click.option("-m", "--message", metavar="-", help="The whole new text from standard input, without an editor: -m -")
@click.option("--from", "source", type=click.File("rb"), help="Take the whole new text from a file; - is standard input.")
@click.option("--anyway", is_flag=True, help="Record it though little or nothing is left of it.")
@pass_options
def command(options: Options, note: str | None, message: str | None, source: BinaryIO | None, anyway: bool) -> int:
    """Open a psychotherapy note again: these are your own, and may be changed. Every version stays.

    NOTE is a client (the newest note), CLIENT~1, CLIENT@2026-11-22, or the beginning of an id. Where two machines changed one
    note, both texts are offered in one, and the version that you make takes both in. An unchanged note is not sealed anew.
    """
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.cli.psychotherapy import write as writer
    from vaultcli.ground.errors import Refused
    from vaultcli.psychotherapy.notes import write
    from vaultcli.record.sealed.header import ATTACHMENT

    text = writer.given(message, source)
    with desks.open_desk(options) as desk:
        meant = desks.meant(desk, note, whole=True)
        if meant.file.header.kind == ATTACHMENT:
            raise Refused("an attachment does not change", hint="attach the new file beside it")
        also = tuple(one.header.sha256 for one in meant.entry.beside[:1]) if meant.file is meant.entry.note else ()
        target = write.again(desk.store, meant.file, also)
        start = _start(meant) if also else meant.file.contents.text
        whole = None if text is None else write.pasted(target, text, _facts(meant))
        desks.note(desk, "edit", meant.known.token, [meant.file.at.id])
        return writer.write(desk, target, start, whole, word=meant.person.word, name=meant.person.name, anyway=anyway)


def _facts(meant: Meant) -> Facts:
    from vaultcli.record.sealed import text

    return text.facts(meant.file.contents.text)


def _start(meant: Meant) -> bytes:
    """Our text with the other one below it."""
    from vaultcli.record.sealed import text

    terminal.warn("another machine changed this note too: both texts are shown, one below the other")
    other = meant.entry.beside[0].contents.text
    return meant.file.contents.text.rstrip(b"\n") + b"\n" + _OTHER.encode() + text.body(other).lstrip(b"\n")
