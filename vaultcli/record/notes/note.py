"""A note: what a clinician's Markdown file says, as one value. Specified in `docs/spec/note.md`, version 1."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import FrontMatter, Value, check_not_utf16
from vaultcli.ground.frontmatter import parse as parse_front_matter
from vaultcli.ground.markdown import Section, sections, words
from vaultcli.record import code_fit
from vaultcli.record.finding import Finding
from vaultcli.record.notes import fields, names

_NO_SESSION_MINUTES = "no-show"


@dataclass(frozen=True, order=True)
class Problem:
    """Something in a note's front matter that must be mended before it can be signed.

    Attributes:
        line: the file's line.
        field: the key.
        message: what is the matter, to be read after the key: `time has no end`. Never quotes the value.
    """

    line: int
    field: str
    message: str

    def finding(self, path: str) -> Finding:
        """The problem as a finding at a path."""
        return Finding(path, "note-field", f"{self.field} {self.message}", self.line)


@dataclass(frozen=True)
class Carried:
    """A section whose text came from an earlier note: that note's id, and the section's title."""

    note: str
    section: str


@dataclass(frozen=True)
class Note:
    """A note as its file says. Fields that are missing, empty or wrong are empty; `problems` says which are wrong.

    Attributes:
        path: where it was read from.
        id, type, format, date, time, place: as written; `type` is `progress` when the file has none.
        cpt, diagnoses, goals, participants, drafted_with, refers_to: in the order written.
        telehealth, imported: key to text.
        carried_from: sections taken over from earlier notes.
        part2, self_pay_restricted, off_plan: whether the field says `true`.
        payer_profile, level_of_care, review, corrects, reason: as written.
        signed: the block that `sign` added, or None for a draft; not judged here.
        unknown: the keys that this version does not know, in order; they stay in the file untouched.
        body: the text after the front matter, and `body_line` the file's line where it starts.
        sections: the body's sections with the file's line numbers.
        problems: what stands in the way of a signature, by line.
        front_matter: the fields as read, with their places.
    """

    path: str
    id: str
    type: str
    format: str
    date: str
    time: str
    place: str
    cpt: tuple[str, ...]
    diagnoses: tuple[str, ...]
    goals: tuple[str, ...]
    participants: tuple[str, ...]
    telehealth: Mapping[str, str]
    carried_from: tuple[Carried, ...]
    drafted_with: tuple[str, ...]
    part2: bool
    self_pay_restricted: bool
    payer_profile: str
    refers_to: tuple[str, ...]
    off_plan: bool
    level_of_care: str
    review: str
    corrects: str
    reason: str
    imported: Mapping[str, str]
    signed: Mapping[str, Value] | None
    unknown: tuple[str, ...]
    body: str
    body_line: int
    sections: tuple[Section, ...]
    problems: tuple[Problem, ...]
    front_matter: FrontMatter

    @classmethod
    def parse(cls, raw: bytes, path: str, formats: Collection[str] = ()) -> Note:
        """The note in a file.

        Args:
            raw: the whole file.
            path: where it stands; if its last part is a note's name, id and type must agree with it.
            formats: formats of the practice's own templates, besides the known ones.

        Raises:
            BadInput: the file is not UTF-8, has no front matter, or has front matter that cannot be read.
        """
        front = parse_front_matter(raw, path)
        if not front.parts.present:
            check_not_utf16(raw, path)
            raise BadInput(f"{path}:1: a note starts with front matter", hint="start it with a line of three hyphens")
        body = _body(front, path)
        problems = _problems(front, path, formats)
        wrong = {problem.field for problem in problems}
        good = _Good({key: value for key, value in front.items() if key not in wrong or key in ("id", "type")})
        signed = front.get(fields.SIGNED)
        return cls(
            path=path,
            id=good.text("id"),
            type=good.text("type") or fields.PROGRESS,
            format=good.text("format"),
            date=good.text("date"),
            time=good.text("time"),
            place=good.text("place"),
            cpt=good.texts("cpt"),
            diagnoses=good.texts("diagnoses"),
            goals=good.texts("goals"),
            participants=good.texts("participants"),
            telehealth=good.block("telehealth"),
            carried_from=tuple(Carried(*item.split(" ", 1)) for item in good.texts("carried-from")),
            drafted_with=good.texts("drafted-with"),
            part2=good.text("part2") == "true",
            self_pay_restricted=good.text("self-pay-restricted") == "true",
            payer_profile=good.text("payer-profile"),
            refers_to=good.texts("refers-to"),
            off_plan=good.text("off-plan") == "true",
            level_of_care=good.text("level-of-care"),
            review=good.text("review"),
            corrects=good.text("corrects"),
            reason=good.text("reason"),
            imported=good.block("imported"),
            signed=signed if isinstance(signed, dict) else None,
            unknown=tuple(key for key in front if key not in fields.TABLE and key != fields.SIGNED),
            body=body,
            body_line=front.parts.body_line,
            sections=tuple(sections(body, front.parts.body_line)),
            problems=tuple(sorted(problems)),
            front_matter=front,
        )

    @property
    def minutes(self) -> int | None:
        """The session's length by the clock on the wall; None without a valid time, and for a missed session."""
        found = re.fullmatch(fields.TIME, self.time)
        if found is None or self.type == _NO_SESSION_MINUTES:
            return None
        return (_minute(found[2]) - _minute(found[1])) % (24 * 60)

    @property
    def start(self) -> str:
        """When the session began, `14:00`; empty without a valid time."""
        return self.time[:5]

    @property
    def end(self) -> str:
        """When the session ended, `14:53`; empty without a valid time."""
        return self.time[6:11]

    @property
    def zone(self) -> str:
        """The zone that the time names, or empty."""
        return self.time[12:]

    @property
    def crosses_midnight(self) -> bool:
        """Whether the session ended on the day after `date`."""
        return bool(self.time) and self.end < self.start

    @property
    def words(self) -> int:
        """How many words of prose the body has."""
        return words(self.body)

    @property
    def questions(self) -> tuple[Problem, ...]:
        """What is shown to be answered and stands in nobody's way: telehealth left empty, a code that does not fit."""
        if self.type not in fields.SESSIONS or self.imported:
            return ()
        line = self.front_matter.line("cpt") if self.cpt else 0
        unfit = (Problem(line, "cpt", said) for said in code_fit.questions(self.type, self.minutes, self.cpt))
        return (*unfit, *self._telehealth_questions())

    def _telehealth_questions(self) -> tuple[Problem, ...]:
        if self.place not in fields.DISTANT:
            return ()
        front, line = self.front_matter, self.front_matter.line("telehealth")
        if not self.telehealth:
            missing = "is not there; a session at a distance says where the client was, and more"
            return (Problem(line if "telehealth" in front else front.line("place"), "telehealth", missing),)
        empty = [key for key, text in self.telehealth.items() if not text]
        named = f"no answer to {', '.join(empty)}" if len(empty) < len(self.telehealth) else "no answers yet"
        return (Problem(line, "telehealth", f"has {named}"),) if empty else ()

    def section(self, title: str) -> Section | None:
        """The first section of that title, whatever its letters' case."""
        wanted = title.casefold()
        return next((section for section in self.sections if section.title.casefold() == wanted), None)


