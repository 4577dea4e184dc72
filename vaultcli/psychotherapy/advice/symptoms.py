"""P-H: a summary of symptoms."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vaultcli.psychotherapy.advice.phrases import Phrases, one_of
from vaultcli.psychotherapy.advice.reading import Reading, Sentence, Spot
from vaultcli.psychotherapy.advice.rule import DEFINITION, Context, Rule

_NAMED = one_of(
    "insomnia",
    r"depressed mood",
    "anhedonia",
    "low (?:mood|energy|appetite|motivation|self-esteem)",
    "fatigue",
    "(?:poor|decreased|reduced|increased|disturbed|no|little|loss of) (?:sleep|appetite|concentration|energy|interest|"
    "libido|pleasure)",
    "panic attacks?",
    "irritability",
    "hopelessness",
    "worthlessness",
    "helplessness",
    "flashbacks",
    "nightmares",
    r"hyper-?vigilan\w+",
    "hyperarousal",
    "intrusive (?:thoughts|memories|images)",
    "racing thoughts",
    "ruminations?",
    "tearfulness",
    "weight (?:loss|gain)",
    r"psychomotor \w+",
    "hallucinations?",
    "delusions?",
    "paranoia",
    r"suicidal (?:ideation|thoughts)",
    "homicidal (?:ideation|thoughts)",
    "avoidance",
    "dissociation",
    "compulsions",
    "obsessions",
    "early (?:morning )?(?:waking|wakening|awakening)",
    "palpitations",
    "restlessness",
    "excessive worry",
    "numbness",
    "low mood",
    "anxiety",
    "difficulty (?:sleeping|concentrating|falling asleep)",
    "loss of (?:interest|appetite|energy|pleasure)",
    "social withdrawal",
    "mood swings",
    "startle",
    "self-harm",
    "binge(?:ing|s)?",
    "purging",
    "cravings?",
    "depression",
    "trouble (?:sleeping|concentrating)",
)
_TERM = re.compile(rf"\b{_NAMED}\b")
_STEMS = (
    "insomnia",
    "depress",
    "anhedon",
    "low ",
    "fatigue",
    "sleep",
    "appetite",
    "concentrat",
    "energy",
    "interest",
    "libido",
    "pleasure",
    "panic",
    "irritab",
    "hopeless",
    "worthless",
    "helpless",
    "flashback",
    "nightmare",
    "vigilan",
    "arousal",
    "intrusive",
    "racing",
    "ruminat",
    "tearful",
    "weight",
    "psychomotor",
    "hallucin",
    "delusion",
    "paranoi",
    "suicid",
    "homicid",
    "avoid",
    "dissociat",
    "compuls",
    "obsess",
    "wak",
    "palpitat",
    "restless",
    "worry",
    "numb",
    "anxi",
    "withdraw",
    "mood",
    "startle",
    "self-harm",
    "bing",
    "purg",
    "craving",
)
_REPORT = re.compile(
    r"\b(?:report(?:s|ed|ing)?|endors(?:es|ed|ing)|den(?:ies|ied|ying)|complain(?:s|ed|ing)?|present(?:s|ed|ing)?(?= "
    r"with)|experienc(?:es|ed|ing)|describes (?:ongoing|increased|persistent)|continues to (?:have|experience)|suffers "
    r"from|positive for|negative for|c/o)\b"
)
_MSE = one_of(
    "euthymic",
    "dysphoric",
    "depressed",
    "anxious",
    "irritable",
    "elevated",
    "expansive",
    "flat",
    "blunted",
    "constricted",
    "restricted",
    "labile",
    "congruent",
    "full(?: range)?",
    "appropriate",
    "tearful",
    "low",
    "stable",
    "sad",
)

_PHRASES = Phrases(
    stems=(
        "symptom",
        "mood",
        "affect",
        "oriented",
        "thought",
        "insight",
        "mental status",
        "mse",
        "complaint",
        "presenting",
        "deni",
        "deny",
        "no ",
        "report",
        "endorse",
        "sleep",
        "slept",
        "panic",
        "lost ",
        "gained ",
        "anxi",
        "depress",
        "insomnia",
        "energy",
        "irritab",
    ),
    strong=re.compile(
        one_of(
            r"\b(?:depressive|anxiety|manic|hypomanic|psychotic|panic|ptsd|trauma|ocd|somatic|withdrawal|vegetative|"
            r"residual|current|presenting|negative|dissociative|mood) symptoms?\b",
            r"\bsymptoms? (?:(?:have|has|are|is|were|continue to|continues to) )?(?:include|increas|decreas|improv|worsen|"
            r"persist|remain|reduc|remit|stable|unchanged|severity|frequency|of (?:depression|anxiety|mania|ptsd|panic|"
            r"psychosis|withdrawal))\w*",
            rf"\bmood\b(?: (?:is|was|remains|appeared))?\W{{1,2}}{_MSE}\b[^.]{{0,30}}\baffect\b",
            rf"\baffect\b(?: (?:is|was|remains|appeared))?\W{{1,2}}{_MSE}\b[^.]{{0,40}}\b(?:mood|speech|thought|insight|"
            rf"congruent)\b",
            r"\b(?:alert and )?oriented (?:x|times|to) ?(?:[34]|three|four|person|all)\b",
            r"\bthought (?:process|content)\w*\b\W{0,2}(?:is |was |were )?(?:linear|logical|goal|tangential|circumstantial|"
            r"disorgani|coherent|intact|unremarkable|normal|organi)\w*",
            r"\binsight(?:,? (?:and )?judg\w+)?(?:\W{1,2}| (?:is|was|are|were|remains?) )(?:fair|poor|limited|intact|partial)\b",
            r"\bmental status(?: exam\w*)?\b\W{0,3}(?:was |is )?(?:unremarkable|within|normal|wnl|:)",
            r"^(?:symptoms?|presenting (?:problem|complaint)s?|chief complaint|mse|mental status(?: exam\w*)?)\s*:",
            r"\b(?:den(?:ies|ied|ying)|no|reports?|reported|endorse[sd]?) (?:any |current |active |passive )*(?:si|hi|si/hi|"
            r"avh|ah/vh|suicidal ideation|homicidal ideation|suicidal or homicidal)\b",
        )
    ),
    weak=re.compile(
        one_of(
            r"\b(?:sleep(?:s|ing)?|slept) (?:only |about |around |roughly |just |at most )*(?:\d|two|three|four|five|six|"
            r"ten|twelve)(?:-\w+)? (?:to \w+ )?hours (?:a|per|each|every|last) night",
            r"\b(?:one|two|three|four|five|six|several|daily|weekly|\d+) (?:or \w+ )?(?:\w+ )?panic attacks?\b",
            r"\bpanic attacks? (?:daily|weekly|(?:\w+ ){0,2}(?:a|per|each) (?:day|week|month))\b",
            r"\b(?:lost|gained) (?:about |around |some |roughly )?(?:\d+|five|ten|fifteen|twenty) (?:pounds|lbs?|kg|kilos?)\b",
            r"\b(?:anxiety|depression|mood|panic|insomnia|energy|irritability) (?:(?:is|was|has been|remains|at|rated) "
            r")+(?:a |an |about )?(?:\d+ ?(?:/|out of) ?10|moderate|mild|severe)\b",
            r"\bsymptomatic\b",
        )
    ),
)


def _look(reading: Reading, context: Context) -> Iterator[tuple[Spot, str]]:
    stems, terms = reading.present(_PHRASES.stems), reading.present(_STEMS)
    for sentence in reading.sentences:
        span = _PHRASES.find(sentence, stems) or _listed(sentence, terms)
        if span:
            yield sentence.spot(*span), ""


def _listed(sentence: Sentence, stems: tuple[str, ...]) -> tuple[int, int] | None:
    """Several symptoms in a row, or one with a word of reporting before it."""
    if not any(stem in sentence.low for stem in stems):
        return None
    terms = [
        one for one in _TERM.finditer(sentence.low) if not sentence.of_another(*one.span()) and not sentence.of_me(one.start())
    ]
    if not terms or sentence.figurative:
        return None
    report = _REPORT.search(sentence.low)
    if report and not sentence.of_another(*report.span()) and any(0 <= one.start() - report.end() < 60 for one in terms):
        return report.start(), terms[-1].end()
    return (terms[0].start(), terms[-1].end()) if len(terms) >= 3 else None


RULE = Rule(
    id="P-H",
    name="symptoms",
    message="a summary of symptoms",
    seeks="symptoms that are reported, denied or listed, findings of a mental status examination, symptoms counted or measured",
    why="any summary of symptoms is named as no part of psychotherapy notes",
    citation=DEFINITION,
    belongs="the chart: subjective and objective findings, or the data, of the progress note",
    sure="fairly for lists and for examination phrases; a single feeling in what was said, and the clinician's own "
    "feelings, are left alone",
    look=_look,
    excluded=True,
)
