"""The difference of two texts by words, exact to the character.

Lines are compared first and only what differs is cut into words, so that a long note costs little more than a short one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, OUT, IN = "=", "-", "+"

MOST = 4000
"""Words on either side from which a changed passage is shown as a whole: comparing words is quadratic."""

_TOKEN = re.compile(r"\w+|[^\w\s]|\n|[^\S\n]+")


@dataclass(frozen=True)
class Piece:
    """A run of text that is the same in both (`=`), only in the old one (`-`), or only in the new one (`+`)."""

    kind: str
    text: str


def words(old: str, new: str) -> list[Piece]:
    """How the new text differs from the old one.

    Returns:
        Pieces in order, no two of a kind in a row, none empty. Those that are not `+` join to the old text, those that
        are not `-` to the new one.
    """
    return list(_joined(_bridged(list(_joined(_compared(old, new))))))


def _compared(old: str, new: str) -> Iterator[Piece]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for same, left, right in _matched(before, after):
        was, becomes = "".join(left), "".join(right)
        if same:
            yield Piece(SAME, was)
            continue
        was_words, new_words = _TOKEN.findall(was), _TOKEN.findall(becomes)
        if not was or not becomes or max(len(was_words), len(new_words)) > MOST:
            yield from (Piece(OUT, was), Piece(IN, becomes))
            continue
        for same_words, gone, come in _matched(was_words, new_words):
            if same_words:
                yield Piece(SAME, "".join(gone))
            else:
                yield from (Piece(OUT, "".join(gone)), Piece(IN, "".join(come)))


def _matched(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        yield tag == "equal", old[old_from:old_to], new[new_from:new_to]


def _bridged(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """A blank between two changed words belongs to the change: `on time` became `very late`, not each word another."""
    for number, piece in enumerate(pieces):
        if piece.kind == SAME and 0 < number < len(pieces) - 1 and not piece.text.strip(" "):
            yield from (Piece(OUT, piece.text), Piece(IN, piece.text))
        else:
            yield piece


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """No empty pieces, neighbours of a kind as one, what goes before what comes."""
    out, into = "", ""
    same = ""
    for piece in pieces:
        if not piece.text:
            continue
        if piece.kind == SAME:
            yield from _changes(out, into)
            out = into = ""
            same += piece.text
            continue
        if same:
            yield Piece(SAME, same)
            same = ""
        if piece.kind == OUT:
            out += piece.text
        else:
            into += piece.text
    if same:
        yield Piece(SAME, same)
    yield from _changes(out, into)


def _changes(out: str, into: str) -> Iterator[Piece]:
    if out:
        yield Piece(OUT, out)
    if into:
        yield Piece(IN, into)


def hunks(pieces: Sequence[Piece], context: int = 2) -> list[list[Piece]]:
    """The pieces cut down to changes with a few whole lines around each.

    Args:
        pieces: from `words`.
        context: lines before and after a change.
    """
    found: list[list[Piece]] = []
    current: list[Piece] = []
    last = len(pieces) - 1
    for number, piece in enumerate(pieces):
        if piece.kind != SAME:
            current.append(piece)
            continue
        lines = piece.text.splitlines(keepends=True)
        first, final = number == 0, number == last
        if len(lines) <= 2 * context + 1 and not first and not final:
            current.append(piece)
            continue
        head = "" if first else "".join(lines[: context + 1])
        whole = piece.text.endswith("\n")
        tail = "" if final else "".join(lines[-context - (not whole) :])
        if head:
            current.append(Piece(SAME, head))
        if current:
            found.append(current)
        current = [Piece(SAME, tail)] if tail else []
    if any(piece.kind != SAME for piece in current):
        found.append(current)
    return found
