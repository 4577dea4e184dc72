"""The one document that every export format renders: what stands where, and nothing of how it looks.

Frozen values only. A writer (`markdown.py`, `html.py`, `pdf.py`; the table is in `formats.py`) turns them into bytes; a
builder (`chart.py`) makes them of verified notes. Text is plain unless a block says otherwise; a note's own Markdown
travels as `Prose`, cut into spans so that every format can show what was struck and what was inserted.
"""

from __future__ import annotations

from dataclasses import dataclass

SAME, STRUCK, INSERTED = "same", "struck", "inserted"


@dataclass(frozen=True)
class Span:
    """A run of a note's text: unchanged, struck by a correction, or inserted by one.

    Args:
        text: Markdown.
        kind: `SAME`, `STRUCK` or `INSERTED`.
        number: of the correction that struck or inserted it, from 1; 0 where there was only one, or none.
    """

    text: str
    kind: str = SAME
    number: int = 0


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
        plain: the text is no Markdown, as an imported `.txt`: its lines are lines, and no sign in it means anything.
    """

    spans: tuple[Span, ...]
    level: int = 2
    plain: bool = False


@dataclass(frozen=True)
class Statement:
    """What was said about a note and by whom: a signature, a co-signature, an addition's head, a withdrawal.

    Args:
        kind: `signature`, `cosignature`, `correction`, `addition`, `withdrawal`, `attestation`, `draft`, `missing`, `late`
            or `notice`.
        text: one sentence.
        details: what proves it, in smaller type: clocks, key, number; sentences.
        words: somebody's own words, in a line of their own, as they may be written in the other direction.
    """

    kind: str
    text: str
    details: str = ""
    words: str = ""


@dataclass(frozen=True)
class Table:
    """A table with a head.

    Args:
        head: names of the columns.
        rows: as many cells each.
        below: the head of a column whose cells are long and without a blank, such as a SHA-256: on paper each stands in a
            line of its own below its row. Empty where there is none.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    below: str = ""


@dataclass(frozen=True)
class Commands:
    """Commands for a shell, verbatim."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A picture with the text that says what it is.

    Args:
        data: the picture's bytes: a photograph, a scan, or a drawing of ours (SVG with a `viewBox`); a writer shows it where
            no script and no reference in it can act.
        media: its media type, `image/jpeg`.
        text: what it shows, also for a format without pictures.
        file: where it stands in the export's folder, for a format that points to it; empty where it does not.
    """

    data: bytes
    media: str
    text: str
    file: str = ""


@dataclass(frozen=True)
class Contents:
    """The table of contents: the titles of the parts, made by the writer; on paper with page numbers."""


Block = Heading | Paragraph | Fields | Prose | Statement | Table | Commands | Figure | Contents


@dataclass(frozen=True)
class Part:
    """A piece of the document, such as a note; its first heading is its title.

    Args:
        blocks: in order.
        page: whether a paged format starts it on a page of its own.
        name: what an error message calls it: a note's path. Never shown in the document.
    """

    blocks: tuple[Block, ...]
    page: bool = False
    name: str = ""

    @property
    def title(self) -> str:
        """Its first heading's text, or empty."""
        return next((block.text for block in self.blocks if isinstance(block, Heading)), "")


@dataclass(frozen=True)
class Document:
    """A whole document.

    Args:
        title: its title.
        language: of the words that we write, a BCP 47 tag.
        made: when, RFC 3339.
        head: what stands at the top of every page: the practice, then whose record it is, in pieces.
        parts: the content in order; the first is the cover, the last tells how to check.
        mark: what every page says besides (`DRAFT ...`), or empty.
        notice: what stands at the foot of every page besides, such as the notice of 42 CFR 2.32, or empty.
    """

    title: str
    language: str
    made: str
    head: tuple[str, ...]
    parts: tuple[Part, ...]
    mark: str = ""
    notice: str = ""
