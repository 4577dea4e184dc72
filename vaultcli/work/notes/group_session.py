"""Sessions of a group: what all notes say alike is written once, then each member who was there gets a draft of their own.

The sheet is a working file in the group's folder and is never recorded; no member's draft names it, the group or another
member. Rules: `docs/spec/client.md`; why so: `docs/decisions/0040-groups-in-the-register.md`.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vaultcli.ground import files, frontmatter, ids
from vaultcli.ground.errors import BadInput, Conflict, NotFound, Refused
from vaultcli.ground.markdown import sections
from vaultcli.places.chart import templates
from vaultcli.places.chart.chart import Chart
from vaultcli.record.notes import template
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.find_client import Accept, fitting
from vaultcli.record.notes.names import NoteName
from vaultcli.work.notes import draft
from vaultcli.work.notes.compose import Wanted, compose
from vaultcli.work.notes.draft import Draft
from vaultcli.work.notes.pasted import check_text, own_front_matter

TYPE = "group"
"""The type of the members' notes, and the name of their template."""
PRESENT = "present"
"""The line of a sheet that lists the handles of those who were there."""
_OWN = ("diagnoses", "goals")
"""Lines of the template that are each member's own and no sheet has."""
_PART = re.compile(r"[^\W_]+")
_WORD = re.compile(rf"{_PART.pattern}(?:-{_PART.pattern})*")


@dataclass(frozen=True)
class Named:
    """A word of a sheet that is a member's name or handle: the file's line, and whose."""

    line: int
    handle: str


def begin(chart: Chart, group: Client, wanted: Wanted, absent: Sequence[str] = ()) -> Draft:
    """A sheet in the group's folder.

    Args:
        chart: the chart.
        group: the register entry.
        wanted: of the session; its text is what all notes say alike.
        absent: handles, ids or parts of names of members who were not there.

    Raises:
        Refused: the group has no members, or nobody was there.
        NotFound: somebody absent is no member.
        BadInput: a value or the text is not what it should be.
    """
    members = members_of(chart, group)
    away = {_one(members, word).id for word in absent}
    there = [one for one in members if one.id not in away and not one.closed]
    if not there:
        raise Refused(f"{group.handle}: nobody was there" if members else f"{group.handle} has no members",
                      hint=f"`vaultcli client edit {group.handle} --members ADA,BO` says who belongs to it")  # fmt: skip
    told = tuple(f"{one.handle} is left out: the chart was closed" for one in members if one.closed and one.id not in away)
    told += tuple(_front_matter_left(wanted))
    id_ = ids.new()
    raw = _sheet(chart, group, wanted, there, id_)
    path = f"notes/{NoteName(wanted.date, TYPE, id_).file}"
    file = chart.folder(group.id) / path
    chart.repository.create_file(file, raw)
    return Draft(group, path, file, raw, told)


def members_of(chart: Chart, group: Client) -> list[Client]:
    """The members, in the order of the register entry."""
    return [chart.register(one) for one in group.items("members")]


def _one(members: list[Client], word: str) -> Client:
    found = fitting(members, word, Accept.ANY)
    if len(found) != 1:
        raise NotFound(f"{'no member' if not found else 'more than one member'} is called {word}",
                       hint="the members are " + ", ".join(one.handle for one in members))  # fmt: skip
    return found[0]


def _sheet(chart: Chart, group: Client, wanted: Wanted, there: list[Client], id_: str) -> bytes:
    text, wanted = wanted.text, replace(wanted, type=TYPE, text=None, goals=())
    raw = compose(chart, replace(group, fields=_without(group, _OWN)), wanted).raw
    for key in (*_OWN, "part2", "telehealth"):
        raw = frontmatter.remove_field(raw, key)
    raw = template.draft_field(raw, PRESENT, [one.handle for one in there])
    raw = template.only_first(frontmatter.set_field(raw, "id", id_))
    return raw if text is None else _with_text(raw, text)


def _without(group: Client, keys: Collection[str]) -> dict[str, object]:
    return {key: value for key, value in group.fields.items() if key not in keys}


def _front_matter_left(wanted: Wanted) -> Iterator[str]:
    """That a text begins with front matter, or with what looks like it: a sheet has its own, and takes none."""
    own, doubt = own_front_matter((wanted.text or b"").removeprefix(b"\xef\xbb\xbf"), wanted.called)
    if doubt or own is not None:
        yield f"{doubt or f'{wanted.called}:1: a group takes no front matter from a text'}; it stands in the notes as text"


def _with_text(raw: bytes, text: bytes) -> bytes:
    """The sheet with a text in the place of its prompt; one that brings headings of its own replaces ours too."""
    check_text(text)
    parts = frontmatter.split(raw)
    head = raw[: parts.body_offset]
    if sections(text.decode("utf-8-sig")):
        return head + b"\n" + text.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    found = sections(parts.body.decode("utf-8"))
    title = f"{'#' * found[0].level} {found[0].title}\n\n".encode() if found else b""
    return head + b"\n" + title + text.removeprefix(b"\xef\xbb\xbf")


def named(chart: Chart, sheet: Draft, raw: bytes) -> list[Named]:
    """Where a sheet seems to name a member: a part of a name as it is written, or a handle.

    Words that are also somebody's name who works here are left out: leaders are named.
    """
    return _named(chart, members_of(chart, sheet.client), raw, sheet.path)


