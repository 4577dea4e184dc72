"""Texts from elsewhere as drafts: what would be done with each file, told before anything is written, and doing it.

`docs/spec/import.md` has the rules. A plan reads and changes nothing; carrying it out reads each file again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from vaultcli.ground import files, ids
from vaultcli.ground.errors import BadInput, VaultError
from vaultcli.ground.frontmatter import Value
from vaultcli.places.chart.chart import Chart, Recorder, Recording
from vaultcli.record.notes import fields, imported, names
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.imported import Source, Values
from vaultcli.record.notes.names import NoteName
from vaultcli.record.notes.note import Note
from vaultcli.work.imports import documents
from vaultcli.work.imports.files import Asked, Found, Told
from vaultcli.work.notes import draft

TYPES = tuple(kind for kind in fields.TYPES if kind != "attachment")
BATCH_NOTES, BATCH_BYTES = 500, 16 * 1024 * 1024
"""The most that one commit records."""
OPTION, CELL, NAME, FIELD, ANSWER, LINE = "--date", "map", "name", "field", "you", "line"
"""Where a date comes from."""


class NoDay(BadInput):
    """A file has no day that can be told; somebody at a terminal may say it."""


@dataclass(frozen=True)
class Rules:
    """How files are read.

    Args:
        encoding: of those that are not UTF-8; empty for none.
        order: of dates that end with the year (`imported.ORDERS`); empty for not at all.
        take: fields of a source's own front matter that are taken over.
        again: whether a source whose note was withdrawn is imported once more.
        formats: formats of the practice's own templates.
        split: where a note begins in a file that holds several (`imported.split`); empty where each file is one note.
    """

    encoding: str = ""
    order: str = ""
    take: tuple[str, ...] = ()
    again: bool = False
    formats: tuple[str, ...] = ()
    split: str = ""


@dataclass(frozen=True)
class Item:
    """A file that can be imported.

    Args:
        asked: the file.
        values: the lines that the note will have on top, without `id`.
        date_from: where the date comes from.
        sha256, encoding, words, size: of the source.
        untaken: known fields of its own front matter that are left as text.
        left: what was not taken over of a document, in words.
        part: of a file that is split, which piece; `lines`, where in it.
        several: how many lines of a file that is not split begin with a day.
    """

    asked: Asked
    values: Values
    date_from: str
    sha256: str
    encoding: str
    words: int
    size: int
    untaken: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    part: int = 0
    lines: str = ""
    several: int = 0

    @property
    def client(self) -> Client:
        """Whose note it will be."""
        assert self.asked.client is not None
        return self.asked.client

    @property
    def date(self) -> str:
        """The note's date."""
        return str(self.values["date"])

    @property
    def type(self) -> str:
        """The note's type."""
        return str(self.values.get("type") or fields.PROGRESS)


@dataclass(frozen=True)
class Plan:
    """What an import would do.

    Args:
        items: what would be imported, by client, date and name.
        problems: what needs an answer first.
        already: what was imported before, or has the same bytes as another file.
        left_out: what is no text.
        hidden: how many hidden files and folders were not looked at.
        dayless: those whose only question is the day.
    """

    items: tuple[Item, ...]
    problems: tuple[Told, ...]
    already: tuple[Told, ...]
    left_out: tuple[Told, ...]
    hidden: int = 0
    dayless: tuple[Asked, ...] = ()


# the plan


def plan(
    chart: Chart, found: Found, rules: Rules, before: Sequence[Told] = (), step: Callable[[], None] = lambda: None
) -> Plan:
    """What would be done; reads, changes nothing.

    Args:
        chart: the chart.
        found: the files.
        rules: how they are read.
        before: problems that are known already.
        step: called after each file.
    """
    items: list[Item] = []
    dayless: list[Asked] = []
    problems, already = list(before), list[Told]()
    known: dict[str, dict[str, str]] = {}
    for asked in found.texts:
        assert asked.client is not None
        if asked.client.id not in known:
            known[asked.client.id] = recorded(chart, asked.client.id, again=rules.again)
        told = known[asked.client.id]
        called = asked.called
        try:
            for number, source in enumerate(_sources(asked, rules)):
                called = f"{asked.called}, lines {source.lines}," if source.lines else asked.called
                if source.sha256 in told:
                    already.append(Told(called, told[source.sha256]))
                    continue
                try:
                    items.append(replace(_item(asked, source, rules), part=number))
                except NoDay as error:
                    problems.append(Told(called, error.message, error.hint))
                    dayless += [] if rules.split else [asked]
                told[source.sha256] = f"has the same bytes as {called}"
        except VaultError as error:
            problems.append(Told(called, error.message, error.hint))
        step()
    items.sort(key=lambda one: (one.client.handle, one.client.id, one.date, one.asked.name))
    return Plan(tuple(items), tuple(problems), tuple(already), tuple(found.left_out), found.hidden, tuple(dayless))


