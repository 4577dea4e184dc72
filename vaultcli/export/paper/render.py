"""The document as data for the typesetter: lists and texts that `chart.typ` lays out, never markup.

What paper cannot hold is made to fit here: words without an end come in pieces, between which a line may break, tables of
more columns than fit are set as they were typed, and no heading skips a rank. No character is added: what is copied
from the page is what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from vaultcli.export import dates
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
from vaultcli.export.paper import pictures
from vaultcli.export.prose import direction, nodes, reading, visible

PAGE, NOTE = 44.0, 30.0
"""The width of a line in units of the type's size: of our own words, and of a note's, which may stand in a list."""
COLUMNS = 10
"""Columns that a page can hold; a wider table is set as it was typed."""
LONG = 34
"""Characters from which a field's value takes a line of its own; shorter ones stand two to a line."""

_STYLES = {nodes.STRONG: "b", nodes.EM: "i", nodes.STRIKE: "x", nodes.CODE: "c"}
_KINDS = {STRUCK: "d", INSERTED: "i"}
_ZONED = re.compile(r"(\d\d:\d\d:\d\d) ([+-]\d\d:\d\d)")
_ARGUMENT = re.compile(r"""^[ ]+(?:[^\s'"]|'[^']*'|"[^"]*")+|(?:[^\s'"]|'[^']*'|"[^"]*")+""")
_UNBROKEN = re.compile(r"[^\s\u2e80-\uffff]{6,}")


Words = str | list[str]
"""A text, or its pieces where a line may break within a word."""


