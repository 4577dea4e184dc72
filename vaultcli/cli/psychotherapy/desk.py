"""What a command for psychotherapy notes works with, opened: the store, the keys, everybody's names; and what a crash left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from vaultcli.cli.ui import clock, picker, terminal
from vaultcli.ground.errors import NotFound, VaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vaultcli.cli.door import Options
    from vaultcli.places.sealed.store import Store
    from vaultcli.psychotherapy.notes.lookup import Meant
    from vaultcli.psychotherapy.notes.people import Person
    from vaultcli.psychotherapy.unlock.opener import Opener

GUEST = "this machine is not let in yet: what it opens is noted here, sealed, and enters the access log once it is"


class Desk(NamedTuple):
    """What a command works with.

    Attributes:
        store: the sealed files.
        opener: what opens them.
        people: everybody who may be meant, by name.
    """

    store: Store
    opener: Opener
    people: Sequence[Person]


@contextmanager
def open_desk(options: Options, *, reading: bool = True) -> Iterator[Desk]:
    """The sealed notes, unlocked by the agent or after one passphrase; what a crash left is told.

    Args:
        options: of the command.
        reading: whether notes will be opened; to write a new one, the agent's map is enough.
    """
    from vaultcli.cli.psychotherapy import open_store
    from vaultcli.psychotherapy.notes import recovery_copies

    with open_store.open_store(options) as store:
        recovery_copies.completed(store, clock.now())
        opener = open_store.opener(store, reading=reading)
        if count := len(recovery_copies.waiting(store)):
            copies = "a recovery copy" if count == 1 else f"{count} recovery copies"
            terminal.warn(f"{copies} of what was being written: `vaultcli psychotherapy recover`")
        yield Desk(store, opener, named(options, opener, lambda token: len(store.files(token))))


def named(options: Options, opener: Opener, size: Callable[[str], int] = lambda _: 0) -> list[Person]:
    """Everybody, by the chart's register where it can be read, else as the drawers name them.

    Args:
        options: of the command.
        opener: knows the drawers; `Keys` knows their sizes, too.
        size: how many files a drawer has, by its token.
    """
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.psychotherapy.notes import people as persons
    from vaultcli.psychotherapy.unlock.keys import Keys

    if isinstance(opener, Keys):
        store = opener.store
        size = lambda token: len(store.files(token))  # noqa: E731 - a size, like the one that was handed in

    try:
        clients = persons.register(find_vault(options))
    except VaultError as error:
        why = terminal.escape(error.message, keep="")
        terminal.warn(f"the chart's register cannot be read ({why}); names are the drawers' own")
        clients = []
    return persons.people(clients, opener, size)


def whose(desk: Desk, word: str | None, *, whole: bool = False) -> Person:
    """The client that a word means; without one, the client that is chosen from the list.

    Args:
        desk: who there is.
        word: as typed.
        whole: whether something is written: a part of a name is not enough then.

    Raises:
        NotFound: the word fits nobody, or more than one.
        click.UsageError: no word, and nobody to ask.
    """
    from vaultcli.psychotherapy.notes.people import ACCEPTED, WHOLE, find

    return find(desk.people, word, WHOLE if whole else ACCEPTED) if word else _pick(desk.people)


def meant(desk: Desk, word: str | None, *, whole: bool = False) -> Meant:
    """The note that a word means; without one, the newest of the client that is chosen; `whole` as for `whose`."""
    from vaultcli.psychotherapy.notes import lookup
    from vaultcli.psychotherapy.notes.people import ACCEPTED, WHOLE

    if not word:
        picked = _pick([one for one in desk.people if one.known is not None])
        word = picked.known.token if picked.known else picked.word
    return lookup.resolve(desk.store, desk.opener, desk.people, word, WHOLE if whole else ACCEPTED)


def _pick(everyone: Sequence[Person]) -> Person:
    from vaultcli.psychotherapy.notes.people import ACCEPTED

    return picker.choose(everyone, ACCEPTED, NotFound("there is nobody to choose from"))


def note(desk: Desk, event: str, token: str, ids: Sequence[str]) -> None:
    """Put an opening into the access log; before this returned, nothing of the text is shown."""
    from vaultcli.psychotherapy.notes import access_log

    if not access_log.keep(desk.store, desk.opener, event, clock.now(), token=token, ids_=ids):
        terminal.warn(GUEST)
