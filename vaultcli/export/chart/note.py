"""A note as a part of the document: its heading and fields, its text with corrections in it, and who signed what after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vaultcli.export import dates
from vaultcli.export.chart import plans, service, wording
from vaultcli.export.document import Block, Fields, Figure, Heading, Part, Prose, Span, Statement
from vaultcli.export.prose import amended
from vaultcli.export.source import Source
from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import Value
from vaultcli.record.notes import block, imported
from vaultcli.record.notes.attachment import FOLDER, Attachment
from vaultcli.record.notes.note import Note
from vaultcli.record.view import lateness
from vaultcli.record.view.entry import Addition, Entry

_FIELD_NAMES = {
    "cpt": "procedure code",
    "part2": "42 CFR Part 2",
    "imported": "imported from",
    "id": "note",
    "drafted-with": "drafted with software",
    "sha256": "SHA-256",
}
_IN_TITLE = ("date", "time", "type", "format")
"""Fields that the heading of a note says; they stand below it only where they were corrected."""
_OURS = frozenset({"signed", "corrects", "adds-to", "covers", "withdraws", "attests", "reason"})
_OF_FILE = ("file", "media-type", "bytes", "sha256", "stored")
_LETTERS = 4
"""How long the name of a format is that is letters for words, such as SOAP."""
_ADDED = {"addendum": "Addendum", "late-entry": "Late entry", "attestation": "Attestation"}


def part(source: Source, entry: Entry, known: Sequence[plans.Titles], shown: Mapping[str, Figure]) -> Part:
    """A note with what was added to it, in the order in which that was signed.

    Args:
        source: the export.
        entry: the note.
        known: the plans whose goals notes name.
        shown: the pictures of the export, by note.
    """
    title = Heading(2, _title(entry))
    if entry.withdrawal is not None:
        return Part((title, wording.withdrawal(entry.withdrawal)), name=entry.path)
    hours = source.practice.sign_within_hours
    late = lateness.signed_late(entry, hours)
    writing = lateness.writing(entry, source.written(entry), hours) if late else None
    blocks: list[Block] = [title]
    if entry.open:
        blocks.append(Statement("draft", "DRAFT. Not signed; it may still change."))
    elif entry.attestation is not None:
        blocks.append(wording.unsigned(entry.attestation))
    if writing is not None and writing.late:
        blocks.append(wording.late_entry(writing))
    blocks += _text(source, entry, known, shown)
    if entry.signed is not None:
        blocks.append(wording.signature(entry.signed, writing, corrected=bool(entry.corrections)))
    blocks += [one for addition in entry.additions for one in _addition(entry, addition)]
    blocks += [wording.waiting(source.practice, one.block) for one in entry.uncovered()]
    return Part(tuple(blocks), name=entry.path)


def _title(entry: Entry) -> str:
    kind = service.name(entry.name.type)
    try:
        front = frontmatter.parse(entry.text, entry.path)
    except BadInput:
        front = None
    if front is None or entry.withdrawal is not None:
        return f"{dates.day(entry.name.date, weekday=True)} · {kind}"
    day = dates.day(front.text("date") or entry.name.date, weekday=True)
    which = front.text("kind").replace("-", " ") if entry.attachment else _format(front.text("format"))
    return " · ".join(filter(None, (day, front.text("time"), f"{kind} ({which})" if which else kind)))


def _format(name: str) -> str:
    return name.upper() if len(name) <= _LETTERS else name


def _text(source: Source, entry: Entry, known: Sequence[plans.Titles], shown: Mapping[str, Figure]) -> list[Block]:
    """Fields and prose; corrected words struck, their replacements beside them."""
    first, last = _split(entry.raw), _split(entry.text)
    if first is None or last is None:
        return [Prose((Span(block.without(entry.raw).decode("utf-8", "replace")),), plain=True)]
    hidden = {name for name in _IN_TITLE if first[0].get(name, "") == last[0].get(name, "")}
    file = entry.attachment
    hidden |= {*_OF_FILE, "kind"} if file else set()
    names = [name for name in {**last[0], **first[0]} if name not in hidden]
    day = _flat(last[0].get("date", ""))
    rows = [_row(name, first[0].get(name, ""), last[0].get(name, ""), day, known) for name in names]
    rows = [*(_file_rows(file) if file else _service_rows(source, entry)), *rows]
    read = [_split(raw) for raw in (entry.raw, *(one.raw for one in entry.corrections))]
    bodies = [text[1] for text in read if text is not None]
    picture = [shown[entry.id]] if entry.id in shown else []
    prose = Prose(amended.spans(bodies), plain=imported.is_plain(entry.raw))
    return [Fields(tuple(row for row in rows if row[1])), *picture, prose]


def _service_rows(source: Source, entry: Entry) -> list[tuple[str, str]]:
    try:
        note = Note.parse(entry.text, entry.path)
    except BadInput:
        return []
    minutes = "" if note.minutes is None else str(note.minutes)
    return [("service", service.given(note, source.client)), ("minutes", minutes)]


def _file_rows(file: Attachment) -> list[tuple[str, str]]:
    return [
        ("file", file.name),
        ("in this export", f"{FOLDER}/{file.released_as}"),
        ("media type", f"{file.media_type}, {file.size:,} bytes"),
        ("SHA-256", file.sha256),
    ]


def _row(name: str, was: Value, now: Value, day: str, known: Sequence[plans.Titles]) -> tuple[str, str]:
    """A field's name and value; the value before corrections beside the one that stands."""
    before, after = (_told(name, value, day, known) for value in (was, now))
    shown = after if before == after or not before else f"{after or '(removed)'} (first: {before})"
    return _FIELD_NAMES.get(name, name.replace("-", " ")), shown


