"""Opening the sealed notes for a command: the store, and what opens it, which is the agent or one passphrase."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.cli.door import Options
    from vaultcli.places.sealed.settings import Settings
    from vaultcli.places.sealed.store import Store
    from vaultcli.psychotherapy.unlock.keys import Keys
    from vaultcli.psychotherapy.unlock.opener import Opener


def settings_of(options: Options) -> Settings:
    """Where the sealed notes of the vault are.

    Raises:
        NotFound: it keeps none.
    """
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.places.sealed import settings

    return settings.load(find_vault(options).root)


@contextmanager
def open_store(options: Options) -> Iterator[Store]:
    """The sealed files, nothing opened; what an interrupted command left is mended first, and told."""
    from vaultcli.ground.editor import jail
    from vaultcli.places.sealed.store import Store

    # what is opened here must not come to lie in a core file, by Ctrl-\ or a crash
    jail.no_peeking()
    store = Store(
        settings_of(options),
        tell=lambda repair: terminal.warn(f"mended the psychotherapy repository: {repair.what}"),
        waiting=lambda: terminal.warn("another vaultcli is at work in these notes; waiting"),
    )
    with store:
        store.repository.recover()
        _whole(store)
        yield store


def _whole(store: Store) -> None:
    """Write down that a beginning came to its first commit, where a kill left that out."""
    import contextlib
    from dataclasses import replace

    from vaultcli.ground.errors import DiskTrouble
    from vaultcli.places.sealed import settings

    if store.settings.beginning and store.repository.head(store.repository.worktrees.layout.main) is not None:
        store.settings = replace(store.settings, beginning=False)
        with contextlib.suppress(DiskTrouble):
            settings.put(store.settings)


def opener(store: Store, *, reading: bool = True) -> Opener:
    """What opens the notes: the agent where it is unlocked, else the keys after one passphrase.

    Args:
        store: the sealed files.
        reading: whether notes will be opened; an agent that reads no more still knows where a new one goes.
    """
    from vaultcli.psychotherapy.unlock import agent

    state = agent.state(store.vault)
    if state is not None and (state.reading or not reading):
        return agent.Agent(store.vault)
    return keys(store)


def keys(store: Store) -> Keys:
    """The keys themselves, after one passphrase; for what the agent never does."""
    from vaultcli.psychotherapy.unlock.keys import Keys

    return Keys.unlock(store, ask, terminal.warn)


def ask(what: str) -> str:
    """Ask for a passphrase on the terminal; where standard input brings a text, on the terminal behind it.

    Raises:
        KeyTrouble: nobody can be asked.
    """
    from vaultcli.cli.ui import passphrase
    from vaultcli.ground.errors import KeyTrouble

    asker = passphrase.asker() or passphrase.behind()
    if asker is None:
        raise KeyTrouble(f"the passphrase ({what}) can be asked for on a terminal only", hint="`vaultcli unlock` asks beforehand")
    return asker(f"Passphrase ({what})")
