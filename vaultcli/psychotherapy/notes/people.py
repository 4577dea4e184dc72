"""Whom a word on the command line means: by the chart's register where it is there, else by what the drawers say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from vaultcli.ground.errors import NotFound
from vaultcli.places.machine.vault import Vault
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.notes import find_client
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.find_client import Accept, Several, fitting
from vaultcli.record.sealed.drawer import CLIENT

ACCEPTED = Accept.WHOLE | Accept.PART
"""What a word may be of a client, where psychotherapy notes are read."""
WHOLE = Accept.WHOLE
"""What it may be where they are written, handed over or destroyed: a part of a name may be another client's."""


class Person(NamedTuple):
    """One client, with their drawer where they have one.

    Attributes:
        id: in the register; empty where only a drawer names them.
        name, handle: as the register has them, else as the drawer does; no handle then.
        known: the drawer.
    """

    id: str
    name: str
    handle: str
    known: Known | None

    @property
    def keys(self) -> tuple[str, ...]:
        """What names this one whole, to `find_client`: the handle, the drawer's token, the id."""
        return self.handle, self.known.token if self.known else "", self.id

    @property
    def word(self) -> str:
        """By what the user may name them."""
        return self.handle or self.name


def find(everyone: Sequence[Person], word: str, accept: Accept) -> Person:
    """The one client that a word means, as `find_client` finds them; who may have been meant is told, and not taken.

    Raises:
        NotFound: nobody, or more than one.
    """
    try:
        return find_client.find(everyone, word, accept)
    except Several:
        raise
    except NotFound:
        # who is not in the register has no handle: the whole name, exactly
        named = [one for one in everyone if not one.handle and one.name == word]
        if len(named) == 1:
            return named[0]
        near = fitting(everyone, word, ACCEPTED)
        if not near:
            raise
        rows = "".join(f"\n  {next(filter(None, one.keys), '')}  {one.name}" for one in near)
        hint = "the whole handle, id or token: what is written, handed over or destroyed must not be another client's"
        raise NotFound(f"no client is called {word}; did you mean{rows}", hint=hint) from None


def register(vault: Vault) -> list[Client]:
    """The chart's register, read and nothing else done there; empty where there is no chart.

    Raises:
        VaultError: it cannot be read.
    """
    from vaultcli.places.chart.chart import Chart

    if not (vault.chart / ".git").is_dir():
        return []
    chart = Chart(vault)
    try:
        return [one for one in chart.clients() if one.kind != "group"]
    finally:
        # not the chart's own way out, which keeps its house in order
        chart.repository.close()


def people(clients: Iterable[Client], opener: Opener, size: Callable[[str], int] = lambda _: 0) -> list[Person]:
    """Everybody in the register, and whoever has a drawer and is not there; by name.

    Two machines that began a drawer for one client before they met have left two: `ada+1`, the larger, and `ada+2`. `ada` alone
    then means neither. Whoever has a stolen machine's key can plant one, of any size; nothing is written into it unasked.

    Args:
        clients: of the register.
        opener: knows the drawers.
        size: how many files a drawer has, by its token.
    """
    known = [one for one in opener.drawers().values() if one.kind == CLIENT]
    drawers: dict[str, list[Known]] = {}
    for one in known:
        drawers.setdefault(one.client, []).append(one)
    found = []
    for who in clients:
        mine = drawers.get(who.id, [])
        if len(mine) > 1:
            mine.sort(key=lambda one: (-size(one.token), one.token))
            found += [Person(who.id, who.name, f"{who.handle}+{at}", one) for at, one in enumerate(mine, start=1)]
        else:
            found.append(Person(who.id, who.name, who.handle, mine[0] if mine else None))
    listed = {one.id for one in found}
    found += [Person(one.client, one.name, "", one) for one in known if one.client not in listed or not one.client]
    return sorted(found, key=lambda one: (one.name.casefold(), one.id, one.handle))


def knows_all(store: Store, opener: Opener) -> bool:
    """Whether what is unlocked knows every drawer; an agent that reads no more misses those that were made since."""
    return set(store.drawers()) <= set(opener.drawers())
