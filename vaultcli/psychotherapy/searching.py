"""Finding words in sealed notes: opened in memory, in a few processes where that pays; nothing is kept.

There is no index on a disk: it would hold in the clear, or under a key of its own, what destroying a drawer is to destroy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from vaultcli.ground import workers
from vaultcli.ground.errors import BadInput
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy import sealing
from vaultcli.psychotherapy.keys import Keys
from vaultcli.psychotherapy.opener import Known, Opener
from vaultcli.record.sealed import header, text
from vaultcli.record.sealed.paths import Sealed
from vaultcli.record.sealed.seek import Place, Query
from vaultcli.record.sealed.text import Facts

PAYS = 400
"""Files from which a second process is worth its beginning."""
PIECE = 100
"""Files that a process opens at a time."""


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


class Result(NamedTuple):
    """What one piece of work found: how many files were opened, the hits, and the paths that do not open."""

    opened: int
    hits: list[Hit]
    broken: list[str]


def search(
    store: Store, opener: Opener, among: Sequence[Known], query: Query, progress: Callable[[int], None] = lambda _: None
) -> tuple[list[Hit], list[str]]:
    """The texts that hold the words, newest first, and the paths that do not open.

    Args:
        store: the sealed files.
        opener: what opens them. The keys themselves work in a few processes; the agent is one.
        among: the drawers.
        query: the words.
        progress: told how many files more were opened.
    """
    pieces = list(_pieces(store, among))
    several = isinstance(opener, Keys) and sum(len(places) for _, places in pieces) >= PAYS
    look = _Look(store, opener, query, apart=several)
    hits: list[Hit] = []
    broken: list[str] = []
    for found in workers.spread(look, pieces, workers.available() if several else 1):
        hits += found.hits
        broken += found.broken
        progress(found.opened)
    return sorted(hits, key=lambda one: one.order, reverse=True), sorted(broken)


def _pieces(store: Store, among: Sequence[Known]) -> Iterator[tuple[Known, list[Sealed]]]:
    for known in among:
        places = store.files(known.token)
        for at in range(0, len(places), PIECE):
            yield known, places[at : at + PIECE]


class _Look:
    """Looks through some files of a drawer; in a copy of this process with a repository of its own."""

    def __init__(self, store: Store, opener: Opener, query: Query, *, apart: bool) -> None:
        self._store, self._opener, self._query = store, opener, query
        self._apart = apart

    def __call__(self, piece: tuple[Known, list[Sealed]]) -> Result:
        if self._apart and isinstance(self._opener, Keys):
            # the git that reads objects is the first process's: two would read each other's answers
            self._store = Store(self._store.settings)
            self._opener = Keys(self._store, self._opener.epoch)
            self._apart = False
        known, places = piece
        hits, broken = [], []
        for at in places:
            try:
                hits += self._one(known, at)
            except BadInput:
                broken.append(at.path)
        return Result(len(places), hits, broken)

    def _one(self, known: Known, at: Sealed) -> list[Hit]:
        plain = self._opener.open(at.token, self._store.raw(at.path))
        if not self._query.may_be_in(plain):
            return []
        contents = header.unpacked(plain)
        places = self._query.places(contents.text)
        if not places:
            return []
        head = contents.header
        problem = sealing.problem_of(contents, known, at, self._store.state.signers)
        return [Hit(at.token, at.id, at.beside, head.kind, head.to, head.written, text.facts(contents.text), places, problem)]
