"""What is searched for: words, phrases and beginnings of words, and where they stand in a text. Pure.

Case, accents and the rest of `ground.fold` do not count; a phrase goes over the ends of lines; a star stands for any ending.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vaultcli.ground import fold
from vaultcli.ground.errors import BadInput


@dataclass(frozen=True)
class Query:
    """What is looked for.

    Args:
        needles: folded words of which each must stand somewhere; what is quick to ask first.
        patterns: each must be found in the folded text.
        asked: the same in the language of SQLite's FTS5, of a table that holds `indexed` texts.
    """

    needles: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    asked: str

    def may_be_in(self, raw: bytes) -> bool:
        """Whether the words can be in these bytes at all; wrong only in one direction."""
        folded = raw.lower().decode() if raw.isascii() else fold.fold(raw.decode("utf-8", "replace"))
        return all(needle in folded for needle in self.needles)

    def is_in(self, text: str) -> bool:
        """Whether all the words are in a text."""
        folded = fold.fold(text)
        return all(one.search(folded) for one in self.patterns)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the words begin and end in a text, in order; none unless all of them are there."""
        folded = fold.fold(text)
        spans = sorted({found.span() for one in self.patterns for found in one.finditer(folded)})
        if not spans or not all(one.search(folded) for one in self.patterns):
            return []
        if text.isascii():
            return spans
        origin = fold.origin(text)
        return [(origin[begin][0], origin[end - 1][1]) for begin, end in spans]


def query(words: Sequence[str]) -> Query:
    """What the user typed, each a word, a phrase, or either with a star at its end. All must be there.

    Raises:
        BadInput: one holds neither letter nor digit, or there is none.
    """
    needles, patterns, asked = list[str](), [], []
    for word in words:
        parts = fold.words(word)
        if not parts:
            raise BadInput("a word to search for needs a letter or a digit", hint="search `wor*` for words that begin so")
        begins = word.strip().rstrip('"').endswith("*")
        needles += parts
        patterns.append(re.compile(_pattern(parts, begins=begins)))
        asked.append(f'"{" ".join(parts)}"' + ("*" if begins else ""))
    if not patterns:
        raise BadInput("there is nothing to search for", hint="name a word")
    return Query(tuple(needles), tuple(patterns), " AND ".join(asked))


def indexed(text: str) -> str:
    """A text as an index of words holds it, so that `Query.asked` finds it."""
    return fold.apart(fold.fold(text))


def _pattern(parts: Sequence[str], *, begins: bool) -> str:
    letters = "" if all(part.isascii() for part in parts) else fold.marks()
    inside, outside = rf"[^\W_{letters}]" if not letters else rf"(?:[^\W_]|[{letters}])", rf"(?:_|[^\w{letters}])"
    text = ""
    for before, part in zip(("", *parts), parts, strict=False):
        if before:
            free = fold.spaceless(before[0]) or fold.spaceless(part[0])
            text += outside + ("*" if free else "+")
        text += re.escape(part)
    begin = "" if fold.spaceless(parts[0][0]) else rf"(?:(?<!{inside})|(?<={fold.SPACELESS}))"
    last = parts[-1]
    marked = rf"(?![{letters}])" if letters else ""
    end = "" if begins else marked if fold.spaceless(last[0]) else rf"(?:(?!{inside})|(?={fold.SPACELESS}))"
    return begin + text + end
