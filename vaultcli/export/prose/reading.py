"""A note's text read once for every format: what is a heading, a list, a table, and otherwise lines as they were typed.

It is not all of Markdown, on purpose. CommonMark takes `25*2 then 50*2` for emphasis, `> 14` for a quotation, a line above
`-----` for a heading, and joins lines; a reader of the printed page would then see another dose. Here a sign is markup only
where the page shows what it stands for (`docs/exports.md`, "How a note's text is read"; decision 0145), and everything else
is seen as it was typed: lines stay lines, markers of lists stay, and so do quotation marks, rules, links, HTML, escapes,
entities and fences. Nothing in a note can act, because nothing but text comes out.

Whatever is read is held against the characters that it was read from; a block that does not hold all of them, in their
order, is set verbatim by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vaultcli.export.document import Span
from vaultcli.export.prose import lines as typed_lines
from vaultcli.export.prose import marks, tables
from vaultcli.export.prose.lines import Line
from vaultcli.export.prose.nodes import MARK, Item, Items, Node, Text, Title, Verbatim, squeezed, typed

DEPTH = 7
"""Lists within one another, from which lines are lines."""
_TITLE = re.compile(r" {0,3}(#{1,6})[ \t]+(?=\S)")
_MARKER = re.compile(r"[ \t]*((?:[-+*•◦▪‣]|[0-9]{1,9}[.)])(?=[ \t]|$))[ \t]*")
_FENCE = re.compile(r"[ \t]*(`{3,}(?=[^`]*$)|~{3,})")
_ALIGNED = re.compile(r"\S(?:[^\S\t\u00a0]{3,}|[ ]*\t[ \t]*)\S")
"""Blanks within a line that set something below something else."""


def read(spans: Sequence[Span], *, plain: bool = False) -> tuple[Node, ...]:
    """A note's text as nodes.

    Args:
        spans: as in `document.Prose`, and `plain` too.
        plain: the text is no Markdown: its lines are lines, and no sign in it means anything.
    """
    found = list(_paragraphs(typed_lines.of(spans)) if plain else _Reader(typed_lines.of(spans)).blocks())
    return tuple(_with_empty(found))


class _Reader:
    """Some lines on their way to blocks, an item's lines by a reader of their own."""

    def __init__(self, lines: Sequence[Line], depth: int = 0) -> None:
        self.lines = lines
        self.depth = depth
        self.ranks: list[int] = []
        self.unclosed: dict[str, int] = {}

    def blocks(self) -> Iterator[Node]:
        """The blocks, each held against what it was read from."""
        at = 0
        while at < len(self.lines):
            if self.lines[at].blank:
                at += 1
                continue
            end, node = self._block(at)
            lines = self.lines[at:end]
            yield node if typed([node]) == squeezed(line.text for line in lines) else _verbatim(lines)
            at = end

    def _block(self, at: int) -> tuple[int, Node]:
        """Where the block that begins with a line ends, and the block."""
        line = self.lines[at]
        if end := self._fence(at):
            return end, _verbatim(self.lines[at:end])
        if head := self._title(line):
            return at + 1, self._heading(line, head)
        if high := tables.height(self.lines, at):
            lines = self.lines[at : at + high]
            return at + high, tables.grid(lines) or _verbatim(lines)
        # behind an item's marker its line goes on: `* * *` and `- - 3` are one line and one item
        if self._marker(line) and not (self.depth and at == 0):
            return self._list(at)
        end = at + 1
        while end < len(self.lines) and not self._begins(end):
            end += 1
        return end, _text(self.lines[at:end])

    def _begins(self, at: int) -> bool:
        """Whether a line ends the paragraph before it."""
        line = self.lines[at]
        if line.blank or self._marker(line) or self._title(line):
            return True
        return bool(self._fence(at) or tables.begins(self.lines, at))

    def _title(self, line: Line) -> re.Match[str] | None:
        """The beginning of a heading: one `#` needs a capital letter behind it, as `# 14 tablets` is a count."""
        found = None if self.depth else _TITLE.match(line.text)
        if found is None or len(found[1]) > 1:
            return found
        return found if line.text[found.end() :][:1].isupper() else None

    def _heading(self, line: Line, head: re.Match[str]) -> Title:
        rank, signs = len(head[1]), head.span(1)
        # one sign alone can be a word, as in "# of drinks"; two are a heading's
        markup = rank > 1 and (line.kept(*signs) or line.whole(line.start, len(line.text)))
        while self.ranks and self.ranks[-1] >= rank:
            self.ranks.pop()
        self.ranks.append(rank)
        style = frozenset({MARK}) if markup else frozenset[str]()
        return Title(len(self.ranks), (*line.runs(*signs, style), *marks.runs(line, head.end() - (not markup), line.end)))

    def _fence(self, at: int) -> int:
        """Behind the line that closes the fence that a line opens; 0 where it opens none, or nothing closes it."""
        opening = _FENCE.match(self.lines[at].text)
        if opening is None or len(opening[1]) >= self.unclosed.get(opening[1][0], len(opening[1]) + 1):
            return 0
        closing = re.compile(rf"[ \t]*{re.escape(opening[1][0])}{{{len(opening[1])},}}[ \t]*")
        for end in range(at + 1, len(self.lines)):
            if closing.fullmatch(self.lines[end].text):
                return end + 1
        self.unclosed[opening[1][0]] = len(opening[1])
        return 0

    def _marker(self, line: Line) -> re.Match[str] | None:
        return _MARKER.match(line.text) if self.depth < DEPTH else None

    def _list(self, at: int) -> tuple[int, Node]:
        """A list, whatever its markers; it ends at a line that stands no deeper than they do, and is none of them."""
        lines, column, items = self.lines, self.lines[at].indent, list[Item]()
        end = at
        while at < len(lines) and lines[at].indent == column and (marker := self._marker(lines[at])):
            end = after = at + 1
            while after < len(lines) and (lines[after].blank or lines[after].indent > column):
                after += 1
                end = end if lines[after - 1].blank else after
            rest = [line.after(min(line.start, marker.end())) for line in lines[at + 1 : end]]
            inner = _Reader([lines[at].after(marker.end()), *rest], self.depth + 1)
            items.append(Item(lines[at].runs(*marker.span(1)), tuple(inner.blocks())))
            at = end
            while at < len(lines) and lines[at].blank:
                at += 1
        return end, Items(tuple(items))


