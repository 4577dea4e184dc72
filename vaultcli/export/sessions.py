"""Sessions as CSV, one session a row, no word of a note. Format: `docs/spec/export-csv.md`, version 1."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping

from vaultcli.export.source import Source
from vaultcli.ground.errors import BadInput
from vaultcli.record.notes import fields
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.note import Note
from vaultcli.record.view import values as note_values
from vaultcli.record.view.entry import Entry

VERSION = 1
COLUMNS = (
    "version", "client", "handle", "note", "date", "start", "stop", "zone", "minutes", "type", "format", "place", "cpt",
    "diagnoses", "goals", "participants", "state", "author", "recorded", "signer", "signer-name", "signed", "lateness",
    "corrections", "waits-for", "words", "sha256",
)  # fmt: skip
"""In their order, which stays; new ones come behind."""
NUMBERS = frozenset({"version", "minutes", "lateness", "corrections", "words"})
TYPES = fields.SESSIONS | {"no-show"}
"""The types of note that have a row."""
_BETWEEN = "; "
_GUARDED = tuple("=+-@＝＋－＠")
_KEPT = tuple("'\t\r\n")


def _row(cells: Iterable[str]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().encode("utf-8")


HEAD = _row(COLUMNS)
"""The header."""


Key = tuple[str, ...]
"""By what rows are ordered: day, beginning, client, first recording, id."""


def write(source: Source) -> bytes:
    """One client's sessions below the header; the same record always gives the same bytes."""
    return HEAD + b"".join(lines(source))


def lines(source: Source) -> Iterator[bytes]:
    """The sessions without the header, a row each, by day."""
    for _, row in sorted(keyed(source)):
        yield row


def keyed(source: Source) -> Iterator[tuple[Key, bytes]]:
    """The sessions, each with what it is ordered by among those of other clients."""
    for entry in source.entries:
        if entry.name.type in TYPES and entry.withdrawal is None:
            found = values(source.client, entry)
            row = _row([found[name] if name in NUMBERS else guarded(found[name]) for name in COLUMNS])
            yield (found["date"], found["start"], found["client"], found["recorded"], found["note"]), row


def guarded(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula; without the apostrophe before it, it is the text again."""
    return f"'{text}" if text.startswith(_KEPT) or text.lstrip().startswith(_GUARDED) else text


def values(client: Client, entry: Entry) -> Mapping[str, str]:
    """A session's columns as texts, not yet guarded."""
    signed = entry.signed.block if entry.signed else None
    found = {
        "version": str(VERSION),
        "client": entry.client,
        "handle": client.handle,
        "note": entry.id,
        "type": entry.name.type,
        "state": entry.state,
        "author": entry.author,
        "recorded": entry.recorded.time if entry.recorded else "",
        "signer": signed.by if signed else "",
        "signer-name": signed.name if signed else "",
        "signed": signed.time if signed else "",
        "lateness": _number(signed.lateness if signed else None),
        "corrections": str(len(entry.corrections)),
        "waits-for": _BETWEEN.join(note_values.waits_for(entry)),
        "sha256": hashlib.sha256(entry.raw).hexdigest(),
    }
    return dict.fromkeys(COLUMNS, "") | found | _said(entry)


def _said(entry: Entry) -> dict[str, str]:
    """What the note itself says; of a draft that cannot be read, the day of its name."""
    shown = note_values.fields_of(entry)
    try:
        # the format may be one of the practice's own templates, which is not for an export to judge
        note = Note.parse(entry.text, entry.path, {shown.format})
    except BadInput:
        return {"date": shown.date}
    return {
        "date": shown.date,
        "start": note.start,
        "stop": note.end,
        "zone": note.zone,
        "minutes": _number(note.minutes),
        "format": note.format,
        "place": note.place,
        "cpt": _BETWEEN.join(note.cpt),
        "diagnoses": _BETWEEN.join(note.diagnoses),
        "goals": _BETWEEN.join(note.goals),
        "participants": _BETWEEN.join(note.participants),
        "words": str(note.words),
    }


def _number(number: int | None) -> str:
    return "" if number is None else str(number)
