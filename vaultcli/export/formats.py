"""The table of export formats: what each is called, which file it makes, and which module writes it.

A new format is a module with `write` and one line in `TABLE`; options, help and checks follow from it. Nothing is imported
before it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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


class Prepared(Protocol):
    """A document that is about to be set with fonts, on paper."""

    @property
    def missing(self) -> frozenset[str]:
        """Characters that no font has; they are written out by number."""

    def lacking(self, texts: Iterable[str]) -> list[str]:
        """Those of some texts that hold such a character."""

    def write(self) -> bytes:
        """The document in this format."""


class Typeset(Protocol):
    """A module that renders the document with fonts, on paper."""

    def prepare(self, document: Document, fonts: Path | None = None, size: str = ...) -> Prepared:
        """The document, ready; the same document, fonts and size of paper always give the same bytes."""


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


class ByDay(Data, Protocol):
    """The same for a format whose lines stand by day, whoever's they are."""

    def keyed(self, source: Source) -> Iterator[tuple[tuple[str, ...], bytes]]:
        """Each line with what it is ordered by."""


@dataclass(frozen=True)
class Format:
    """One format.

    Args:
        name: the word for `--format`; also a flag of its own.
        file: the name of the file in the export's folder.
        module: the writer's module in `vaultcli/export`.
        means: a few words for the help.
        data: whether it is made of the record (`Data`) and not of the document (`Page`).
        fonts: whether it is set with fonts on paper (`Typeset`).
        by_day: whether the lines of many records stand by day (`ByDay`), and not by client.
    """

    name: str
    file: str
    module: str
    means: str
    data: bool = False
    fonts: bool = False
    by_day: bool = False


_ALL = (
    Format("markdown", "chart.md", "markdown", "for an editor or a pager"),
    Format("html", "chart.html", "html", "one page for a browser, that needs nothing else"),
    Format("pdf", "chart.pdf", "paper.pdf", "for paper and archives: PDF/A-2a, tagged", fonts=True),
    Format("jsonl", "notes.jsonl", "jsonl", "every note as one line of JSON, for programs", data=True),
    Format("csv", "sessions.csv", "sessions", "a row a session, for billing and spreadsheets", data=True, by_day=True),
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
        return prepare(name, document, fonts, size).write()
    return cast("Page", _module(name)).write(document)


def prepare(name: str, document: Document, fonts: Path | None, size: str) -> Prepared:
    """The document in a format that is set with fonts, so that what they lack can be told before it is made."""
    return cast("Typeset", _module(name)).prepare(document, fonts, size)


def data(name: str, sources: Iterable[Source]) -> bytes:
    """Records in a format for programs as one file."""
    return b"".join(pieces(name, sources))


def pieces(name: str, sources: Iterable[Source]) -> Iterator[bytes]:
    """The same in pieces, each made when it is asked for."""
    made: list[bytes] = []
    pouring = Pouring(name, made.append)
    for source in sources:
        pouring.add(source)
        yield from made
        made.clear()
    pouring.finish()
    yield from made


class Pouring:
    """A file of a format for programs, written one record after the other."""

    def __init__(self, name: str, write: Callable[[bytes], object]) -> None:
        """Begin the file.

        Args:
            name: of the format.
            write: takes the next piece.
        """
        self._module, self._write = _module(name), write
        self._waiting: list[tuple[tuple[str, ...], bytes]] | None = [] if TABLE[name].by_day else None
        write(cast("Data", self._module).HEAD)

    def add(self, source: Source) -> None:
        """Take a record in; where lines stand by day, they wait for those of the others."""
        if self._waiting is None:
            self._write(b"".join(cast("Data", self._module).lines(source)))
        else:
            self._waiting += cast("ByDay", self._module).keyed(source)

    def finish(self) -> None:
        """Write what waited."""
        self._write(b"".join(row for _, row in sorted(self._waiting or [])))


def _module(name: str) -> object:
    return import_module(f"vaultcli.export.{TABLE[name].module}")
