"""The lines of a text that was corrected: each with what was struck and inserted in it, cut into runs on request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vaultcli.export.document import SAME, Span
from vaultcli.export.prose import visible
from vaultcli.export.prose.nodes import Run, Runs

TAB = 4
"""Columns from one tab stop to the next, as CommonMark counts them."""
_INDENT = re.compile(r"[ \t]*")


class Piece(NamedTuple):
    """Whose a part of a line is: up to `end`, of `kind` and `number` as in `document.Span`."""

    end: int
    kind: str
    number: int


class Line(NamedTuple):
    """One line.

    Args:
        text: without its end, with active characters written out; what was struck and what was inserted both stand in it.
        pieces: whose each part is, in order; the last one ends where the text ends.
    """

    text: str
    pieces: tuple[Piece, ...]

    @property
    def blank(self) -> bool:
        """Whether there is nothing to be seen on it."""
        return not self.text or self.text.isspace()

    @property
    def start(self) -> int:
        """Where its text begins, after the blanks."""
        return _INDENT.match(self.text).end()  # type: ignore[union-attr]

    @property
    def end(self) -> int:
        """Where its text ends, before the blanks."""
        return len(self.text.rstrip())

    @property
    def indent(self) -> int:
        """Columns before its text."""
        blanks = self.text[: self.start]
        return len(blanks.expandtabs(TAB)) if "\t" in blanks else len(blanks)

    def runs(self, start: int = 0, end: int | None = None, style: frozenset[str] = frozenset()) -> Runs:
        """A part of it in runs."""
        stop = len(self.text) if end is None else end
        found, at = [], 0
        for piece in self.pieces:
            left, right = max(at, start), min(piece.end, stop)
            if left < right:
                found.append(Run(self.text[left:right], style, piece.kind, piece.number))
            at = piece.end
        return tuple(found)

    def whole(self, start: int, end: int) -> bool:
        """Whether a part was struck, inserted or left as one."""
        return len(self.pieces) == 1 or len({(run.kind, run.number) for run in self.runs(start, end)}) <= 1

    def kept(self, start: int, end: int) -> bool:
        """Whether no correction touched a part."""
        return all(run.kind == SAME for run in self.runs(start, end))

    def after(self, start: int) -> Line:
        """The line without its beginning."""
        return Line(self.text[start:], tuple(piece._replace(end=piece.end - start) for piece in self.pieces if piece.end > start))


def of(spans: Sequence[Span]) -> list[Line]:
    """The lines of a text in spans."""
    return list(_lines(spans))


def _lines(spans: Sequence[Span]) -> Iterator[Line]:
    text, pieces = "", list[Piece]()
    for span in spans:
        first, *rest = visible.show(span.text).split("\n")
        text = _grown(text, pieces, first, span)
        for part in rest:
            yield Line(text, tuple(pieces))
            text, pieces = "", []
            text = _grown(text, pieces, part, span)
    yield Line(text, tuple(pieces))


def _grown(text: str, pieces: list[Piece], part: str, span: Span) -> str:
    if part:
        text += part
        pieces.append(Piece(len(text), span.kind, span.number))
    return text
