"""What a text says of risk: for each kind of it, present or absent, with the line; nothing of what is past or somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from vaultcli.psychotherapy.advice.phrases import one_of
from vaultcli.psychotherapy.advice.reading import Reading, Sentence

IDEATION, PLAN, HARM, OTHERS = "thoughts of suicide", "a plan or intent", "self-harm", "violence toward others"

_IDEATION = one_of(
    r"suicidal(?:ity| ideations?| thoughts?)?",
    r"(?:thoughts?|thinking|thinks|thought|talk(?:s|ed)?|spoke|speaks) (?:\w+ ){0,2}(?:of|about) (?:suicide|killing "
    r"(?:him|her|them)sel(?:f|ves)|dying|ending (?:it(?: all)?|(?:his|her|their) life))",
    r"(?:wish(?:es|ed)?|want(?:s|ed|ing)?) (?:\w+ )?(?:to (?:die|be dead|kill (?:him|her|them)sel(?:f|ves)|end (?:it all|"
    r"(?:his|her|their) life))|(?:he|she|they) were dead)",
    r"death wish",
    r"(?:rather|better off) (?:be )?dead",
    r"not (?:wake|waking) up",
    r"si",
)
_PLAN = one_of(
    r"(?:suicid\w+ )?(?:plans?|intent(?:ion)?)(?= (?:to (?:die|kill|end|jump|overdose|hang|shoot|harm|hurt)|for (?:how|"
    r"suicide)|of (?:suicide|dying))|,? (?:or|and|nor) (?:intent|plan|means)|\W*$|[,;.])",
    r"(?:suicid\w+) (?:plan|intent)\w*",
    r"(?:has|have|keeps|bought|collected|hidden|saved up|saved|hoarding|hoarded) (?:the |a |his |her |their |enough "
    r")?(?:pills|rope|gun|razor|tablets)(?: (?:for|ready|to)\b)",
    r"(?:chosen|chose|picked|set) (?:a|the) (?:date|day|bridge|place|method)",
    r"rehears\w+",
    r"written (?:a |the |his |her |their )?(?:farewell|goodbye|suicide) (?:note|letter)s?",
)
_HARM = one_of(
    r"self-(?:harm\w*|injur\w+)",
    "nssi",
    r"(?:cut(?:s|ting)?|burn(?:s|ed|ing)?|hurt(?:s|ing)?|harm(?:s|ed|ing)?|injur(?:es|ed|ing)) (?:him|her|them)sel(?:f|ves)",
    r"cutting(?: again)?",
    r"cut (?:his|her|their) (?:arms?|wrists?|legs?|thighs?)",
)
_OTHERS = one_of(
    r"homicidal(?:ity| ideations?| thoughts?)?",
    r"hi",
    r"(?:wants?|wish(?:es|ed)?|threaten(?:s|ed|ing)?|thoughts? of|thinking of|plans?|going) (?:to )?(?:kill|killing|harm|"
    r"harming|hurt|hurting|stab|shoot|beat up) (?:his|her|their|the|a|somebody|someone|others|people|him|them)\b(?!self|"
    r"selves)",
    r"violence toward\w* others",
    r"violent (?:thoughts|ideation|intent)",
    r"harm to others",
    r"danger to others",
    r"intent to harm others",
)
_KINDS = tuple(
    (kind, re.compile(rf"(?<![\w-]){text}(?![\w-])"))
    for kind, text in ((IDEATION, _IDEATION), (PLAN, _PLAN), (HARM, _HARM), (OTHERS, _OTHERS))
)
_BOTH = re.compile(r"(?<!\w)si ?(?:/|or|and|,|nor) ?hi(?!\w)|(?<!\w)(?:suicidal(?:ity)?|suicide) (?:or|and|nor|/) homicidal\w*")
_NOT = re.compile(
    r"\b(?:no|not|none|den(?:y|ies|ied|ying)|without|never|nor|neither|absent|absence of|negative for|nil|isn't|wasn't|"
    r"doesn't|didn't|hasn't|has not|does not|did not|lacks?|free of|rules? out|ruled out)\b"
)
_NONE_AFTER = re.compile(
    r"^\W{0,3}(?:(?:was|were|is|are|:)\s*)?(?:none|denied|absent|not (?:present|reported|endorsed|"
    r"observed)|nil|negative)\b"
)
_LOW = re.compile(
    r"\brisk(?: of (?:suicide|self-harm|harm))?\W{0,2}(?:was |is |assessed as |remains |level )*(?:none|"
    r"absent)\b|\bno (?:(?:acute|current|imminent|known|apparent|safety) )*(?:risk|safety)(?: issues| "
    r"concerns| factors)?\b|\bno (?:safety|risk) concerns\b"
)
_PAST = re.compile(
    r"\b(?:history of|past|previous(?:ly)?|years? ago|as a (?:child|teenager|boy|girl)|in (?:19|20)\d\d|used "
    r"to|last year|at (?:the age of|age)|when (?:he|she|they) was|once|formerly|prior|back then|months ago|"
    r"attempt in|in (?:childhood|adolescence|college))\b"
)
_SAFE = re.compile(
    r"\b(?:safety plan|plan for safety|lesson plan|treatment plan|plans? to (?:return|meet|continue|visit|"
    r"move|travel|call|use))\b"
)
_NOT_REAL = re.compile(
    r"\b(?:dream\w*|fantas\w+|imagin\w+|as if|as though|story|film|novel|jok(?:e|es|ed)|song|poem|"
    r"metaphor\w*|like (?:a|an|the))\b"
)
_BUT = re.compile(r"\bbut\b|\bhowever\b|\balthough\b|\bthough\b|\byet\b|;|(?<=\w),(?= (?:he|she|they|client) (?!den))")


class Statement(NamedTuple):
    """What is said of one kind of risk.

    Attributes:
        kind: `IDEATION`, `PLAN`, `HARM` or `OTHERS`.
        present: whether it is said to be there; False: said not to be.
        line: of the file.
    """

    kind: str
    present: bool
    line: int


def read(reading: Reading) -> list[Statement]:
    """Every statement of a text; also in headings and in lines with a label."""
    return [one for sentence in reading.sentences for one in _statements(sentence)]


def _statements(sentence: Sentence) -> Iterator[Statement]:
    low = _SAFE.sub(lambda found: " " * len(found[0]), sentence.low)
    start = 0
    for end in [*(found.start() for found in _BUT.finditer(low)), len(low)]:
        yield from _of_clause(sentence, low[start:end], start)
        start = end


def _of_clause(sentence: Sentence, low: str, offset: int) -> Iterator[Statement]:
    if _PAST.search(low):
        return
    if found := _LOW.search(low):
        line = sentence.spot(offset + found.start(), offset + found.end()).line
        yield from (Statement(kind, False, line) for kind in (IDEATION, PLAN, HARM, OTHERS))
        return
    if found := _BOTH.search(low):
        present, line = (
            not _NOT.search(low, 0, found.start()) and not _NONE_AFTER.match(low[found.end() :]),
            sentence.spot(offset + found.start(), offset + found.end()).line,
        )
        yield Statement(IDEATION, present, line)
        if not present:
            yield Statement(OTHERS, False, line)
    for kind, pattern in _KINDS:
        for found in pattern.finditer(low):
            at, to = found.span()
            if _NOT_REAL.search(low) or sentence.of_another(offset + at, offset + to) or sentence.of_me(offset + at):
                continue
            absent = bool(_NOT.search(low, 0, at) or _NONE_AFTER.match(low[to:]))
            if (
                kind is PLAN
                and not absent
                and not re.search(
                    r"suicid|die|kill|end |overdose|hang|jump|pills|rope|gun|razor|"
                    r"tablets|method|bridge|farewell|goodbye|rehears",
                    low,
                )
            ):
                continue
            yield Statement(kind, not absent, sentence.spot(offset + at, offset + to).line)
