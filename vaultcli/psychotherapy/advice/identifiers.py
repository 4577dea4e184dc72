"""P11: who the client is, and others by their full names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vaultcli.psychotherapy.advice.phrases import listed, one_of
from vaultcli.psychotherapy.advice.reading import Reading, Sentence, Spot
from vaultcli.psychotherapy.advice.rule import PRUDENCE, Context, Rule

_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|"
    "Aug|Sept?|Oct|Nov|Dec)"
)
_NAME = r"[A-Z][a-z]+(?:['-][A-Z][a-z]+)?"
_SURNAME = r"(?:Mc|Mac|O')?[A-Z][a-z]+(?:-[A-Z][a-z]+)?"
_ROLE = one_of(
    "mother",
    "father",
    "brother",
    "sister",
    "husband",
    "wife",
    "partner",
    "boyfriend",
    "girlfriend",
    "friend",
    "boss",
    "manager",
    "supervisor",
    "colleague",
    "teacher",
    "lawyer",
    "attorney",
    "psychiatrist",
    "doctor",
    "physician",
    "therapist",
    "neighbou?r",
    "son",
    "daughter",
    "uncle",
    "aunt",
    "cousin",
    "landlord",
    "roommate",
    "fianc[eé]e?",
    "ex-husband",
    "ex-wife",
    "ex",
    "lover",
    "employer",
    "coach",
    "priest",
    "pastor",
    "landlady",
    "stepfather",
    "stepmother",
    "client",
)
_FIRST = one_of(
    *listed(
        "James John Robert Michael David William Richard Joseph Thomas Charles Christopher Daniel Matthew Anthony Mark "
        "Donald Steven Paul Andrew Joshua Kenneth Kevin Brian George Timothy Ronald Edward Jason Jeffrey Ryan Jacob "
        "Gary Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Patrick Frank "
        "Raymond Jack Dennis Jerry Tyler Aaron Jose Adam Nathan Henry Peter Kyle Mary Patricia Jennifer Linda Elizabeth "
        "Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Margaret Sandra Ashley Kimberly Emily Donna Michelle Carol "
        "Amanda Melissa Deborah Stephanie Rebecca Sharon Laura Cynthia Dorothy Amy Kathleen Angela Shirley Emma Brenda "
        "Pamela Nicole Anna Samantha Katherine Christine Helen Debra Rachel Carolyn Janet Maria Catherine Heather Diane "
        "Olivia Julie Joyce Victoria Ruth Virginia Lauren Kelly Christina Joan Evelyn Judith Andrea Hannah Megan Martha "
        "Ahmed Mohammed Luis Carlos Juan Miguel Wei Priya Fatima Aisha Gordon Dana"
    )
)
_KNOWN = one_of(
    *listed(
        "Freud Klein Rogers Jung Bowlby Winnicott Bion Beck Kohut Kernberg Mitchell Ogden Benjamin Herman Erikson Adler "
        "Lacan Sullivan Fonagy Linehan Yalom Ferenczi Rank Horney Fromm Maslow Ellis Frankl Bollas Searles Guntrip "
        "Fairbairn Balint Hartmann Reik Langs Stern Butler Sontag Woolf Plath Dickinson Lennon King Christ Magdalene "
        "Poppins Bovary Eyre Dahmer Washington Lincoln Street Road Avenue Day Week Church Hospital Clinic School "
        "College Park House Bowl"
    )
)
_FIXED = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "an e-mail address"),
    (
        re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])|\b(?:SSN|[Ss]ocial [Ss]ecurity (?:[Nn]umber)?)\W{0,3}(?:is )?\d"),
        "a social security number",
    ),
    (
        re.compile(
            r"(?<![\w.-])(?:\+?\d{1,3}[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\w-])|"
            r"(?<![\w.-])\+\d[\d ()-]{8,}\d|\b(?:[Pp]hone|[Cc]ell|[Tt]el|[Mm]obile)\W{1,3}(?:is )?\d{3}[ .-]?\d{4}\b|"
            r"(?<![\w.-])555[ -]\d{4}\b"
        ),
        "a telephone number",
    ),
    (
        re.compile(
            r"\b(?:MRN|[Mm]edical [Rr]ecord (?:[Nn]umber|[Nn]o\.?)|[Cc]hart (?:[Nn]umber|[Nn]o\.?)|[Mm]ember ID|"
            r"[Pp]olicy (?:[Nn]umber|[Nn]o\.?))\W{0,4}(?:is )?[A-Z]{0,4}-?\d"
        ),
        "a record or policy number",
    ),
    (
        re.compile(
            rf"\b(?:DOB|D\.O\.B\.|[Dd]ate of [Bb]irth|[Bb]irthdate|[Bb]orn(?: on)?)\W{{0,3}}(?:is "
            rf")?(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|\d{{4}}-\d\d-\d\d|\d{{1,2}} {_MONTH}|{_MONTH} \d{{1,2}})"
        ),
        "a date of birth",
    ),
    (
        re.compile(
            r"\b\d{1,5}[A-Za-z]? (?:[NSEW]\.? |North |South |East |West )?(?:[A-Z][a-z]+ ){1,3}(?:Street|St|Avenue|Ave|"
            r"Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Way|Terrace|Circle)\b"
        ),
        "an address",
    ),
    (
        re.compile(
            rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Doctor|Judge|Rev|Father|Sister)\.? (?!{_KNOWN}\b)(?:{_NAME} "
            rf")?(?!{_KNOWN}\b){_SURNAME}(?=\W|$)"
        ),
        "somebody named with a title",
    ),
    (re.compile(rf"\b{_ROLE},? (?!{_KNOWN}\b){_NAME} (?:[A-Z]\. )?(?!{_KNOWN}\b){_SURNAME}(?=\W|$)"), "somebody's full name"),
    (re.compile(rf"\b{_FIRST} (?:[A-Z]\. )?(?!{_KNOWN}\b){_SURNAME}(?=\W|$)"), "somebody's full name"),
)
_CAPITALS = re.compile(r"[A-Z][a-z]+\.? (?:[A-Z]\. )?(?:Mc|Mac|O')?[A-Z]")
_LIKELY = {message: re.compile(r"\d") for _, message in _FIXED if message.startswith("a")} | {
    "an e-mail address": re.compile("@"),
    "somebody named with a title": _CAPITALS,
    "somebody's full name": _CAPITALS,
}
"""What has to stand in a sentence for a pattern to be worth trying."""
_TITLES = re.compile(
    r"\b(?:Father|Sister|Doctor|Judge|Miss) (?:Time|Death|Christmas|Superior|Nature|Right|Is|Was|Said|Of|"
    r"And|Who)\b"
)


def _look(reading: Reading, context: Context) -> Iterator[tuple[Spot, str]]:
    known = [(what, _word(text)) for what, texts in context.names.items() for text in texts if len(text) > 2]
    for sentence in reading.sentences:
        for start, end, message in _of(sentence, known):
            yield sentence.spot(start, end), message


def _of(sentence: Sentence, known: list[tuple[str, re.Pattern[str]]]) -> Iterator[tuple[int, int, str]]:
    taken: list[tuple[int, int]] = []
    patterns = [(pattern, f"the {what}, as the chart has it") for what, pattern in known]
    patterns += [(pattern, message) for pattern, message in _FIXED]
    # in quotations too: a name identifies whoever says it
    text = sentence.text
    for pattern, message in patterns:
        if (likely := _LIKELY.get(message)) and not likely.search(text):
            continue
        for found in pattern.finditer(text):
            start, end = found.span()
            if any(start < to and at < end for at, to in taken) or _TITLES.match(text, start):
                continue
            taken.append((start, end))
            yield start, end, message
            break


def _word(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")


RULE = Rule(
    id="P11",
    name="identifiers",
    message="",
    seeks="the client's name, handle, telephone, e-mail, address, date of birth and guardians as the register has them; "
    "numbers and addresses of those shapes; "
    "others by title or full name",
    why="psychotherapy notes are protected health information with and without a name in them; initials or a first letter "
    "are enough for their author, and whoever "
    "is named in full may one day read it",
    citation=PRUDENCE,
    belongs="the register or the chart; initials do here",
    sure="very for what the register has and for numbers; for other people's full names it knows common first names and "
    "words such as her boss",
    look=_look,
)
