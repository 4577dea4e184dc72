"""Long texts as lines that a person can type from paper: in groups, each line with a check of its own.

    K1:  b3BlbnNz aC1rZXkt djEAAAAA BG5vbmUA AAAEbm9u #edcf

The recovery pages are made of such lines; `docs/spec/recovery-page.md`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from vaultcli.ground.errors import BadInput

GROUP, WIDTH = 8, 40
"""Characters of a group, and of a line without its blanks."""
_LABEL = 5


class Row(NamedTuple):
    """One line that was typed: its letter, its number and its text without blanks."""

    letter: str
    number: int
    text: str


def check(label: str, text: str) -> str:
    """The four characters behind a line: of the SHA-256 of its label and its text without spaces."""
    return hashlib.sha256(f"{label}:{text}".encode()).hexdigest()[:4]


def count(text: str) -> int:
    """How many lines a text takes."""
    return -(-len(text) // WIDTH)


def lines(letter: str, text: str) -> str:
    """The lines of a text, each with its line end."""
    shown = []
    for number in range(1, count(text) + 1):
        row = text[(number - 1) * WIDTH : number * WIDTH]
        groups = " ".join(row[at : at + GROUP] for at in range(0, len(row), GROUP))
        label = f"{letter}{number}"
        shown.append(f"{label}:".ljust(_LABEL) + groups.ljust(WIDTH + WIDTH // GROUP) + f"#{check(label, row)}\n")
    return "".join(shown)


def rows(text: str, letters: str, path: str, *, lower: str = "") -> Iterator[Row]:
    """The lines of a page, in whatever order; what stands around them is passed over.

    Args:
        text: the page.
        letters: those of its lines.
        path: how errors call it.
        lower: letters of lines whose case does not matter.

    Raises:
        BadInput: a line does not fit its check, or has none.
    """
    whole = re.compile(rf"\s*([{letters}])\s*(\d{{1,2}})\s*:(.*)#\s*([0-9A-Fa-f]{{4}})\s*")
    loose = re.compile(rf"\s*([{letters}])\s*(\d{{1,2}})\s*:.*")
    for number, line in enumerate(text.splitlines(), start=1):
        match = whole.fullmatch(line)
        if match is None:
            if loose.fullmatch(line):
                raise BadInput(f"{path}:{number}: the check at the end of the line, # and four characters, is missing")
            continue
        label, row = f"{match[1]}{int(match[2])}", re.sub(r"\s", "", match[3])
        row = row.lower() if match[1] in lower else row
        if check(label, row) != match[4].lower():
            raise BadInput(f"{path}:{number}: line {label} does not fit its check", hint="compare it with the paper")
        yield Row(match[1], int(match[2]), row)


def joined(found: list[Row], letter: str, path: str) -> str:
    """The text of one letter's lines.

    Raises:
        BadInput: a line is missing; it is named.
    """
    mine = {row.number: row.text for row in found if row.letter == letter}
    if not mine or sorted(mine) != list(range(1, len(mine) + 1)):
        missing = next(number for number in range(1, len(mine) + 2) if number not in mine)
        raise BadInput(f"{path}: line {letter}{missing} is missing")
    return "".join(mine[number] for number in sorted(mine))
