"""P-F: a summary of functional status."""

from __future__ import annotations

import re

from vaultcli.psychotherapy.advice.phrases import Phrases, W, one_of
from vaultcli.psychotherapy.advice.rule import DEFINITION, Rule

_AREA = one_of(
    "work",
    "school",
    "home",
    "college",
    "university",
    "(?:his|her|their) (?:job|household|self-care|children)",
    "socially",
    "academically",
    "occupationally",
)

RULE = Rule(
    id="P-F",
    name="functional status",
    message="a summary of functional status",
    seeks="how well the client manages work, school, home, company and self-care, as a statement of level or impairment",
    why="any summary of functional status is named as no part of psychotherapy notes",
    citation=DEFINITION,
    belongs="the chart: the assessment of the progress note, as functional impairment",
    sure="fairly; work and school as a theme of the conversation are left alone",
    look=Phrases(
        stems=(
            "function",
            "impair",
            "unable",
            "able to",
            "adl",
            "activities of daily",
            "gaf",
            "missed",
            "missing",
            "self-care",
            "manages",
            "managing",
            "needs help",
            "returned to",
            "back to",
            "back at",
            "off work",
            "cannot",
            " leave",
            "sick leave",
            "capacity",
            "performance",
            "concentrate",
            "hygiene",
        ),
        strong=re.compile(
            one_of(
                r"\bfunctional (?:status|impairments?|level|limitations?|capacity|decline)\b",
                r"\b(?:level of|global|baseline|daily|overall|adaptive|occupational|social|academic|interpersonal|role|"
                r"vocational|executive) functioning\b",
                rf"\bimpair(?:ed|ment|ments|ing)\b {W}{{0,4}}{_AREA}\b",
                r"\b(?:functional|occupational|social|academic|significant|marked|moderate|mild|severe)(?:ly)? impair(?:ed|"
                r"ments?)\b",
                r"\b(?:gaf|whodas)\b",
                r"\badls?\b",
                r"\bactivities of daily living\b",
                r"^(?:functioning|functional status|current functioning)\s*:",
            )
        ),
        weak=re.compile(
            one_of(
                r"\bfunction(?:s|ing|ed)? (?:(?:adequately|well|poorly|better|worse|normally|independently|marginally|"
                r"fairly|quite|less|more) )+(?:well |poorly )?(?:at|in|socially|on|as)\b",
                rf"\bfunctioning (?:at|in) {W}{{0,2}}(?:work|school|home|social|baseline)",
                rf"\b(?:(?:unable|not (?:been )?able|inability) to|cannot) (?:go to |attend |return to |get to |hold |keep |"
                rf"maintain |perform )?{W}{{0,2}}(?:work|school|classes|job|employment|household (?:tasks|chores)|self-care|"
                rf"care for (?:himself|herself|themselves|the children|(?:his|her|their) (?:children|kids)))\b(?! (?:beside|"
                r"under|with|through)\b)",
                rf"\bable to (?:maintain|hold|keep|resume|return to|perform|manage) {W}{{0,3}}(?:work|school|job|employment|"
                rf"household|self-care|duties|chores)\b",
                rf"\b(?:missed|missing|misses) {W}{{0,4}}(?:days?|shifts?|weeks?) (?:of|at|from) (?:work|school|class\w*)\b",
                rf"\b(?:manages|managing|manage) {W}{{0,4}}(?:household|housework|self-care|chores|childcare|daily tasks|"
                rf"finances|hygiene)\b",
                rf"\bneeds? (?:help|assistance|reminders|prompting) (?:with|to|for) {W}{{0,2}}(?:bath|dress|wash|eat|cook|"
                rf"hygiene|self-care|shower|meal|medic)\w*",
                r"\b(?:returned|back) (?:to|at) (?:work|school) (?:part[- ]time|full[- ]time|half[- ]days|on reduced hours|"
                r"since|this week)\b",
                r"\b(?:on|taking) (?:sick|medical|disability) leave\b",
                r"\b(?:poor|good|adequate|neglects|neglected|declining|intact) (?:personal |basic )?(?:hygiene|self-care)\b",
                rf"\b(?:cannot|unable to|difficulty) concentrat\w+ (?:at|on|in) {W}{{0,2}}(?:work|school|tasks|reading|"
                r"class\w*)\b",
                r"\b(?:work|school|job) performance (?:has|is|was|remains|declin|suffer|improv)\w*",
            )
        ),
    ),
    excluded=True,
)
