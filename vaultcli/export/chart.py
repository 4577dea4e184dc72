"""A client's chart as a document: the notes in order, what was added in its place, and a page to check it by."""

from __future__ import annotations

from vaultcli.export import checking, wording
from vaultcli.export.document import (
    INSERTED,
    SAME,
    STRUCK,
    Block,
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
from vaultcli.record import block, record, worddiff
from vaultcli.record.record import Addition, Entry

LANGUAGE = "en"
SEPARATE = "Psychotherapy notes, if any exist, are not part of this record."
_FIELD_NAMES = {"cpt": "CPT", "part2": "42 CFR Part 2", "id": "note"}
_IN_TITLE = ("date", "time", "format")
"""Fields that the heading of a note says; they stand below it only where they were corrected."""
_OURS = frozenset({"signed", "corrects", "adds-to", "covers", "withdraws", "attests", "reason"})


def build(source: Source) -> Document:
    """The chart of one client as a document.

    Args:
        source: the verified record.
    """
    parts = [Part(tuple(_cover(source)))]
    parts += [_note(source, entry) for entry in source.entries]
    parts.append(Part(tuple(checking.page(source)), page=True))
    head = (source.practice.name, f"{source.client.name} · {source.client.id}")
    return Document(f"Chart of {source.client.name}", LANGUAGE, source.made, head, tuple(parts))


def _cover(source: Source) -> list[Block]:
    client = source.client
    rows = [("practice", source.practice.name), ("client", client.name), ("born", client.text("born")), ("record", client.id)]
    rows += [("chart opened", client.text("opened")), ("chart closed", client.closed)]
    rows += [("exported", f"{source.made} by {source.tool}")]
    blocks: list[Block] = [Heading(1, f"Chart of {client.name}"), Fields(tuple((name, text) for name, text in rows if text))]
    blocks.append(Paragraph(_counts(source)))
    blocks.append(Paragraph(SEPARATE))
    for path, why in sorted(source.unverified.items()):
        blocks.append(Statement("missing", f"The note {path} is left out: {why}."))
    return blocks


def _counts(source: Source) -> str:
    states = [entry.state for entry in source.entries]
    rows = [f"{states.count(state)} {state}" for state in record.STATES if state in states]
    total = len(source.entries)
    return f"{total} note{'' if total == 1 else 's'}: " + ", ".join(rows) + "." if rows else "No notes."


def _note(source: Source, entry: Entry) -> Part:
    if entry.withdrawal is not None:
        return Part((Heading(2, _title(entry)), wording.withdrawal(entry.withdrawal)))
    blocks: list[Block] = [Heading(2, _title(entry))]
    mark = "DRAFT" if entry.open else ""
    if entry.open:
        blocks.append(Statement("draft", "DRAFT. Not signed; it may still change."))
    blocks += _text(entry)
    blocks += [one for addition in entry.additions for one in _addition(addition)]
    if entry.signed is not None:
        blocks.append(wording.signature(entry.signed.block))
    blocks += [wording.cosigning(one) for one in entry.additions if one.kind == "cosignature"]
    blocks += [wording.waiting(source.practice, one.block) for one in entry.uncovered()]
    return Part(tuple(blocks), mark=mark)


def _title(entry: Entry) -> str:
    try:
        front = frontmatter.parse(entry.text, entry.path)
    except BadInput:
        return f"{entry.name.date} · {entry.name.type}"
    if entry.withdrawal is not None:
        return f"{entry.name.date} · {entry.name.type}"
    day, kind = front.text("date") or entry.name.date, entry.name.type.replace("-", " ")
    return " · ".join(filter(None, (day, front.text("time"), kind, front.text("format").upper())))


def _text(entry: Entry) -> list[Block]:
    """Fields and prose; corrected words struck, their replacements beside them."""
    first, last = _split(entry.raw), _split(entry.text)
    if first is None or last is None:
        return [Prose((Span(block.without(entry.raw).decode("utf-8", "replace")),))]
    rows = tuple(_row(name, first[0].get(name, ""), last[0].get(name, "")) for name in {**last[0], **first[0]})
    prose = Prose(_spans([_split(raw) for raw in (entry.raw, *(one.raw for one in entry.corrections))]))
    told = {name for name in _IN_TITLE if first[0].get(name, "") == last[0].get(name, "")}
    return [Fields(tuple(row for row in rows if row[1] and row[0] not in told)), prose]


def _spans(texts: list[tuple[dict[str, str], str] | None]) -> tuple[Span, ...]:
    bodies = [text[1] for text in texts if text is not None]
    if len(bodies) == 1:
        return (Span(bodies[0]),)
    return tuple(Span(piece.text, _KINDS[piece.kind]) for piece in worddiff.words(bodies[0], bodies[-1]))


_KINDS = {worddiff.SAME: SAME, worddiff.OUT: STRUCK, worddiff.IN: INSERTED}


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
    fields = {name: _flat(value) for name, value in front.items() if name not in _OURS}
    return fields, body.replace("\r\n", "\n").strip("\n")


def _flat(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_flat, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_flat(one)}" for name, one in value.items())
    return str(value)


def _addition(addition: Addition) -> list[Block]:
    """An addition in its place: a line that says what it is, and its text; co-signatures have a line below the note."""
    said = addition.file.block
    tail = f"by {wording.signer(said)} on {wording.moment(said.time)}."
    if addition.kind == "correction":
        reason = frontmatter.parse(addition.raw, said.id).text("reason")
        return [Statement("addition", f"Corrected {tail} Reason: {reason}. {wording.number(said)}")]
    if addition.kind not in _ADDED:
        return []
    kind, name = _ADDED[addition.kind]
    text = _split(addition.raw)
    head = Statement(kind, f"{name} {tail} {wording.number(said)}")
    return [head, Prose((Span(text[1] if text else ""),), level=3)]


_ADDED = {
    "addendum": ("addition", "Addendum"),
    "late-entry": ("addition", "Late entry"),
    "attestation": ("attestation", "Attested"),
}
