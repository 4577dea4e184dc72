"""The one table of a note's front matter fields: their names, what they may hold, and the JSON Schema made from it.

`docs/spec/note.md` explains them; a test holds its table, the schema and this module together.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from vaultcli.ground import ids
from vaultcli.ground.frontmatter import Value
from vaultcli.record.notes import names

VERSION = 1
FORMATS = ("soap", "dap", "darp", "birp", "girp", "pirp", "narrative", "couple")
PLACES = ("office", "video", "audio", "field")
DISTANT = ("video", "audio")
"""The places that make a session telehealth."""
PROGRESS = "progress"
TYPES = (
    PROGRESS, "intake", "treatment-plan", "plan-review", "discharge", "group", "crisis", "safety-plan",
    "risk-assessment", "mental-status", "no-show", "contact", "collateral", "consultation", "coordination", "consent",
    "attachment",
)  # fmt: skip
SESSIONS = frozenset({PROGRESS, "intake", "group", "crisis"})
"""The types that document a session: they need a place and a time with a beginning and an end."""
PLANS = ("treatment-plan", "plan-review")
"""The types that can be the plan in force."""
LEVELS = ("outpatient", "intensive-outpatient", "partial-hospitalization", "residential", "inpatient")

_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9]|[A-Z][A-Za-z]*(?:/[A-Za-z0-9_+-]+){1,2})"
TIME = rf"({_CLOCK})-({_CLOCK})(?: ({_ZONE}))?"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
SLUG = r"[a-z0-9][a-z0-9._-]{0,39}"
_DIAGNOSIS = r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?|[0-9A-Z][A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,2})?"
_CPT = r"(?:[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})(?:-[0-9A-Z]{2}){0,4}"
_CARRIED = rf"{ids.PATTERN} [^ ].*"
_HASH = r"[0-9a-f]{64}"
_TEXT = r".+"


@dataclass(frozen=True)
class Field:
    """One field of front matter.

    Attributes:
        name: the key.
        shape: `text`, `list` (a list of texts), `texts` (one text or a list of them), or `block` (keys and texts).
        pattern: what the whole text, or each text of a list, matches.
        says: what a text must be, to follow "is not".
        means: what the field is for; a sentence of the specification.
        choices: the only texts allowed, if they are few.
        keys: the keys that a block may have, each with its meaning.
        needs: the keys that a block must have.
        forms: what the text of a block's key matches, and what it must be, to follow "is not".
    """

    name: str
    shape: str
    pattern: str
    says: str
    means: str
    choices: tuple[str, ...] = ()
    keys: Mapping[str, str] | None = None
    needs: tuple[str, ...] = ()
    forms: Mapping[str, tuple[str, str]] = dataclasses.field(default_factory=dict)


def _choice(name: str, choices: tuple[str, ...], means: str) -> Field:
    return Field(name, "text", "|".join(map(re.escape, choices)), "one of " + ", ".join(choices), means, choices)


TELEHEALTH = {
    "method": "`video` or `audio`, when it says more than `place:`",
    "platform": "the service used",
    "client-location": "where the client was, exact enough to send help",
    "clinician-location": "where the clinician was",
    "identity": "how the client was identified",
    "consent": "when and how consent to telehealth was given",
    "privacy": "whether the setting was private",
    "present": "who else was there",
    "emergency": "the contact and plan for an emergency",
    "problems": "technical problems and their effect",
    "licence": "by what licence or compact the clinician may treat a client in that place",
}

IMPORTED = {
    "from": "the source file's name, with its folders below the one that was imported",
    "sha256": "the SHA-256 of the source file's bytes",
    "encoding": "what the source was decoded from; left out where its bytes stand below as they were",
    "part": "of a file that held several notes, which of how many: `3 of 12`; `sha256` then is that of this text",
    "whole": "the SHA-256 of that whole file's bytes",
}
ASKED = ("platform", "client-location", "clinician-location", "identity", "consent", "privacy", "emergency")
"""The keys of `telehealth` that a draft of a session at a distance begins with; the others are written when needed."""

FIELDS = (
    _choice("format", FORMATS, "The format of the body. A practice's own template may bring another one."),
    Field("date", "text", DAY, "a day such as 2026-11-22", "The day on which the session began."),
    Field(
        "time",
        "text",
        TIME,
        "a beginning and an end such as 14:00-14:53",
        "Its beginning and end. An end before the beginning is on the next day; a zone may follow.",
    ),
    _choice("place", PLACES, "Where: the office, by video, by audio only, or the field (home, school, hospital)."),
    Field(
        "cpt",
        "texts",
        _CPT,
        "a procedure code such as 90834",
        "The procedure code, with its modifiers; a list for add-ons.",
    ),
    Field(
        "diagnoses",
        "list",
        _DIAGNOSIS,
        "an ICD code such as F33.1",
        "The diagnoses treated in this session, ICD-10-CM or ICD-11.",
    ),
    Field(
        "goals",
        "list",
        SLUG,
        "a goal's short name such as g1",
        "The goals of the treatment plan that the session worked on.",
    ),
    Field(
        "id",
        "text",
        ids.PATTERN,
        "an id of 16 characters",
        "The note's id, also the end of its file name. Never changes.",
    ),
    _choice("type", TYPES, "What kind of note; left out for a progress note."),
    Field("participants", "list", _TEXT, "a text", "Who took part besides client and clinician, by role."),
    Field("telehealth", "block", _TEXT, "a text", "What a session at a distance has to document.", keys=TELEHEALTH),
    Field(
        "carried-from",
        "list",
        _CARRIED,
        "a note's id, a blank and the title of a section",
        "Sections whose text was taken over from an earlier note.",
    ),
    Field("drafted-with", "list", _TEXT, "a text", "Software that wrote or transcribed part of the draft."),
    _choice("part2", ("true",), "The note holds substance use disorder treatment records under 42 CFR part 2."),
    _choice("self-pay-restricted", ("true",), "Paid in full by the client, who asked that the plan not be told."),
    Field(
        "payer-profile",
        "text",
        SLUG,
        "a profile's short name",
        "Kept for the payer's rules that a note is to follow; nothing reads it yet.",
    ),
    Field(
        "refers-to", "list", ids.PATTERN, "an id of 16 characters", "Other notes of this client that this one is about."
    ),
    _choice("off-plan", ("true",), "The session left the treatment plan; the prose says why."),
    _choice("level-of-care", LEVELS, "The level of care, when it is not the client's usual one."),
    Field("review", "text", DAY, "a day such as 2026-11-22", "In a plan: the day by which it is to be gone through again."),
    Field("corrects", "text", _HASH, "a SHA-256", "Only in a correction: the signed text that this one replaces."),
    Field("reason", "text", _TEXT, "a text", "Only in a correction: why."),
    Field(
        "imported",
        "block",
        _TEXT,
        "a text",
        "The text was written elsewhere and taken over as it was.",
        keys=IMPORTED,
        needs=("from", "sha256"),
        forms={"sha256": (_HASH, "a SHA-256"), "encoding": (SLUG, "the name of an encoding"), "whole": (_HASH, "a SHA-256"),
               "part": (r"[0-9]+ of [0-9]+", "a part such as 3 of 12")},
    ),
)
TABLE = {field.name: field for field in FIELDS}
SIGNED = "signed"
"""The block that `sign` adds; its format is not this table's."""


