"""P12, in the strict profile only: quotations, particulars, and themes that a sparing note leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vaultcli.psychotherapy.advice.phrases import one_of
from vaultcli.psychotherapy.advice.reading import Reading, Spot
from vaultcli.psychotherapy.advice.rule import PRUDENCE, Context, Rule

WORDS = 3
"""Shorter quotations are names for things."""
_MONTH = "(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_PARTICULAR = re.compile(
    one_of(
        rf"\b(?:on|of) (?:the )?\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}\b",
        rf"\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b",
        r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b",
        r"[$€£] ?\d[\d,.]*|\b\d[\d,.]* (?:dollars|euros|pounds sterling)\b",
        r"\bin (?:19|20)\d\d\b",
        r"\bat \d{1,2}[:.]\d\d\b",
    )
)
_THEMES = (
    (
        re.compile(
            r"\b(?:argument|argued|quarrel\w*|row|fight|fought|conflict|falling[- ]out|feud) with (?:(?:his|her|their|"
            r"the) )?(?:colleague|boss|friend|neighbou?r|manager|coworker|teacher|landlord)\w*\b|\binterpersonal "
            r"(?:stress|conflict)\b"
        ),
        "interpersonal stress",
    ),
    (
        re.compile(
            r"\b(?:family conflict|family quarrel)\b|\b(?:argument|argued|quarrel\w*|row|fight|fought|conflict|feud|"
            r"estranged|screamed) (?:with|between|from|at) (?:(?:his|her|their|the) )?(?:mother|father|parents?|brother|"
            r"sister|husband|wife|partner|son|daughter|family|in-laws)\b"
        ),
        "family conflict",
    ),
    (
        re.compile(
            r"\b(?:painful|distressing|traumatic|terrible) (?:memor|recollection|experience)\w*\b|\b(?:remembers?|"
            r"remembered|recalls?|recalled) (?:being )?(?:the )?(?:beat\w*|hit|rape\w*|abus\w*|assault\w*|abandon\w*|"
            r"accident|death|attack)\b"
        ),
        "painful memories",
    ),
    (
        re.compile(
            r"\b(?:affect regulation|emotion(?:al)? (?:dys)?regulation|dysregulat\w+|self-soothing|lost control of "
            r"(?:his|her|their) (?:anger|temper))\b"
        ),
        "affect regulation",
    ),
    (re.compile(r"\b(?:guilt|guilty|regrets?|regretted|remorse|blames? (?:him|her|them)sel(?:f|ves))\b"), "guilt or regret"),
)


def _look(reading: Reading, context: Context) -> Iterator[tuple[Spot, str]]:
    if not context.strict:
        return
    for one in reading.quotations:
        if one.words >= WORDS:
            yield one.spot, "a quotation"
    for sentence in reading.sentences:
        if sentence.heading:
            continue
        if found := _PARTICULAR.search(sentence.low):
            yield sentence.spot(*found.span()), "a particular (a date, an hour, a sum) where general words would do"
        for pattern, theme in _THEMES:
            if (found := pattern.search(sentence.low)) and not sentence.of_me(found.start()):
                yield sentence.spot(*found.span()), f"a theme that a sparing note leaves out: {theme}"


RULE = Rule(
    id="P12",
    name="sparing",
    message="",
    seeks=f"with `--strict` only: quotations of {WORDS} words and more, exact dates, hours and sums, and five themes "
    f"(interpersonal stress, family conflict, painful "
    "memories, affect regulation, guilt and regret)",
    why="some advise to keep such notes, if any, general and without quotations, because no record is beyond every court; "
    "others hold verbatim fragments to be what they "
    "are for. Which of the two is right is the originator's to decide, so this is a profile and never the default",
    citation=PRUDENCE,
    belongs="no other place by rule; general words do here",
    sure="very for quotations and dates; themes are found by a few phrases, and many are missed",
    look=_look,
)
