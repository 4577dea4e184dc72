"""PDF: for paper, for a court, for an archive. PDF/A-2a and PDF/UA-1, set by typst with fonts of its own.

The words go to the typesetter as data (`render.py`), never as markup. It refuses a character that no font has; such a
character is found beforehand (`glyphs.py`), written out by its number, and counted on the last page. The fonts are those
that come with typst and those of a folder that the user names, never those that happen to be on the machine: the same
document gives the same bytes everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from vaultcli.export.document import Block, Document, Figure, Paragraph
from vaultcli.export.paper import fonts as families
from vaultcli.export.paper import glyphs, pictures, render
from vaultcli.export.prose import visible
from vaultcli.ground.errors import BadInput

if TYPE_CHECKING:
    import typst

STANDARDS: Final[tuple[typst.PDFStandard, ...]] = ("a-2a", "ua-1")
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
    return prepare(document, fonts, size).write()


def prepare(document: Document, fonts: Path | None = None, size: str = "letter") -> Prepared:
    """The document ready to be set, with what no font shows of it."""
    data = render.render(document)
    asked = glyphs.uncommon(render.texts(data))
    setter = _Setter([fonts] if fonts else [], families.BASE, size)
    if asked and not setter.shows(sorted(asked)) and (more := families.installed()):
        setter = _Setter([*([fonts] if fonts else []), *more], families.families(render.texts(data)), size)
    return Prepared(document, setter, data, frozenset(asked), frozenset(glyphs.missing(asked, setter.shows)))


@dataclass(frozen=True)
class Prepared:
    """A document that is about to be set.

    Args:
        document: as it was given.
        setter: the typesetter with its fonts.
        data: the document as data.
        asked: the characters of which it had to be asked whether a font has them.
        missing: those that none has: they will be written out by number.
    """

    document: Document
    setter: _Setter
    data: dict[str, Any]
    asked: frozenset[str]
    missing: frozenset[str]

    def lacking(self, texts: Iterable[str]) -> list[str]:
        """Those of some texts, such as names, that cannot be shown as they are."""
        return [text for text in texts if any(one in self.missing for one in visible.clusters(visible.line(text)))]

    def write(self) -> bytes:
        """The file.

        Raises:
            BadInput: a part of the document cannot be set; names the note.
        """
        found = pictures.of(self.document)
        with pictures.folder(found) as root:
            # a character may fail beside another although it can be shown alone: then those with marks go too, then all
            for gone in (self.missing, self.missing | {one for one in self.asked if len(one) > 1}, self.asked):
                last = self._without(self.document, gone)
                if (made := self.setter.set(last, self.document.made, root)) is not None:
                    return made
            sound = {name for name in found if self.setter.shows_picture(name, root)}
            if sound != set(found):
                last = self._without(_without_pictures(self.document, sound), self.missing)
                if (made := self.setter.set(last, self.document.made, root)) is not None:
                    return made
            culprit = self.setter.culprit(last, [part.name for part in self.document.parts], self.document.made, root)
        raise BadInput(f"{culprit}: cannot be set as PDF", hint="--html and --markdown take every text")

    def _without(self, document: Document, gone: frozenset[str] | set[str]) -> dict[str, Any]:
        if not gone:
            return self.data if document is self.document else render.render(document)
        return cast("dict[str, Any]", glyphs.replaced(render.render(_counted(document, len(gone))), set(gone)))


def _counted(document: Document, count: int) -> Document:
    """The document with a sentence on its last page about characters that are written out."""
    what = "1 character that no font here has is" if count == 1 else f"{count} different characters that no font here has are"
    told = Paragraph(f"In this file {what} written out by number, as [U+6F22]. The signed files hold the characters themselves.")
    last = document.parts[-1]
    return replace(document, parts=(*document.parts[:-1], replace(last, blocks=(*last.blocks, told))))


def _without_pictures(document: Document, sound: set[str]) -> Document:
    """The document with a sentence in the place of each picture that cannot be read."""

    def told(block: Block) -> Block:
        if isinstance(block, Figure) and pictures.name(block.data, block.media) not in sound:
            return Paragraph(f"{block.text}: this picture cannot be shown here.")
        return block

    parts = (replace(part, blocks=tuple(map(told, part.blocks))) for part in document.parts)
    return replace(document, parts=tuple(parts))


class _Setter:
    """The typesetter with its fonts."""

    def __init__(self, folders: Sequence[Path], names: Sequence[str], size: str) -> None:
        import typst

        self.size, self.names = _SIZES[size], list(names)
        self.fonts: typst.Fonts = typst.Fonts(include_system_fonts=False, font_paths=list(folders))
        self.template = files("vaultcli.export.paper").joinpath("chart.typ").read_bytes()

    def set(self, data: dict[str, Any], made: str, root: str | None = None) -> bytes | None:
        """The file; None where it cannot be set."""
        when = datetime.fromisoformat(made).astimezone(UTC) if made else _LONG_AGO
        marked = glyphs.marked(render.texts(data))
        return self._set(self.template, {**data, "paper": self.size, "marked": marked}, when, root)

    def culprit(self, data: dict[str, Any], names: Sequence[str], made: str, root: str | None) -> str:
        """The note that cannot be set by itself; the export as a whole where each can, or where it is no note."""
        for name, part in zip(names, data["parts"], strict=True):
            if self.set({**data, "parts": [part]}, made, root) is None:
                return name or "this export"
        return "this export"

    def shows(self, clusters: list[str]) -> bool:
        """Whether the fonts have every one of these, in every style that a chart uses."""
        return self._set(_PROBE, {"clusters": clusters}) is not None

    def shows_picture(self, name: str, root: str | None) -> bool:
        """Whether a picture can be read."""
        return self._set(_PICTURE, {"name": name, "format": name.rpartition(".")[2]}, root=root) is not None

    def _set(self, template: bytes, data: dict[str, Any], when: datetime | None = None, root: str | None = None) -> bytes | None:
        import typst

        try:
            # the stub wants the folder to be of the template's own type, which is bytes
            made: bytes = typst.compile(  # type: ignore[call-overload]
                template,
                root=root,
                format="pdf",
                font_paths=self.fonts,
                ignore_system_fonts=True,
                sys_inputs={"data": json.dumps({**data, "fonts": self.names}, ensure_ascii=False)},
                pdf_standards=[*STANDARDS],
                timestamp=when or _LONG_AGO,
            )
        except typst.TypstError:
            return None  # its message may hold words of a note
        return made


_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_PROBE = b"""#let d = json(bytes(sys.inputs.data))
#set document(title: "-")
#set text(lang: "en", font: d.fonts, hyphenate: false)
#for c in d.clusters {
  for body in (c, text(weight: "semibold", c), text(font: ("DejaVu Sans Mono", ..d.fonts), c)) {
    par({ body; [ ]; strong(body); [ ]; emph(body); [ ]; strong(emph(body)) })
  }
}
"""
_PICTURE = b"""#let d = json(bytes(sys.inputs.data))
#set document(title: "-")
#image(d.name, format: d.format, alt: "-")
"""
