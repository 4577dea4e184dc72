"""Finding words in texts that are in memory only: no index, no database, nothing that could be written aside.

Case and accents do not count; a phrase goes over the ends of lines; a star stands for any ending. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from vaultcli.ground.errors import BadInput
from vaultcli.record.view import searchable
from vaultcli.record.view.passages import Place, between_words, passages

AROUND = 90
"""Characters of a passage before and after what was found, at most."""
_WORD = re.compile(r"\w+")
_BREAK = re.compile(r"\n[ \t\r]*\n")


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
        return tuple(passages(text, real, _around))


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


def _around(text: str, begin: int, end: int) -> tuple[int, int]:
    """The passage: within its paragraph, cut between words."""
    start = max((found.end() for found in _BREAK.finditer(text, 0, begin)), default=0)
    after = _BREAK.search(text, end)
    return between_words(text, (begin, end), (start, after.start() if after else len(text)), AROUND, AROUND)
