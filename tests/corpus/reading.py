"""What `README.md` lays down, read: expected findings of a case folder, risk lines, good notes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

RULE = r"N(?:0[1-7]|1[0-6]|18|19|2[0-2]|2[4-9]|3[0-2])|W[1-6]|PL[1-8]"
_LINE = re.compile(rf"(?P<mark>[?!]?)(?P<rule>{RULE})  (?P<path>[^\s:]+)(?::(?P<lines>[\d|]+))?  (?P<rest>.+)")
_WORDS = re.compile(r'"((?:[^"\\]|\\.)*)"')
LABELS = ("none asked", "denied", "present", "past", "mixed", "not about this client", "no risk content")
TOPICS = ("SI", "HI", "self-harm", "abuse", "means", "psychosis")


class Expected(NamedTuple):
    """One line of an `expected.txt`.

    Attributes:
        rule: `N05`.
        counted: false for a line with `?`, where the rule's wording leaves it open.
        silent: true for a line with `!`, where the rule must stay silent although the words invite it.
        path: the file within the case folder; `notes/*` for a finding on the series.
        lines: the lines where it may point; empty for what is missing and for a note as a whole.
        words: what stands in those lines, in the same order.
        what: the rest: `missing`, `whole`, and the slots that are named.
    """

    rule: str
    counted: bool
    silent: bool
    path: str
    lines: tuple[int, ...]
    words: tuple[str, ...]
    what: tuple[str, ...]


class RiskLine(NamedTuple):
    """One line of `risk/lines.tsv`: its id, label, whether it counts, the answer on each topic, and the text."""

    id: str
    label: str
    counted: bool
    topics: dict[str, tuple[str, ...]]
    text: str


def expected(text: str) -> list[Expected]:
    """The lines of an `expected.txt`.

    Raises:
        ValueError: a line that follows no form of the README.
    """
    return [_expected(line) for line in text.splitlines()]


def _expected(line: str) -> Expected:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"no expectation: {line}")
    words = tuple(word.replace('\\"', '"') for word in _WORDS.findall(found["rest"]))
    what = tuple(_WORDS.sub(" ", found["rest"]).replace("|", " ").split())
    lines = tuple(int(number) for number in (found["lines"] or "").split("|") if number)
    if bool(lines) != bool(words) or (not words and what[0] not in ("missing", "whole")):
        raise ValueError(f"no place and no 'missing' or 'whole': {line}")
    return Expected(found["rule"], not found["mark"], found["mark"] == "!", found["path"], lines, words, what)


def risk_lines(text: str) -> list[RiskLine]:
    """The lines of a `risk/lines.tsv` below its header."""
    return [_risk_line(line) for line in text.splitlines()[1:]]


def _risk_line(line: str) -> RiskLine:
    name, label, said, text = line.split("\t")
    topics: dict[str, tuple[str, ...]] = {}
    for item in filter(None, said.split(", ")):
        topic, _, answer = item.partition(" ")
        topics[topic] = (*topics.get(topic, ()), answer)
    return RiskLine(name, label.lstrip("?"), not label.startswith("?"), topics, text)


def cases(root: Path) -> list[Path]:
    """The case folders below a folder, by name."""
    return sorted(path.parent for path in root.glob("*/expected.txt"))
