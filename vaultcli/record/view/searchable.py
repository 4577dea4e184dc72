"""What of a file is searched: every word that a person wrote, on the line where it stands.

Lines that only programs read (ids, hashes, the signed block) are left empty, so that line numbers stay what they are. Pure.
"""

from __future__ import annotations

import re

_OURS = frozenset({"id", "sha256", "stored", "corrects", "adds-to", "covers", "withdraws", "attests", "signed"})
"""Lines of front matter that hold no word of a person's, with what is indented below them."""
_END = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*\r?$", re.MULTILINE)


def words(raw: bytes) -> str:
    """The text of a file as it is searched; it has as many lines as the file."""
    text = raw.decode("utf-8", "replace").replace("\0", "\ufffd")
    end = _END.search(text, 3) if text.startswith("---") else None
    if end is None:
        return text
    first, *front = text[: end.start()].split("\n")
    return "\n".join([first, *_without_ours(front)]) + text[end.start() :]


def body(text: str) -> int:
    """Where the text below the front matter begins; 0 where there is none."""
    end = _END.search(text, 3) if text.startswith("---") else None
    return 0 if end is None else min(end.end() + 1, len(text))


def _without_ours(lines: list[str]) -> list[str]:
    kept, ours = [], False
    for line in lines:
        if line[:1] not in ("", " ", "\t", "-", "\r"):
            ours = line.partition(":")[0] in _OURS
        kept.append("" if ours or line.lstrip().startswith("sha256:") else line)
    return kept


def section(text: str, at: int) -> str:
    """The title of the section that a place lies in; empty above the first heading."""
    title = ""
    for found in _HEADING.finditer(text, 0):
        if found.start() > at:
            break
        title = found[1]
    return title
