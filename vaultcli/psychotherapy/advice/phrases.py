"""Phrases that a rule of advice looks for, in each sentence once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vaultcli.psychotherapy.advice.reading import Reading, Sentence, Spot
from vaultcli.psychotherapy.advice.rule import Context

W = r"(?:[\w'/-]+,? )"
"""One word and its blank, to be counted: `W{0,3}`."""


def one_of(*phrases: str) -> str:
    """Any of these, as a regular expression."""
    return "(?:" + "|".join(phrases) + ")"


def listed(words: str) -> list[str]:
    """A list that is written as words with blanks between them."""
    return words.split()


@dataclass(frozen=True)
class Phrases:
    """What a rule looks for; in small letters unless `exact`.

    Args:
        stems: letters of which some stand in every sentence that `strong` or `weak` can find; empty: no such question is asked.
        capitals: the same for `exact`.
        strong: counts in every sentence that is not about somebody else.
        weak: counts where the sentence is not figurative either.
        exact: as strong, with capital letters as written.
        unless: a sentence with this is left alone.
    """

    stems: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    strong: re.Pattern[str] | None = None
    weak: re.Pattern[str] | None = None
    exact: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None

    def __call__(self, reading: Reading, _: Context) -> Iterator[tuple[Spot, str]]:
        """The places, one a sentence."""
        stems = reading.present(self.stems)
        if self.stems and not stems and self.exact is None:
            return
        for sentence in reading.sentences:
            span = self.find(sentence, stems)
            if span:
                yield sentence.spot(*span), ""

    def find(self, sentence: Sentence, stems: tuple[str, ...]) -> tuple[int, int] | None:
        """The first place in a sentence, or None; `stems` are those that its text has."""
        for pattern, text in self._asked(sentence, stems):
            for found in pattern.finditer(text):
                if pattern is self.weak and sentence.figurative:
                    break
                if not sentence.of_another(*found.span()):
                    return None if self.unless and self.unless.search(sentence.low) else found.span()
        return None

    def _asked(self, sentence: Sentence, stems: tuple[str, ...]) -> Iterator[tuple[re.Pattern[str], str]]:
        """The patterns that are worth trying on a sentence."""
        likely = not self.stems or any(stem in sentence.low for stem in stems)
        if self.strong and likely:
            yield self.strong, sentence.low
        if self.exact and (not self.capitals or any(stem in sentence.plain for stem in self.capitals)):
            yield self.exact, sentence.plain
        if self.weak and likely:
            yield self.weak, sentence.low