def recorded(chart: Chart, client_id: str, *, again: bool = False) -> dict[str, str]:
    """The sources that were imported for a client: SHA-256 to a sentence about each.

    Args:
        chart: the chart.
        client_id: whose.
        again: leave out those whose note was withdrawn.
    """
    line = chart.line(client_id)
    notes = {path: oid for path, oid in line.files.items() if isinstance(names.parse(path), NoteName)}
    oids = dict.fromkeys(notes.values())
    digests = {blob.oid: imported.digest_of(blob.data) for blob in chart.repository.objects.read_many(oids)} if oids else {}
    found = {}
    for path, oid in notes.items():
        digest, name = digests[oid], names.parse(path)
        if digest and isinstance(name, NoteName):
            withdrawn = line.withdrawn(name.stem)
            if not (withdrawn and again):
                found[digest] = f"was imported before, as {path}" + (", and withdrawn" if withdrawn else "")
    return found


def _source(asked: Asked, rules: Rules) -> Source:
    """A file's text.

    Raises:
        BadInput: it is no text, in the encoding that it should have.
    """
    if not asked.name.isprintable():
        # also what is no UTF-8: a name of the disk that no text can hold
        raise BadInput("has a name with characters that no front matter can hold", hint="give it another name")
    suffix = asked.file.suffix.lower()
    document = suffix in documents.NEEDS
    # one byte more than a source may have: what is larger is refused by its own rule
    try:
        raw = files.read(asked.file, (documents.LIMIT if document else imported.LIMIT) + 1)
    except BadInput as error:
        most = f"larger than {documents.LIMIT // 1_000_000} MB" if document else "larger than 1 MiB, which no note is"
        what = most if "larger" in error.message else "no regular file"
        raise BadInput(f"is {what}") from None
    if document:
        written = documents.read(raw, suffix)
        return imported.extracted(raw, written.text, suffix.removeprefix("."), written.left)
    return imported.read(raw, rules.encoding)


def _sources(asked: Asked, rules: Rules) -> list[Source]:
    """A file's text, in pieces where it is to be split.

    Raises:
        BadInput: see `_source` and `imported.split`.
    """
    source = _source(asked, rules)
    return imported.split(source, rules.split, rules.order) if rules.split else [source]


def _item(asked: Asked, source: Source, rules: Rules) -> Item:
    """A file, judged.

    Raises:
        BadInput: it cannot be imported as it is.
    """
    own = imported.own_fields(source.text)
    values = {key: value for key, value in asked.values.items() if value}
    values |= {key: own[key] for key in rules.take if key in own and not values.get(key)}
    date_from = (CELL if asked.where else ANSWER) if values.get("date") else ""
    if source.part:
        if not source.day:
            reading = "" if rules.order else "; --dates mdy or --dates dmy reads 3/1/2024"
            raise NoDay("has no day in its first line", hint=f"split it with another rule, or mend the line{reading}")
        values["date"], date_from = source.day, LINE
    elif not date_from:
        values["date"], date_from = _date(asked, own, rules)
    if asked.client is not None and asked.client.text("part2") == "true":
        values["part2"] = "true"
    _check(asked, values, rules)
    untaken = tuple(key for key in own if key != "date" and values.get(key) != own[key])
    return Item(asked, values, date_from, source.sha256, source.encoding, source.words, len(source.text), untaken, source.left,
                lines=source.lines, several=0 if source.part else imported.beginnings(source))  # fmt: skip


