"""Documents of word processors as text: Word and RTF, read by libraries that are installed where they are wanted.

What stands in the note is the text alone, so the document itself is worth keeping (`vaultcli attach`). What was not taken
over is told. The libraries come with `pip install 'vaultcli[documents]'` and are imported for a document and never else.
"""

from __future__ import annotations

import importlib.util
import io
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultcli.ground.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 25_000_000
"""The most bytes of a document; most of a large one are pictures."""
NEEDS = {".docx": "docx", ".rtf": "striprtf"}
"""How the names of documents end that can be read, with the module that reads each."""
EXTRA = "pip install 'vaultcli[documents]' reads it; or export it as text from the program that made it"
Element = Any
"""An element of lxml, which comes with the library that reads Word documents."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "sym": "\ufffd"}
_LEFT = {
    "drawing": "pictures", "pict": "pictures", "object": "embedded objects", "commentReference": "comments",
    "footnoteReference": "footnotes", "endnoteReference": "endnotes", "del": "deleted text", "headerReference": "headers",
    "footerReference": "footers", "txbxContent": "text boxes", "moveFrom": "deleted text",
    "numPr": "numbers and bullets of lists",
}  # fmt: skip
"""What a Word document may hold that is not taken over, by its element."""


class Written(NamedTuple):
    """A document's text, and what was not taken over of it, in words."""

    text: str
    left: tuple[str, ...]


def can_read(suffix: str) -> bool:
    """Whether documents whose names end so can be read here."""
    return suffix in NEEDS and importlib.util.find_spec(NEEDS[suffix]) is not None


def read(raw: bytes, suffix: str) -> Written:
    """A document's text.

    Args:
        raw: the file.
        suffix: of `NEEDS`, as its name ends.

    Raises:
        BadInput: it is no such document, or damaged.
    """
    return _rtf(raw) if suffix == ".rtf" else _docx(raw)


def _rtf(raw: bytes) -> Written:
    from striprtf.striprtf import rtf_to_text

    if not raw.lstrip().startswith(b"{\\rtf"):
        raise BadInput("is no RTF document")
    try:
        # what is not ASCII stands escaped in RTF; bytes above it belong to the code page that the file names
        text = str(rtf_to_text(raw.decode("latin-1")))  # type: ignore[no-untyped-call]
    except Exception as error:
        raise BadInput("is an RTF document that cannot be read", hint="save it as text from the program that made it") from error
    # a character beyond the first plane, such as a smiley, stands in RTF as the two halves that UTF-16 writes
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    left = {b"\\pict": "pictures", b"\\footnote": "footnotes"}
    return Written(text, tuple(says for word, says in left.items() if word in raw))


def _docx(raw: bytes) -> Written:
    import docx

    try:
        body = docx.Document(io.BytesIO(raw)).element.body
        # entities would hide words; no program that writes Word documents declares any
        hidden = bool(body.getroottree().docinfo.doctype)
    except Exception as error:  # of the archive, of its XML, of what either leads to: each library has its own
        raise BadInput("is no Word document, or a damaged one") from error
    if hidden:
        raise BadInput("is no Word document, or a damaged one")
    found = {element.tag.removeprefix(_WORD) for element in body.iter() if isinstance(element.tag, str)}
    if any(style.get(f"{_WORD}val", "").startswith("List") for style in body.iter(f"{_WORD}pStyle")):
        # the numbers come from the style of the paragraph
        found.add("numPr")
    left = tuple(dict.fromkeys(says for name, says in _LEFT.items() if name in found))
    return Written("\n".join(_lines(body)) + "\n", left)


def _lines(block: Element) -> Iterator[str]:
    """Paragraphs in their order, a line each, and tables row by row with tabs between cells."""
    for element in block:
        name = _name(element)
        if name == "p":
            yield _text(element)
        elif name == "tbl":
            for row in _rows(element):
                yield "\t".join("\n".join(_lines(cell)) for cell in row.iter(f"{_WORD}tc") if _owner(cell, "tr") is row)
        elif name not in ("del", "sectPr"):
            # what wraps paragraphs: content controls, inserted blocks
            yield from _lines(element)


def _rows(table: Element) -> list[Element]:
    """A table's own rows; those of a table in one of its cells are read with the cell."""
    return [row for row in table.iter(f"{_WORD}tr") if _owner(row, "tbl") is table]


def _owner(element: Element, name: str) -> Element:
    return next(element.iterancestors(f"{_WORD}{name}"), None)


def _text(element: Element) -> str:
    """A paragraph's words, what was inserted and not yet accepted among them."""
    words = []
    for inner in element:
        name = _name(inner)
        if name == "t":
            words.append(inner.text or "")
        elif name in _SIGNS:
            words.append(_SIGNS[name])
        elif name not in ("del", "moveFrom", "pPr", "rPr", "txbxContent"):
            words.append(_text(inner))
    return "".join(words)


def _name(element: Element) -> str:
    return element.tag.removeprefix(_WORD) if isinstance(element.tag, str) else ""
