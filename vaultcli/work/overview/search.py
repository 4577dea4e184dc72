"""Searching a practice for words: where they stand, and the passage around them.

What a word is, SQLite's FTS5 says, for the index, for drafts and for the places that are shown alike: letters and digits,
whatever their case and diacritics; everything else is space between words.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vaultcli.ground.errors import BadInput
from vaultcli.places.index import Hit, Wanted
from vaultcli.record.view import searchable
from vaultcli.record.view.passages import Place, between_words, passages
from vaultcli.work.index.view import View

BEFORE, AFTER = 60, 90
"""Characters of a passage before the words that were found, and after them."""
_BEGIN, _END = "\ufdd0", "\ufdd1"
"""Marks around what was found: code points that are no characters."""


class Found(NamedTuple):
    """A text with the words in it."""

    hit: Hit
    places: tuple[Place, ...]


def query(words: Sequence[str]) -> str:
    """What FTS5 is asked.

    Args:
        words: each a word, a phrase of several words, or either with `*` at its end for any ending. All must be there.

    Raises:
        BadInput: one holds neither letter nor digit, or there is none.
    """
    parts = [_part(word) for word in words]
    if not parts:
        raise BadInput("there is nothing to search for", hint="name a word")
    return " AND ".join(parts)


def _part(word: str) -> str:
    plain = word.strip().removeprefix('"')
    prefix = plain.removesuffix('"').endswith("*")
    plain = plain.rstrip('*"').replace("\0", " ")
    if not any(letter.isalnum() for letter in plain):
        raise BadInput("a word to search for needs a letter or a digit", hint="search `wor*` for words that begin so")
    return '"' + plain.replace('"', " ") + ('"*' if prefix else '"')


def search(view: View, words: Sequence[str], wanted: Wanted, limit: int = 0) -> tuple[list[Found], int]:
    """The texts that hold the words, newest session first, with the places; and in how many texts they are.

    Args:
        view: the practice.
        words: as in `query`.
        wanted: in which notes.
        limit: the most that are given; 0 for all.
    """
    asked = query(words)
    hits, count = view.match(asked, wanted, limit)
    texts = [searchable.words(view.raw(hit)) for hit in hits]
    return [Found(hit, places) for hit, places in zip(hits, _places(asked, texts), strict=True)], count


def _places(asked: str, texts: Sequence[str]) -> Iterator[tuple[Place, ...]]:
    """The places in each text."""
    db = sqlite3.connect(":memory:")
    try:
        db.execute("CREATE VIRTUAL TABLE shown USING fts5 (body, tokenize = 'unicode61 remove_diacritics 2')")
        rows = ((number, text.replace(_BEGIN, "\ufffd").replace(_END, "\ufffd")) for number, text in enumerate(texts))
        db.executemany("INSERT INTO shown (rowid, body) VALUES (?,?)", rows)
        marked = "SELECT rowid, highlight(shown, 0, ?, ?) FROM shown WHERE shown MATCH ?"
        found = dict(db.execute(marked, (_BEGIN, _END, asked)))
    finally:
        db.close()
    for number in range(len(texts)):
        yield tuple(passages(*_unmarked(found.get(number, "")), _around))


def _unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """A text without its marks, and where what they marked begins and ends."""
    head, *parts = marked.split(_BEGIN)
    text, spans, at = [head], [], len(head)
    for part in parts:
        found, _, rest = part.partition(_END)
        spans.append((at, at + len(found)))
        text += [found, rest]
        at += len(found) + len(rest)
    return "".join(text), spans


def _around(text: str, begin: int, end: int) -> tuple[int, int]:
    """The passage around a place: its line at the top of a note, below that within its paragraph, cut between words."""
    front = searchable.body(text)
    if begin < front:
        # a phrase may begin on the last line of the front matter and end with the text
        stop = text.find("\n", end)
        return text.rfind("\n", 0, begin) + 1, len(text) if stop < 0 else stop
    stop = text.find("\n\n", end)
    paragraph = max(text.rfind("\n\n", 0, begin) + 1, front), len(text) if stop < 0 else stop
    return between_words(text, (begin, end), paragraph, BEFORE, AFTER)
