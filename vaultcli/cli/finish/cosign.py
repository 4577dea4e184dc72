"""`vaultcli cosign`: a supervisor's walk through the notes that wait for a co-signature."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, given_text, terminal
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vaultcli.places.chart.chart import Chart
    from vaultcli.places.machine.vault import Vault
    from vaultcli.record.view.entry import Entry


COSIGN, NOT_YET, QUIT = "c", "n", "q"


@click.command("cosign")
@click.argument("what", metavar="[CLIENT|NOTE]...", nargs=-1)
@click.option("--yes", is_flag=True, help="Co-sign without asking about each note; for scripts.")
@click.option("-m", "--message", default="", help="A remark that is signed with each co-signature; - is standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print what was co-signed as JSON.")
@pass_options
def command(options: Options, what: tuple[str, ...], yes: bool, message: str, as_json: bool) -> int:
    """Co-sign the notes that wait for you, in this vault and in those of your settings.

    Each note is shown with all that was added to it, and a co-signature covers exactly what was shown, by SHA-256. If
    something is added while you read, that note is refused and waits for the next walk.

    c co-signs a note, l leaves it for later. n asks what the author is to mend, and writes it to a file in your home, to be
    given to them: nothing of it is recorded. They answer by `vaultcli amend`, and the note waits again.
    """
    from vaultcli.cli.finish import sync_age
    from vaultcli.cli.open_chart import open_chart_of

    message = given_text.remark(message) or ""
    done: list[dict[str, str]] = []
    with ExitStack() as stack:
        charts = [stack.enter_context(open_chart_of(vault)) for vault in _vaults(options)]
        for chart in charts:
            sync_age.tell(chart)
        queue = [(chart, entry) for chart in charts for entry in _waiting(chart, what)]
        if not queue:
            terminal.emit_json({"cosigned": []}) if as_json else terminal.say("nothing waits for your co-signature")
            return OK
        agreed: list[tuple[Chart, Entry]] = []
        for count, (chart, entry) in enumerate(queue, 1):
            answer = COSIGN if yes else _show(chart, entry, f"{count}/{len(queue)}")
            if answer == QUIT:
                break
            if answer == COSIGN:
                agreed.append((chart, entry))
            if answer == NOT_YET:
                _not_yet(chart, entry)
        for chart in charts:
            for row in _cosign(chart, [entry for one, entry in agreed if one is chart], message):
                done.append(row)
                if not as_json:
                    terminal.say(f"co-signed {row['handle']} {row['note']}")
    if as_json:
        terminal.emit_json({"cosigned": done})
    return OK


def _vaults(options: Options) -> list[Vault]:
    """The vault at hand first, then those of the user's settings where this user is enrolled."""
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.ground.errors import NotFound
    from vaultcli.places.machine import settings, vault

    found = []
    try:
        found.append(find_vault(options))
    except NotFound:
        if options.vault is not None or not settings.vaults():
            raise
    for root in settings.vaults() if options.vault is None else ():
        if (root / vault.NAME).is_file():
            found.append(vault.load(root))
        else:
            terminal.warn(f"{root}: named in your settings, and no vault is there")
    return list({one.root: one for one in found}.values())


def _waiting(chart: Chart, what: Sequence[str]) -> list[Entry]:
    """The notes of a chart that this user can co-sign and that need it, oldest first."""
    from vaultcli.record.notes.find_client import Accept, fitting
    from vaultcli.record.view.entry import NEEDS_COSIGNATURE
    from vaultcli.work.index import lines
    from vaultcli.work.notes import lookup

    person = chart.policy.practice.person(chart.vault.principal)
    if person is None or not chart.policy.practice.may_mean(person.id, "cosigner"):
        return []
    waits = {line.client for line in lines.all_lines(chart) if line.waiting}
    found = []
    for one in map(chart.register, sorted(waits)):
        named = not what or any(fitting([one], word, Accept.ANY) for word in what)
        for entry in lookup.entries_of(chart, one):
            asked = named or any(len(word) >= 4 and word in entry.path for word in what)
            if asked and entry.state == NEEDS_COSIGNATURE and entry.author != person.id:
                found.append(entry)
    return sorted(found, key=lambda entry: (entry.name.date, entry.id))


def _show(chart: Chart, entry: Entry, count: str) -> str:
    from vaultcli.cli.ui import prompt
    from vaultcli.record.notes import block

    client = chart.register(entry.client)
    head = f"{count} · {chart.policy.practice.name} · {client.name} · {entry.name.type} · {entry.name.date} · by {entry.author}"
    terminal.say(terminal.paint(terminal.escape(head), "cyan", bold=True))
    terminal.say(terminal.escape(block.without(entry.raw).decode("utf-8").rstrip("\n")))
    for one in entry.additions:
        terminal.say(terminal.paint(f"{one.kind} by {one.file.block.by}, {one.file.block.time}", "cyan"))
        terminal.say(terminal.escape(block.without(one.raw).decode("utf-8").rstrip("\n")))
    return prompt.ask("", ["[c]osign", "[l]ater", "[n]ot yet", "[q]uit"])


def _not_yet(chart: Chart, entry: Entry) -> None:
    """What the author is to mend, in a file outside of every vault: nothing of it is recorded anywhere."""
    from pathlib import Path

    from vaultcli.cli.ui import prompt

    handle = chart.register(entry.client).handle
    remark = prompt.ask_line(f"what is {entry.author} to mend")
    if not remark:
        return
    file = Path.home() / f"remarks-{entry.author}-{clock.now().date().isoformat()}.txt"
    try:
        number = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(number, "a", encoding="utf-8") as out:
            out.write(f"{handle} {entry.name.type} {entry.name.date}, vaultcli amend {entry.id}\n{remark}\n\n")
    except OSError as error:
        terminal.warn(f"the remark was not written: {file}: {(error.strerror or 'failed').lower()}")
        return
    terminal.warn(f"in {file}, outside of the vault; nothing of it is recorded, and the note waits")


def _cosign(chart: Chart, agreed: Sequence[Entry], message: str) -> Iterator[dict[str, str]]:
    """Sign and record, one commit a client, each told once it is durable; a note that changed since it was shown is left."""
    if not agreed:
        return
    from vaultcli.cli.ui import passphrase
    from vaultcli.ground.errors import Refused
    from vaultcli.work.notes import amend, sign
    from vaultcli.work.notes.sign import Batch

    clients: dict[str, list[Entry]] = {}
    for entry in agreed:
        clients.setdefault(entry.client, []).append(entry)
    with sign.pen(chart, passphrase.asker()) as pen, chart.recorder() as by:
        passphrase.announce_touches(pen, len(agreed))
        for client, entries in clients.items():
            unsigned = [amend.cosignature(entry, message) for entry in entries]
            try:
                done = sign.sign(chart, Batch(client, "cosign", unsigned), pen, by, clock.now(), clock.clock_source())
            except Refused as error:
                terminal.warn(f"left for later: {terminal.escape(error.message)}")
                continue
            handle = chart.register(client).handle
            for entry, (path, digest) in zip(entries, done.files, strict=True):
                yield {"client": client, "handle": handle, "note": entry.path, "path": path, "sha256": digest}
