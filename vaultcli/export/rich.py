"""A note's Markdown taken apart for formats that are not Markdown: paragraphs, lists, tables, runs of text.

CommonMark with tables and `~~strikethrough~~`. Nothing in a note can act: raw HTML is text, an image is its description
and address as text, a link its words and its address as text. Nothing is lost either: CommonMark has texts that show
nothing (a line `[Plan]: none` is the definition of a link; so are cells beyond a table's last column), so definitions are
switched off, the numbers of a list and the names of entities stay as typed, and a text of which a letter is missing
after all is shown verbatim.

Corrections travel through the parser as characters that no text can hold (`visible.show` writes them out beforehand), set
inside of the marks that make a line a heading or an item.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from vaultcli.export import visible
from vaultcli.export.document import INSERTED, SAME, STRUCK, Span

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

STRONG, EM, STRIKE, CODE = "strong", "em", "strike", "code"
BREAK = "\n"
"""The text of a run that is a line break."""

_FIRST, _CLOSE = 0x100000, "\U0010fffd"
_MOST = 0xFFF0
_MARKS = re.compile("([\U00100000-\U0010fffd])")
_PREFIX = re.compile(r"[ \t]*(?:(?:>|[-+*](?:[ \t]+\[[ xX]\])?|[0-9]{1,9}[.)]|#{1,6})(?:[ \t]+|$))*")
_INDENT = re.compile(r"^[ \t]+")
_NO_BREAK = "\u00a0"
_STRUCTURE = re.compile(r"[ \t]*(?:`{3,}.*|~{3,}.*|[-=*_ \t|:]+)$")


@dataclass(frozen=True)
class Run:
    """A run of text of one look.

    Args:
        text: plain; `BREAK` alone is a line break.
        style: of `STRONG`, `EM`, `STRIKE`, `CODE`.
        kind: `SAME`, `STRUCK` or `INSERTED`.
        number: of the correction, as in `Span`.
    """

    text: str
    style: frozenset[str] = frozenset()
    kind: str = SAME
    number: int = 0


Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    runs: Runs


@dataclass(frozen=True)
class Title:
    """A heading; `depth` counts from 1 and never skips a rank."""

    depth: int
    runs: Runs


@dataclass(frozen=True)
class Items:
    """A list; `numbers` has each item's number, and nothing for a list without numbers."""

    numbers: tuple[int, ...]
    items: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Quote:
    """A quotation."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Code:
    """Verbatim lines."""

    runs: Runs


@dataclass(frozen=True)
class Grid:
    """A table; `align` has `left`, `right`, `center` or empty for each column."""

    align: tuple[str, ...]
    head: tuple[Runs, ...]
    rows: tuple[tuple[Runs, ...], ...]


@dataclass(frozen=True)
class Line:
    """A thematic break."""


Node = Text | Title | Items | Quote | Code | Grid | Line


def parse(spans: Sequence[Span], *, plain: bool = False) -> tuple[Node, ...]:
    """A note's text as nodes.

    Args:
        spans: as in `document.Prose`, and `plain` too.
        plain: the text is no Markdown.
    """
    reader = _Reader(spans)
    if plain:
        return tuple(Text(tuple(reader.lines(part))) for part in re.split(r"\n(?:[ \t]*\n)+", reader.source) if part.strip())
    tokens = _parser().parse(reader.source)
    nodes = tuple(reader.nodes(tokens)) if max((token.level for token in tokens), default=0) < _DEEPEST else ()
    if Counter(filter(str.isalnum, _MARKS.sub("", reader.source))) <= Counter(filter(str.isalnum, "".join(_words(nodes)))):
        return nodes
    return (Code(tuple(reader.verbatim())),)


_DEEPEST = 40
"""Lists and quotations within one another, each counted twice, from which a text is shown verbatim."""


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST + 2}).enable(["table", "strikethrough"])
    # addresses are shown and never followed: as they were typed
    made.normalizeLink = _as_typed  # type: ignore[method-assign]
    made.normalizeLinkText = _as_typed  # type: ignore[method-assign, assignment]
    return made.disable(["reference", "entity"])


def _as_typed(url: str) -> str:
    return url


def _words(nodes: Iterable[Node]) -> Iterator[str]:
    """The texts of nodes."""
    for node in nodes:
        match node:
            case Text(runs) | Title(_, runs) | Code(runs):
                yield from (run.text for run in runs)
            case Items(numbers, items):
                yield from map(str, numbers)
                yield from (text for item in items for text in _words(item))
            case Quote(inside):
                yield from _words(inside)
            case Grid(_, head, rows):
                yield from (run.text for row in (head, *rows) for cell in row for run in cell)
            case Line():
                pass


class _Reader:
    """One text on its way through the parser."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self.changes = [span for span in spans if span.kind != SAME][:_MOST]
        self.source = "".join(self._marked(spans))
        self.ranks: list[int] = []
        self.state = Run("")

    # before the parser

    def _marked(self, spans: Sequence[Span]) -> Iterator[str]:
        index, fresh = 0, True
        for span in spans:
            text = visible.show(span.text)
            if span.kind == SAME or index >= len(self.changes):
                yield text
                fresh = text.endswith("\n") or (fresh and not text)
                continue
            for piece in re.split(r"(\n)", text):
                yield piece if piece in ("", "\n") else self._piece(piece, chr(_FIRST + index), fresh=fresh)
                fresh = piece == "\n" or (fresh and not piece)
            index += 1

    def _piece(self, text: str, opening: str, *, fresh: bool) -> str:
        """A piece of one line between marks, each cell of a table by itself."""
        if fresh and _STRUCTURE.fullmatch(text):
            return text
        prefix = _PREFIX.match(text) if fresh else None
        at = prefix.end() if prefix else 0
        return text[:at] + "".join(_between(part, opening) for part in re.split(r"(?<!\\)(\|)", text[at:]))

    # after it

    def nodes(self, tokens: Sequence[Token]) -> Iterator[Node]:
        at = 0
        while at < len(tokens):
            end = _end(tokens, at)
            node = self._node(tokens[at], tokens[at + 1 : end])
            if node is not None:
                yield node
            at = end + 1

    def _node(self, token: Token, inner: Sequence[Token]) -> Node | None:
        match token.type:
            case "paragraph_open":
                return Text(self.runs(inner[0]))
            case "heading_open":
                return Title(self._depth(int(token.tag[1])), self.runs(inner[0]))
            case "bullet_list_open" | "ordered_list_open":
                return self._items(inner)
            case "blockquote_open":
                return Quote(tuple(self.nodes(inner)))
            case "fence" | "code_block":
                self.state = Run("")
                text = token.content.removesuffix("\n")
                info = _MARKS.sub("", token.info).strip()
                return Code(tuple(self._texts(f"{info}\n{text}" if info else text, Run(""))))
            case "table_open":
                return self._grid(inner)
            case "hr":
                return Line()
        return None

    def _items(self, inner: Sequence[Token]) -> Items:
        opened = [token for token in inner if token.type == "list_item_open" and token.level == inner[0].level]
        numbers = tuple(int(token.info) for token in opened if token.info.isdigit())
        return Items(numbers, tuple(tuple(self.nodes(item)) for item in _groups(inner)))

    def verbatim(self) -> Iterator[Run]:
        """The whole text as it was typed."""
        self.state = Run("")
        yield from self._texts(self.source.strip("\n"), Run(""))

    def lines(self, part: str) -> Iterator[Run]:
        """A paragraph of a text that is no Markdown: each line by itself, blanks at its beginning kept."""
        for number, line in enumerate(part.strip("\n").split("\n")):
            if number:
                yield Run(BREAK)
            self.state = Run("")
            indent = _INDENT.sub(lambda found: _NO_BREAK * len(found[0].expandtabs(4)), line, count=1)
            yield from self._texts(indent, Run(""))

    def _depth(self, rank: int) -> int:
        while self.ranks and self.ranks[-1] >= rank:
            self.ranks.pop()
        self.ranks.append(rank)
        return len(self.ranks)

    def _grid(self, inner: Sequence[Token]) -> Grid:
        rows = [[cell[0] for cell in _groups(row)] for part in _groups(inner) for row in _groups(part)]
        styles = [token.attrGet("style") for token in inner if token.type == "th_open"]
        cells = [tuple(self.runs(cell) for cell in row) for row in rows]
        return Grid(tuple(str(style or "").removeprefix("text-align:") for style in styles), cells[0], tuple(cells[1:]))

    def runs(self, token: Token) -> Runs:
        """An inline token's text, in runs."""
        self.state = Run("")
        return tuple(_joined(self._inline(token.children or [], frozenset())))

    def _inline(self, tokens: Iterable[Token], style: frozenset[str]) -> Iterator[Run]:
        links: list[tuple[str, str, str]] = []
        for token in tokens:
            name = token.type.removesuffix("_open").removesuffix("_close")
            if name in _STYLES:
                style = style | {_STYLES[name]} if token.nesting > 0 else style - {_STYLES[name]}
            elif token.type == "link_open":
                links.append((str(token.attrGet("href") or ""), str(token.attrGet("title") or ""), ""))
            elif token.type == "link_close":
                yield from self._address(*links.pop(), style)
            else:
                for run in self._leaf(token, style):
                    links = [(href, title, seen + run.text) for href, title, seen in links]
                    yield run

    def _leaf(self, token: Token, style: frozenset[str]) -> Iterator[Run]:
        match token.type:
            case "softbreak":
                self.state = Run("")
                yield Run(" ", style)
            case "hardbreak":
                self.state = Run("")
                yield Run(BREAK)
            case "code_inline":
                yield from self._texts(token.content, Run("", style | {CODE}))
            case "image":
                yield from self._texts(f"[image: {token.content}]", Run("", style))
                yield from self._address(str(token.attrGet("src") or ""), str(token.attrGet("title") or ""), "", style)
            case _:
                yield from self._texts(token.content, Run("", style))

    def _address(self, href: str, title: str, seen: str, style: frozenset[str]) -> Iterator[Run]:
        """A link's address and title as text, unless that is what its words say."""
        plain = _MARKS.sub("", href)
        told = " ".join(filter(None, (plain if plain.removeprefix("mailto:") != seen else "", _MARKS.sub("", title))))
        if told:
            yield replace(self.state, text=f" ({told})", style=style)

    def _texts(self, text: str, like: Run) -> Iterator[Run]:
        """The text cut at the marks of corrections."""
        for piece in _MARKS.split(text):
            if piece == _CLOSE:
                self.state = Run("")
            elif _MARKS.fullmatch(piece):
                change = self.changes[ord(piece) - _FIRST]
                self.state = Run("", kind=change.kind, number=change.number)
            elif piece:
                yield replace(self.state, text=piece, style=like.style)


_STYLES = {"strong": STRONG, "em": EM, "s": STRIKE}


def _between(part: str, opening: str) -> str:
    core = part.strip()
    if not core or part == "|":
        return part
    start = part.index(core)
    return f"{part[:start]}{opening}{core}{_CLOSE}{part[start + len(core) :]}"


def _end(tokens: Sequence[Token], at: int) -> int:
    """Where the token that closes this one stands; the token itself where nothing is to be closed."""
    depth = 0
    for index in range(at, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    return len(tokens) - 1


def _groups(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The insides of the pairs at the top."""
    at = 0
    while at < len(tokens):
        end = _end(tokens, at)
        yield tokens[at + 1 : end]
        at = end + 1


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    """Neighbours of one look as one run."""
    last: Run | None = None
    for run in runs:
        if last is not None and BREAK not in (run.text, last.text) and replace(run, text="") == replace(last, text=""):
            last = replace(last, text=last.text + run.text)
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last


__all__ = ["BREAK", "CODE", "EM", "INSERTED", "SAME", "STRIKE", "STRONG", "STRUCK", "parse"]