def _text(lines: Sequence[Line]) -> Node:
    """A paragraph; verbatim where blanks within its lines set them below one another."""
    if sum(_ALIGNED.search(line.text) is not None for line in lines) > 1:
        return _verbatim(lines)
    return Text(tuple((*line.runs(0, line.start), *marks.runs(line, line.start, line.end)) for line in lines))


def _verbatim(lines: Sequence[Line]) -> Verbatim:
    return Verbatim(tuple(line.runs(0, line.end) for line in lines))


def _paragraphs(lines: Sequence[Line]) -> Iterator[Node]:
    """A text that is no Markdown."""
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and not lines[end].blank:
            end += 1
        if end > at:
            part = lines[at:end]
            aligned = sum(_ALIGNED.search(line.text) is not None for line in part) > 1
            yield _verbatim(part) if aligned else Text(tuple(line.runs(0, line.end) for line in part))
        at = end + 1


def _with_empty(nodes: Sequence[Node]) -> Iterator[Node]:
    """The same, headings marked that have nothing below them."""
    for at, node in enumerate(nodes):
        after = nodes[at + 1] if at + 1 < len(nodes) else None
        if isinstance(node, Title) and (after is None or (isinstance(after, Title) and after.depth <= node.depth)):
            yield Title(node.depth, node.runs, empty=True)
        else:
            yield node
