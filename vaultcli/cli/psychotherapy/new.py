"""`vaultcli psychotherapy new`: a psychotherapy note."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock

if TYPE_CHECKING:
    from vaultcli.cli.psychotherapy.desk import Desk
    from vaultcli.psychotherapy.notes.people import Person
    from vaultcli.psychotherapy.notes.write import Target

CONTEXTS = ("individual", "group", "joint", "family")


@click.command("new")
@click.argument("client", required=False)
@click.option("--date", metavar="DATE", help="The day of the session: 2026-11-22, yesterday, mon, 11/22. Default: today.")
@click.option("--context", type=click.Choice(CONTEXTS), default="individual", help="Which kind of session. Default: individual.")
@click.option("--session", metavar="TEXT", default="", help="How you refer to the session; no name is needed.")
@click.option("-m", "--message", metavar="-", help="The text from standard input, without an editor: -m -")
@click.option("--from", "source", type=click.File("rb"), help="Take the text from a file, which stays; - is standard input.")
@pass_options
def command(
    options: Options,
    client: str | None,
    date: str | None,
    context: str,
    session: str,
    message: str | None,
    source: BinaryIO | None,
) -> int:
    """Write a psychotherapy note: sealed before it touches a disk, signed by this machine, in no chart.

    Your editor opens in private memory. Sections are offered and none is needed; what you do not fill in is not kept as text.
    A text of yours that a crash cut short is found by `vaultcli psychotherapy recover`.

    \b
    vaultcli psychotherapy new ada
    vaultcli psychotherapy new ada --session 14 -m - < dictated.txt

    The first note of a client makes that client's drawer. After `vaultcli unlock` no passphrase is asked, and a new note can
    be written even when the agent reads no more.
    """  # noqa: D301
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.cli.psychotherapy import write as writer
    from vaultcli.cli.ui.days import session_day
    from vaultcli.psychotherapy.notes import write
    from vaultcli.record.sealed.text import Facts

    text = writer.given(message, source)
    facts = Facts(session_day(date), context, session)
    with desks.open_desk(options, reading=False) as opened:
        desk, person, target = _target(options, opened, desks.whose(opened, client, whole=True))
        start = write.begun(target, facts)
        whole = None if text is None else write.pasted(target, text, facts)
        return writer.write(desk, target, start, whole, word=person.word, name=person.name)


def _target(options: Options, desk: Desk, person: Person) -> tuple[Desk, Person, Target]:
    """Where the note goes; a new drawer only where it is certain that there is none."""
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.cli.psychotherapy import open_store
    from vaultcli.psychotherapy.notes import people, write
    from vaultcli.record.notes.find_client import Accept, find

    if person.known is None and not people.knows_all(desk.store, desk.opener):
        keys = open_store.keys(desk.store)
        desk = desk._replace(opener=keys, people=desks.named(options, keys))
        person = find(desk.people, person.id, Accept.WHOLE)
    if person.known is not None:
        return desk, person, write.fresh(person.known)
    return desk, person, write.first(desk.store, person.id, person.name, clock.now())
