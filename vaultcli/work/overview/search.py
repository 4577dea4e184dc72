"""Searching a practice for words: where they stand, and the passage around them.

What a word is, and what of it counts, `record.view.query` says: for the index, for drafts and for the places alike.
`psychotherapy/notes/search` keeps no index, for nothing of a sealed note may lie in the clear; here an index makes it quick.
"""

from __future__ import annotations

from typing import NamedTuple

from vaultcli.places.index import Hit, Wanted
from vaultcli.record.view import searchable
from vaultcli.record.view.passages import Place, between_words, passages
from vaultcli.record.view.query import Query
from vaultcli.work.index.view import View

BEFORE, AFTER = 60, 90
"""Characters of a passage before the words that were found, and after them."""


class Found(NamedTuple):
    """A text with the words in it."""

    hit: Hit
    places: tuple[Place, ...]


def search(view: View, query: Query, wanted: Wanted, limit: int = 0) -> tuple[list[Found], int]:
    """The texts that hold the words, newest session first, with the places; and in how many texts they are.

    Args:
        view: the practice.
        query: the words.
        wanted: in which notes.
        limit: the most that are given; 0 for all.
    """
    hits, count = view.match(query.asked, wanted, limit)
    return [Found(hit, _places(query, searchable.words(view.raw(hit)))) for hit in hits], count


def _places(query: Query, text: str) -> tuple[Place, ...]:
    return tuple(passages(text, query.spans(text), _around))


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
