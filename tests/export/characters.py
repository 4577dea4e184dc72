"""What of a typed text an export may leave out, told from the typed text alone and without the program's own reading of it.

The exceptions of docs/exports.md, by their numbers. Everything else that was typed has to be seen, in its order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

HEADING = re.compile(r"^ {0,3}(#{2,6})(?=[ \t]+\S)", re.MULTILINE)
"""Exception 1: two to six number signs before a heading."""
EMPHASIS = re.compile(
    r"(?<![\w*])\*{1,2}(?=[^\s\d*])|(?<=[^\s\d*])\*{1,2}(?![\w*])"
    r"|(?<![\w_])_{1,2}(?=[^\W\d_]|[^\w\s])|(?<=[^\s\d_])_{1,2}(?![\w_])"
)
"""Exception 2: one or two asterisks or underscores at the beginning or end of words, never inside a word or beside a digit."""
_SIDE = r"[ \t]*(?::-+:?|-+:|-{3,})[ \t]*"
RULE = re.compile(rf"^[ \t]*\|?{_SIDE}(?:\|{_SIDE})*\|?[ \t]*$", re.MULTILINE)
"""Exception 3: the bars of a table, and the line of hyphens below its head."""


def may_go(text: str) -> set[int]:
    """The places in a text of the characters that an export may leave out, if it shows what they stand for."""
    found = set()
    for match in HEADING.finditer(text):
        found |= set(range(*match.span(1)))
    for match in EMPHASIS.finditer(text):
        found |= set(range(*match.span()))
    for match in RULE.finditer(text):
        if "|" in match[0]:
            found |= set(range(*match.span()))
            found |= set(_bars_around(text, match))
    return found


def _bars_around(text: str, rule: re.Match[str]) -> Iterator[int]:
    """The bars of the line above, and of those below that have any."""
    lines = list(re.finditer(r"[^\n]*", text))
    at = next(number for number, line in enumerate(lines) if line.start() == rule.start())
    below = at + 1
    rows = [lines[at - 2 if lines[at - 1].start() == lines[at - 1].end() else at - 1]]
    for line in lines[below:]:
        if not line[0]:
            continue
        if "|" not in line[0]:
            break
        rows.append(line)
    for row in rows:
        yield from (row.start() + place for place, char in enumerate(row[0]) if char == "|")


def unseen(typed: str, seen: str) -> str:
    """Where a text that an export shows departs from what was typed; empty where it does not.

    Args:
        typed: the text.
        seen: what is read off the export, the furniture taken out.
    """
    gone = may_go(typed)
    shown = "".join(seen.split())
    reached = {0}
    for place, char in enumerate(typed):
        if char.isspace():
            continue
        ahead = {at + 1 for at in reached if at < len(shown) and shown[at] == char}
        ahead |= reached if place in gone else set()
        if not ahead:
            return f"{char!r} of {typed!r} is not seen after {shown[max(0, max(reached) - 30) : max(reached)]!r}"
        reached = ahead
    return "" if len(shown) in reached else f"more is seen than was typed: {shown[max(reached) :]!r} of {typed!r}"
