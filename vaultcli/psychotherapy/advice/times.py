"""P-B: when a session began and ended, and how long it took."""

from __future__ import annotations

import re

from vaultcli.psychotherapy.advice.phrases import Phrases, W, one_of
from vaultcli.psychotherapy.advice.rule import DEFINITION, Rule

_CLOCK = r"(?:[01]?\d|2[0-3])(?:[:.][0-5]\d)? ?(?:am|pm|a\.m\.|p\.m\.|h|hrs?)?"
_FULL = r"(?:[01]?\d|2[0-3])[:.][0-5]\d ?(?:am|pm|a\.m\.|p\.m\.|h|hrs?)?"
_COUNT = r"(?:\d{2,3}|thirty|forty-five|fifty|fifty-three|fifty-five|sixty|ninety)"
_HOUR = r"(?:session|appointment|therapy|psychotherapy|individual|couples?|family|group|visit|intake)"
_TO = r"\s*(?:-|to|until|till)\s*"

RULE = Rule(
    id="P-B",
    name="session times",
    message="the time at which a session began or ended, or its length",
    seeks="the clock times of the session, or its length in minutes",
    why="counseling session start and stop times are named as no part of psychotherapy notes; payers ask for them, so they "
    "have to stand where a payer may look",
    citation=DEFINITION,
    belongs="the chart: the `time` of the progress note",
    sure="very for ranges and minutes of a session; times of day in what the client tells are left alone",
    look=Phrases(
        stems=("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "minute", " min", "start", "length", "duration", "time"),
        strong=re.compile(
            one_of(
                rf"^\W*{_FULL}{_TO}{_FULL}",
                rf"\b(?:session|hour|appointment|group|we|seen|met) (?:{W}{{0,4}}(?:from|at|between) )?{_CLOCK}(?:{_TO}| "
                rf"and ){_FULL}",
                rf"\b(?:seen|met|session|meeting|appointment|started|began) {W}{{0,4}}from {_CLOCK}{_TO}{_CLOCK}\b",
                rf"\b(?:session|hour|appointment|group|we) {W}{{0,1}}(?:began|begins|started|starts|opened|ended|ends|"
                rf"finished|closed|stopped|ran|lasted) {W}{{0,2}}(?:at|from|until|for|to) {_CLOCK}(?![\w:])(?! people| of "
                rf"us)",
                rf"\b(?:start|stop|end|begin)(?:ning)?[ -]times?\b\W*(?:was |were |is )?{_CLOCK}",
                rf"\btime (?:in|out)\s*:?\s*{_CLOCK}",
                r"^(?:session )?(?:start|stop|end|begin|time|duration|length)(?: time)?\s*:\s*\d",
                rf"\b{_COUNT}[- ]?min(?:ute)?s?(?:'s?)?,? {W}{{0,1}}{_HOUR}\b",
                rf"\b{_HOUR} (?:of|lasted|was|ran|for|took) {W}{{0,1}}{_COUNT} min",
                rf"\b(?:we met|seen|met|spoke) for {W}{{0,1}}{_COUNT} min",
                r"\bsession (?:length|duration)\b",
                r"\btotal (?:session |therapy |psychotherapy |face-to-face )?time\b\W*(?:was |of |in )?\d",
            )
        ),
    ),
    excluded=True,
)
