"""A client's chart as a document: the notes in order, what was added in its place, and a page to check it by."""

from __future__ import annotations

import re

from vaultcli.export import amended, checking, wording
from vaultcli.export.document import (
    Block,
    Contents,
    Document,
    Fields,
    Heading,
    Paragraph,
    Part,
    Prose,
    Span,
    Statement,
)
from vaultcli.export.source import Source
from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.record.notes import block, imported
from vaultcli.record.notes.attachment import Attachment
from vaultcli.record.view import entry as record
from vaultcli.record.view.entry import Addition, Entry

LANGUAGE = "en"
SEPARATE = "Psychotherapy notes, if any exist, are not part of this record."
DRAFT = "DRAFT: this export holds notes that are not signed"
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
_FRONT = re.compile(r"\A\ufeff?---\n(.*?\n)---(?:\n|\Z)", re.DOTALL)


def build(source: Source) -> Document:
    """The chart of one client, or the part of it that was asked for, as a document.

    Args:
        source: the verified record.
    """
    parts = [Part(tuple(_cover(source)))]
    parts += [_note(source, entry) for entry in source.entries]
    parts.append(Part(tuple(checking.page(source)), page=True))
    head = (source.practice.name, f"{source.client.name} · {source.client.id}")
    mark = DRAFT if any(entry.open for entry in source.entries) else ""
    return Document(_name(source), LANGUAGE, source.made, head, tuple(parts), mark)


def _name(source: Source) -> str:
    name = source.client.name
    if source.only:
        return f"A note from the chart of {name}"
    if source.whole:
        return f"Chart of {name}"
    return f"From the chart of {name}, {_days(source)}"


def _days(source: Source) -> str:
    first, last = wording.day(source.since), wording.day(source.until)
    if first and last:
        return f"{first} to {last}"
    return f"since {first}" if first else f"up to {last}"


def _cover(source: Source) -> list[Block]:
    client = source.client
    rows = [("practice", source.practice.name), ("client", client.name), ("born", wording.day(client.text("born")))]
    rows += [("record", client.id), ("chart opened", wording.day(client.text("opened")))]
    rows += [("chart closed", wording.day(client.closed))]
    rows += [("exported", f"{wording.moment(source.made)}, by {source.tool}")]
    blocks: list[Block] = [Heading(1, _name(source)), Fields(tuple((name, text) for name, text in rows if text))]
    if any(entry.open for entry in source.entries):
        blocks.append(Statement("draft", f"{DRAFT}."))
    blocks.append(Paragraph(_counts(source)))
    blocks.append(Paragraph(SEPARATE))
    for path, why in sorted(source.unverified.items()):
        blocks.append(Statement("missing", f"The note {path} is left out: {why}."))
    return [*blocks, *([Contents()] if len(source.entries) > 1 else [])]


def _counts(source: Source) -> str:
    states = [entry.state for entry in source.entries]
    rows = [f"{states.count(state)} {state}" for state in record.STATES if state in states]
    total = len(source.entries)
    told = f"{total} note{'' if total == 1 else 's'}: " + ", ".join(rows) + "." if rows else "No notes."
    return told if source.whole else f"{told} This is a part of the chart: {_part(source)}."


def _part(source: Source) -> str:
    return "one note" if source.only else f"the sessions {'of ' if source.since and source.until else ''}{_days(source)}"


def _note(source: Source, entry: Entry) -> Part:
    title = Heading(2, _title(entry))
    if entry.withdrawal is not None:
        return Part((title, wording.withdrawal(entry.withdrawal)), name=entry.path)
    blocks: list[Block] = [title]
    if entry.open:
        blocks.append(Statement("draft", "DRAFT. Not signed; it may still change."))
    blocks += _text(entry)
    blocks += [one for addition in entry.additions for one in _addition(entry, addition)]
    if entry.signed is not None:
        blocks.append(wording.signature(entry.signed))
    blocks += [wording.cosigning(one) for one in entry.additions if one.kind == "cosignature"]
    blocks += [wording.waiting(source.practice, one.block) for one in entry.uncovered()]
    return Part(tuple(blocks), name=entry.path)


