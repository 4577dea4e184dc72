"""`vaultcli people add`: a person, or the keys of a machine that asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, prompt, terminal

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.practice.enrolment import Request
    from vaultcli.record.practice.keyring import Entry
    from vaultcli.record.practice.practice import Person

_ROLES = ("clinician", "supervisor", "trainee", "covering", "custodian", "biller")


@click.command("add")
@click.option("--request", type=click.Path(path_type=Path, exists=True), metavar="FILE", help="From the other machine.")
@click.option("--name", help="As it stands in signatures.")
@click.option("--credentials", help="As they stand in signatures.")
@click.option("--role", "roles", multiple=True, type=click.Choice(_ROLES), help="May be repeated.")
@click.option("--supervisor", metavar="ID", help="Who co-signs a trainee's notes.")
@click.option("--as", "principal", metavar="ID", help="The person's id. Default: made from the name.")
@click.option("--recovery-page", type=click.Path(path_type=Path), metavar="FILE", help="Sign with the recovery signer.")
@click.option("--yes", is_flag=True, help="Ask nothing: the fingerprints were compared.")
@pass_options
def command(
    options: Options, request: Path | None, name: str | None, credentials: str | None, roles: tuple[str, ...],
    supervisor: str | None, principal: str | None, recovery_page: Path | None, yes: bool,
) -> None:  # fmt: skip
    """Let a person or a machine in.

    With --request the keys in that file are let in; compare their fingerprints with the person first, by telephone or
    face to face. Of a person who is not here yet, roles are asked for. Without a request the person is entered without
    keys, and is changed if the id is here already.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.people.policy_key import holder
    from vaultcli.work.people import people

    with open_chart(options) as chart:
        asked = _read(request) if request is not None else None
        person = _person(chart, asked, name, credentials, roles, supervisor, principal)
        if asked is not None and not yes:
            _compare(asked)
        with holder(chart, recovery_page) as by:
            now = clock.now()
            entries = people.vouched(chart, asked, by, now) if asked is not None else ()
            people.add(chart, person, entries, by, now)
        keyless = person is not None and not chart.policy.keyring.of(person.id)
    _tell(person, entries, keyless=keyless)


def _read(file: Path) -> Request:
    from vaultcli.ground import files
    from vaultcli.record.practice import enrolment

    return enrolment.parse(files.read(file, 1 << 20).decode("utf-8", "replace"), str(file))


def _compare(asked: Request) -> None:
    for entry in asked.entries:
        terminal.say(f"{entry.principal}  {entry.kind:8}  {entry.fingerprint}")
    if not prompt.confirm("do these fingerprints agree with what the person reads to you?"):
        raise click.Abort


def _person(
    chart: Chart, asked: Request | None, name: str | None, credentials: str | None, roles: tuple[str, ...],
    supervisor: str | None, principal: str | None,
) -> Person | None:  # fmt: skip
    """The person as they shall stand in the policy; None where nothing was said of one who is there."""
    from dataclasses import replace

    from vaultcli.record.practice.practice import Person
    from vaultcli.work.people import keys

    said = name or (asked.name if asked else "")
    id_ = asked.principal if asked else principal or keys.principal_of(said or _ask("name"))
    known = chart.policy.practice.person(id_)
    if known is not None:
        if not (name or credentials or roles or supervisor):
            if asked is None:
                raise click.UsageError(f"{id_} is here already; say what shall change, or give --request FILE")
            return None
        return replace(
            known, name=name or known.name, credentials=credentials or known.credentials, roles=roles or known.roles,
            supervisor=supervisor or known.supervisor,
        )  # fmt: skip
    if not roles:
        roles = tuple(_ask(f"roles of {id_}, of {' '.join(_ROLES)}").split())
    if "trainee" in roles and not supervisor:
        supervisor = _ask("the supervisor's id")
    if not set(roles) <= set(_ROLES) or not roles:
        raise click.UsageError(f"a role is one of {', '.join(_ROLES)}")
    words = credentials if credentials is not None else asked.credentials if asked else _ask("credentials")
    return Person(id_, said or id_, words, roles, clock.now().date().isoformat(), supervisor=supervisor or "")


def _ask(question: str) -> str:
    return prompt.ask_line(question)


def _tell(person: Person | None, entries: tuple[Entry, ...], *, keyless: bool) -> None:
    if person is not None:
        terminal.say(f"{person.id}: {terminal.escape(person.name, keep='')}, {' '.join(person.roles)}")
    for entry in entries:
        terminal.say(f"admitted {entry.fingerprint}, {entry.kind} key of {entry.principal}")
    if keyless and person is not None:
        terminal.say(f"without keys yet: on their machine, vaultcli init --adopt COPY --genesis ID --as {person.id}")
