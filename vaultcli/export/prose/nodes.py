"""What a note's text is read as: paragraphs of lines, headings, lists, tables, verbatim lines, and the runs in them.

Every character that was typed stands in exactly one run. A run either shows, or it is markup (`MARK`) of something that the
export visibly renders: the signs of a heading, of emphasis and of a table, and nothing else (`docs/exports.md`, "How a
note's text is read"). So what is seen and what was typed can both be told from the nodes, and compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vaultcli.export.document import SAME

STRONG, EM, STRIKE, CODE, MARK = "strong", "em", "strike", "code", "mark"
NOTHING = ": nothing written"
"""What an export says behind a heading that has nothing below it; set apart from what was typed."""


@dataclass(frozen=True)
class Run:
    """A run of text of one look, on one line.

    Args:
        text: plain.
        style: of `STRONG`, `EM`, `STRIKE`, `CODE`; `MARK` alone where it is markup and not to be shown.
        kind: `SAME`, `STRUCK` or `INSERTED`.
        number: of the correction, as in `document.Span`.
    """

    text: str
    style: frozenset[str] = frozenset()
    kind: str = SAME
    number: int = 0


Runs = tuple[Run, ...]
"""A line, or a cell."""


@dataclass(frozen=True)
class Text:
    """A paragraph; its lines are the lines that were typed, blanks at their beginning kept."""

    lines: tuple[Runs, ...]


@dataclass(frozen=True)
class Title:
    """A heading.

    Args:
        depth: counts from 1 and never skips a rank.
        runs: with its signs, which are markup from two `#` on.
        empty: nothing stands below it, down to the next heading of no lower rank.
    """

    depth: int
    runs: Runs
    empty: bool = False


@dataclass(frozen=True)
class Item:
    """An item of a list: its marker as typed, and what it holds."""

    marker: Runs
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Items:
    """A list."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Verbatim:
    """Lines to be set in type of one width, with every blank kept."""

    lines: tuple[Runs, ...]


@dataclass(frozen=True)
class Grid:
    """A table.

    Args:
        align: `left`, `right`, `center` or empty for each column.
        rows: the head first; as many cells each as there are columns, the bars between them as markup.
        rule: the line below the head, all of it markup.
        lines: the same as typed, for a page that cannot hold the columns.
    """

    align: tuple[str, ...]
    rows: tuple[tuple[Runs, ...], ...]
    rule: Runs
    lines: tuple[Runs, ...]


Node = Text | Title | Items | Verbatim | Grid


def runs_of(nodes: Iterable[Node]) -> Iterator[Run]:
    """Every run in the order in which it was typed."""
    for node in nodes:
        match node:
            case Text(lines) | Verbatim(lines):
                yield from (run for line in lines for run in line)
            case Title(_, runs):
                yield from runs
            case Items(items):
                for item in items:
                    yield from item.marker
                    yield from runs_of(item.nodes)
            case Grid(_, rows, rule):
                yield from (run for cell in rows[0] for run in cell)
                yield from rule
                yield from (run for row in rows[1:] for cell in row for run in cell)


def shown(runs: Iterable[Run]) -> Runs:
    """The runs that are to be seen."""
    return tuple(run for run in runs if MARK not in run.style)


def seen(nodes: Iterable[Node]) -> str:
    """Every character that a reader sees, in order, without white space."""
    return squeezed(run.text for run in shown(runs_of(nodes)))


def typed(nodes: Iterable[Node]) -> str:
    """Every character that was typed, in order, without white space."""
    return squeezed(run.text for run in runs_of(nodes))


def squeezed(texts: Iterable[str]) -> str:
    """Texts joined, without white space."""
    return "".join("".join(texts).split())
