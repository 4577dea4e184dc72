"""Emphasis and code on one line: which signs are markup there, and which are what somebody typed.

`*words*`, `_words_`, `**words**`, `~~words~~` and `` `words` `` count where they stand around whole words on one line, and
not inside a word or beside a digit: `25*2 then 50*2`, `q_h_s` and `3~~4~~5` are as they were typed. The signs of emphasis
are markup, as the letters show it; those of code and of what is struck stay to be seen, as a copy of the words would lose
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vaultcli.export.prose.lines import Line
from vaultcli.export.prose.nodes import CODE, EM, MARK, STRIKE, STRONG, Run, Runs

_LETTER = r"[^\W\d_²³¹¼-¾⁰-₟⅐-↏①-⓿]"
_BEFORE = r"""(?:^|(?<=[\s("'“‘\[—–]))"""
_FIRST = rf"""(?={_LETTER}|["'“‘(])"""
_LAST = rf"""(?:(?<={_LETTER})|(?<=[.,;:!?)"'”’…]))"""
_AFTER = r"""(?=$|[\s.,;:!?)"'”’\]—–…])"""
_SPAN = re.compile(
    rf"{_BEFORE}(?:"
    rf"(?P<tick>`)(?P<code>[^`]+)`(?![`\w])"
    rf"|(?P<bold>\*\*|__){_FIRST}(?P<strong>(?:(?!(?P=bold)).)+){_LAST}(?P=bold){_AFTER}"
    rf"|(?P<sign>[*_]){_FIRST}(?P<em>(?:(?!(?P=sign)).)+){_LAST}(?P=sign){_AFTER}"
    rf"|(?P<wave>~~){_FIRST}(?P<struck>[^~]+){_LAST}~~{_AFTER}"
    rf")"
)
_SIGNS = re.compile(r"[*_`~]")


def runs(line: Line, start: int = 0, end: int | None = None) -> Runs:
    """A part of a line in runs, emphasis told from signs."""
    stop = len(line.text) if end is None else end
    if _SIGNS.search(line.text, start, stop) is None:
        return line.runs(start, stop)
    return tuple(joined(_read(line, start, stop, frozenset())))


def _read(line: Line, start: int, stop: int, style: frozenset[str]) -> Iterator[Run]:
    at = look = start
    # where it begins counts as the beginning of a line, and where it ends as its end
    text = " " * start + line.text[start:stop]
    while (found := _SPAN.search(text, look)) is not None:
        if not _is_one(line, found):
            look = found.start() + 1
            continue
        yield from line.runs(at, found.start(), style)
        yield from _span(line, found, style)
        at = look = found.end()
    yield from line.runs(at, stop, style)


def _is_one(line: Line, found: re.Match[str]) -> bool:
    """Whether no correction touched the signs, or one wrote or struck all of it: a changed sign is to be seen."""
    inner = next(group for group in ("code", "strong", "em", "struck") if found[group] is not None)
    left, right = found.span(inner)
    if line.kept(found.start(), left) and line.kept(right, found.end()):
        return True
    return line.whole(*found.span())


def _span(line: Line, found: re.Match[str], style: frozenset[str]) -> Iterator[Run]:
    start, end = found.span()
    if found["code"] is not None:
        yield from line.runs(start, end, style | {CODE})
        return
    if found["struck"] is not None:
        left, right = found.span("struck")
        yield from line.runs(start, left, style | {STRIKE})
        yield from _read(line, left, right, style | {STRIKE})
        yield from line.runs(right, end, style | {STRIKE})
        return
    name, more = ("strong", STRONG) if found["strong"] is not None else ("em", EM)
    left, right = found.span(name)
    yield from line.runs(start, left, frozenset({MARK}))
    yield from _read(line, left, right, style | {more})
    yield from line.runs(right, end, frozenset({MARK}))


def joined(found: Iterable[Run]) -> Iterator[Run]:
    """Neighbours of one look as one run."""
    last: Run | None = None
    for run in found:
        if last is not None and (last.style, last.kind, last.number) == (run.style, run.kind, run.number):
            last = Run(last.text + run.text, run.style, run.kind, run.number)
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last
