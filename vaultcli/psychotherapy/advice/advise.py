"""Advice on sealed notes: opened in memory, looked at, forgotten; in a few processes where that pays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from vaultcli.ground.errors import BadInput
from vaultcli.ground.process import workers
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy import advice
from vaultcli.psychotherapy.advice import Advice, Context
from vaultcli.psychotherapy.advice.phrases import listed
from vaultcli.psychotherapy.unlock.keys import Keys
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.notes.client import Client
from vaultcli.record.sealed import header, text
from vaultcli.record.sealed.header import LOG
from vaultcli.record.sealed.paths import Sealed

PAYS = 200
"""Files from which a second process is worth its beginning."""
PIECE = 50
"""Files that a process looks at, at a time."""
_ALSO_WORDS = frozenset(
    listed(
        "will may grace hope faith joy mark art bill rose june april august dawn summer pat rob sue drew chase long young white "
        "black brown green king day see song low best love price rich wise hall wood lake hill moon star"
    )
)
"""Names that are words as well: found only as part of the whole name."""


class Asked(NamedTuple):
    """What is wanted of one drawer.

    Attributes:
        known: the drawer.
        context: what is known beside its notes.
        by_day: the chart's notes by day; empty unless asked for.
        only: ids of the files; all when empty.
    """

    known: Known
    context: Context
    by_day: Mapping[str, tuple[str, ...]] = {}
    only: frozenset[str] = frozenset()


class Checked(NamedTuple):
    """One text that was looked at.

    Attributes:
        token, id, kind, to: the file.
        day: of the session, else of writing.
        advice: what was found.
    """

    token: str
    id: str
    kind: str
    to: str
    day: str
    advice: tuple[Advice, ...]


class Result(NamedTuple):
    """What one piece of work came to: texts, how many files it was, and the paths that do not open."""

    checked: list[Checked]
    opened: int
    broken: list[str]


def check(
    store: Store, opener: Opener, asked: Sequence[Asked], progress: Callable[[int], None] = lambda _: None
) -> tuple[list[Checked], list[str]]:
    """Look at every text of some drawers.

    Args:
        store: the sealed files.
        opener: what opens them. The keys themselves work in a few processes; the agent is one.
        asked: the drawers. Where the chart is compared with, all of it stays in this process.
        progress: told how many files more were opened.

    Returns:
        The texts, by client and day, and the paths that do not open.
    """
    pieces = list(_pieces(store, asked))
    count = sum(len(places) for _, places in pieces)
    several = isinstance(opener, Keys) and count >= PAYS and not any(one.by_day for one in asked)
    checked: list[Checked] = []
    broken: list[str] = []
    for found in workers.spread(_Look(store, opener, apart=several), pieces, workers.available() if several else 1):
        checked += found.checked
        broken += found.broken
        progress(found.opened)
    order = {one.known.token: number for number, one in enumerate(asked)}
    return sorted(checked, key=lambda one: (order[one.token], one.day, one.to or one.id, bool(one.to), one.id)), sorted(broken)


def _pieces(store: Store, asked: Sequence[Asked]) -> Iterator[tuple[Asked, list[Sealed]]]:
    for one in asked:
        places = [at for at in store.files(one.known.token) if not at.beside and (not one.only or at.id in one.only)]
        for at in range(0, len(places), PIECE):
            yield one, places[at : at + PIECE]


class _Look:
    """Looks at some files of a drawer; in a copy of this process with a repository of its own."""

    def __init__(self, store: Store, opener: Opener, *, apart: bool) -> None:
        self._store, self._opener, self._apart = store, opener, apart

    def __call__(self, piece: tuple[Asked, list[Sealed]]) -> Result:
        if self._apart and isinstance(self._opener, Keys):
            # the git that reads objects is the first process's: two would read each other's answers
            self._store = Store(self._store.settings)
            self._opener = Keys(self._store, self._opener.epoch)
            self._apart = False
        asked, places = piece
        checked, broken = [], []
        for at in places:
            try:
                contents = header.unpacked(self._opener.open(at.token, self._store.raw(at.path)))
            except BadInput:
                broken.append(at.path)
                continue
            if contents.header.kind != LOG:
                checked.append(_checked(asked, at, contents))
        return Result(checked, len(places), broken)


def _checked(asked: Asked, at: Sealed, contents: header.Contents) -> Checked:
    head, raw = contents.header, contents.text
    day = text.facts(raw).date or head.written[:10]
    one = asked.context
    context = Context(one.names, one.strict, asked.by_day.get(day, ()))
    return Checked(at.token, at.id, head.kind, head.to, day, tuple(advice.look(raw.decode("utf-8", "replace"), context)))


# what identifies a client


def names_of(name: str, client: Client | None = None) -> dict[str, tuple[str, ...]]:
    """What identifies a client in a text: a word for it, and the texts to look for.

    Args:
        name: as register or drawer have it.
        client: the entry in the chart's register, where that can be read.
    """
    found = {"client's name": _parts(name)}
    if client is not None:
        handle = client.handle
        # a handle that is a plain word or name says nothing by itself
        found["client's handle"] = (handle,) if not handle.isalpha() else ()
        found["client's telephone"] = (client.text("phone"),)
        found["client's e-mail"] = (client.text("email"),)
        found["client's address"] = tuple(part.strip() for part in client.text("address").split(",")[:1])
        found["guardian's name"] = tuple(part for one in client.items("guardians") for part in _parts(one))
        found["client's date of birth"] = _days(client.text("born"))
    return {what: tuple(filter(None, texts)) for what, texts in found.items() if any(texts)}


def _parts(name: str) -> tuple[str, ...]:
    words = [word.strip(",;()") for word in name.split()]
    own = [word for word in words if len(word) > 2 and word[0].isupper() and word.lower() not in _ALSO_WORDS]
    return (name.strip(), *own) if len(words) > 1 else tuple(own)


def _days(iso: str) -> tuple[str, ...]:
    """A day as people write it."""
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return ()
    d, m, y = day.day, day.month, day.year
    named = (f"{d} {day:%B} {y}", f"{day:%B} {d}, {y}")
    return (iso, f"{m}/{d}/{y}", f"{m:02}/{d:02}/{y}", f"{d}.{m}.{y}", f"{d:02}.{m:02}.{y}", f"{d}/{m}/{y}", *named)
