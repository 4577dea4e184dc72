"""What a draft may have wrong beside other notes: asked about when the editor closes, in nobody's way, and remembered nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from vaultcli.ground.errors import BadInput
from vaultcli.places.chart.chart import Chart
from vaultcli.record.notes import fields
from vaultcli.record.notes.note import Note, Problem
from vaultcli.work.notes import group_session, lookup
from vaultcli.work.notes.draft import Draft


def of(chart: Chart, draft: Draft, raw: bytes) -> list[Problem]:
    """The doubts about a draft, by line; none of a text that cannot be read as a note, or was imported.

    Args:
        chart: the chart.
        draft: the note, or a correction in the making; none about a group's sheet.
        raw: its bytes as they stand.
    """
    try:
        note = Note.parse(raw, draft.path)
    except BadInput:
        return []
    if note.imported or draft.client.kind == "group":
        return []
    return sorted([*_overlaps(chart, draft, note), *_others(chart, draft, note, raw)])


def _overlaps(chart: Chart, draft: Draft, note: Note) -> Iterator[Problem]:
    """Other sessions of this client at the same time of the same day: the same one twice, as a rule."""
    if note.type not in fields.SESSIONS or not note.minutes:
        return
    begins, line = _minute(note.start), note.front_matter.line("time")
    for entry in lookup.entries_of(chart, draft.client):
        if entry.id == draft.note_id or entry.withdrawal is not None or entry.name.type not in fields.SESSIONS:
            continue
        try:
            other = Note.parse(entry.text, entry.path)
        except BadInput:
            continue
        if other.date != note.date or not other.minutes:
            continue
        starts = _minute(other.start)
        if begins < starts + other.minutes and starts < begins + note.minutes:
            yield Problem(line, "time", f"overlaps {other.time} ({entry.state}, {entry.id}): is it the same session?")


def _others(chart: Chart, draft: Draft, note: Note, raw: bytes) -> Iterator[Problem]:
    """Names of other members in a member's note of a group: they would stand in this client's chart."""
    if note.type == "group":
        for one in group_session.named_others(chart, draft.client, raw, draft.path):
            yield Problem(one.line, "text", f"names {one.handle}, another member, in this client's chart")


def _minute(clock: str) -> int:
    return 60 * int(clock[:2]) + int(clock[3:5])