def check(field: Field, value: Value, also: Collection[str] = ()) -> str:
    """What is the matter with a value, without quoting it; empty if nothing. An empty value is for the caller to judge.

    Args:
        field: the field of the value.
        value: as the front matter reader gives it.
        also: further texts that are allowed.
    """
    if field.shape == "block":
        return _check_block(field, value)
    if isinstance(value, dict) or (isinstance(value, list) and field.shape == "text"):
        return f"is not {'a text' if field.shape == 'text' else 'a list of texts'}"
    if isinstance(value, str) and field.shape == "list":
        return "is not a list such as [a, b]"
    items = [value] if isinstance(value, str) else value
    for item in items:
        if not isinstance(item, str) or not (item in also or re.fullmatch(field.pattern, item, re.DOTALL)):
            return _why(field, item)
        if field.pattern == DAY and not names.is_date(item):
            return "is no day of the calendar"
    return ""


def _why(field: Field, item: Value) -> str:
    if field.name == "time" and isinstance(item, str):
        if re.fullmatch(_CLOCK + "-?", item):
            return "has no end; write it as 14:00-14:53"
        if re.fullmatch(TIME, re.sub(" ?[–—] ?| - ", "-", item)):
            return "has a dash or blanks where a plain hyphen belongs; write it as 14:00-14:53"
    return f"is not {field.says}"


