"""Finding words in sealed notes: opened in memory, in a few processes where that pays; nothing is kept.

There is no index on a disk: it would hold in the clear, or under a key of its own, what destroying a drawer is to destroy.
`work/overview/search` asks an index; here there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from vaultcli.ground.age import ustar
from vaultcli.ground.errors import BadInput, KeyTrouble
from vaultcli.ground.git.catfile import Objects
from vaultcli.ground.process import workers
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.notes import sealed_file
from vaultcli.psychotherapy.unlock.agent import Agent
from vaultcli.psychotherapy.unlock.keys import Keys
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.sealed import header, text
from vaultcli.record.sealed.paths import Sealed
from vaultcli.record.sealed.search import is_in, places
from vaultcli.record.sealed.text import Facts
from vaultcli.record.view.passages import Place
from vaultcli.record.view.query import Query

Row = TypeVar("Row")
Piece = tuple[Known, list[Sealed]]
"""Some files of one drawer."""
Done = tuple[list[Row], list[str], int]
_WRITTEN = re.compile(rb'^written = "([0-9T:.Z+-]+)"$', re.MULTILINE)
PAYS = 400
"""Files from which a second process is worth its beginning."""
CARRIED = 2_000_000
"""Bytes that are asked of the agent at a time, unless one file is longer."""
PIECE = 100
"""Files that a process opens at a time."""
AHEAD = 20
"""Files that are read in one go; some can be long."""


class Hit(NamedTuple):
    """A text that holds the words.

    Attributes:
        token, id, beside: its place.
        kind, to: as its header says.
        written: when, RFC 3339.
        facts: what its front matter says.
        places: where the words are.
        problem: why it does not verify; empty where it does.
    """

    token: str
    id: str
    beside: str
    kind: str
    to: str
    written: str
    facts: Facts
    places: tuple[Place, ...]
    problem: str

    @property
    def order(self) -> tuple[str, float]:
        """By session, then by writing."""
        return self.facts.date or self.written[:10], datetime.fromisoformat(self.written).timestamp()


class Glance(NamedTuple):
    """A text that holds the words, before it was looked at closely: by what it is ordered, and where it is."""

    order: tuple[str, float]
    known: Known
    at: Sealed


class Found(NamedTuple):
    """What a search came to.

    Attributes:
        hits: newest first; no more than were wanted.
        total: in how many texts the words are.
        broken: the paths that do not open, or are no sealed files of ours.
    """

    hits: list[Hit]
    total: int
    broken: list[str]


def search(
    store: Store,
    opener: Opener,
    among: Sequence[Known],
    query: Query,
    most: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Found:
    """The texts that hold the words, newest first.

    Every file is opened; only those that are given are held against their signatures and cut into passages.

    Args:
        store: the sealed files.
        opener: what opens them. The agent is one process, asked by several.
        among: the drawers.
        query: the words.
        most: how many texts are wanted; 0 for all.
        progress: told how many files more were opened.
    """
    broken: list[str] = []
    glances: list[Glance] = []
    if isinstance(opener, Keys):
        # once, before there are several processes
        opener.drawers()
    for seen, wrong, count in _each(store, opener, query, list(_pieces(store, among)), _Look):
        glances += seen
        broken += wrong
        progress(count)
    glances.sort(key=lambda one: (one.order, one.at), reverse=True)
    wanted = glances[:most] if most else glances
    pieces = [(one.known, [one.at]) for one in wanted]
    hits: list[Hit] = []
    for found, wrong, _ in _each(store, opener, query, pieces, _Read):
        hits += found
        broken += wrong
    return Found(sorted(hits, key=lambda one: one.order, reverse=True), len(glances), sorted(broken))


def _each(store: Store, opener: Opener, query: Query, pieces: list[Piece], kind: type[_Worker[Any]]) -> Iterator[Done[Any]]:
    """The work on each piece, in a few processes where that pays."""
    several = sum(len(places) for _, places in pieces) >= PAYS
    work = kind(store, opener, query, apart=several)
    yield from workers.spread(work, pieces, workers.available() if several else 1)


def _pieces(store: Store, among: Sequence[Known]) -> Iterator[Piece]:
    for known in among:
        places = store.files(known.token)
        for at in range(0, len(places), PIECE):
            yield known, places[at : at + PIECE]


class _Worker(Generic[Row]):
    """Opens the files of a piece; in a copy of this process with a repository of its own.

    A result is the rows found, the paths that are broken, and how many files were opened.
    """

    def __init__(self, store: Store, opener: Opener, query: Query, *, apart: bool) -> None:
        self.store, self.opener, self.query = store, opener, query
        self._apart = apart

    def __call__(self, piece: Piece) -> Done[Row]:
        if self._apart:
            # two processes would read each other's answers
            self.store.repository.objects.let_go()
            self._apart = False
        known, places = piece
        found: list[Row] = []
        broken = []
        for at, plain in zip(places, self._plains(known, places), strict=True):
            rows = self._looked(known, at, plain)
            found += rows or []
            broken += [at.path] if rows is None else []
        return found, broken, len(places)

    def _looked(self, known: Known, at: Sealed, plain: bytes | None) -> list[Row] | None:
        """What one file gives; None where it does not open, or is no sealed file of ours."""
        try:
            return None if plain is None else self.look(known, at, plain)
        except BadInput:
            return None

    def _plains(self, known: Known, places: Sequence[Sealed]) -> Iterator[bytes | None]:
        """The plaintexts, in order; None for a file that does not open."""
        tree, objects = self.store.state.tree, self.store.repository.objects
        raws = _raws(objects, [tree[at.path][1] for at in places])
        if isinstance(self.opener, Agent):
            # asked for at once: an answer for each would take longer than opening it
            for some in _together(raws):
                yield from self.opener.open_many(known.token, some)
            return
        for raw in raws:
            try:
                yield self.opener.open(known.token, raw)
            except (BadInput, KeyTrouble):
                yield None

    def look(self, known: Known, at: Sealed, plain: bytes) -> list[Row]:
        """What one file gives."""
        raise NotImplementedError


def _raws(objects: Objects, blobs: Sequence[str]) -> Iterator[bytes]:
    """The files, without waiting for git at each."""
    for at in range(0, len(blobs), AHEAD):
        some = blobs[at : at + AHEAD]
        objects.ahead(some)
        yield from map(objects.blob, some)


def _together(raws: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Files in groups that one question can carry."""
    some: list[bytes] = []
    for raw in raws:
        if some and sum(map(len, some)) + len(raw) > CARRIED:
            yield some
            some = []
        some.append(raw)
    if some:
        yield some


class _Look(_Worker[Glance]):
    """Whether the words are in a file."""

    def look(self, known: Known, at: Sealed, plain: bytes) -> list[Glance]:
        if not self.query.may_be_in(plain):
            return []
        members = ustar.unpack(plain)
        raw = next((one.data for one in members if one.name == header.NOTE_FILE), b"")
        written = _WRITTEN.search(members[0].data)
        if written is None or not is_in(self.query, raw):
            return []
        when = written[1].decode()
        return [Glance((text.facts(raw).date or when[:10], datetime.fromisoformat(when).timestamp()), known, at)]


class _Read(_Worker[Hit]):
    """Where the words are in a file, and whether it is what its place says."""

    def look(self, known: Known, at: Sealed, plain: bytes) -> list[Hit]:
        contents = header.unpacked(plain)
        head = contents.header
        found = places(self.query, contents.text)
        problem = sealed_file.problem_of(contents, known, at, self.store.state.signers)
        return [Hit(at.token, at.id, at.beside, head.kind, head.to, head.written, text.facts(contents.text), found, problem)]
