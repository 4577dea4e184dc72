"""The document as data for the typesetter: lists and texts that `chart.typ` lays out, never markup.

What paper cannot hold is made to fit here: words without an end get places to break at, tables of many columns become
lists, lists in lists in lists are brought together below a depth, and no heading skips a rank.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from vaultcli.export import rich, visible, wording
from vaultcli.export.document import (
    INSERTED,
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

PAGE, NOTE = 44.0, 30.0
"""The width of a line in units of the type's size: of our own words, and of a note's, which may stand in a list."""
COLUMNS = 10
"""Columns that a page can hold; a wider table becomes a list."""
DEPTH = 7
"""Lists and quotations within one another, from which they are brought together."""
LONG = 34
"""Characters from which a field's value takes a line of its own; shorter ones stand two to a line."""

_STYLES = {rich.STRONG: "b", rich.EM: "i", rich.STRIKE: "x", rich.CODE: "c"}
_KINDS = {STRUCK: "d", INSERTED: "i"}
_ZWSP = "\u200b"
_ZONED = re.compile(r"(\d\d:\d\d:\d\d) ([+-]\d\d:\d\d)")
_UNBROKEN = re.compile(r"[^\s\u2e80-\uffff]{6,}")


def render(document: Document) -> dict[str, Any]:
    """The document as a value of JSON."""
    head = [*document.head, "", ""]
    made = f"exported {wording.day(document.made[:10])}" if document.made else ""
    ranks = _Ranks()
    return {
        "title": _line(document.title),
        "author": _line(head[0]),
        "lang": document.language,
        "head": [_line(one) for one in head[:2]],
        "mark": _line(document.mark.partition(":")[0]),
        "foot": made,
        "page": "page",
        "of": "of",
        "parts": [{"page": part.page, "blocks": list(_part(part, ranks))} for part in document.parts],
    }


