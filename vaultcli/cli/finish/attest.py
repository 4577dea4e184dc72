"""`vaultcli attest`: the author's statement for a note that was recorded and never signed."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, given_text, picker, terminal
from vaultcli.ground.errors import OK


@click.command("attest")
@click.argument("note", required=False)
@click.option("-m", "--message", help="The statement; - is standard input. Default: the usual wording.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print what was signed as JSON.")
@pass_options
def command(options: Options, note: str | None, message: str | None, yes: bool, as_json: bool) -> int:
    """Attest a note of yours whose signature is missing.

    A payer who asks for a note that was never signed accepts no signature made late as if it had been made then, and
    does accept a dated statement of its author. The statement names the client, the date of service, your capacity at the
    time, and the recorded bytes by SHA-256, which from then on do not change. A draft that is still being written is
    signed instead.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.ui import passphrase, prompt
    from vaultcli.ground.errors import Refused
    from vaultcli.record.view import entry as record
    from vaultcli.work.notes import amend, draft, lookup, sign
    from vaultcli.work.notes.sign import Batch

    message = given_text.remark(message)
    with open_chart(options) as chart:
        entry = lookup.resolve(chart, picker.note(chart, note), clock.now())
        if entry.state != record.DRAFT or entry.edited:
            raise Refused(
                f"{entry.path}: is {entry.state}{' and edited' if entry.edited else ''}; "
                "only a recorded note without a signature is attested"
            )
        if entry.author != chart.me.id:
            raise Refused(f"{entry.path}: only {entry.author}, its author, can attest it")
        draft.check_closed(chart, entry)
        statement = message if message is not None else amend.statement(chart, entry)
        if not yes:
            terminal.say(terminal.escape(statement))
            if not prompt.confirm("sign this statement?"):
                return OK
        unsigned = amend.attestation(entry, statement)
        with sign.pen(chart, passphrase.asker()) as pen, chart.recorder() as by:
            passphrase.announce_touches(pen, 1)
            batch = Batch(entry.client, "attest", [unsigned])
            done = sign.sign(chart, batch, pen, by, clock.now(), clock.clock_source())
        path, digest = done.files[0]
        if as_json:
            terminal.emit_json({"signed": [{"client": done.client, "commit": done.commit, "path": path, "sha256": digest}]})
        else:
            terminal.say(f"attested {chart.register(entry.client).handle} {entry.path}")
        return OK
