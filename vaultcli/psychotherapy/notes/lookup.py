"""A drawer's notes with what was added to them, which of them a word means, and their recorded versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vaultcli.ground.errors import BadInput, NotFound
from vaultcli.ground.patterns import pattern
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.notes.files import Opened
from vaultcli.psychotherapy.notes.people import ACCEPTED, Person, find
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.notes.find_client import Accept, fitting
from vaultcli.record.sealed import header, paths, text
from vaultcli.record.sealed.paths import Sealed
from vaultcli.record.sealed.text import Facts

LEAST = 4
"""The fewest characters of an id that name a note."""
_REFERENCE = pattern(r"(?P<client>.+?)(?:~(?P<back>\d{1,4})|@(?P<date>\d{4}-\d\d-\d\d))")


@dataclass(frozen=True)
class Entry:
    """A note as it stands.

    Args:
        note: the newest version.
        facts: what its front matter says.
        additions, attachments: that name it, oldest first.
        beside: other texts of it that a merge kept and no version has taken in yet.
    """

    note: Opened
    facts: Facts
    additions: list[Opened] = field(default_factory=list)
    attachments: list[Opened] = field(default_factory=list)
    beside: list[Opened] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The note's id."""
        return self.note.at.id

    @property
    def date(self) -> str:
        """The session's day; the day of writing where the note does not say."""
        return self.facts.date or self.note.header.written[:10]


@dataclass(frozen=True)
class Contents:
    """Everything in a drawer: notes, oldest first, and the paths that do not open, each with why."""

    entries: list[Entry]
    broken: dict[str, str]


def contents(store: Store, opener: Opener, known: Known, progress: Callable[[int], None] = lambda _: None) -> Contents:
    """Open a whole drawer.

    Raises:
        KeyTrouble: what is unlocked reads no more.
    """
    opened, broken = [], {}
    for at in store.files(known.token):
        try:
            opened.append(notes.read(store, opener, known, at))
        except BadInput as error:
            broken[at.path] = error.message
        progress(1)
    entries = _entries(opened)
    for entry in entries:
        if entry.beside:
            # a later version names only the one before it: whether another text was taken in, all of them say
            taken = {digest for one in versions(store, opener, known, entry.id) for digest in one.opened.header.previous}
            entry.beside[:] = [one for one in entry.beside if one.header.sha256 not in taken]
    return Contents(entries, broken)


def _entries(opened: Sequence[Opened]) -> list[Entry]:
    made = {one.at.id: Entry(one, text.facts(one.contents.text)) for one in opened if _is_note(one)}
    for one in sorted(opened, key=_written):
        entry = made.get(one.header.to or one.at.id)
        if entry is None or one is entry.note:
            continue
        if one.at.beside:
            entry.beside.append(one)
        elif one.header.kind == header.ADDITION:
            entry.additions.append(one)
        elif one.header.kind == header.ATTACHMENT:
            entry.attachments.append(one)
    return sorted(made.values(), key=lambda entry: (entry.date, _written(entry.note)))


def _is_note(one: Opened) -> bool:
    return one.header.kind == header.NOTE and not one.at.beside


def _written(one: Opened) -> tuple[float, str]:
    return datetime.fromisoformat(one.header.written).timestamp(), one.at.id


# which note is meant


@dataclass(frozen=True)
class Meant:
    """What a word means: whose, which note, and the file itself, which may be an addition or attachment of it."""

    person: Person
    entry: Entry
    file: Opened

    @property
    def known(self) -> Known:
        """The drawer."""
        return self.file.known


def resolve(store: Store, opener: Opener, everyone: Sequence[Person], word: str, accept: Accept = ACCEPTED) -> Meant:
    """The note that a word means.

    A client's handle, id or part of the name (the newest note), `CLIENT~1` (the one before), `CLIENT@2026-11-22`, or the
    beginning of the id of a note, an addition or an attachment.

    Args:
        store: the sealed files.
        opener: opens them.
        everyone: who may be meant.
        word: as typed.
        accept: what of a client it may be.

    Raises:
        NotFound: no note fits, or more than one; those that fit are listed.
    """
    if found := _by_id(store, opener, everyone, word):
        return found
    match = _REFERENCE.fullmatch(word)
    person, entries = _of(store, opener, everyone, match["client"] if match else word, accept)
    if match is not None and match["date"]:
        return _only(person, [entry for entry in entries if entry.date == match["date"]], word)
    back = int(match["back"]) if match is not None else 0
    if back >= len(entries):
        raise NotFound(f"{word}: there is no psychotherapy note so far back")
    entry = entries[-1 - back]
    return Meant(person, entry, entry.note)


