"""The sentences of a psychotherapy note with their places; shared by all rules of advice.

Front matter, comments and the label line are no text. A wrapped paragraph is one text, a list's item and a heading each their
own. In `plain` and `low` what is quoted is blanked, so that a client's own words are never taken for the clinician's summary.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple, TypeVar, cast

from vaultcli.record.sealed.text import LABEL

Made = TypeVar("Made")

_LABEL = LABEL.partition(" · ")[0]
"""How the label line begins; its words are about the law and not about the client."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ITEM = re.compile(r"\s*(?:[-+*•]|\d{1,2}[.)])\s+")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_LABELLED = re.compile(r"\s*[*_]{0,2}[A-Z][\w/]*(?: [\w/()-]+){0,3}[*_]{0,2}:(?!//)")
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|‘[^’]*(?:’(?=\w)[^’]*)*’(?!\w)')
_END = re.compile(r"[.!?]+[\"'”’)\]]*\s+(?=[\"'“‘(\[A-Z0-9])")
_SHORT = re.compile(r"(?:^|[\s(])(?:dr|mr|mrs|ms|prof|st|vs|approx|e\.g|i\.e|no|incl|resp|[a-z])\.$", re.IGNORECASE)
_MARKS = str.maketrans({"’": "'", "_": " ", "*": " ", "`": " ", "\u00a0": " ", "–": "-", "—": "-", "‑": "-"})
_FIGURE = re.compile(
    r"\b(?:wonder\w*|meaning|means?|meant|stands? for|symbol\w*|represent\w*|fantas\w+|phantas\w+|dream\w*|imagin\w+|"
    r"metaphor\w*|as if|as though|like (?:a|an|the)|remind\w*|associat\w+|transference|countertransference|hypothes\w+|hunch|"
    r"perhaps|ambivalen\w+|asham\w+|shame|resent\w*|afraid|fear\w*|hat(?:es|ed)|mock\w*|jokes?|joked|laugh\w*|envi\w+|"
    r"wish\w*|story|film|"
    r"novel|poem|song|idea of|word|words)\b"
)
_OTHER = (
    r"(?:mother|father|mum|mom|dad|parents?|brothers?|sisters?|siblings?|husband|wife|spouse|partner|boyfriend|girlfriend|ex|son|"
    r"daughter|child|children|kids?|grand(?:mother|father|parents?|son|daughter|child)|aunts?|uncles?|cousins?|nieces?|nephews?|"
    r"friends?|roommate|flatmate|neighbou?rs?|boss|manager|colleagues?|coworkers?|co-workers?|teachers?|in-laws?|stepfather|"
    r"stepmother|(?:former|previous|last|old|first|earlier) (?:\w+ )?(?:therapist|analyst|counsell?or|psychologist))"
)
_OTHERS = re.compile(rf"\b{_OTHER}\b")
_THEN = re.compile(rf"\W+(?:of|in|by|for|with|from|to) (?:an?|the|her|his|their) (?:\w+ )?{_OTHER}\b")
_CLAUSE = re.compile(r"[;:,.()]|-{2}| - |\b(?:but|client|patient|pt|and (?:he|she|they|client))\b")
_SELF = re.compile(r"\b(?:i|my|me|mine|myself) (?:\w+ )?$")


class Spot(NamedTuple):
    """A place in the file.

    Attributes:
        line: from 1.
        column: from 1.
        words: the words there.
    """

    line: int
    column: int
    words: str


class Sentence(NamedTuple):
    """One sentence, heading or list item.

    Attributes:
        text: as written, line breaks as blanks.
        plain: the same length; quotations blanked, typographic marks made plain.
        low: `plain` in small letters.
        starts: for each line of the file that it has: where that begins in the text, its number, and the column.
        heading: whether it is one.
    """

    text: str
    plain: str
    low: str
    starts: tuple[tuple[int, int, int], ...]
    heading: bool = False

    def spot(self, start: int, end: int) -> Spot:
        """The place of some of its characters, to the end of the last word."""
        while end < len(self.text) and self.text[end - 1 : end + 1].isalnum():
            end += 1
        offset, line, column = self.starts[bisect_right(self.starts, start, key=lambda one: one[0]) - 1]
        return Spot(line, column + start - offset, self.text[start:end].strip())

    @property
    def figurative(self) -> bool:
        """Whether it is about what something means, a dream, a wish, rather than a fact."""
        return _FIGURE.search(self.low) is not None

    def of_another(self, start: int, end: int) -> bool:
        """Whether what stands there is said of somebody else in the client's life."""
        clause = _CLAUSE.split(self.low[:start])[-1]
        return bool(_OTHERS.search(clause) or _THEN.match(self.low, end))

    def of_me(self, start: int) -> bool:
        """Whether the clinician says it of themselves."""
        return _SELF.search(self.low, 0, start) is not None


class Quotation(NamedTuple):
    """Words in quotation marks, or a quoted block.

    Attributes:
        spot: where it begins.
        words: how many words.
    """

    spot: Spot
    words: int


class Reading:
    """A note's text, read once for all rules.

    Args:
        text: the file.
    """

    def __init__(self, text: str) -> None:
        self.front, body, self._first = _split(text)
        self._body = _COMMENT.sub(_blanked, body)
        self.quotations: list[Quotation] = []
        self.sentences = tuple(self._read())
        self._made: dict[str, object] = {}

    @cached_property
    def low(self) -> str:
        """All sentences, quotations blanked, in small letters."""
        return "\n".join(one.low for one in self.sentences)

    def once(self, what: str, make: Callable[[], Made]) -> Made:
        """What was made of this text under a name; made at the first asking."""
        if what not in self._made:
            self._made[what] = make()
        return cast("Made", self._made[what])

    def present(self, stems: tuple[str, ...]) -> tuple[str, ...]:
        """Which of these letters stand anywhere: the quick question before the exact one."""
        low = self.low
        return tuple(stem for stem in stems if stem in low)

    def _read(self) -> Iterator[Sentence]:
        pieces: list[tuple[str, int, int]] = []
        for number, line in enumerate(self._body.split("\n"), self._first):
            if line.lstrip(" #*_>").upper().startswith(_LABEL):
                continue
            heading, item = _HEADING.match(line), _ITEM.match(line)
            if heading or item or not line.strip() or line.lstrip().startswith(">") or _LABELLED.match(line):
                yield from self._paragraph(pieces)
                pieces = []
            if heading:
                yield _sentence(heading[1], heading[1], ((0, number, heading.start(1) + 1),), heading=True)
            elif line.lstrip().startswith(">"):
                said = line.lstrip().lstrip("> ").strip()
                self.quotations.append(Quotation(Spot(number, line.find(said) + 1, said), len(said.split())))
            elif line.strip():
                start = item.end() if item else len(line) - len(line.lstrip())
                pieces.append((line[start:].rstrip(), number, start + 1))
        yield from self._paragraph(pieces)

    def _paragraph(self, pieces: list[tuple[str, int, int]]) -> Iterator[Sentence]:
        text, starts = "", []
        for words, number, column in pieces:
            starts.append((len(text), number, column))
            text += words + " "
        text = text.rstrip()
        whole = _sentence(text, text, tuple(starts)) if text else None
        for found in _QUOTED.finditer(text):
            assert whole is not None
            self.quotations.append(Quotation(whole.spot(*found.span()), len(found[0].split())))
        plain = _QUOTED.sub(_blanked, text)
        for start, end in _cuts(text):
            before = max((at for at in starts if at[0] <= start), default=(0, 0, 0))
            within = [(0, before[1], before[2] + start - before[0])]
            within += [(at[0] - start, at[1], at[2]) for at in starts if start < at[0] < end]
            yield _sentence(text[start:end], plain[start:end], tuple(within))


def _sentence(text: str, plain: str, starts: tuple[tuple[int, int, int], ...], *, heading: bool = False) -> Sentence:
    plain = plain.translate(_MARKS)
    low = plain.lower()
    if len(low) != len(plain):
        low = "".join(char.lower() if len(char.lower()) == 1 else char for char in plain)
    return Sentence(text, plain, low, starts, heading)


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _END.finditer(text):
        if not _SHORT.search(text, start, found.start() + 1):
            yield start, found.end()
            start = found.end()
    if start < len(text):
        yield start, len(text)


def _blanked(found: re.Match[str]) -> str:
    return "".join(char if char == "\n" else " " for char in found[0])


def _split(text: str) -> tuple[dict[str, str], str, int]:
    """The front matter's plain lines, the body, and the line on which it begins; nothing here is refused."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return {}, text, 1
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            pairs = (one.partition(":") for one in lines[1:number])
            front = {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}
            return front, "\n".join(lines[number + 1 :]), number + 2
    return {}, text, 1