def _title(entry: Entry) -> str:
    kind = entry.name.type.replace("-", " ")
    try:
        front = frontmatter.parse(entry.text, entry.path)
    except BadInput:
        front = None
    if front is None or entry.withdrawal is not None:
        return f"{wording.day(entry.name.date, weekday=True)} · {kind}"
    day = wording.day(front.text("date") or entry.name.date, weekday=True)
    which = front.text("kind").replace("-", " ") if entry.attachment else _format(front.text("format"))
    return " · ".join(filter(None, (day, front.text("time"), kind, which)))


def _format(name: str) -> str:
    """A format's name; `SOAP` and its like are letters for words."""
    return name.upper() if len(name) <= _LETTERS else name


_LETTERS = 4


def _text(entry: Entry) -> list[Block]:
    """Fields and prose; corrected words struck, their replacements beside them."""
    first, last = _split(entry.raw), _split(entry.text)
    if first is None or last is None:
        return [Prose((Span(block.without(entry.raw).decode("utf-8", "replace")),))]
    hidden = {name for name in _IN_TITLE if first[0].get(name, "") == last[0].get(name, "")}
    file = entry.attachment
    hidden |= {*_OF_FILE, "kind"} if file else set()
    names = [name for name in {**last[0], **first[0]} if name not in hidden]
    rows = [_row(name, first[0].get(name, ""), last[0].get(name, "")) for name in names]
    rows = [*(_file_rows(file) if file else []), *rows]
    read = [_split(raw) for raw in (entry.raw, *(one.raw for one in entry.corrections))]
    bodies = [text[1] for text in read if text is not None]
    plain = imported.is_plain(entry.raw)
    return [Fields(tuple(row for row in rows if row[1])), Prose(amended.spans(bodies), plain=plain)]


def _file_rows(file: Attachment) -> list[tuple[str, str]]:
    return [
        ("file", file.name),
        ("in this export", f"{checking.ATTACHMENTS}/{file.released_as}"),
        ("media type", f"{file.media_type}, {file.size:,} bytes"),
        ("SHA-256", file.sha256),
    ]


def _row(name: str, was: str, now: str) -> tuple[str, str]:
    shown = now if was == now or not was else f"{now or '(removed)'} (first: {was})"
    return _FIELD_NAMES.get(name, name.replace("-", " ")), shown


def _split(raw: bytes) -> tuple[dict[str, str], str] | None:
    """The author's fields as text, and the body."""
    try:
        front = frontmatter.parse(raw, "note")
        body = frontmatter.split(raw, "note").body.decode("utf-8")
    except (BadInput, UnicodeDecodeError):
        return None
    fields = {name: _source(value) if name == "imported" else _flat(value) for name, value in front.items() if name not in _OURS}
    text = body.replace("\r\n", "\n")
    if "imported" in fields:
        text = text.removeprefix("\ufeff")
        text = text if imported.is_plain(raw) else _unfronted(text)
    return fields, text.strip("\n")


def _unfronted(text: str) -> str:
    """An imported text whose own front matter is verbatim lines, as Markdown would make a heading of it."""
    return _FRONT.sub(lambda found: f"~~~~~~\n{found[1]}~~~~~~\n", text)


def _source(value: object) -> str:
    """Where an imported text came from; its hash is in the signed file, for whoever has the source."""
    if not isinstance(value, dict):
        return _flat(value)
    return str(value.get("from", "")) + (f" ({value['encoding']})" if value.get("encoding") else "")


def _flat(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_flat, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_flat(one)}" for name, one in value.items())
    return str(value)


def _addition(entry: Entry, addition: Addition) -> list[Block]:
    """An addition in its place: a line that says what it is, and its text; co-signatures have a line below the note."""
    if addition.kind == "correction":
        reason = frontmatter.parse(addition.raw, addition.file.block.id).text("reason")
        which = f" {entry.corrections.index(addition) + 1}" if len(entry.corrections) > 1 else ""
        return [wording.addition(f"Correction{which}, struck and inserted above,", "correction", addition.file, reason)]
    if addition.kind not in _ADDED:
        return []
    kind, name = _ADDED[addition.kind]
    text = _split(addition.raw)
    return [wording.addition(name, kind, addition.file), Prose((Span(text[1] if text else ""),), level=3)]


_ADDED = {
    "addendum": ("addition", "Addendum"),
    "late-entry": ("addition", "Late entry"),
    "attestation": ("attestation", "Attested"),
}