def texts(value: object) -> Iterator[str]:
    """Every text in a value of JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)
    elif isinstance(value, dict):
        yield from texts(list(value.values()))


class _Ranks:
    """The rank of the heading before: the next one is at most one lower."""

    def __init__(self) -> None:
        self.last = 0

    def of(self, wanted: int) -> int:
        self.last = min(wanted, self.last + 1, 6)
        return self.last


def _part(part: Part, ranks: _Ranks) -> Iterator[list[Any]]:
    for block in part.blocks:
        if (one := _block(block, ranks)) is not None:
            yield one


def _block(block: Block, ranks: _Ranks) -> list[Any] | None:
    match block:
        case Heading(level, text):
            return ["h", ranks.of(level), _line(text)]
        case Paragraph(text, code):
            pieces = text.split("`") if code else [text]
            return ["p", [_plain(piece, "c" if code and number % 2 else "") for number, piece in enumerate(pieces) if piece]]
        case Fields(rows):
            return ["f", list(_pairs(rows))] if rows else None
        case Prose(spans, level, plain):
            return ["n", list(_nodes(rich.parse(spans, plain=plain), level, ranks, DEPTH))]
        case Statement(kind, text, details):
            return ["s", kind, _line(text), _line(details)]
        case Table(head, rows, below):
            if below and len(head) != _CHECKS:
                room = PAGE / (len(head) - 1)
                # the first cell is a file's name, which is copied, and breaks at its hyphens
                middle = [[_breakable(visible.line(cell), room) for cell in row[1:-1]] for row in rows]
                cells = [[_line(row[0]), *some, visible.line(row[-1])] for row, some in zip(rows, middle, strict=True)]
                return ["ts", [_line(cell) for cell in head], cells]
            cells = [[_line(cell) for cell in row] for row in rows]
            return ["tb" if below else "t", [_line(cell) for cell in head], cells]
        case Commands(lines):
            return ["sh", [_breakable(visible.show(line), 2 * PAGE) for line in lines]]
        case Figure(svg, text):
            return ["fig", svg, _line(text)]
        case Contents():
            ranks.of(2)
            return ["toc", "Contents"]


_CHECKS = 4
"""Columns of the table of signed files, whose last one stands below the second; of others it stands below the whole row."""


def _pairs(rows: tuple[tuple[str, str], ...]) -> Iterator[list[str]]:
    """Fields in rows: two short ones beside each other, a long one by itself."""
    waiting: list[str] = []
    for name, value in rows:
        cells = [_line(name), _line(value)]
        if len(value) > LONG:
            if waiting:
                yield waiting
            yield cells
            waiting = []
        elif waiting:
            yield [*waiting, *cells]
            waiting = []
        else:
            waiting = cells
    if waiting:
        yield waiting


def _nodes(nodes: Iterable[rich.Node], level: int, ranks: _Ranks, depth: int) -> Iterator[list[Any]]:
    for node in nodes:
        match node:
            case rich.Text(runs):
                yield ["p", _runs(runs)]
            case rich.Title(rank, runs):
                # a heading without words is an error of accessibility, and nothing to read
                if any(run.text.strip() for run in runs):
                    yield ["h", ranks.of(level + rank), _runs(runs)]
            case rich.Items(numbers, items):
                inside = [list(_nodes(item, level, ranks, depth - 1)) for item in items]
                yield from _list(numbers, inside) if depth > 0 else [node for item in inside for node in item]
            case rich.Quote(quoted):
                inner = list(_nodes(quoted, level, ranks, depth - 1))
                yield from [["q", inner]] if depth > 0 else inner
            case rich.Code(runs):
                yield _code(runs)
            case rich.Grid():
                yield from _grid(node)
            case rich.Line():
                yield ["l"]


def _list(numbers: tuple[int, ...], items: list[list[Any]]) -> list[list[Any]]:
    return [["ol", items, list(numbers)] if numbers else ["ul", items]]


def _code(runs: rich.Runs) -> list[Any]:
    """Verbatim lines; those with corrections in them run by run."""
    if all(not run.kind or run.kind not in _KINDS for run in runs):
        return ["c", _breakable("".join(run.text for run in runs))]
    lines = [(number, piece, run) for run in runs for number, piece in enumerate(run.text.split("\n"))]
    return ["cr", [one for number, piece, run in lines for one in _of_line(number, piece, run)]]


def _of_line(number: int, piece: str, run: rich.Run) -> Iterator[dict[str, Any]]:
    if number:
        yield {"t": "\n", "s": "", "k": "", "n": 0}
    if piece:
        yield {"t": _breakable(piece), "s": "c", "k": _KINDS.get(run.kind, ""), "n": run.number}


def _grid(grid: rich.Grid) -> Iterator[list[Any]]:
    columns = len(grid.head)
    if columns <= COLUMNS:
        size = 9 if columns < 7 else 7.5
        room = max(3.0, PAGE / columns - 2)
        head = [_runs(cell, room) for cell in grid.head]
        rows = [[_runs(cell, room) for cell in row] for row in grid.rows]
        yield ["t", head, rows, list(grid.align), size]
        return
    for row in grid.rows:
        pairs = zip(grid.head, row, strict=True)
        yield ["p", [one for pair in pairs for one in (*_runs(pair[0]), _plain(": "), *_runs(pair[1]), _plain("; "))]]


def _runs(runs: rich.Runs, room: float = NOTE) -> list[dict[str, Any]]:
    return [
        {
            "t": _breakable(visible.show(run.text), room),
            "s": "".join(sorted(_STYLES[style] for style in run.style)),
            "k": _KINDS.get(run.kind, ""),
            "n": run.number,
        }
        for run in runs
    ]


def _plain(text: str, style: str = "") -> dict[str, Any]:
    return {"t": _breakable(visible.show(text), PAGE), "s": style, "k": "", "n": 0}


def _line(text: str) -> str:
    return _breakable(_ZONED.sub("\\1\u00a0\\2", visible.line(text)), PAGE)


def _breakable(text: str, room: float = NOTE) -> str:
    """The text with places to break at in words that no line may hold; scripts without blanks break by themselves."""
    return _UNBROKEN.sub(lambda found: _ZWSP.join(_cut(found[0], room)), text) if _UNBROKEN.search(text) else text


def _cut(word: str, room: float) -> Iterator[str]:
    if sum(0.78 if char.isupper() or char > "~" else 0.56 for char in word) <= room:
        yield word
        return
    whole, size = visible.clusters(word), max(2, int(room / 3))
    for at in range(0, len(whole), size):
        yield "".join(whole[at : at + size])
