"""What exports print of a practice and of its people: shown, and changed with the policy role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from vaultcli.ground.errors import BadInput, NotFound
from vaultcli.places.chart import policy as policies
from vaultcli.places.chart.chart import Chart
from vaultcli.record.practice import practice as practices
from vaultcli.record.practice.practice import Practice
from vaultcli.work.people.authority import Authority
from vaultcli.work.people.people import practice_text


class Change(NamedTuple):
    """What is to be changed; what is empty or None stays.

    Args:
        name, address: of the practice.
        hours: within which a text is to be recorded after a session.
        person: whose licence and NPI are meant, by id.
        licence, npi: of that person.
    """

    name: str = ""
    address: str = ""
    hours: int | None = None
    person: str = ""
    licence: str = ""
    npi: str = ""


def changed(chart: Chart, change: Change) -> str | None:
    """`practice.toml` as it shall be; None where it says so already.

    Raises:
        BadInput: a value cannot stand there.
        NotFound: there is no such person.
    """
    before = practice_text(chart)
    text = practices.with_details(before, name=change.name, address=change.address, hours=change.hours)
    if change.person:
        text = _with_person(chart.policy.practice, text, change)
    return None if text == before else text


def _with_person(practice: Practice, text: str, change: Change) -> str:
    person = practice.person(change.person)
    if person is None:
        known = ", ".join(one.id for one in practice.people)
        raise NotFound(f"nobody here has the id {change.person}", hint=f"there are: {known}")
    if change.licence and practices.printed(change.licence) != change.licence:
        raise BadInput("the licence cannot be printed", hint=f"at most {practices.LONGEST} characters on one line")
    if change.npi and not practices.is_npi(change.npi):
        raise BadInput(f"{change.npi} is no National Provider Identifier", hint="it has ten digits, the last one a check digit")
    wanted = replace(person, licence=change.licence or person.licence, npi=change.npi or person.npi)
    return practices.with_person(text, wanted)


def record(chart: Chart, text: str, by: Authority, now: datetime) -> str:
    """Record it; gives the commit's bare id.

    Raises:
        Refused: the rules do not admit it; the key has no policy role.
    """
    return policies.record(chart, policies.contents(text, chart.policy.keyring), now, by.recorder)


def shown(practice: Practice) -> Iterator[str]:
    """What is known, a row each."""
    yield f"name               {practice.name}"
    yield f"address            {practice.address or '(none)'}"
    yield f"sign-within-hours  {practice.sign_within_hours}"
    for person in practice.people:
        if not person.until:
            told = [f"licence {person.licence}" if person.licence else "", f"NPI {person.npi}" if person.npi else ""]
            yield f"{person.id}: {person.name}, {person.credentials}; {', '.join(filter(None, told)) or 'no licence and no NPI'}"
