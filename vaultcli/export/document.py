"""The one document that every export format renders: what stands where, and nothing of how it looks.

Frozen values only. A writer (`export/markdown.py`, later HTML and PDF) turns them into bytes; a builder
(`export/record.py`) makes them of verified notes. Text is plain unless a block says otherwise; a note's own Markdown
travels as `Prose`, cut into spans so that every format can show what was struck and what was inserted.
"""

from __future__ import annotations

from dataclasses import dataclass

SAME, STRUCK, INSERTED = "same", "struck", "inserted"


@dataclass(frozen=True)
class Span:
    """A run of a note's text: unchanged, struck by a correction, or inserted by one."""

    text: str
    kind: str = SAME


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the document's title."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Plain text in one paragraph; words between backticks are code only where `code` says so, which is for our own words."""

    text: str
    code: bool = False


@dataclass(frozen=True)
class Fields:
    """Names and values, such as a note's front matter: `(name, value)` in order."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Prose:
    """A note's own Markdown text, in spans whose texts join to the whole.

    Args:
        spans: the text; only `SAME` where nothing was corrected.
        level: how many levels the note's headings stand below the heading above them.
    """

    spans: tuple[Span, ...]
    level: int = 2


@dataclass(frozen=True)
class Statement:
    """What was said about a note and by whom: a signature, a co-signature, an addition's head, a withdrawal.

    Args:
        kind: `signature`, `cosignature`, `addition`, `withdrawal`, `attestation`, `draft` or `missing`.
        text: one sentence.
    """

    kind: str
    text: str


@dataclass(frozen=True)
class Table:
    """A table with a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Commands:
    """Commands for a shell, verbatim."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A picture with the text that says the same; the place where charts of measures will stand.

    Args:
        svg: the picture.
        text: what it shows, for a format without pictures.
    """

    svg: str
    text: str


Block = Heading | Paragraph | Fields | Prose | Statement | Table | Commands | Figure


@dataclass(frozen=True)
class Part:
    """Blocks that a paged format starts on a page of their own where `page` is set; `mark` stands on each (`DRAFT`)."""

    blocks: tuple[Block, ...]
    page: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Document:
    """A whole document.

    Args:
        title: its title.
        language: of the words that we write, a BCP 47 tag.
        made: when, RFC 3339.
        head: what stands at the top of every page: practice and client.
        parts: the content in order.
    """

    title: str
    language: str
    made: str
    head: tuple[str, ...]
    parts: tuple[Part, ...]
