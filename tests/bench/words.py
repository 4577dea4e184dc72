"""Prose for synthetic notes: sentences put together from parts, the same for the same source of chance.

Nothing here was ever said by anybody. The vocabulary is wide enough that a search has rare and common words to look for.
"""

from __future__ import annotations

from random import Random

_WHO = ("Client", "She", "He", "They", "Client again", "The client")
_SAID = (
    "reported {thing}", "described {thing} {when}", "spoke of {thing} and of {thing}", "noticed {thing} {when}",
    "kept a record of {thing}", "tried {skill} {when}", "practised {skill} and found it {how}",
    "named {thing} as the hardest part",
    "slept {number} hours on most nights", "rated the week {number} of 10", "missed {number} days of work {when}",
    "called a friend {when}", "went to {place} {when}", "put off {thing}", "asked about {skill}", "laughed about {thing}",
    "denied thoughts of suicide or of harming others", "took part in the session and stayed with the subject",
    "connected {thing} with {thing}", "came {how} and {number} minutes early", "brought the homework on {skill}",
)  # fmt: skip
_WE = (
    "We reviewed {skill}", "We rehearsed {skill} aloud", "Together we made a plan for {thing}", "I reflected {thing} back",
    "We weighed what speaks for and against {thing}", "I asked what would be different without {thing}",
    "We agreed on {skill} before the next session", "I explained {skill} with an example",
    "We drew the circle of {thing} and {thing}",
)  # fmt: skip
_THING = (
    "worry about the move", "an argument with a sister", "pressure at work", "waking at four", "the empty flat", "a tight chest",
    "being overlooked in meetings", "the exam in spring", "money", "a long silence at home", "old guilt",
    "the visit to the clinic",
    "headaches after lunch", "feeling watched on the train", "a letter from the landlord", "the anniversary",
    "anger that came fast",
    "shame about the debts", "a good day at the lake", "the new supervisor", "comparing herself with others", "grief for the dog",
    "crowded shops", "the phone call that was put off", "numbness in the evening", "pride in the garden", "the divorce papers",
)  # fmt: skip
_SKILL = (
    "paced breathing", "a thought record", "naming the feeling", "grounding by five senses", "an activity schedule",
    "saying no once a day", "the worry hour", "a letter that is not sent", "progressive relaxation", "an exposure step",
    "asking for help", "a walk before breakfast", "the two-chair exercise", "a sleep diary", "values and one small step",
)  # fmt: skip
_WHEN = (
    "on Sunday",
    "twice this week",
    "every morning",
    "since the last session",
    "after supper",
    "at the weekend",
    "for the first time",
)
_HOW = ("calm", "tired", "useful", "harder than thought", "on time", "restless", "easier than before", "tearful at first")
_PLACE = (
    "the market",
    "her brother's house",
    "choir",
    "the swimming hall",
    "a meeting of the union",
    "the library",
    "the old school",
)
_SYLLABLES = (
    "ba",
    "den",
    "for",
    "gil",
    "har",
    "ker",
    "lin",
    "mo",
    "nes",
    "pol",
    "quin",
    "ros",
    "sten",
    "tor",
    "ul",
    "ven",
    "wes",
    "yar",
)
_PARTS = {"thing": _THING, "skill": _SKILL, "when": _WHEN, "how": _HOW, "place": _PLACE, "number": tuple(map(str, range(2, 10)))}


class Prose:
    """Sentences, paragraphs and names.

    Args:
        chance: the source of chance.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def sentence(self) -> str:
        """One sentence of some ten words."""
        pick = self._chance.choice
        shape = pick(_WE) if self._chance.random() < 0.3 else f"{pick(_WHO)} {pick(_SAID)}"
        while "{" in shape:
            before, _, rest = shape.partition("{")
            name, _, after = rest.partition("}")
            shape = before + pick(_PARTS[name]) + after
        return shape + "."

    def paragraph(self, words: int) -> str:
        """Sentences of about so many words, in lines of moderate length."""
        lines, line, count = [], "", 0
        while count < words:
            sentence = self.sentence()
            count += sentence.count(" ") + 1
            if len(line) + len(sentence) > 110:
                lines.append(line)
                line = sentence
            else:
                line = f"{line} {sentence}" if line else sentence
        return "\n".join([*lines, line]) + "\n"

    def name(self) -> str:
        """A made-up name of two or three syllables."""
        return "".join(self._chance.choices(_SYLLABLES, k=self._chance.choice((2, 3)))).capitalize()
