"""P-J: a summary of progress to date."""

from __future__ import annotations

import re

from vaultcli.psychotherapy.advice.phrases import Phrases, W, one_of
from vaultcli.psychotherapy.advice.rule import DEFINITION, Rule

_SINCE = one_of(
    "since (?:intake|admission|last (?:session|visit|week|month)|the (?:last|first|beginning|start|intake)|beginning|"
    "starting|treatment|we began|january|february|march|april|may|june|july|august|september|october|november|december|"
    "spring|summer|autumn|fall|winter)",
    "over the (?:course|past|last)",
    "compared (?:to|with) (?:intake|last|the (?:start|beginning|first|last))",
    "than (?:at|in) (?:the )?(?:start|beginning|intake|last)",
    "from (?:baseline|intake)",
)
_WHAT = one_of(
    "symptoms?",
    "anxiety",
    "depression",
    "panic(?: attacks)?",
    "sleep",
    "mood",
    "functioning",
    "avoidance",
    "irritability",
    "drinking",
    "use",
    "coping",
    "self-harm",
    "compulsions",
    "nightmares",
    "flashbacks",
    "client",
    "patient",
    "pt",
    "(?<!\\w)(?:s?he)",
    "they",
    "condition",
)

RULE = Rule(
    id="P-J",
    name="progress",
    message="a summary of progress to date",
    seeks="progress toward a goal, improvement or worsening since an earlier time, goals met, remission, a stable condition",
    why="any summary of progress to date is named as no part of psychotherapy notes",
    citation=DEFINITION,
    belongs="the chart: the assessment of the progress note, or the review of the treatment plan",
    sure="fairly; movement within the hour or in the relation is left alone",
    look=Phrases(
        stems=(
            "progress",
            "improv",
            "worse",
            "declin",
            "reduc",
            "decreas",
            "increas",
            "goal",
            "remission",
            "better",
            "stable",
            "plateau",
            "gains",
            "regress",
            "stabili",
            "deteriorat",
            "unchanged",
            "respond",
        ),
        strong=re.compile(
            one_of(
                r"\b(?:good|some|limited|minimal|no|steady|significant|moderate|slow|little|great|continued|further|"
                r"excellent|substantial|measurable|fair|clear|satisfactory) progress (?:is |was |has been |being )?(?:to "
                r"date|toward|towards|on|in (?:treatment|therapy|reducing|managing|meeting)|made|noted|with (?:goal|"
                r"regard)|since|this|$)",
                r"\bprogress (?:toward|towards|to date|on (?:goal|objective|treatment)|in (?:treatment|therapy))",
                r"^progress\s*:",
                r"\b(?:goal|objective)s? (?:#?\d )?(?:(?:is|was|has been|have been|are) )?(?:partially |fully |not "
                r")?(?:met|achieved|attained|accomplished)\b",
                r"\bin (?:partial|full|early|sustained) remission\b",
                r"\btreatment gains\b",
            )
        ),
        weak=re.compile(
            one_of(
                r"\b(?:make|makes|making|made|shows?|showing|shown|demonstrat\w+) (?:\w+ )?(?:\w+ )?progress\b(?! (?:bar|"
                r"report))",
                rf"\b{_WHAT} (?:(?:has|have|is|are|seems|appears|continues to|been|was) )*(?:\w+ly )?(?:improv\w+|worsen\w*|"
                rf"worse|better|decreas\w+|increas\w+|declin\w+|reduced|deteriorat\w+|stabili[sz]\w+|lessened|eased|"
                rf"fallen)\b[^.;]{{0,30}}?{_SINCE}",
                r"\b(?:client|patient|pt|he|she|they) (?:has|have) (?:\w+ly )?(?:improved|worsened|stabili[sz]ed|"
                r"deteriorated|regressed|plateaued|responded well|shown (?:\w+ )?improvement)\b",
                r"\b(?:client|patient|pt|he|she|they) (?:is|are) (?:doing |feeling )?(?:much |clearly |markedly |a little |"
                r"somewhat |significantly )*(?:better|worse|improved|improving|stable|unchanged) (?:since|than|overall|"
                r"compared|on|with treatment)",
                r"\b(?:remains|remained|is|has been) (?:clinically |psychiatrically )?stable\b(?! (?:ground|"
                r"door))(?=[^.]{0,30}(?:$|\.|since|on|with|week|month))",
                r"\b(?:responded|responding|responds) well to (?:treatment|therapy|the (?:treatment|interventions?)|cbt|"
                r"emdr|medication|interventions?)\b",
                rf"\b(?:improvement|improvements|reduction|decrease|worsening|decline|increase) (?:in|of) "
                rf"{W}{{0,3}}(?:symptoms?|mood|anxiety|depression|sleep|panic|functioning|avoidance|drinking|coping|"
                rf"concentration)\b",
                r"\btreatment (?:is|has been) (?:effective|working|ineffective|successful)\b",
            )
        ),
    ),
    excluded=True,
)
