"""Markdown: for an editor, a pager, or another program. CommonMark, with `~~struck~~` and `<ins>` for corrections.

Whatever a field or a name holds is escaped; a note's own Markdown stands as it was written, its headings moved below ours.
"""

from __future__ import annotations

import re

from vaultcli.export.document import (
    INSERTED,
    SAME,
    STRUCK,
    Block,
    Commands,
    Contents,
    Document,
    Fields,
    Figure,
    Heading,
    Paragraph,
    Part,
    Prose,
    Statement,
    Table,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!])")
_HEADING = re.compile(r"^( {0,3})(#{1,6})(?=[ \t]|$)", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")


def write(document: Document) -> bytes:
    """The document as Markdown, UTF-8; the same document always gives the same bytes."""
    titles = [part.title for part in document.parts[1:] if part.title]
    parts = [text for part in document.parts for text in _part(part, titles)]
    return ("\n\n".join(text for text in parts if text) + "\n").encode("utf-8")


def _part(part: Part, titles: list[str]) -> list[str]:
    texts = ["---"] if part.page else []
    rows = "\n".join(f"- {escape(title)}" for title in titles)
    return texts + [rows if isinstance(block, Contents) else _block(block) for block in part.blocks]


def _block(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {escape(text)}"
        case Paragraph(text, code):
            return text if code else escape(text)
        case Fields(rows):
            return "\n".join(f"- {escape(name)}: {escape(value)}" for name, value in rows)
        case Prose(spans, level):
            return demote("".join(_span(span.text, span.kind, span.number) for span in spans), level).strip("\n")
        case Statement(_, text, details):
            return f"> {escape(text)}" + (f"\\\n> {escape(details)}" if details else "")
        case Table(head, rows, _):
            return _table(head, rows)
        case Commands(lines):
            return "```sh\n" + "\n".join(lines) + "\n```"
        case Figure(_, text):
            return escape(text)
        case Contents():
            return ""


def escape(text: str) -> str:
    """Plain text as Markdown that shows exactly that, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _span(text: str, kind: str, number: int) -> str:
    if kind == SAME:
        return text
    left, right = {STRUCK: ("<del>", "</del>"), INSERTED: ("<ins>", "</ins>")}[kind]
    right += f"<sup>{number}</sup>" if number else ""
    return "".join(_marked(piece, left, right) for piece in re.split(r"(\n+)", text))


def _marked(piece: str, left: str, right: str) -> str:
    """A piece of one line between marks; blanks and line ends stay outside, as a mark cannot cross a paragraph."""
    core = piece.strip()
    if not core:
        return piece
    start = piece.index(core)
    return f"{piece[:start]}{left}{core}{right}{piece[start + len(core) :]}"


def demote(text: str, levels: int) -> str:
    """A note's text with its headings moved down, those in fenced code untouched."""
    rows, fence = [], ""
    for row in text.split("\n"):
        mark = _FENCE.match(row)
        if mark and not fence:
            fence = mark[1]
        elif mark and fence and mark[1].startswith(fence[0]) and len(mark[1]) >= len(fence) and not row.strip(" `~"):
            fence = ""
        elif not fence:
            row = _HEADING.sub(lambda m: m[1] + "#" * min(6, len(m[2]) + levels - 1), row)  # noqa: PLW2901
        rows.append(row)
    return "\n".join(rows)


def _table(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell if cell == "---" else escape(cell) for cell in row) + " |" for row in lines)