def _told(name: str, value: Value, day: str, known: Sequence[plans.Titles]) -> str:
    """A field's value in words."""
    if name == "place" and isinstance(value, str):
        return service.PLACES.get(value, value)
    if name == "goals" and isinstance(value, list):
        return "; ".join(plans.titled(str(goal), day, known) for goal in value)
    return _source(value) if name == "imported" else _flat(value)


def _split(raw: bytes) -> tuple[dict[str, Value], str] | None:
    """The author's fields, and the body."""
    try:
        front = frontmatter.parse(raw, "note")
        body = frontmatter.split(raw, "note").body.decode("utf-8")
    except (BadInput, UnicodeDecodeError):
        return None
    fields = {name: value for name, value in front.items() if name not in _OURS}
    text = body.replace("\r\n", "\n")
    return fields, (text.removeprefix("\ufeff") if "imported" in fields else text).strip("\n")


def _source(value: Value) -> str:
    """The name of the file that an imported text came from, without the folders of the machine that it lay on."""
    if not isinstance(value, dict):
        return _flat(value)
    name = str(value.get("from", "")).replace("\\", "/").rstrip("/").rpartition("/")[2]
    return name + (f" ({value['encoding']})" if value.get("encoding") else "")


def _flat(value: Value) -> str:
    if isinstance(value, list):
        return ", ".join(map(_flat, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_flat(one)}" for name, one in value.items())
    return str(value)


def _addition(entry: Entry, addition: Addition) -> list[Block]:
    """What was added, with its own signature below it."""
    text = _split(addition.raw)
    words = text[1] if text else ""
    if addition.kind == "correction":
        which = f" {entry.corrections.index(addition) + 1}" if len(entry.corrections) > 1 else ""
        what = f"Correction{which}, struck and inserted above, signed electronically"
        return [wording.addition(what, "correction", addition.file, _reason(addition))]
    if addition.kind == "cosignature":
        remark = [Prose((Span(words),), level=3)] if words else []
        return [*remark, wording.cosigning(addition)]
    name = _ADDED[addition.kind]
    head = Heading(3, f"{name} · {dates.day(addition.file.block.time[:10])}")
    kind = "attestation" if addition.kind == "attestation" else "signature"
    signed = wording.addition(f"{name} signed electronically", kind, addition.file, _reason(addition))
    return [head, Prose((Span(words),), level=3), signed]


def _reason(addition: Addition) -> str:
    try:
        return frontmatter.parse(addition.raw, addition.file.block.id).text("reason")
    except BadInput:
        return addition.file.reason
