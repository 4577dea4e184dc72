"""An export as a reader has it: what each format shows, without the marks that set it."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

from markdown_it import MarkdownIt

POPPLER = shutil.which("pdftotext") is not None
_BODY = ("-r", "72", "-x", "0", "-y", "66", "-W", "620")
_HEIGHTS = {"letter": "666", "a4": "716"}
"""The part of a page between its header and its footer, in points."""
_MARKS = ("<del>", "</del>", "<ins>", "</ins>", "<sup>", "</sup>")
_DIRECTIONS = dict.fromkeys(map(ord, "\u202a\u202b\u202c"))
"""What pdftotext puts around words that are written from right to left."""


class _Text(HTMLParser):
    """What a page shows of its body, without the words that only listeners hear."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "title", "script", "sup") or dict(attrs).get("class") in ("spoken", "ours"):
            self._hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden[-1:] == [tag]:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)


def words(text: str) -> list[str]:
    """The words and numbers of a text, without signs of Markdown."""
    return re.findall(r"\w+", text)


def text_of_html(raw: bytes) -> str:
    """What a page shows."""
    page = _Text()
    page.feed(raw.decode())
    page.close()
    return " ".join(page.pieces)


def text_of_markdown(raw: bytes) -> str:
    """What a program shows that renders CommonMark with the tables and struck words of GitHub."""
    found = []
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(raw.decode()):
        if token.type in ("fence", "code_block"):
            found.append(token.content)
        for child in token.children or () if token.type == "inline" else ():
            if child.type != "html_inline":
                found.append("\n" if child.type.endswith("break") else child.content)
        found.append("\n")
    return "".join(found)


def text_of_pdf(path: Path, size: str = "letter") -> str:
    """What a PDF shows in reading order, without headers and footers."""
    done = subprocess.run(["pdftotext", "-raw", *_BODY, "-H", _HEIGHTS[size], str(path), "-"], capture_output=True, check=True)
    return done.stdout.decode().translate(_DIRECTIONS)


def of_html(raw: bytes) -> list[str]:
    """The words of an HTML page."""
    return words(text_of_html(raw))


def of_pdf(path: Path) -> list[str]:
    """The words of a PDF."""
    return words(text_of_pdf(path))


def has(read: list[str], text: str) -> bool:
    """Whether the words of a text stand there one after the other, wherever words end."""
    return "".join(words(text)) in "".join(read)
