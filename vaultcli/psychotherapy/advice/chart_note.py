"""P15: a text that reads as a note of the chart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from vaultcli.psychotherapy.advice.reading import Reading, Spot
from vaultcli.psychotherapy.advice.rule import Context, Rule

_FORMATS = {
    "SOAP": ("subjective", "objective", "assessment", "plan"),
    "DAP": ("data", "assessment", "plan"),
    "DARP": ("data", "assessment", "response", "plan"),
    "BIRP": ("behavior", "intervention", "response", "plan"),
    "GIRP": ("goal", "intervention", "response", "plan"),
    "PIRP": ("problem", "intervention", "response", "plan"),
}
_SPELT = {
    "behaviour": "behavior",
    "behaviors": "behavior",
    "behaviours": "behavior",
    "interventions": "intervention",
    "goals": "goal",
    "problems": "problem",
    "s": "subjective",
    "o": "objective",
    "a": "assessment",
    "p": "plan",
    "d": "data",
    "b": "behavior",
    "i": "intervention",
    "r": "response",
    "g": "goal",
}
_ALSO = (
    "chief complaint",
    "history of present illness",
    "hpi",
    "hpc",
    "past psychiatric history",
    "past medical history",
    "pmh",
    "psychiatric history",
    "social history",
    "family history",
    "mental status exam",
    "mental status examination",
    "mental status",
    "mse",
    "current medications",
    "medications",
    "allergies",
    "diagnosis",
    "diagnoses",
    "diagnostic impression",
    "risk assessment",
    "treatment plan",
    "treatment goals",
    "disposition",
    "presenting problem",
    "medical necessity",
    "progress toward goals",
    "review of systems",
    "axis i",
    "prognosis",
    "pc",
    "fh",
    "fhx",
    "sh",
    "shx",
    "imp",
    "impression",
    "identifying data",
    "substance abuse history",
    "laboratory data",
    "discharge diagnoses",
    "hospital course",
    "interventions used",
    "client response",
    "functional status",
    "chief compliant",
)
_LABEL = re.compile(r"\s*(?:#{1,6}\s*)?[*_]*([A-Za-z][A-Za-z /()-]{0,34}?)[*_]*\s*:(?!//)")
MANY = 4
"""So many different kinds of what the definition excludes, in one note, make it read as a chart note."""


def rule(kinds: Callable[[Reading, Context], set[str]]) -> Rule:
    """The rule, given what counts the kinds of excluded content in a text."""

    def look(reading: Reading, context: Context) -> Iterator[tuple[Spot, str]]:
        found = titles(reading)
        names = {name for name, _ in found}
        for format_, parts in _FORMATS.items():
            if len(names.intersection(parts)) == len(parts) or (len(parts) == 4 and len(names.intersection(parts)) == 3):
                yield next(spot for name, spot in found if name in parts), f"has the headings of a {format_} note"
                return
        also = [spot for name, spot in found if name in _ALSO]
        if len(also) >= 2:
            yield also[0], "has the headings of a clinical record"
            return
        count = len(kinds(reading, context))
        if count >= MANY:
            yield Spot(0, 0, ""), f"holds {count} of the ten kinds of content that the definition excludes"

    return Rule(
        id="P15",
        name="reads as a chart note",
        message="",
        seeks=f"the headings of SOAP, DAP, DARP, BIRP, GIRP or PIRP, those of an evaluation, or {MANY} and more of the ten "
        f"excluded kinds in one text",
        why="what a text is follows from what it holds, not from its label: a note that does a progress note's work may be "
        "ordinary protected health information, wherever it lies",
        citation="45 CFR 164.501, the definition of psychotherapy notes, second sentence",
        belongs="the chart: write it there as a progress note, and keep here what is left",
        sure="very for headings; the count is a rule of thumb of ours",
        look=look,
    )


def titles(reading: Reading) -> list[tuple[str, Spot]]:
    """Headings and labels with a colon, in small letters and one spelling, with their places."""
    found = []
    for sentence in reading.sentences:
        label = None if sentence.heading else _LABEL.match(sentence.text)
        words = sentence.text if sentence.heading else label[1] if label else ""
        if words:
            name = words.strip(" *_:").lower()
            found.append((_SPELT.get(name, name), sentence.spot(0, len(words))))
    return found
