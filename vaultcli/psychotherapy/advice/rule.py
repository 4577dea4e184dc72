"""What a rule of advice is, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from vaultcli.psychotherapy.advice.reading import Reading, Spot

DEFINITION = "45 CFR 164.501, the definition of psychotherapy notes"
PRUDENCE = "no regulation: prudence"


class Advice(NamedTuple):
    """One thing that may belong elsewhere, at its place in the file.

    Attributes:
        line: of the file, from 1; 0 where it is about the whole note.
        column: of the line, from 1; 0 where it is about the whole line.
        rule: the id, `P-A`.
        message: what it seems to be; never a word of the note.
        words: the note's own words that led to it, for a terminal only; may be empty.
    """

    line: int
    column: int
    rule: str
    message: str
    words: str = ""


@dataclass(frozen=True)
class Context:
    """What is known beside the text; all of it stays in this process.

    Args:
        names: what identifies the client: a word for what it is ("name", "phone", ...) to the texts.
        strict: whether the strict profile is wanted.
        chart: the texts of the chart's notes of that client and day; empty unless asked for.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    strict: bool = False
    chart: tuple[str, ...] = ()


Looks = Callable[[Reading, Context], Iterator[tuple[Spot, str]]]


@dataclass(frozen=True)
class Rule:
    """One rule: what it looks for, why, and where that belongs.

    Args:
        id: as `--rules ID` and the output name it.
        name: in a word or two.
        message: one line for a finding; empty where the finding brings its own.
        seeks: what it looks for.
        why: the reason, in our words.
        citation: where that stands.
        belongs: where it belongs instead; reads after "belongs in".
        sure: how sure it is, and what it misses.
        look: finds the places, each with a message of its own or an empty one.
        excluded: whether 164.501 itself names this content as no part of a psychotherapy note.
    """

    id: str
    name: str
    message: str
    seeks: str
    why: str
    citation: str
    belongs: str
    sure: str
    look: Looks
    excluded: bool = False

    def places(self, reading: Reading, context: Context) -> tuple[tuple[Spot, str], ...]:
        """Where it finds something; looked for once in a reading."""
        return reading.once(self.id, lambda: tuple(self.look(reading, context)))

    def advice(self, reading: Reading, context: Context) -> Iterator[Advice]:
        """What it finds in a text."""
        for spot, message in self.places(reading, context):
            yield Advice(spot.line, spot.column, self.id, message or self.message, spot.words)
