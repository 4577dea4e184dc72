"""Tables: rows of cells between bars, with a line of hyphens below the head.

The line below the head has three hyphens or a colon for each column, so that a row of answers such as `- | +` is none. A row
with more cells than the head would lose them in a table; such lines, and those whose bars a correction moved, are left to
be set as they were typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from vaultcli.export.prose import marks
from vaultcli.export.prose.lines import Line
from vaultcli.export.prose.nodes import MARK, Grid, Run, Runs

COLUMNS = 24
"""Columns from which rows of bars are taken for something else than a table to be read."""
_SIDE = r"[ \t]*(?::-+:?|-+:|-{3,})[ \t]*"
_RULE = re.compile(rf"\|?{_SIDE}(?:\|{_SIDE})*\|?[ \t]*")
_BAR = re.compile(r"(?<!\\)\|")
_MARKUP = frozenset({MARK})


def begins(lines: Sequence[Line], at: int) -> bool:
    """Whether a line is the head of a table, by itself and the line below it."""
    if at + 1 >= len(lines) or not _BAR.search(lines[at].text) or not _is_rule(lines[at + 1]):
        return False
    return len(_cells(lines[at])) == len(_cells(lines[at + 1]))


def height(lines: Sequence[Line], at: int) -> int:
    """How many lines, from that one on, are a table or look like one; 0 where it is no head of one."""
    if not begins(lines, at):
        return 0
    end = at + 2
    while end < len(lines) and not lines[end].blank and _BAR.search(lines[end].text):
        end += 1
    return end - at


def grid(lines: Sequence[Line]) -> Grid | None:
    """The table that these lines are; None where a table would not show all of them."""
    cells = [_cells(line) for line in (lines[0], *lines[2:])]
    columns = len(cells[0])
    if columns > COLUMNS or any(len(row) > columns for row in cells) or not _kept(lines):
        return None
    rows = tuple(_row(line, row, columns) for line, row in zip((lines[0], *lines[2:]), cells, strict=True))
    rule = lines[1]
    align = tuple(_side(rule.text[start:end].strip()) for start, end in _cells(rule))
    return Grid(align, rows, rule.runs(rule.start, None, _MARKUP), tuple(line.runs(0, line.end) for line in lines))


def _is_rule(line: Line) -> bool:
    text = line.text.strip()
    return "|" in text and _RULE.fullmatch(text) is not None


def _kept(lines: Sequence[Line]) -> bool:
    """Whether each row stood with its bars, or was struck or inserted with them."""
    if all(len(line.pieces) == 1 for line in lines):
        return len({piece[1:] for piece in lines[1].pieces + lines[0].pieces}) == 1
    bars = ((line, found.span()) for line in lines for found in _BAR.finditer(line.text))
    changed = any(not line.kept(*span) for line, span in bars if len(line.pieces) > 1)
    return not changed and lines[1].kept(0, len(lines[1].text))


def _cells(line: Line) -> list[tuple[int, int]]:
    """Where the cells of a row begin and end, between its bars."""
    start, end = line.start, line.end
    bars = [found.start() for found in _BAR.finditer(line.text, start, end)]
    edges = [*([] if bars[:1] == [start] else [start - 1]), *bars, *([] if bars[-1:] == [end - 1] else [end])]
    return [(left + 1, right) for left, right in pairwise(edges)]


def _row(line: Line, cells: list[tuple[int, int]], columns: int) -> tuple[Runs, ...]:
    found = [(*_bar(line, start - 1), *_cell(line, start, end)) for start, end in cells]
    found[-1] = (*found[-1], *_bar(line, cells[-1][1]))
    return tuple(found) + ((),) * (columns - len(found))


def _bar(line: Line, at: int) -> Runs:
    return line.runs(at, at + 1, _MARKUP) if 0 <= at < len(line.text) and line.text[at] == "|" else ()


def _cell(line: Line, start: int, end: int) -> tuple[Run, ...]:
    text = line.text[start:end]
    left = start + len(text) - len(text.lstrip())
    return marks.runs(line, left, max(left, start + len(text.rstrip())))


def _side(rule: str) -> str:
    left, right = rule.startswith(":"), rule.endswith(":")
    return "center" if left and right else "right" if right else "left" if left else ""
