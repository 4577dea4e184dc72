"""Markdown: for an editor, a pager, or another program. CommonMark, with `<del>` and `<ins>` for corrections.

Whatever a field or a name holds is escaped. A note's own text stands as it was typed, and a program that renders the file shows
it as the other formats do: each block is rendered once, here, and where CommonMark would hide or change a character of it, the
block stands in a fence, verbatim. Signs that would begin a list, a quotation or a rule have a no-break space before them,
and a line ends with two blanks, so that it stays a line. Nothing that a note leaves open reaches beyond its block.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from vaultcli.export.document import (
    INSERTED,
    SAME,
    STRUCK,
    Block,
    Commands,
    Contents,
    Document,
    Fields,
    Figure,
    Heading,
    Paragraph,
    Part,
    Prose,
    Statement,
    Table,
)
from vaultcli.export.prose import nodes, reading, visible
from vaultcli.export.prose.marks import joined
from vaultcli.export.prose.nodes import Grid, Items, Node, Run, Runs, Text, Title, Verbatim

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_TAGS = {STRUCK: ("<del>", "</del>"), INSERTED: ("<ins>", "</ins>")}
_SAID = {STRUCK: "struck", INSERTED: "inserted"}
_NO_BREAK = "\u00a0"
_BEGINS = re.compile(r"[-+*>#=~`|_]|[0-9]{1,9}[.)]")
"""What can begin a block of another kind."""
_ACTS = re.compile(r"[\\`*_~<&|\[\]]")
"""What CommonMark could take for markup within a line; a text without it need not be tried."""
_OPENS = re.compile(r"`{3}|~{3}|<!--")
"""What some program may take for the beginning of something that the note does not end."""
_TICKS = re.compile(r"`+")
_OURS = ("<del>", "</del>", "<ins>", "</ins>", "<sup>", "</sup>")


def write(document: Document) -> bytes:
    """The document as Markdown, UTF-8; the same document always gives the same bytes."""
    titles = [part.title for part in document.parts[1:] if part.title]
    parts = [text for part in document.parts for text in _part(part, titles)]
    return ("\n\n".join(text for text in parts if text) + "\n").encode("utf-8")


def _part(part: Part, titles: list[str]) -> list[str]:
    texts = ["---"] if part.page else []
    rows = "\n".join(f"- {escape(title)}" for title in titles)
    return texts + [rows if isinstance(block, Contents) else _block(block) for block in part.blocks]


def _block(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {escape(text)}"
        case Paragraph(text, code):
            return text if code else escape(text)
        case Fields(rows):
            return "\n".join(f"- {escape(name)}: {escape(value)}" for name, value in rows)
        case Prose(spans, level, plain):
            return "\n\n".join(_nodes(reading.read(spans, plain=plain), level))
        case Statement(_, text, details):
            return f"> {escape(text)}" + (f"\\\n> {escape(details)}" if details else "")
        case Table(head, rows, _):
            return _table(head, rows)
        case Commands(lines):
            return "```sh\n" + "\n".join(lines) + "\n```"
        case Figure(_, _, text, file):
            return f"![{escape(text)}]({file})" if file else escape(text)
        case Contents():
            return ""


def escape(text: str) -> str:
    """Plain text as Markdown that shows exactly that, on one line."""
    return _SPECIAL.sub(r"\\\1", visible.line(text))


def _table(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell if cell == "---" else escape(cell) for cell in row) + " |" for row in lines)


# a note's own text


def _nodes(found: Iterable[Node], level: int) -> Iterator[str]:
    for node in found:
        match node:
            case Text(lines):
                yield _paragraph(lines)
            case Title():
                yield _heading(node, level)
            case Items():
                yield from _list(node, 0)
            case Verbatim(lines):
                yield _fence(lines)
            case Grid():
                yield _grid(node)


def _paragraph(lines: Sequence[Runs]) -> str:
    text = "  \n".join(map(_row, lines))
    wanted = nodes.seen([Text(tuple(lines))])
    if _OPENS.search(wanted):
        return _fence(lines)
    return text if _shows(text, wanted, "paragraph_open", "inline", "paragraph_close") else _fence(lines)


def _heading(title: Title, level: int) -> str:
    signs = "#" * min(6, level + title.depth)
    runs = title.runs[1:] if nodes.MARK in title.runs[0].style else title.runs
    told = nodes.NOTHING if title.empty else ""
    wanted = nodes.seen([title]) + nodes.squeezed(told)
    for text in (f"{signs} {_typed(runs)}{told}", f"{signs} {''.join(map(_coded, runs))}{told}"):
        if _shows(text, wanted, "heading_open", "inline", "heading_close"):
            return text
    return f"{signs} {escape(''.join(run.text for run in nodes.shown(runs)))}{told}"


def _list(items: Items, depth: int) -> Iterator[str]:
    """A list as lines, its markers as typed."""
    rows: list[Runs] = []
    before, below = (Run(_NO_BREAK * 4 * depth),) if depth else (), (Run(_NO_BREAK * (4 * depth + 2)),)
    for item in items.items:
        rest = list(item.nodes)
        first: tuple[Runs, ...] = ((),)
        if rest and isinstance(rest[0], Text):
            first, rest = rest[0].lines, rest[1:]
        rows.append((*before, *item.marker, Run(" "), *first[0]))
        rows += [(*below, *line) for line in first[1:]]
        for node in rest:
            if isinstance(node, Text):
                yield from (_paragraph(rows),) if rows else ()
                rows = [(*below, *line) for line in node.lines]
            else:
                yield from (_paragraph(rows),) if rows else ()
                rows = []
                yield from _list(node, depth + 1) if isinstance(node, Items) else _nodes([node], depth)
    if rows:
        yield _paragraph(rows)


def _grid(grid: Grid) -> str:
    """A table as a table; in a fence where another program would show other cells."""
    sides = {"": "---", "left": ":---", "right": "---:", "center": ":---:"}
    rule = "| " + " | ".join(sides[side] for side in grid.align) + " |"
    head, *below = ("| " + " | ".join(_typed(_without_bars(cell)).strip() for cell in row) + " |" for row in grid.rows)
    text = "\n".join([head, rule, *below])
    wanted = [nodes.squeezed(run.text for run in nodes.shown(cell)) for row in grid.rows for cell in row]
    tokens = _parser().parse(text)
    cells = [_rendered(token) for token in tokens if token.type == "inline"]
    return text if tokens[0].type == "table_open" and tokens[-1].type == "table_close" and cells == wanted else _fence(grid.lines)


def _without_bars(cell: Runs) -> Runs:
    return tuple(run for run in cell if nodes.MARK not in run.style or run.text != "|")


def _fence(lines: Sequence[Runs]) -> str:
    """Lines verbatim; what a correction did stands in words."""
    text = "\n".join("".join(map(_worded, line)) for line in lines)
    ticks = "`" * max(3, *(len(found) + 1 for found in _TICKS.findall(text)), 3)
    return f"{ticks}\n{text}\n{ticks}"


def _worded(run: Run) -> str:
    number = f" {run.number}" if run.number else ""
    return run.text if run.kind == SAME else f"[{_SAID[run.kind]}{number}: {run.text}]"


def _row(runs: Runs) -> str:
    """A line of a paragraph: blanks at its beginning kept, nothing at its beginning that would make it something else."""
    text = _typed(runs)
    bare = text.lstrip(" \t")
    blanks = text[: len(text) - len(bare)].expandtabs(4)
    return _NO_BREAK * (len(blanks) or _BEGINS.match(bare) is not None) + bare.rstrip()


def _typed(runs: Iterable[Run]) -> str:
    """Runs as typed; neighbours that one correction changed are one, whatever they look like."""
    return "".join(map(_run, joined(replace(run, style=frozenset()) for run in runs)))


def _run(run: Run) -> str:
    """A run as typed, between tags where a correction struck or inserted it; blanks stay outside of them."""
    core = run.text.strip()
    if run.kind == SAME or not core:
        return run.text
    left, right = _TAGS[run.kind]
    start = run.text.index(core)
    number = f"<sup>{run.number}</sup>" if run.number else ""
    return f"{run.text[:start]}{left}{core}{right}{number}{run.text[start + len(core) :]}"


def _coded(run: Run) -> str:
    """A run as a span of code, in which nothing is markup."""
    core = run.text.strip()
    ticks = "`" * max(1, *(len(found) + 1 for found in _TICKS.findall(core)), 1)
    pad = " " if core[:1] == "`" or core[-1:] == "`" else ""
    coded = f"{ticks}{pad}{core}{pad}{ticks}" if core else ""
    return _run(Run("x", kind=run.kind, number=run.number)).replace("x", run.text.replace(core, coded)) if core else run.text


def _shows(text: str, wanted: str, *kinds: str) -> bool:
    """Whether a program that renders a block shows those characters, in one block of that kind."""
    if _ACTS.search(text) is None and kinds[0] == "paragraph_open":
        return True
    tokens = _parser().parse(text)
    return tuple(token.type for token in tokens) == kinds and _rendered(tokens[1]) == wanted


def _rendered(inline: Token) -> str:
    """What is seen of an inline token, without white space and the marks of corrections."""
    found, counted = [], False
    for token in inline.children or ():
        if token.type == "html_inline" and token.content in _OURS:
            counted = token.content == "<sup>"
        elif token.type != "html_inline" and not counted:
            found.append(token.content)
    return nodes.squeezed(found)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
