"""`vaultcli withdraw`: take a note out of lists and exports, with a neutral line in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, given_text, picker, terminal
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from vaultcli.record.view.entry import Entry

REASONS = ("wrong-client", "entered-in-error", "duplicate", "other")


@click.command("withdraw")
@click.argument("note", required=False)
@click.option("--reason", type=click.Choice(REASONS), required=True, help="Why the note does not belong here.")
@click.option("-m", "--message", default="", help="A remark that stays, signed with the withdrawal; - is standard input.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print what was signed as JSON.")
@pass_options
def command(options: Options, note: str | None, reason: str, message: str, yes: bool, as_json: bool) -> int:
    """Withdraw a note, signed or draft: it leaves lists and exports, and a neutral line stands in its place.

    Nothing is deleted: the note stays in the history, readable with `show --original`. The text of a note withdrawn as
    wrong-client leaves this vault in no export and no release of this client; `vaultcli succeed` removes it from the
    line that is released. `vaultcli new CLIENT --again NOTE` writes it again under the client to whom it belongs.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.ui import passphrase, prompt
    from vaultcli.ground.errors import Refused
    from vaultcli.record.view import entry as record
    from vaultcli.work.notes import amend, draft, lookup, sign
    from vaultcli.work.notes.sign import Batch

    message = given_text.remark(message) or ""
    with open_chart(options) as chart:
        word = picker.note(chart, note)
        entry = lookup.resolve(chart, word, clock.now())
        lookup.check_whole(entry, word)
        if entry.state == record.UNRECORDED:
            raise Refused(f"{entry.path}: was never recorded", hint="`vaultcli edit`, then x, discards it")
        if entry.edited:
            raise Refused(f"{entry.path}: has changes that are not recorded", hint="`vaultcli save` first")
        if entry.withdrawal is not None:
            raise Refused(f"{entry.path}: is withdrawn already")
        draft.check_closed(chart, entry)
        client = chart.register(entry.client)
        question = f"withdraw {client.handle} {entry.name.date} {entry.name.type} ({entry.state}) as {reason}?"
        if not yes and not prompt.confirm(terminal.escape(question)):
            return OK
        unsigned = amend.withdrawal(entry, reason, chart.me.id, message)
        with sign.pen(chart, passphrase.asker()) as pen, chart.recorder() as by:
            passphrase.announce_touches(pen, 1)
            batch = Batch(entry.client, "withdraw", [unsigned])
            done = sign.sign(chart, batch, pen, by, clock.now(), clock.clock_source())
        path, digest = done.files[0]
        if as_json:
            row = {"client": done.client, "commit": done.commit, "path": path, "sha256": digest, "reason": reason}
            terminal.emit_json({"signed": [row]})
            return OK
        terminal.say(f"withdrawn {client.handle} {entry.path} ({reason})")
        if reason == "wrong-client":
            terminal.say(_where_it_belongs(entry))
            terminal.say("its text stays in this line's history until `vaultcli succeed` removes it")
        return OK


def _where_it_belongs(entry: Entry) -> str:
    if entry.attachment is None:
        return f"write it where it belongs: vaultcli new CLIENT --again {entry.id}"
    out = f"vaultcli show {entry.id} --original --save FILE"
    return f"attach it where it belongs: {out}, then vaultcli attach CLIENT FILE --kind {entry.attachment.kind}"
