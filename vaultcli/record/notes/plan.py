"""The goals of a treatment plan, read out of its prose. Specified in `docs/spec/treatment-plan.md`, version 1."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vaultcli.ground.markdown import Section
from vaultcli.record.notes.note import Note

GOALS = "Goals"
"""The heading that the goals stand under."""

_NAME = r"[a-z0-9](?:[a-z0-9._-]{0,38}[a-z0-9])?"
_HEAD = re.compile(rf"({_NAME})(?::\s|\s+[·:–—-]\s)\s*(.*)")
_ITEM = re.compile(rf" {{0,3}}[-+*]\s+({_NAME})(?::\s|\s+[·:–—-]\s)\s*(.*)")
_STATUS = re.compile(r" {0,3}(?:[-+*]\s+)?Status:\s*(\w+)", re.IGNORECASE)
_HIDDEN = re.compile(r"^ {0,3}(```+|~~~+).*?^ {0,3}\1[`~]*[ \t]*$|<!--.*?-->", re.MULTILINE | re.DOTALL)
_ENDED = frozenset({"met", "closed", "discontinued"})


@dataclass(frozen=True)
class Objective:
    """What is to be reached on the way to a goal: its short name and its line."""

    name: str
    text: str


@dataclass(frozen=True)
class Goal:
    """A goal of a plan.

    Attributes:
        name: the short name, as notes have it under `goals:`.
        title: the rest of its heading.
        open: whether the plan does not say that it was met, closed or discontinued.
        objectives: in their order.
        line: of the heading in the file.
    """

    name: str
    title: str
    open: bool
    objectives: tuple[Objective, ...]
    line: int


@dataclass(frozen=True)
class Plan:
    """What a program knows of a plan.

    Attributes:
        id: of the note.
        date: the note's.
        review: the day by which it is to be gone through again, or empty.
        diagnoses: that it treats.
        goals: in their order, each short name once.
        text: everything under the heading `Goals`; empty without one.
        title, level: that heading as written, and its rank.
        unnamed: lines of headings among the goals that have no short name.
    """

    id: str
    date: str
    review: str
    diagnoses: tuple[str, ...]
    goals: tuple[Goal, ...]
    text: str
    title: str
    level: int
    unnamed: tuple[int, ...]

    @property
    def open(self) -> tuple[str, ...]:
        """The short names of the open goals."""
        return tuple(goal.name for goal in self.goals if goal.open)

    @property
    def names(self) -> frozenset[str]:
        """What a note may name under `goals:`: goals and objectives."""
        return frozenset(name for goal in self.goals for name in (goal.name, *(one.name for one in goal.objectives)))


def read(note: Note) -> Plan:
    """The plan that a note holds, of whatever type it is; without goals where it names none."""
    under = note.section(GOALS)
    found: dict[str, Goal] = {}
    unnamed = []
    for section in note.sections if under is not None else ():
        if under is None or section.level != under.level + 1 or not under.line < section.line <= under.end_line:
            continue
        head = _HEAD.fullmatch(section.title + " ")
        if head is None:
            unnamed.append(section.line)
        else:
            found.setdefault(head[1], _goal(head[1], head[2].strip(), section))
    text, title, level = (under.text, under.title, under.level) if under is not None else ("", "", 0)
    goals = tuple(found.values())
    return Plan(note.id, note.date, note.review, note.diagnoses, goals, text, title, level, tuple(unnamed))


def _goal(name: str, title: str, section: Section) -> Goal:
    lines = _HIDDEN.sub("", section.text).splitlines()
    states = [found[1].lower() for line in lines if (found := _STATUS.match(line))]
    items = [found for line in lines if (found := _ITEM.match(line)) and found[1].startswith(f"{name}.")]
    objectives = tuple(Objective(found[1], found[2].strip()) for found in items)
    return Goal(name, title, not _ENDED.intersection(states), objectives, section.line)
