"""The goals that notes name, in the words of the treatment plan that was in force on their day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from vaultcli.ground.errors import BadInput
from vaultcli.record.notes import fields, plan
from vaultcli.record.notes.note import Note
from vaultcli.record.view import values
from vaultcli.record.view.entry import Entry


class Titles(NamedTuple):
    """The goals and objectives of one plan: from which day it was in force, and short name to title."""

    since: str
    titles: dict[str, str]


def of(entries: Iterable[Entry]) -> list[Titles]:
    """The signed plans among these notes, in their order; a plan that is not exported along is not quoted."""
    found = []
    for entry in entries:
        if entry.name.type not in fields.PLANS or entry.signed is None or entry.withdrawal is not None:
            continue
        try:
            read = plan.read(Note.parse(entry.text, entry.path))
        except BadInput:
            continue
        titles = {goal.name: goal.title for goal in read.goals}
        titles |= {one.name: one.text for goal in read.goals for one in goal.objectives}
        if titles:
            found.append(Titles(values.fields_of(entry).date, titles))
    return found


def titled(name: str, day: str, known: Iterable[Titles]) -> str:
    """A goal as a note names it, with its title in the plan of that day where there is one: `g1 (Sleep until the alarm)`."""
    standing = [one for one in known if one.since <= day]
    title = standing[-1].titles.get(name, "") if standing else ""
    return f"{name} ({title})" if title else name
