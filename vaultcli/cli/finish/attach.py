"""`vaultcli attach`: keep a file that came from elsewhere in a client's record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, days, given_text, picker, terminal
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.notes.client import Client
    from vaultcli.work.notes.attach import (
        Attached,
        Found,
        Present,
        Wanted,
    )

KINDS = ("consent", "outside-record", "authorization", "photo", "scan", "letter", "measure", "other")
"""What is offered; another lower-case word in a record is read as it stands."""


@click.command("attach")
@click.argument("client")
@click.argument("sources", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the file is.")
@click.option("--date", "day", metavar="DAY", help="The day of the file, 2026-11-22. Default: today.")
@click.option("-m", "--message", default="", help="A remark that is signed with each file; - is standard input.")
@click.option("--again", is_flag=True, help="Also files whose bytes are attached to this client already.")
@click.option("--json", "as_json", is_flag=True, help="Print what was attached as JSON; docs/json.md describes the keys.")
@pass_options
def command(
    options: Options, client: str, sources: tuple[Path, ...], kind: str, day: str | None, message: str, again: bool, as_json: bool
) -> int:
    """Keep files in a client's record, byte for byte, each with a signed note that says what it is.

    \b
      vaultcli attach ada consent.pdf --kind consent
      vaultcli attach ada page1.jpg page2.jpg --kind outside-record \\
          --date 2026-11-02 -m "From the clinic in Elm St."
      vaultcli show 7n5t --save ~/Desktop/consent.pdf

    Your files stay where they are; the record has copies of its own, which never change. One prompt for your passphrase
    or PIN signs them all. Files of 25 MB (25,000,000 bytes) and more are refused. Photographs keep what the camera wrote
    into them, often the place and the time. `vaultcli list` shows what is attached, `show NOTE` where it is, `withdraw`
    takes it out of lists and exports, and `amend` corrects its description.
    """  # noqa: D301
    from vaultcli.cli.finish import sync_age
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.notes import attach
    from vaultcli.work.notes.attach import Wanted

    message = given_text.remark(message) or ""
    date = days.day(day) or clock.now().date().isoformat()
    with open_chart(options) as chart:
        whose = picker.client(chart, client)
        attach.check_client(whose)
        found = attach.look(sources)
        sync_age.tell(chart)
        known = {} if again else attach.there(chart, whose.id)
        fresh = list(found if again else _once(one for one in found if one.sha256 not in known))
        _tell_photographs(fresh)
        done = _attach(chart, whose, fresh, Wanted(kind, date, message), again=again, quiet=as_json)
        present = _present(chart, whose, found, done)
        if as_json:
            rows = [{"source": str(one.source), "id": there.said.id, "path": there.path} for one, there in present]
            terminal.emit_json({"attached": [_row(whose, one) for one in done], "present": rows})
        elif done:
            _print_check(chart, whose, done[-1])
    return OK


def _once(found: Iterable[Found]) -> Iterable[Found]:
    """Each file once, also where it was named twice or has two names."""
    unique: dict[str, Found] = {}
    for one in found:
        unique.setdefault(one.sha256, one)
    return unique.values()


def _present(chart: Chart, client: Client, found: Sequence[Found], done: Sequence[Attached]) -> list[tuple[Found, Present]]:
    """The files that were not attached, as the record has their bytes already; each is told."""
    from vaultcli.work.notes import attach

    new = {one.source for one in done}
    left = [one for one in found if one.source not in new]
    known = attach.there(chart, client.id) if left else {}
    present = [(one, known[one.sha256]) for one in left]
    for one, there in present:
        name, said = terminal.escape(str(one.source), keep=""), there.said
        what = f"these bytes are attached already, as {said.kind} of {said.date} ({said.id})"
        terminal.warn(f"{name}: {what}; --again attaches them once more")
    return present


def _tell_photographs(found: Sequence[Found]) -> None:
    count = sum(one.tells_more for one in found)
    if count:
        pictures = "the picture keeps" if count == 1 else f"{count} pictures keep"
        terminal.warn(f"{pictures} what the camera wrote beside it, often the place and the time")


def _attach(chart: Chart, client: Client, found: Sequence[Found], wanted: Wanted, *, again: bool, quiet: bool) -> list[Attached]:
    """Record the files, some in each commit; what is recorded is told at once, as what follows may fail."""
    from vaultcli.cli.ui import passphrase
    from vaultcli.work.notes import attach, sign

    done: list[Attached] = []
    if not found:
        return done
    with sign.pen(chart, passphrase.asker()) as pen, chart.recorder() as by:
        passphrase.announce_touches(pen, len(found))
        for batch in attach.batches(found):
            now, source = clock.now(), clock.clock_source()
            made = attach.attach(chart, client.id, batch, wanted, pen, by, now, source, again=again)
            for one in made if not quiet else ():
                name = terminal.escape(one.said.name, keep="")
                terminal.say(f"attached {client.handle} {one.path} ({name}, {terminal.size(one.said.size)})")
            done += made
    return done


def _row(client: Client, one: Attached) -> dict[str, Any]:
    digests = dict(one.done.files)
    return {
        "source": str(one.source),
        "client": one.done.client,
        "handle": client.handle,
        "commit": one.done.commit,
        "id": one.said.id,
        "path": one.path,
        "sha256": digests[one.path],
        "attachment": as_json(one.said),
    }


def as_json(said: Any) -> dict[str, Any]:  # noqa: ANN401 - an `Attachment`, whose module is not imported for help
    """What a descriptor says, as every command's JSON has it."""
    return {
        "path": said.path,
        "kind": said.kind,
        "name": said.name,
        "media-type": said.media_type,
        "bytes": said.size,
        "sha256": said.sha256,
    }


def _print_check(chart: Chart, client: Client, one: Attached) -> None:
    """The stock commands that check the last descriptor and its bytes."""
    import shlex

    from vaultcli.cli.finish.sign import print_check

    print_check(chart, one.done)
    file = terminal.near(chart.folder(client.id) / one.said.path)
    terminal.say(f"and the file: echo {shlex.quote(f'{one.said.sha256}  {file}')} | sha256sum -c")
