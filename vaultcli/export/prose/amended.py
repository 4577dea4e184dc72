"""A text through its corrections: every word that ever stood in it, with the correction that struck or inserted it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from vaultcli.export.document import INSERTED, SAME, STRUCK, Span
from vaultcli.record.view import worddiff


def spans(texts: Sequence[str]) -> tuple[Span, ...]:
    """The first text with what each later one changed.

    Args:
        texts: as signed, oldest first; at least one.

    Returns:
        Spans; those that are not struck join to the last text. They are numbered where there is more than one correction.
    """
    found = [Span(texts[0])]
    for number, (old, new) in enumerate(itertools.pairwise(texts), start=1):
        found = list(_changed(found, worddiff.words(old, new), number))
    several = len(texts) > 2
    return tuple(_joined(span if several else replace(span, number=0) for span in found))


def _changed(before: list[Span], pieces: list[worddiff.Piece], number: int) -> Iterator[Span]:
    """The spans after one more correction; what was struck before stays where it stood."""
    waiting = list(reversed(before))
    for piece in pieces:
        if piece.kind == worddiff.IN:
            yield Span(piece.text, INSERTED, number)
            continue
        left = len(piece.text)
        while left:
            span = waiting.pop()
            if span.kind == STRUCK:
                yield span
                continue
            taken, rest = span.text[:left], span.text[left:]
            left -= len(taken)
            yield replace(span, text=taken) if piece.kind == worddiff.SAME else Span(taken, STRUCK, number)
            if rest:
                waiting.append(replace(span, text=rest))
    yield from reversed(waiting)


def _joined(found: Iterator[Span]) -> Iterator[Span]:
    last: Span | None = None
    for span in found:
        if last is not None and (last.kind, last.number) == (span.kind, span.number):
            last = replace(last, text=last.text + span.text)
            continue
        if last is not None and last.text:
            yield last
        last = span
    if last is not None and (last.text or last.kind == SAME):
        yield last
