"""P-I: a summary of the prognosis."""

from __future__ import annotations

import re

from vaultcli.psychotherapy.advice.phrases import Phrases, W, one_of
from vaultcli.psychotherapy.advice.rule import DEFINITION, Rule

_COURSE = one_of(
    "improv",
    "recover",
    "relapse",
    "respond",
    "benefit",
    "deteriorat",
    "decompensat",
    "worsen",
    "remit",
    "need (?:long|further|ongoing|inpatient)",
)

RULE = Rule(
    id="P-I",
    name="prognosis",
    message="a summary of the prognosis",
    seeks="the word itself, an expected course, how likely recovery or relapse is",
    why="any summary of prognosis is named as no part of psychotherapy notes",
    citation=DEFINITION,
    belongs="the chart: the assessment of the progress note, or the treatment plan",
    sure="fairly; hopes and fears of client or clinician are left alone",
    look=Phrases(
        stems=(
            "prognos",
            "likely",
            "expected",
            "expect ",
            "outlook",
            "recover",
            "relapse",
            "anticipat",
            "respond",
            "chances",
            "remission",
            "course of",
        ),
        strong=re.compile(
            one_of(
                r"\bprognosis\b\W{0,2}(?:is |was |remains |considered |appears |seems |continues )*(?:to be )?(?:very |"
                r"quite |cautiously )?(?:good|fair|poor|guarded|excellent|favou?rable|unfavou?rable|uncertain|positive|"
                r"optimistic|limited)",
                r"\b(?:good|fair|poor|guarded|excellent|favou?rable|uncertain|positive) prognosis\b",
                r"^prognosis\s*:",
            )
        ),
        weak=re.compile(
            one_of(
                r"\bprognosis (?:with|without|for|depends|has|improves)\b",
                r"\b(?:good|fair|poor|positive|favou?rable|guarded) (?:overall |clinical |long[- ]term )?outlook\b",
                rf"\b(?:un)?likely to {W}{{0,1}}{_COURSE}\w*",
                rf"\b(?:is|are|be) expected to {W}{{0,1}}{_COURSE}\w*",
                rf"\bi expect (?:him|her|them|the client|client|the patient|a full|full|good|slow) {W}{{0,2}}(?:to "
                rf")?{W}{{0,1}}{_COURSE}\w*",
                r"\b(?:should|can be expected to|expect(?:ed)? to) (?:do|respond) well (?:to|with|in|if)\b",
                r"\b(?:full|complete|good|slow|partial) recovery (?:is |can be |seems )?(?:expected|likely|unlikely|"
                r"anticipated|possible|within)\b",
                r"\b(?:make|makes|expect) a (?:full|complete|good) recovery\b",
                r"\b(?:high|low|moderate|increased|considerable|elevated) (?:risk|likelihood|chance|probability) of "
                r"(?:relapse|recurrence|recovery|remission|dropout|decompensation|rehospitali[sz]ation)\b",
                r"\b(?:anticipated|expected|estimated) (?:length|duration|course|time) (?:of|in) (?:treatment|therapy|care|"
                r"illness)\b",
                r"\b(?:chances|odds|likelihood) of (?:recovery|relapse|remission|improvement) (?:is|are|seem|remain)\b",
            )
        ),
    ),
    excluded=True,
)
