"""An export as a reader has it: the words of each format in their order, without the marks that set them."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

POPPLER = shutil.which("pdftotext") is not None
_BODY = ("-r", "72", "-x", "0", "-y", "66", "-W", "620", "-H", "660")
"""The part of a page between its header and its footer, in points."""


class _Text(HTMLParser):
    """What a page shows of its body."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("style", "title", "script")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title", "script")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)


def words(text: str) -> list[str]:
    """The words and numbers of a text, without places to break at and signs of Markdown."""
    return re.findall(r"\w+", text.replace("\u200b", ""))


def of_html(raw: bytes) -> list[str]:
    """The words of an HTML page."""
    page = _Text()
    page.feed(raw.decode())
    page.close()
    return words(" ".join(page.pieces))


def of_pdf(path: Path) -> list[str]:
    """The words of a PDF in reading order, without headers and footers."""
    done = subprocess.run(["pdftotext", *_BODY, str(path), "-"], capture_output=True, check=True)
    return words(done.stdout.decode())


def has(read: list[str], text: str) -> bool:
    """Whether the words of a text stand there one after the other, wherever words end: pdftotext joins what a hyphen parted."""
    return "".join(words(text)) in "".join(read)
