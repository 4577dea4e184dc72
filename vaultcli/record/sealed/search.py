"""Finding words in texts that are in memory only: no index, no database, nothing that could be written aside. Pure."""

from __future__ import annotations

import re

from vaultcli.record.view import searchable
from vaultcli.record.view.passages import Place, between_words, passages
from vaultcli.record.view.query import Query

AROUND = 90
"""Characters of a passage before and after what was found, at most."""
_BREAK = re.compile(r"\n[ \t\r]*\n")


def is_in(query: Query, raw: bytes) -> bool:
    """Whether all the words are in a note's text."""
    return query.is_in(searchable.words(raw))


def places(query: Query, raw: bytes) -> tuple[Place, ...]:
    """Where words are in a note's text; none unless all of them are."""
    text = searchable.words(raw)
    return tuple(passages(text, query.spans(text), _around))


def _around(text: str, begin: int, end: int) -> tuple[int, int]:
    """The passage: within its paragraph, cut between words."""
    start = max((found.end() for found in _BREAK.finditer(text, 0, begin)), default=0)
    after = _BREAK.search(text, end)
    return between_words(text, (begin, end), (start, after.start() if after else len(text)), AROUND, AROUND)
