"""Passages of a text around the words that a search found in it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from vaultcli.record.view import searchable


class Place(NamedTuple):
    """Where words are.

    Attributes:
        line: of the text, from 1.
        section: the heading it stands under; may be empty.
        pieces: the passage around, each piece with whether it was looked for.
    """

    line: int
    section: str
    pieces: tuple[tuple[str, bool], ...]

    @property
    def passage(self) -> str:
        """The passage as one text."""
        return "".join(text for text, _ in self.pieces)


def passages(
    text: str, spans: Sequence[tuple[int, int]], around: Callable[[str, int, int], tuple[int, int]]
) -> Iterator[Place]:  # fmt: skip
    """The passages around places; places near each other share one.

    Args:
        text: as it is searched.
        spans: where what was found begins and ends, in order; they may overlap.
        around: gives the beginning and the end of the passage around a place.
    """
    while spans:
        begin, end = spans[0]
        start, stop = around(text, begin, end)
        inside = [span for span in spans if span[1] <= stop]
        yield Place(text.count("\n", 0, begin) + 1, searchable.section(text, begin), _pieces(text, start, stop, inside))
        spans = spans[len(inside) :]


def between_words(text: str, span: tuple[int, int], part: tuple[int, int], before: int, after: int) -> tuple[int, int]:
    """A passage that is not longer than that many characters before and after what was found, cut between words.

    Args:
        text: the whole.
        span: what was found.
        part: what may be shown, such as the paragraph.
        before: characters.
        after: characters.
    """
    (begin, end), (start, stop) = span, part
    if begin - start > before:
        cut = text.find(" ", begin - before, begin)
        start = begin - before if cut < 0 else cut + 1
    if stop - end > after:
        cut = text.rfind(" ", end, end + after)
        stop = end + after if cut < 0 else cut
    return start, stop


def _pieces(text: str, start: int, stop: int, spans: Sequence[tuple[int, int]]) -> tuple[tuple[str, bool], ...]:
    pieces = []
    for begin, end in spans:
        if begin >= start:
            pieces += [(text[start:begin], False), (text[begin:end], True)]
            start = end
    pieces.append((text[start:stop], False))
    shown = [(" ".join(f"|{piece}|".split())[1:-1], found) for piece, found in pieces]
    first, last = shown[0][0].lstrip(), shown[-1][0].rstrip()
    shown[0], shown[-1] = (first, shown[0][1]), (last, shown[-1][1])
    return tuple((piece, found) for piece, found in shown if piece)
