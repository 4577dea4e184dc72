"""Characters that act or show as nothing, written out: an export looks the same to everybody who reads it.

A direction mark can make `not` stand where nobody typed it, a zero-width character can hide a word from a search. They
become `[U+202E]`. Joiners stay where scripts need them, between letters that are not Latin.
"""

from __future__ import annotations

import re
import unicodedata

_BLANK = "\u115f\u1160\u3164\uffa0"
_JOINERS = "\u200c\u200d"
_SUSPECT = re.compile("[^\t\n -~]")
"""Characters that have to be looked at one by one."""


def mark(char: str) -> str:
    """A character by its number: `[U+202E]`."""
    return f"[U+{ord(char):04X}]"


def show(text: str) -> str:
    """The text with whatever acts or shows as nothing written out; line ends and tabs stay.

    Args:
        text: from a note, a name, a field.
    """
    text = text.replace("\r\n", "\n")
    return _SUSPECT.sub(_shown, text)


def line(text: str) -> str:
    """The same for what stands on one line: every run of white space becomes one blank."""
    return show(" ".join(text.split()))


def _shown(found: re.Match[str]) -> str:
    char = found[0]
    if char in _JOINERS and _joins(found):
        return char
    # white space that is no line's end is harmless; a line separator is not
    harmless = char.isprintable() or unicodedata.category(char) == "Zs"
    return char if harmless and char not in _BLANK else mark(char)


def _joins(found: re.Match[str]) -> bool:
    """Whether a joiner stands between two letters or signs of a script that has joined forms."""
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    return all(char > "\u0589" and unicodedata.category(char)[0] in "LMS" for char in (before or "a", after or "a"))


def clusters(text: str) -> list[str]:
    """The text cut into what a reader takes for characters: a base with its marks, and what joiners join."""
    found: list[str] = []
    for char in text:
        joined = found and (char in _JOINERS or found[-1][-1] in _JOINERS or unicodedata.category(char)[0] == "M")
        if joined or (found and "\U0001f3fb" <= char <= "\U0001f3ff"):
            found[-1] += char
        else:
            found.append(char)
    return found