def named_others(chart: Chart, client: Client, raw: bytes, path: str) -> list[Named]:
    """Where a member's note of a session seems to name another member of a group that the client is in."""
    groups = [one for one in chart.clients() if one.kind == "group" and client.id in one.items("members")]
    others = {one.id: one for group in groups for one in members_of(chart, group) if one.id != client.id}
    own = (*_PART.findall(client.name), client.handle)
    return _named(chart, list(others.values()), raw, path, own)


def _named(chart: Chart, members: Sequence[Client], raw: bytes, path: str, own: Collection[str] = ()) -> list[Named]:
    ours = {*own, *(word for person in chart.policy.practice.people for word in _PART.findall(person.name))}
    words: dict[str, str] = {}
    for one in members:
        for word in (*_PART.findall(one.name), one.handle):
            if len(word) > 1 and word not in ours:
                words.setdefault(word, one.handle)
    parts = frontmatter.split(raw, path)
    found = []
    for number, line in enumerate(parts.body.decode("utf-8", "replace").split("\n"), parts.body_line):
        handles = {words[word] for piece in _WORD.findall(line) for word in (piece, *piece.split("-")) if word in words}
        found += [Named(number, handle) for handle in sorted(handles)]
    return found


@dataclass(frozen=True)
class Spread:
    """A sheet as it is being made into notes: whose it is, what it was, and every draft to be, before there is one.

    Args:
        group: the group's id.
        sheet: the sheet's path on the group's line.
        digest: of its bytes.
        notes: client's id, path on the client's line, and text of each draft.
    """

    group: str
    sheet: str
    digest: str
    notes: tuple[tuple[str, str, str], ...]


def spread(chart: Chart, sheet: Draft, raw: bytes) -> list[Draft]:
    """Make the members' drafts from a sheet; killed at any moment, `resume` goes on.

    Raises:
        Refused: the sheet says nothing, or names nobody as present.
        NotFound: it names somebody as present who is no member.
        BadInput: its front matter cannot be read, or a value is not what it should be.
    """
    from vaultcli.ground.markdown import words

    front = frontmatter.parse(raw, sheet.path)
    present, members = front.get(PRESENT, ""), members_of(chart, sheet.client)
    there = [_one(members, str(word)) for word in present] if isinstance(present, list) else []
    if not there:
        raise Refused(f"{sheet.path}:{front.line(PRESENT)}: {PRESENT} names nobody", hint="list handles: present: [ada, bo]")
    if not words(front.parts.body.decode("utf-8", "replace")):
        raise Refused(f"{sheet.path}: holds no words yet")
    wanted = Wanted(front.text("date"), front.text("time"), TYPE, place=front.text("place"), cpt=front.text("cpt"))
    notes = []
    for one in {each.id: each for each in there}.values():
        made = compose(chart, one, wanted)
        text = template.with_first(made.raw, raw).decode("utf-8")
        notes.append((one.id, f"notes/{NoteName(wanted.date, TYPE, made.id).file}", text))
    plan = Spread(sheet.client.id, sheet.path, files.digest(raw), tuple(notes))
    mark = chart.repository.directory / "vaultcli" / "sheets" / f"{sheet.id}.json"
    with chart.repository.lock():
        chart.repository.create_file(mark, json.dumps(plan.__dict__, ensure_ascii=False).encode())
        return _carry_out(chart, plan, mark)


def resume(chart: Chart) -> list[tuple[Client, list[Draft]]]:
    """Finish what was interrupted: each group with its members' drafts."""
    done = []
    for mark in draft.sheets(chart):
        with chart.repository.lock():
            try:
                read = json.loads(files.read(mark, 1 << 26))
            except NotFound:  # another terminal finished it meanwhile
                continue
            plan = Spread(read["group"], read["sheet"], read["digest"], tuple(map(tuple, read["notes"])))
            done.append((chart.register(plan.group), _carry_out(chart, plan, mark)))
    return done


def _carry_out(chart: Chart, plan: Spread, mark: Path) -> list[Draft]:
    """Write what is not there yet, then put the sheet away, then the mark: each step may be the last one of a killed run."""
    made = []
    for client, path, text in plan.notes:
        file, raw = chart.folder(client) / path, text.encode()
        if chart.recorded(client, path) is None:
            with contextlib.suppress(Conflict):
                chart.repository.create_file(file, raw)
        made.append(Draft(chart.register(client), path, file, raw))
    with contextlib.suppress(Conflict, NotFound):  # edited since: it stays, and is told of like any other sheet
        files.remove(chart.folder(plan.group) / plan.sheet, expecting=plan.digest)
    files.remove(mark, expecting=files.digest(files.read(mark, 1 << 26)))
    return made


def sheet(chart: Chart, group: Client, path: str) -> Draft:
    """A sheet that lies in the group's folder, to be gone on with.

    Raises:
        NotFound: it is gone.
    """
    file = chart.folder(group.id) / path
    return Draft(group, path, file, files.read(file))


def check_templates(chart: Chart) -> None:
    """Stop before a sheet is written that no note could be made from.

    Raises:
        BadInput: the practice's own template is none.
    """
    if not template.read(templates.get(chart, TYPE), templates.path_of(TYPE)).headings:
        raise BadInput(f"{templates.path_of(TYPE)}: has no heading to put the shared text under")
