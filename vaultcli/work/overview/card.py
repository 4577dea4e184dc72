"""The card before a session: one client on one screen, from what is recorded and what lies open."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.places.chart.chart import Chart
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.note import Note
from vaultcli.record.notes.plan import Plan
from vaultcli.record.view import entry as records
from vaultcli.record.view.entry import Entry
from vaultcli.work.notes import lookup
from vaultcli.work.notes import plan as plans

PLAN = ("plan", "p", "plan for next session", "next steps", "intervention and plan")
HOMEWORK = ("homework", "between sessions", "assignments")
_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_SLOT = re.compile(r"(mo|tu|we|th|fr|sa|su)[a-z]*\s+(\d{1,2}:\d\d)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
"""What templates ask; it is no answer."""
_RISK = re.compile(r"\b(?:risks?|suicid\w*|homicid\w*|self-harm\w*|harming|overdos\w*|violence|violent|SI|HI)\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\s*\n|\n(?=[-*#>])")


@dataclass(frozen=True)
class Piece:
    """A section of a note: its title, its text, and the day of the note."""

    title: str
    text: str
    day: str


@dataclass(frozen=True)
class Card:
    """What a clinician looks at before a session.

    Args:
        client: the register entry.
        last: the newest finished note, or None.
        sections: the newest plan and homework that notes hold, and the sentences on risk of the newest note with any.
        goals: what the newest finished note names under `goals`, as typed.
        plan: the treatment plan in force, or None.
        drafts: notes that are not finished.
        waiting: notes that wait for a co-signature.
        notes: how many notes there are.
        next: the next usual appointment (`2026-11-24 14:00`), or empty.
    """

    client: Client
    last: Entry | None
    sections: tuple[Piece, ...]
    goals: tuple[str, ...]
    drafts: tuple[Entry, ...]
    waiting: tuple[Entry, ...]
    notes: int
    next: str
    plan: Plan | None = None


def card(chart: Chart, client: Client, now: datetime) -> Card:
    """The card of a client."""
    found = [entry for entry in lookup.in_order(lookup.entries_of(chart, client)) if entry.state != records.WITHDRAWN]
    finished = [entry for entry in found if not entry.open and entry.attachment is None]
    return Card(
        client=client,
        last=finished[-1] if finished else None,
        sections=tuple(filter(None, (_newest(found, PLAN), _newest(found, HOMEWORK), _risk(found)))),
        goals=_goals(finished[-1]) if finished else (),
        drafts=tuple(entry for entry in found if entry.open),
        waiting=tuple(entry for entry in found if entry.state == records.NEEDS_COSIGNATURE),
        notes=len(found),
        next=upcoming(client.text("slot"), now) if not client.closed else "",
        plan=plans.in_force(chart, client.id),
    )


def _newest(entries: list[Entry], titles: tuple[str, ...]) -> Piece | None:
    """The newest section under one of these headings that says something."""
    for entry in reversed(entries):
        with contextlib.suppress(BadInput):
            note = Note.parse(entry.text, entry.path)
            for title in titles:
                section = note.section(title)
                text = _COMMENT.sub("", section.text).strip() if section is not None else ""
                if section is not None and text:
                    return Piece(section.title, text, lookup.fields_of(entry).date)
    return None


def _risk(entries: list[Entry]) -> Piece | None:
    """The sentences on risk of the newest note that has any: found by words, so that silence says nothing."""
    for entry in reversed(entries):
        with contextlib.suppress(BadInput):
            text = _COMMENT.sub("", Note.parse(entry.text, entry.path).body)
            found = [" ".join(one.split()) for one in _SENTENCE.split(text) if _RISK.search(one) and not one.startswith("#")]
            if found:
                return Piece("Risk, as last written", " ".join(found), lookup.fields_of(entry).date)
    return None


def _goals(entry: Entry) -> tuple[str, ...]:
    with contextlib.suppress(BadInput):
        value = frontmatter.parse(entry.text, entry.path).get("goals", "")
        return tuple(map(str, value)) if isinstance(value, list) else (str(value),) if value else ()
    return ()


def upcoming(slot: str, now: datetime) -> str:
    """The next time of a weekly slot such as `Tue 14:00`, today's included until it begins; empty for any other text."""
    match = _SLOT.match(slot.strip())
    if match is None:
        return ""
    clock = match[2].rjust(5, "0")
    ahead = (_DAYS.index(match[1].lower()) - now.weekday()) % 7
    if ahead == 0 and clock < now.strftime("%H:%M"):
        ahead = 7
    return f"{now.date() + timedelta(days=ahead)} {clock}"


def age_in_years(born: str, today: date) -> int | None:
    """How old a person is; None without a date of birth."""
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return None
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))
