"""`vaultcli psychotherapy recover`: sealed copies of what was being written when something ended too early."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from vaultcli.cli.psychotherapy.desk import Desk
    from vaultcli.psychotherapy.notes.recovery_copies import Autosave


@click.command("recover")
@click.argument("id_", metavar="[ID]", required=False)
@click.option("--discard", is_flag=True, help="Delete the copy instead.")
@click.option("--anyway", is_flag=True, help="Record it though little is left of the note, or delete it without asking.")
@pass_options
def command(options: Options, id_: str | None, discard: bool, anyway: bool) -> int:
    """List the recovery copies, or record one as a note.

    While you write, every state that you save in the editor is sealed into this machine's state folder. After a crash, a power
    cut or a closed terminal the last one is there. Recorded it is a note, or the next version of the one that was open,
    and `edit` goes on with it.
    """
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.cli.psychotherapy import write as writer
    from vaultcli.psychotherapy.notes import recovery_copies, write
    from vaultcli.psychotherapy.unlock import opener

    if discard and not id_:
        raise click.UsageError("--discard wants the ID of the copy")
    with desks.open_desk(options) as desk:
        if not id_:
            _list(desk)
            return OK
        one = recovery_copies.find(desk.store, id_)
        if discard:
            return _discard(desk, one, anyway=anyway)
        known = opener.drawer(desk.opener, one.token)
        target, raw = write.recovered(desk.store, desk.opener, known, one)
        word, name = next(((who.word, who.name) for who in desk.people if who.known == known), (known.name, known.name))
        return writer.write(desk, target, b"", raw, word=word, name=name, anyway=anyway)


def _discard(desk: Desk, one: Autosave, *, anyway: bool) -> int:
    from vaultcli.cli.ui import prompt
    from vaultcli.psychotherapy.notes import recovery_copies

    if not anyway and not prompt.confirm(f"delete the recovery copy {one.id}? It is nowhere else.", default=False):
        terminal.say("kept")
        return OK
    recovery_copies.remove(desk.store, one)
    terminal.say(f"deleted {one.id}")
    return OK


def _list(desk: Desk) -> None:
    from vaultcli.ground.errors import VaultError
    from vaultcli.psychotherapy.notes import recovery_copies
    from vaultcli.psychotherapy.unlock import opener
    from vaultcli.record.sealed import text
    from vaultcli.record.sealed.paths import Sealed

    rows = []
    words = {one.known.token: one.word for one in desk.people if one.known is not None}
    for one in recovery_copies.waiting(desk.store):
        try:
            copy = recovery_copies.opened(desk.store, desk.opener, opener.drawer(desk.opener, one.token), one)
            recorded = Sealed(one.token, one.id).path in desk.store.state.tree
            what = "of a recorded note" if recorded else f"of a new {copy.header.kind}"
            count = terminal.counted(text.written(copy.text), "word")
            rows.append([terminal.moment(copy.header.written), words.get(one.token, ""), what, count, one.id])
        except VaultError as error:
            rows.append(["", words.get(one.token, ""), f"does not open: {error.message}", "", one.id])
    terminal.say(terminal.table(rows, whole=(0, 4)) or "no recovery copies")
