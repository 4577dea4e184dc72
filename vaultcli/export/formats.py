"""The table of export formats: what each is called, which file it makes, and which module writes it.

A new format is a module with `write` and one line in `TABLE`; options, help and checks follow from it. Nothing is imported
before it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from pathlib import Path

    from vaultcli.export.document import Document
    from vaultcli.export.source import Source


class Page(Protocol):
    """A module that renders the document: for people."""

    def write(self, document: Document) -> bytes:
        """The document in this format; the same document always gives the same bytes."""


class Typeset(Protocol):
    """A module that renders the document with fonts, on paper."""

    def write(self, document: Document, fonts: Path | None = None, size: str = ...) -> bytes:
        """The document in this format; the same document, fonts and size of paper always give the same bytes."""


class Data(Protocol):
    """A module that writes the record itself: for programs.

    Args:
        HEAD: what every file of the format begins with, such as the line of column names; empty where there is none.
    """

    HEAD: bytes

    def write(self, source: Source) -> bytes:
        """The record in this format, beginning with `HEAD`; the same record always gives the same bytes."""

    def lines(self, source: Source) -> Iterator[bytes]:
        """The same without `HEAD`, a line at a time."""


@dataclass(frozen=True)
class Format:
    """One format.

    Args:
        name: the word for `--format`; also a flag of its own.
        file: the name of the file in the export's folder.
        module: the writer's module in `vaultcli/export`.
        means: a few words for the help.
        data: whether it is made of the record (`Data`) and not of the document (`Page`).
        fonts: whether it is set with fonts on paper: `write(document, fonts, size)`.
    """

    name: str
    file: str
    module: str
    means: str
    data: bool = False
    fonts: bool = False


_ALL = (
    Format("markdown", "chart.md", "markdown", "for an editor or a pager"),
    Format("html", "chart.html", "html", "one page for a browser, that needs nothing else"),
    Format("pdf", "chart.pdf", "pdf", "for paper and archives: PDF/A-2a, tagged", fonts=True),
    Format("jsonl", "notes.jsonl", "jsonl", "every note as one line of JSON, for programs", data=True),
    Format("csv", "sessions.csv", "sessions", "a row a session, for billing and spreadsheets", data=True),
)
TABLE = {one.name: one for one in _ALL}
DEFAULT = "markdown"
PAPERS = ("letter", "a4")
"""The sizes of paper; the first is taken unless another is asked for."""


def page(name: str, document: Document, fonts: Path | None = None, size: str = PAPERS[0]) -> bytes:
    """The document in a format for people.

    Args:
        name: of the format.
        document: what to write.
        fonts: a folder of further fonts, for a format that can use one.
        size: of the paper, for a format that is set on paper.
    """
    if TABLE[name].fonts:
        return cast("Typeset", _module(name)).write(document, fonts, size)
    return cast("Page", _module(name)).write(document)


def data(name: str, sources: Iterable[Source]) -> bytes:
    """Records in a format for programs, one after the other, with one head."""
    return head(name) + b"".join(rest(name, source) for source in sources)


def head(name: str) -> bytes:
    """What a file of a format for programs begins with; a file is this and the `rest` of each record."""
    return cast("Data", _module(name)).HEAD


def rest(name: str, source: Source) -> bytes:
    """One record in a format for programs, without the head: so that many can be written one after the other."""
    return b"".join(cast("Data", _module(name)).lines(source))


def _module(name: str) -> object:
    return import_module(f"vaultcli.export.{TABLE[name].module}")