def render(document: Document) -> dict[str, Any]:
    """The document as a value of JSON."""
    made = f"exported {dates.day(document.made[:10])}" if document.made else ""
    ranks = _Ranks()
    return {
        "title": visible.line(document.title),
        "author": visible.line((*document.head, "")[0]),
        "lang": document.language,
        "head": [_line(one) for one in document.head[:1]],
        "whose": [_line(one) for one in document.head[1:]],
        "mark": visible.line(document.mark.partition(":")[0]),
        "notice": visible.line(document.notice),
        "foot": made,
        "page": "page",
        "of": "of",
        "nothing": nodes.NOTHING,
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
    for at, block in enumerate(part.blocks):
        if (one := _block(block, ranks)) is not None:
            if isinstance(block, Prose):
                # a signature does not stand on a page without a word of what it signs
                one[2] = isinstance((*part.blocks, None)[at + 1], Statement)
            yield one


def _block(block: Block, ranks: _Ranks) -> list[Any] | None:
    match block:
        case Heading(level, text):
            return ["h", ranks.of(level), _line(text), direction.from_right(text)]
        case Paragraph(text, code):
            pieces = text.split("`") if code else [text]
            runs = [_plain(piece, "c" if code and number % 2 else "") for number, piece in enumerate(pieces) if piece]
            return ["p", runs, direction.from_right(text)]
        case Fields(rows):
            return ["f", list(_pairs(rows))] if rows else None
        case Prose(spans, level, plain):
            return ["n", list(_nodes(reading.read(spans, plain=plain), level, ranks)), False]
        case Statement(kind, text, details, words):
            return ["s", kind, _line(text), _line(details), _line(words), direction.from_right(words), len(text)]
        case Table():
            return _table(block)
        case Commands(lines):
            # blanks at the beginning of a line are no argument, and stay with the first one
            return ["sh", [[visible.show(word) for word in _ARGUMENT.findall(line)] for line in lines]]
        case Figure(data, media, text):
            return ["fig", pictures.name(data, media), pictures.FORMATS[media], _line(text)]
        case Contents():
            ranks.of(2)
            return ["toc", "Contents"]


def _table(table: Table) -> list[Any]:
    head, rows = table.head, table.rows
    if table.below:
        room = PAGE / (len(head) - 1)
        # the first cell is a file's name, which is copied, and breaks at its hyphens
        middle = [[_breakable(visible.line(cell), room) for cell in row[1:-1]] for row in rows]
        cells = [[_line(row[0]), *some, visible.line(row[-1])] for row, some in zip(rows, middle, strict=True)]
        return ["ts", [_line(cell) for cell in head], cells]
    plain = [[_cell((_plain(cell),), cell) for cell in row] for row in rows]
    return ["t", [_cell((_plain(cell),), cell) for cell in head], plain, [], 9]


def _pairs(rows: tuple[tuple[str, str], ...]) -> Iterator[list[Any]]:
    """Fields in rows: two short ones beside each other, a long one by itself."""
    waiting: list[Any] = []
    for name, value in rows:
        cells = [_line(name), _line(value), direction.from_right(value)]
        if len(value) > LONG or cells[2]:
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


def _nodes(found: Iterable[nodes.Node], level: int, ranks: _Ranks) -> Iterator[list[Any]]:
    for node in found:
        match node:
            case nodes.Text(lines):
                yield from _text(lines)
            case nodes.Title(rank, runs, empty):
                yield ["nh", ranks.of(level + rank), _runs(runs), _from_right(runs), empty]
            case nodes.Items(items):
                yield from _list(items, level, ranks)
            case nodes.Verbatim(lines):
                yield _verbatim(lines)
            case nodes.Grid():
                yield _grid(node)


def _text(lines: Sequence[nodes.Runs]) -> Iterator[list[Any]]:
    """A paragraph; its lines together where all are written in one direction."""
    sides = [_from_right(line) for line in lines]
    if not any(sides):
        yield ["p", [run for number, line in enumerate(lines) for run in (*([_BREAK] if number else []), *_runs(line))], False]
        return
    yield ["ln", [[_runs(line), side] for line, side in zip(lines, sides, strict=True)]]


_BREAK = {"t": "\n", "s": "", "k": "", "n": 0}


def _list(items: Sequence[nodes.Item], level: int, ranks: _Ranks) -> Iterator[list[Any]]:
    """A list, cut where the direction of its items changes."""
    rows = [[_runs(item.marker), list(_nodes(item.nodes, level, ranks))] for item in items]
    sides = [_from_right(tuple(nodes.runs_of(item.nodes))) for item in items]
    at = 0
    while at < len(rows):
        end = at
        while end < len(rows) and sides[end] == sides[at]:
            end += 1
        yield ["li", rows[at:end], sides[at]]
        at = end


def _verbatim(lines: Sequence[nodes.Runs]) -> list[Any]:
    found = []
    for number, line in enumerate(lines):
        found += [_BREAK] if number else []
        found += _runs(line, NOTE * 1.15)
    return ["c", found]


def _grid(grid: nodes.Grid) -> list[Any]:
    columns = len(grid.align)
    if columns > COLUMNS:
        return _verbatim(grid.lines)
    size = 9 if columns < 7 else 7.5
    room = max(3.0, PAGE / columns - 2)
    head, *rows = ([_cell(_runs(cell, room), "".join(run.text for run in cell)) for cell in row] for row in grid.rows)
    return ["t", head, rows, list(grid.align), size]


def _cell(runs: Iterable[dict[str, Any]], text: str) -> list[Any]:
    return [list(runs), direction.from_right(text)]


def _from_right(runs: nodes.Runs) -> bool:
    return direction.from_right("".join(run.text for run in runs))


def _runs(runs: nodes.Runs, room: float = NOTE) -> list[dict[str, Any]]:
    return [
        {
            "t": _breakable(run.text.expandtabs(4), room),
            "s": "".join(sorted(_STYLES[style] for style in run.style)),
            "k": _KINDS.get(run.kind, ""),
            "n": run.number,
        }
        for run in nodes.shown(runs)
    ]


def _plain(text: str, style: str = "") -> dict[str, Any]:
    return {"t": _breakable(visible.show(text), PAGE), "s": style, "k": "", "n": 0}


def _line(text: str) -> Words:
    return _breakable(_ZONED.sub("\\1\u00a0\\2", visible.line(text)), PAGE)


def _breakable(text: str, room: float = NOTE) -> Words:
    """The text, in pieces where a word is longer than a line; scripts without blanks break by themselves."""
    if _UNBROKEN.search(text) is None:
        return text
    pieces, at = [], 0
    for found in _UNBROKEN.finditer(text):
        for cut in _cuts(found[0], room):
            pieces.append(text[at : found.start() + cut])
            at = found.start() + cut
    return [*pieces, text[at:]] if pieces else text


def _cuts(word: str, room: float) -> Iterator[int]:
    """Where a word that no line may hold can be cut."""
    if sum(0.78 if char.isupper() or char > "~" else 0.56 for char in word) <= room:
        return
    whole, size = visible.clusters(word), max(2, int(room / 3))
    at = 0
    for start in range(0, len(whole) - size, size):
        at += sum(map(len, whole[start : start + size]))
        yield at