@dataclass(frozen=True)
class _Good:
    """Fields whose values are as the table says."""

    values: Mapping[str, Value]

    def text(self, key: str) -> str:
        value = self.values.get(key, "")
        return value if isinstance(value, str) else ""

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, "")
        items = value if isinstance(value, list) else [value]
        return tuple(item for item in items if isinstance(item, str) and item)

    def block(self, key: str) -> dict[str, str]:
        value = self.values.get(key, "")
        return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}


def _body(front: FrontMatter, path: str) -> str:
    try:
        # a byte order mark that a text brought along stays in the file and is no part of what it says
        return front.parts.body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = front.parts.body_line + front.parts.body.count(b"\n", 0, error.start)
        raise BadInput(f"{path}:{line}: the note is not UTF-8", hint="save the file as UTF-8") from None


def _problems(front: FrontMatter, path: str, formats: Collection[str]) -> list[Problem]:
    found = []
    for key, value in front.items():
        field = fields.TABLE.get(key)
        if field is None or value in ("", [], {}):
            continue
        if message := fields.check(field, value, formats if key == "format" else ()):
            found.append(Problem(front.line(key), key, message))
    wrong = {problem.field for problem in found}
    found += [problem for problem in _missing(front) if problem.field not in wrong]
    found += [problem for problem in _contradictions(front, path) if problem.field not in wrong]
    return found


def _missing(front: FrontMatter) -> list[Problem]:
    kind = front.text("type") or fields.PROGRESS
    needed = ["date", "id"]
    # nobody knows any more when a session of 2009 ended; what is not known is not asked for
    if not front.get("imported"):
        needed += ["time", "place"] if kind in fields.SESSIONS else []
        needed += ["format"] if kind == fields.PROGRESS else []
    return [Problem(front.line(key), key, "is missing") for key in needed if front.get(key, "") in ("", [], {})]


def _contradictions(front: FrontMatter, path: str) -> list[Problem]:
    found = []
    time = re.fullmatch(fields.TIME, front.text("time"))
    if time and time[1] == time[2]:
        found.append(Problem(front.line("time"), "time", "begins and ends at the same minute"))
    if front.text("type") == _NO_SESSION_MINUTES and front.get("cpt", "") not in ("", []):
        found.append(Problem(front.line("cpt"), "cpt", "has no place in a note about a missed session"))
    name = names.parse(path)
    if isinstance(name, names.AdditionName):
        name = name.target
    if name is None:
        return found
    if ids.is_id(front.text("id")) and front.text("id") != name.id:
        found.append(Problem(front.line("id"), "id", "is not the one in the file name"))
    if (front.text("type") or fields.PROGRESS) != name.type:
        found.append(Problem(front.line("type"), "type", "is not the one in the file name"))
    return found


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
