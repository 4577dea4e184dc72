"""P-E: a summary of the diagnosis."""

from __future__ import annotations

import re

from vaultcli.psychotherapy.advice.phrases import Phrases, W, one_of
from vaultcli.psychotherapy.advice.rule import DEFINITION, Rule

_DISORDER = one_of(
    r"[\w-]+ (?:personality |anxiety |stress |depressive |use |mood |eating |panic |deficit(?: hyperactivity)? |spectrum "
    r")?disorder",
    "mdd",
    "ptsd",
    "c-ptsd",
    "ocd",
    "bpd",
    "npd",
    "adhd",
    r"bipolar(?: (?:i|ii|1|2|disorder|depression))?",
    "schizophrenia",
    r"dysthymia",
    r"anorexia",
    r"bulimia",
    "agoraphobia",
    "major depression",
    "social phobia",
    "autism",
    "dissociative identity disorder",
    "alcohol dependence",
)

RULE = Rule(
    id="P-E",
    name="diagnosis",
    message="a summary of the diagnosis",
    seeks="a diagnosis as a statement: a code, criteria that are met, `diagnosed with`, a rule-out, a named disorder that "
    "the client has",
    why="any summary of diagnosis is named as no part of psychotherapy notes",
    citation=DEFINITION,
    belongs="the chart: the assessment and the `diagnoses` of the progress note",
    sure="fairly; a word such as borderline in a speculation, or what a diagnosis means to the client, is left alone",
    look=Phrases(
        stems=(
            "diagnos",
            "dx",
            "impression",
            "axis",
            "criteria",
            "dsm",
            "r/o",
            "rule out",
            "rule-out",
            "ruled out",
            "rules out",
            "disorder",
            "mdd",
            "ptsd",
            "ocd",
            "bpd",
            "npd",
            "adhd",
            "bipolar",
            "schizo",
            "dysthym",
            "anorex",
            "bulim",
            "agorap",
            "major depression",
            "phobia",
            "autism",
            "dependence",
        ),
        strong=re.compile(
            one_of(
                r"^(?:diagnos[ei]s|diagnostic impressions?|dx|impressions? \(dsm.*\)|axis [iv]+)\b\s*[:=-]",
                r"\bdiagnostic impressions? (?:is|are|remains?|was|of|continues?)\b",
                rf"\b(?:meets?|met|meeting|fulfil\w*) {W}{{0,4}}criteria\b",
                r"\bdsm[- ](?:5|iv|v)(?:-tr)?\b(?: criteria| diagnos\w+)",
                rf"\b(?:r/o|rule[ds]?[- ]out) {W}{{0,3}}(?:{_DISORDER}|mania|psychosis|depression)\b",
                rf"\b{_DISORDER}, (?:recurrent|single episode|mild|moderate|severe|unspecified|chronic|in (?:partial|full|"
                rf"early|sustained) remission)\b",
            )
        ),
        exact=re.compile(r"[FZ](?<![\w.-][FZ])\d\d(?:\.\d{1,3}\b|\b(?=\s*(?:$|[,;:.(])))"),
        weak=re.compile(
            one_of(
                rf"\b(?:diagnosed|dx'd|diagnosis) (?:with|as having|of) {W}{{0,3}}\w",
                r"\bdiagnos[ei]s (?:remains?|is unchanged|unchanged|changed|was changed|confirmed|was confirmed|deferred|"
                r"has been (?:changed|confirmed))\b",
                r"\b(?:working|provisional|primary|secondary|current|differential|preliminary) diagnos[ei]s\b",
                rf"\b(?:client|patient|pt|he|she|they)(?: clearly| also| now| still)? (?:has|have|suffers from|presents "
                rf"with) (?:a |an |chronic |severe |mild |moderate |comorbid |probable |likely )*{_DISORDER}\b",
                rf"\bconsistent with (?:a |an |diagnosis of |chronic |severe |mild |moderate )*{_DISORDER}\b",
                rf"\b(?:a |long )?history of (?:chronic |severe |mild |moderate |recurrent )*{_DISORDER}\b",
                rf"\b(?:comorbid|co-?occurring) {W}{{0,2}}{_DISORDER}\b",
            )
        ),
    ),
    excluded=True,
)