def _check_block(field: Field, value: Value) -> str:
    if not isinstance(value, dict):
        return "is not a block of indented `key: value` lines"
    for key, part in value.items():
        if key not in (field.keys or {}):
            return f"has the unknown key {key}"
        if not isinstance(part, str):
            return f"has a {key} that is not a text"
        form, says = field.forms.get(key, ("", ""))
        if part and form and not re.fullmatch(form, part):
            return f"has a {key} that is not {says}"
    lacking = next((key for key in field.needs if not value.get(key)), None)
    return f"has no {lacking}" if lacking else ""


def schema() -> dict[str, Any]:
    """The JSON Schema of a note's front matter, for editors and other programs.

    It accepts what our reader gives (every scalar a text) and what a stock YAML reader makes of the same lines (a code
    as a number, `true` as a truth value, an empty field as null), so that an editor's checks agree with ours.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Front matter of a vaultcli note, version {VERSION}",
        "description": "Generated from vaultcli/record/notes/fields.py by docs/spec/make_schema.py; do not edit.",
        "type": "object",
        "properties": {field.name: _schema_of(field) for field in FIELDS} | {SIGNED: {"type": "object"}},
        "required": ["id"],
        "additionalProperties": True,
    }


def _schema_of(field: Field) -> dict[str, Any]:
    head = {"description": field.means}
    one: dict[str, Any] = {"type": "string", "pattern": f"^(?:{field.pattern})$"}
    empty = {"enum": ["", None]}
    if field.shape == "block":
        block = {"type": "object", "properties": _schema_of_keys(field), "additionalProperties": False}
        return head | {"anyOf": [empty, block | ({"required": list(field.needs)} if field.needs else {})]}
    if field.name == "cpt":
        one = {"anyOf": [one, {"type": "integer", "minimum": 10000, "maximum": 99999}]}
    elif field.choices == ("true",):
        one = {"enum": ["true", True]}
    elif field.name not in ("id", "format") and field.choices:
        one = {"enum": list(field.choices)}
    elif field.name == "format":
        one = {"type": "string", "examples": list(field.choices)}
    options: list[dict[str, Any]] = [] if field.name == "id" else [empty]
    if field.shape in ("text", "texts"):
        options.append(one)
    if field.shape in ("list", "texts"):
        options.append({"type": "array", "items": one})
    return head | ({"anyOf": options} if len(options) > 1 else options[0])


def _schema_of_keys(field: Field) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for key, means in (field.keys or {}).items():
        also = "" if key in field.needs else "|"
        form = {"pattern": f"^(?:{field.forms[key][0]}{also})$"} if key in field.forms else {}
        # what is needed may be neither empty nor, as a stock reader has an empty text, null
        kind: dict[str, Any] = {"type": "string", "minLength": 1} if key in field.needs else {"type": ["string", "null"]}
        keys[key] = kind | form | {"description": means}
    return keys
