"""The text of a new note: a template, filled from the register, the plan in force and what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vaultcli.ground import frontmatter, ids
from vaultcli.ground.errors import BadInput
from vaultcli.places.chart import templates
from vaultcli.places.chart.chart import Chart
from vaultcli.record.notes import attachment, fields, names, template
from vaultcli.record.notes.client import Client
from vaultcli.work.notes.pasted import pasted

PLAIN = "narrative"
"""The template of a type that has none of its own."""
COUPLE = "couple"
"""The format of progress notes of a couple or family whose register entry names none."""
DEFAULTS = ("place", "cpt", "diagnoses")
"""What a new note takes over from the register, besides the format."""
TOUCHLESS = frozenset({"no-show"})
"""Types that are never billed: no code is proposed."""


@dataclass(frozen=True)
class Wanted:
    """What the command line says of a new note; empty where it says nothing.

    Args:
        date: the session's day; `time` its beginning and end; `place`, `cpt` as the note has them.
        type, format: of the note.
        goals: that were worked on; none for the open ones of the plan in force.
        text: what goes below the front matter, instead of the template's headings; None for the template.
        dated: whether the day was said; one that nobody said gives way to the day in the text's own front matter.
        called: how the text is called where a line of it is named.
    """

    date: str
    time: str = ""
    type: str = ""
    format: str = ""
    place: str = ""
    cpt: str = ""
    text: bytes | None = None
    goals: tuple[str, ...] = ()
    dated: bool = True
    called: str = "text"

    @property
    def typed(self) -> dict[str, str | list[str]]:
        """What was said, and wins over the front matter of a text."""
        said = {"date": self.date if self.dated else "", "time": self.time, "type": self.type, "format": self.format}
        said |= {"place": self.place, "cpt": self.cpt}
        return {key: value for key, value in said.items() if value} | ({"goals": list(self.goals)} if self.goals else {})


@dataclass(frozen=True)
class Composed:
    """A new note before it has a file: its id, day, type and bytes, and what was noticed, a sentence each.

    Where a text brings front matter that could not be read, `doubt` says why, and where.
    """

    id: str
    date: str
    type: str
    raw: bytes
    told: tuple[str, ...]
    doubt: str = ""


def compose(chart: Chart, client: Client, wanted: Wanted) -> Composed:
    """The bytes of a new note; see `begin`."""
    from vaultcli.work.notes import plan as plans

    kind, shape, raw_template = _template(chart, client, wanted)
    lines = template.read(raw_template).keys
    told: list[str] = []
    plan = plans.in_force(chart, client.id)
    values = _values(client, wanted, kind, shape, lines)
    if plan is not None:
        taken = plans.take_over(plan, lines, client.items("diagnoses"), wanted.goals)
        values |= taken.values
        told += taken.told
    id_ = ids.new()
    raw = template.draft(raw_template, values | {"id": id_})
    if plan is not None and kind in plans.CARRIES and wanted.text is None:
        carried = template.carry(raw, plan.title, plan.level, plan.text)
        if carried != raw:
            raw = template.draft_field(carried, "carried-from", [f"{plan.id} {plan.title}"])
            told.append(f"the goals were taken over from the plan of {plan.date}")
    if wanted.text is None:
        return Composed(id_, wanted.date, kind, raw, tuple(told))
    made = pasted(wanted.text, raw, id_, wanted.typed, wanted.called)
    front = frontmatter.parse(made.raw)
    date, type_ = front.text("date"), front.text("type") or kind
    date = date if names.is_date(date) else wanted.date
    return Composed(id_, date, type_ if type_ in fields.TYPES else kind, made.raw, (*told, *made.told), made.doubt)


def _template(chart: Chart, client: Client, wanted: Wanted) -> tuple[str, str, bytes]:
    """The type, the format and the template of a new note."""
    kind = wanted.type or fields.PROGRESS
    if kind == attachment.TYPE:
        raise BadInput("a file is attached, not written", hint="`vaultcli attach CLIENT FILE --kind KIND`")
    if kind not in fields.TYPES:
        raise BadInput(f"{kind} is no type of note", hint="one of " + ", ".join(fields.TYPES))
    shape = wanted.format or client.text("format")
    if kind != fields.PROGRESS:
        found = templates.find(chart, kind)
        return kind, wanted.format, found if found is not None else templates.get(chart, PLAIN)
    shape = shape or (COUPLE if client.kind in ("couple", "family") else PLAIN)
    return kind, shape, templates.get(chart, shape)


def _values(
    client: Client, wanted: Wanted, kind: str, shape: str, lines: Sequence[str]
) -> dict[str, str | list[str] | Mapping[str, str]]:  # fmt: skip
    """Front matter of a new note. A default goes only where the template has a line for it; what was asked for, always."""
    values: dict[str, str | list[str] | Mapping[str, str]] = {}
    for key in DEFAULTS:
        asked = {"place": wanted.place, "cpt": wanted.cpt}.get(key, "")
        usual = client.items(key) if key in lines and not (key == "cpt" and kind in TOUCHLESS) else []
        items = [asked] if asked else usual
        if items:
            values[key] = items if key == "diagnoses" or len(items) > 1 else items[0]
    values |= {"date": wanted.date, "time": wanted.time}
    if kind != fields.PROGRESS:
        values["type"] = kind
    if shape:
        values["format"] = shape
    if client.text("part2") == "true":
        values["part2"] = "true"
    if wanted.goals:
        values["goals"] = list(wanted.goals)
    if kind in fields.SESSIONS and values.get("place") in fields.DISTANT:
        values["telehealth"] = _telehealth(client)
    _check(values)
    return values


def _telehealth(client: Client) -> dict[str, str]:
    """What a session at a distance has to document; where the client was is never taken from an address."""
    known = {"platform": "platform", "consent": "telehealth-consent", "emergency": "emergency"}
    return {key: client.text(known[key]) if key in known else "" for key in fields.ASKED}


def _check(values: Mapping[str, object]) -> None:
    for key in ("date", "time", "place", "cpt", "goals"):
        value = values.get(key)
        if not value or not isinstance(value, str | list):
            continue
        if problem := fields.check(fields.TABLE[key], value):
            raise BadInput(f"{key} {problem}")
