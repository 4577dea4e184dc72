"""PDF: for paper, for a court, for an archive. PDF/A-2a and PDF/UA-1, set by typst with fonts of its own.

The words go to the typesetter as data (`paper.py`), never as markup. It refuses a character that no font has; such a
character is found beforehand (`glyphs.py`), written out by its number, and counted on the last page. The fonts are those
that come with typst and those of a folder that the user names, never those that happen to be on the machine: the same
document gives the same bytes everywhere.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from vaultcli.export import glyphs, paper
from vaultcli.export.document import Document, Paragraph
from vaultcli.ground.errors import BadInput

if TYPE_CHECKING:
    import typst

STANDARDS: Final = ("a-2a", "ua-1")
_SIZES: Final = {"letter": "us-letter", "a4": "a4"}
"""What the typesetter calls the papers of `formats.PAPERS`."""


def write(document: Document, fonts: Path | None = None, size: str = "letter") -> bytes:
    """The document as PDF; the same document, fonts and paper always give the same bytes.

    Args:
        document: what to set.
        fonts: a folder of further fonts, for scripts that ours lack.
        size: of the paper, `letter` or `a4`.

    Raises:
        BadInput: a part of the document cannot be set; names the note.
    """
    setter = _Setter(document, fonts, size)
    data = paper.render(document)
    asked = glyphs.uncommon(paper.texts(data))
    missing = glyphs.missing(asked, setter.shows)
    # a character may fail beside another although it can be shown alone: then those with marks go too, then all
    for gone in (missing, missing | {one for one in asked if len(one) > 1}, asked):
        last = data if not gone else cast("dict[str, Any]", glyphs.replaced(paper.render(_counted(document, len(gone))), gone))
        if (made := setter.set(last)) is not None:
            return made
    raise BadInput(f"{setter.culprit(last)}: cannot be set as PDF", hint="--html and --markdown take every text")


def _counted(document: Document, count: int) -> Document:
    """The document with a sentence on its last page about characters that are written out."""
    what = "1 character that no font here has is" if count == 1 else f"{count} different characters that no font here has are"
    told = Paragraph(f"In this file {what} written out by number, as [U+6F22]. The signed files hold the characters themselves.")
    last = document.parts[-1]
    return replace(document, parts=(*document.parts[:-1], replace(last, blocks=(*last.blocks, told))))


class _Setter:
    """The typesetter with its fonts, for one document."""

    def __init__(self, document: Document, fonts: Path | None, size: str = "letter") -> None:
        import typst

        self.size = _SIZES[size]
        self.names = [part.name for part in document.parts]
        self.when = datetime.fromisoformat(document.made).astimezone(UTC) if document.made else datetime(2000, 1, 1, tzinfo=UTC)
        self.fonts: typst.Fonts = typst.Fonts(include_system_fonts=False, font_paths=[fonts] if fonts else [])
        self.template = files("vaultcli.export").joinpath("chart.typ").read_bytes()

    def set(self, data: dict[str, Any]) -> bytes | None:
        """The file; None where it cannot be set."""
        return self._set(self.template, {**data, "paper": self.size})

    def culprit(self, data: dict[str, Any]) -> str:
        """The note that cannot be set by itself; the export as a whole where each can, or where it is no note."""
        for name, part in zip(self.names, data["parts"], strict=True):
            if self.set({**data, "parts": [part]}) is None:
                return name or "this export"
        return "this export"

    def shows(self, clusters: list[str]) -> bool:
        """Whether the fonts have every one of these, in every style that a chart uses."""
        return self._set(_PROBE, {"clusters": clusters}) is not None

    def _set(self, template: bytes, data: dict[str, Any]) -> bytes | None:
        import typst

        try:
            return typst.compile(
                template,
                format="pdf",
                font_paths=self.fonts,
                ignore_system_fonts=True,
                sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
                pdf_standards=[*STANDARDS],
                timestamp=self.when,
            )
        except typst.TypstError:
            return None  # its message may hold words of a note


_PROBE = b"""#set document(title: "-")
#set text(lang: "en", font: "Libertinus Serif", hyphenate: false)
#for c in json(bytes(sys.inputs.data)).clusters {
  for body in (c, text(weight: "semibold", c), raw(c)) {
    par({ body; [ ]; strong(body); [ ]; emph(body); [ ]; strong(emph(body)) })
  }
}
"""
