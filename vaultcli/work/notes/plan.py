"""The treatment plan in force, and what a new note takes over from it. Rules: `docs/spec/treatment-plan.md`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultcli.ground.errors import BadInput
from vaultcli.places.chart.chart import Chart
from vaultcli.record.notes import fields, names
from vaultcli.record.notes.names import NoteName

# what reads notes is brought in where there is a plan: the editor opens before that
if TYPE_CHECKING:
    from vaultcli.record.history.line import Line
    from vaultcli.record.notes.plan import Plan

CARRIES = frozenset({"plan-review", "discharge"})
"""The types of note that begin with the goals of the plan in force."""


def in_force(chart: Chart, client_id: str) -> Plan | None:
    """The newest signed plan of a client that names a goal; None where there is none, which costs one look at file names."""
    if not any(_may_be_plan(file) for file in _files(chart, client_id)):
        return None
    from vaultcli.record.notes import plan
    from vaultcli.record.notes.note import Note

    line = chart.line(client_id)
    for path in sorted(_signed(line), key=lambda path: _age(line, path), reverse=True):
        name = names.parse(path)
        assert isinstance(name, NoteName)
        stands = line.newest_text(name.stem)
        if stands is None or line.withdrawn(name.stem):
            continue
        try:
            found = plan.read(Note.parse(chart.repository.objects.blob(line.blob(stands.path)), stands.path))
        except BadInput:
            continue
        if found.goals:
            return found
    return None


def _files(chart: Chart, client_id: str) -> list[str]:
    try:
        return os.listdir(chart.folder(client_id) / "notes")  # noqa: PTH208  names alone are wanted
    except OSError:
        return []


def _may_be_plan(file: str) -> bool:
    return file.endswith(f"{names.SUFFIX}{names.SIGNATURE}") and any(f"-{kind}-" in file for kind in fields.PLANS)


def _signed(line: Line) -> list[str]:
    return [path for path in line.signed if isinstance(name := names.parse(path), NoteName) and name.type in fields.PLANS]


def _age(line: Line, path: str) -> tuple[str, int]:
    name = names.parse(path)
    return (name.date if isinstance(name, NoteName) else "", line.signed[path].block.number)


@dataclass(frozen=True)
class TakenOver:
    """What a new note has from the plan: front matter, and what was noticed, a sentence each."""

    values: Mapping[str, list[str]]
    told: tuple[str, ...]


def take_over(found: Plan, lines: Sequence[str], usual: Sequence[str], wanted: Sequence[str]) -> TakenOver:
    """Goals and diagnoses for a new note.

    Args:
        found: the plan in force.
        lines: the front matter lines of the note's template.
        usual: the register's diagnoses.
        wanted: the goals that were asked for; none for all that are open.
    """
    values: dict[str, list[str]] = {}
    told: list[str] = []
    if "diagnoses" in lines and found.diagnoses:
        values["diagnoses"] = list(found.diagnoses)
        if usual and set(usual) != set(found.diagnoses):
            told.append(f"the register has other diagnoses than the plan of {found.date}; the plan's were taken")
    goals = [] if wanted or "goals" not in lines else list(found.open)
    if goals:
        values["goals"] = goals
        rest = "" if len(goals) == 1 else "; take out those that the session did not work on"
        told.append(f"goals from the plan of {found.date}: {', '.join(goals)}{rest}")
    if strange := [name for name in wanted if name not in found.names]:
        told.append(f"the plan of {found.date} has no goal {', '.join(strange)}")
    return TakenOver(values, tuple(told))