def _of(store: Store, opener: Opener, everyone: Sequence[Person], word: str, accept: Accept) -> tuple[Person, list[Entry]]:
    holders = [person for person in everyone if person.known is not None]
    person = find(holders if fitting(holders, word, accept) else everyone, word, accept)
    entries = contents(store, opener, person.known).entries if person.known else []
    if not entries:
        raise NotFound(f"{person.word} has no psychotherapy notes", hint=f"`vaultcli psychotherapy new {person.word}` begins one")
    return person, entries


def _by_id(store: Store, opener: Opener, everyone: Sequence[Person], word: str) -> Meant | None:
    if len(word) < LEAST or not re.fullmatch(r"[0-9a-z]+", word):
        return None
    holders = [person for person in everyone if person.known is not None]
    fits = [(one, at) for one in holders if one.known for at in store.files(one.known.token) if at.id.startswith(word)]
    fits = [(one, at) for one, at in fits if not at.beside]
    if len(fits) != 1 or fitting(holders, word, ACCEPTED):
        if len(fits) > 1:
            raise NotFound(f"{len(fits)} files have an id that begins with {word}", hint="use a longer part of it")
        return None
    person, at = fits[0]
    assert person.known is not None
    file = notes.read(store, opener, person.known, at)
    owner = file.header.to or at.id
    for entry in contents(store, opener, person.known).entries:
        if entry.id == owner:
            return Meant(person, entry, entry.note if owner == at.id else file)
    raise NotFound(f"{word} belongs to the note {owner}, which is not there or does not open")


def _only(person: Person, fitting: list[Entry], word: str) -> Meant:
    if len(fitting) == 1:
        return Meant(person, fitting[0], fitting[0].note)
    if not fitting:
        raise NotFound(f"no psychotherapy note fits {word}", hint="`vaultcli psychotherapy list CLIENT` shows them")
    rows = "".join(f"\n  {entry.date}  {entry.facts.session}  {entry.id}" for entry in fitting)
    raise NotFound(f"{len(fitting)} psychotherapy notes fit {word}:{rows}", hint="use the id")


# versions


@dataclass(frozen=True)
class Version:
    """One recorded version of a file: its number, from 1, the day of its commit, and what it holds."""

    number: int
    day: str
    commit: str
    opened: Opened


def versions(store: Store, opener: Opener, known: Known, id_: str) -> list[Version]:
    """Every version that was recorded of one file, oldest first, with the texts that merges kept beside it."""
    return [one for one in history(store, opener, known, id_) if one.opened.at.id == id_]


def history(store: Store, opener: Opener, known: Known, only: str = "") -> Iterator[Version]:
    """Every recorded version of every file of a drawer, oldest first; numbered for each file.

    Args:
        store: the sealed files.
        opener: what opens them.
        known: the drawer.
        only: the id of the one file that is wanted.
    """
    numbers: dict[str, int] = {}
    seen: set[str] = set()
    for day, commit, at, blob in _blobs(store, known.token):
        if at.is_identity or blob in seen or (only and at.id != only):
            continue
        seen.add(blob)
        try:
            opened = notes.read(store, opener, known, at, store.repository.objects.blob(blob))
        except BadInput:
            continue
        numbers[at.id] = numbers.get(at.id, 0) + 1
        yield Version(numbers[at.id], day, commit, opened)


def _blobs(store: Store, token: str) -> Iterator[tuple[str, str, Sealed, str]]:
    """(day, commit, place, blob) of every file of a drawer as it was recorded, oldest first."""
    repository, before = store.repository, ""
    seen: dict[str, str] = {}
    for oid in repository.git.rev_list(store.head):
        commit = repository.commit(oid)
        tree = next((entry.oid for entry in repository.objects.tree(commit.tree).entries() if entry.name == token), "")
        if not tree or tree == before:
            continue
        before = tree
        day = datetime.fromtimestamp(commit.committer_time, tz=UTC).date().isoformat()
        for entry in repository.objects.tree(tree).entries():
            at = paths.parse(f"{token}/{entry.name}")
            if at is not None and seen.get(entry.name) != entry.oid:
                seen[entry.name] = entry.oid
                yield day, oid, at, entry.oid
