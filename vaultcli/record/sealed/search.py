"""Finding words in texts that are in memory only: no index, no database, nothing that could be written aside.

Case and accents do not count; a phrase goes over the ends of lines; a star stands for any ending. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from vaultcli.ground.errors import BadInput
from vaultcli.record.view import searchable

AROUND = 90
"""Characters of a passage before and after what was found, at most."""
_WORD = re.compile(r"\w+")
_BREAK = re.compile(r"\n[ \t\r]*\n")


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


@dataclass(frozen=True)
class Query:
    """What is looked for.

    Args:
        needles: folded words of which each must stand somewhere; what is quick to ask first.
        patterns: each must be found in the folded text.
    """

    needles: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]

    def may_be_in(self, raw: bytes) -> bool:
        """Whether the words can be in these bytes at all; wrong only in one direction."""
        folded = raw.lower().decode() if raw.isascii() else fold(raw.decode("utf-8", "replace"))
        return all(needle in folded for needle in self.needles)

    def is_in(self, raw: bytes) -> bool:
        """Whether all the words are in a note's text."""
        folded = fold(searchable.words(raw))
        return all(one.search(folded) for one in self.patterns)

    def places(self, raw: bytes) -> tuple[Place, ...]:
        """Where the words are in a note's text; none unless all of them are."""
        text = searchable.words(raw)
        folded = fold(text)
        spans = sorted({found.span() for one in self.patterns for found in one.finditer(folded)})
        if not spans or not all(one.search(folded) for one in self.patterns):
            return ()
        origin = _origin(text) if len(folded) != len(text) or not text.isascii() else None
        real = spans if origin is None else [(origin[begin], origin[end - 1] + 1) for begin, end in spans]
        return tuple(_passages(text, real))


def query(words: Sequence[str]) -> Query:
    """What the user typed, each a word, a phrase, or either with a star at its end.

    Raises:
        BadInput: one holds neither letter nor digit.
    """
    needles, patterns = [], []
    for word in words:
        parts = _WORD.findall(fold(word))
        if not parts:
            raise BadInput("a word to search for needs a letter or a digit", hint="search `wor*` for words that begin so")
        needles += parts
        end = "" if word.strip().rstrip('"').endswith("*") else r"(?!\w)"
        patterns.append(re.compile(r"(?<!\w)" + r"\W+".join(map(re.escape, parts)) + end))
    if not patterns:
        raise BadInput("there is nothing to search for", hint="name a word")
    return Query(tuple(needles), tuple(patterns))


def fold(text: str) -> str:
    """A text as it is compared: no case, no accents."""
    if text.isascii():
        return text.lower()
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)).casefold()


def _origin(text: str) -> list[int]:
    """For each character of the folded text, which character of the text it came from."""
    return [number for number, char in enumerate(text) for _ in fold(char)]


def _passages(text: str, spans: Sequence[tuple[int, int]]) -> list[Place]:
    """Passages around the places; those near each other share one."""
    found = []
    while spans:
        begin, end = spans[0]
        start, stop = _around(text, begin, end)
        inside = [span for span in spans if span[1] <= stop]
        pieces, at = [], start
        for first, last in inside:
            if first >= at:
                pieces += [(text[at:first], False), (text[first:last], True)]
                at = last
        pieces.append((text[at:stop], False))
        shown = tuple((" ".join(f"|{piece}|".split())[1:-1], hit) for piece, hit in pieces)
        found.append(Place(text.count("\n", 0, begin) + 1, searchable.section(text, begin), tuple(p for p in shown if p[0])))
        spans = spans[len(inside) :]
    return found


def _around(text: str, begin: int, end: int) -> tuple[int, int]:
    """The passage: within its paragraph, cut between words."""
    start = max((found.end() for found in _BREAK.finditer(text, 0, begin)), default=0)
    if begin - start > AROUND:
        cut = text.find(" ", begin - AROUND, begin)
        start = begin - AROUND if cut < 0 else cut + 1
    after = _BREAK.search(text, end)
    stop = after.start() if after else len(text)
    if stop - end > AROUND:
        cut = text.rfind(" ", end, end + AROUND)
        stop = end + AROUND if cut < 0 else cut
    return start, stop