def _date(asked: Asked, own: Mapping[str, str | tuple[str, ...]], rules: Rules) -> tuple[str, str]:
    """The day that the file's name or its own field gives, and which of them.

    Raises:
        BadInput: there is none, or more than one.
    """
    in_name, in_field = imported.days_in(asked.file.name, rules.order), imported.own_day(own, rules.order)
    days = list(dict.fromkeys((*in_name, *filter(None, [in_field]))))
    if len(days) == 1:
        return days[0], NAME if in_name else FIELD
    unread = not rules.order and any(imported.days_in(asked.file.name, order) for order in imported.ORDERS)
    if asked.usual and (asked.usual in days or not (days or unread)):
        return asked.usual, OPTION
    if days:
        where = "its name says" if len(in_name) > 1 else "its name and its own field say"
        raise NoDay(f"has several dates: {where} {' and '.join(days)}", hint="say which with --date, or import with a map")
    reading = "--dates mdy or --dates dmy says how to read the one in its name; or import with a map"
    raise NoDay("has no date that can be told", hint=reading if unread else _NO_DATE)


_NO_DATE = "--date is for all files without one; a map says a day for each"


def _check(asked: Asked, values: dict[str, str | Sequence[str]], rules: Rules) -> None:
    kind = values.get("type", fields.PROGRESS)
    if kind in fields.TYPES and kind not in TYPES:
        raise BadInput(f"type is none that can be imported; one of {', '.join(TYPES)}")
    for key, value in values.items():
        given: Value = value if isinstance(value, str) else list(value)
        if wrong := fields.check(fields.TABLE[key], given, rules.formats if key == "format" else ()):
            raise BadInput(f"{key} {wrong}")
    if asked.client is not None and asked.client.kind == "group":
        raise BadInput("would go to a group", hint="a note stands in the chart of each member")


# carrying it out


@dataclass(frozen=True)
class Done:
    """What one commit recorded: path on the line and item, in order; and what was not recorded after all."""

    client: Client
    commit: str
    notes: tuple[tuple[str, Item], ...]
    told: tuple[Told, ...] = ()


def carry_out(chart: Chart, what: Plan, rules: Rules, clock: Callable[[], datetime], by: Recorder) -> Iterator[Done]:
    """Record what was planned, one commit a batch; each is durable when it is given.

    Raises:
        Refused: the rules do not admit it; what was given before stays.
        Conflict: the line moved on meanwhile.
    """
    for _, of_client in groupby(what.items, key=lambda one: one.client.id):
        head, known = "", dict[str, str]()
        for batch in _batches(of_client):
            with chart.repository.lock():
                client_id = batch[0].client.id
                if chart.line(client_id).head != head:
                    # another terminal may have imported the same since
                    known = recorded(chart, client_id, again=rules.again)
                done = _record(chart, batch, known, rules, clock(), by)
                head = done.commit or head
            yield done


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    size = 0
    for item in items:
        if batch and (len(batch) == BATCH_NOTES or size + item.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += item.size
    if batch:
        yield batch


def _record(
    chart: Chart, batch: Sequence[Item], known: Mapping[str, str], rules: Rules, now: datetime, by: Recorder
) -> Done:  # fmt: skip
    changes: dict[str, bytes] = {}
    notes, told = [], []
    for item in batch:
        if item.sha256 in known:
            told.append(Told(item.asked.called, known[item.sha256]))
            continue
        try:
            path, raw = _note(item, rules)
        except VaultError as error:
            told.append(Told(item.asked.called, f"not imported: {error.message}", error.hint))
            continue
        changes[path] = raw
        notes.append((path, item))
    client = batch[0].client
    if not changes:
        return Done(client, "", (), tuple(told))
    own = tuple(name.id for path in changes if (name := names.parse(path)) is not None)
    commit = chart.record(client.id, Recording("draft", own, changes, dict.fromkeys(changes)), now, by)
    return Done(client, commit, tuple(notes), tuple(told))


def _note(item: Item, rules: Rules) -> tuple[str, bytes]:
    """A note's path and bytes.

    Raises:
        BadInput: the file is not what it was when the plan was made.
    """
    sources = _sources(item.asked, rules)
    source = sources[min(item.part, len(sources) - 1)]
    if source.sha256 != item.sha256:
        raise BadInput("has changed since it was looked at", hint="run the import again")
    id_ = ids.new()
    raw = imported.compose(source, item.asked.name, {**item.values, "id": id_})
    path = f"notes/{NoteName(item.date, item.type, id_).file}"
    note = Note.parse(raw, path, rules.formats)
    if note.problems or not raw.endswith(source.text) or imported.digest_of(raw) != item.sha256:
        raise BadInput("cannot stand below front matter of ours")
    return path, raw


def rules_for(chart: Chart, rules: Rules) -> Rules:
    """The rules with the formats that this practice knows."""
    return replace(rules, formats=tuple(draft.formats(chart)))
