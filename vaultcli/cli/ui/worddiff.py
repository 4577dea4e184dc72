"""Differences by words on the screen, `[-gone-]{+come+}`: struck through and underlined too where colours are wanted.

The signs stand there always: not every terminal strikes through, and a dose that is copied off the screen has to keep them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.record.view.worddiff import Piece

_OUT, _IN, _END = "\x1b[9;31m", "\x1b[4;32m", "\x1b[0m"
_HEAD = re.compile(r"---\r?\n.*?^---\r?\n\s*", re.DOTALL | re.MULTILINE)
"""The front matter of a text, with the blank lines after it."""
GAP = "..."
"""Stands between passages where what is the same was left out."""


def render(old: str, new: str, context: int | None = None) -> str:
    """How a text became another.

    Args:
        old: the text before, as in its file.
        new: the text after.
        context: lines to show around each change; None shows everything.

    Returns:
        Lines for the screen, escaped; empty where nothing differs and only changes were wanted.
    """
    from vaultcli.record.view import worddiff

    if context is None:
        return _shown(worddiff.words(old, new))
    head = _HEAD.match(old)
    if head and new.startswith(head[0]):
        # lines on top that did not change are no context of the text below them
        old, new = old[head.end() :], new[head.end() :]
    pieces = worddiff.words(old, new)
    return f"\n{GAP}\n".join(_shown(hunk).strip("\n") for hunk in worddiff.hunks(pieces, context))


def as_json(old: str, new: str) -> list[dict[str, str]]:
    """How a text became another, as JSON has it (`docs/json.md`)."""
    from vaultcli.record.view import worddiff

    return [{"kind": piece.kind, "text": piece.text} for piece in worddiff.words(old, new)]


def _shown(pieces: Sequence[Piece]) -> str:
    coloured = terminal.coloured(sys.stdout)
    return "".join(_one(piece, coloured=coloured) for piece in pieces)


def _one(piece: Piece, *, coloured: bool) -> str:
    text = terminal.escape(piece.text)
    if piece.kind == "=":
        return text
    # the mark closes before the end of the line, where a reader looks for it
    words = text.rstrip("\n") or text
    rest = text[len(words) :]
    marked = f"[-{words}-]" if piece.kind == "-" else f"{{+{words}+}}"
    if coloured:
        start = _OUT if piece.kind == "-" else _IN
        # each line carries its own colour, so that a pager that cuts lines keeps it
        marked = "\n".join(f"{start}{line}{_END}" if line else line for line in marked.split("\n"))
    return marked + rest
