"""What the commands share that hand over, take over or destroy sealed notes: the keys, and whose notes are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import NotFound, VaultError

if TYPE_CHECKING:
    from vaultcli.cli.door import Options
    from vaultcli.ground.age.seal import Identity
    from vaultcli.places.sealed.store import Store
    from vaultcli.psychotherapy.notes.people import Person
    from vaultcli.psychotherapy.unlock.keys import Keys
    from vaultcli.psychotherapy.unlock.opener import Known


class Unlocked(NamedTuple):
    """The secrets, after one passphrase.

    Attributes:
        keys: the epoch's.
        identities: the clinician's own.
    """

    keys: Keys
    identities: list[Identity]


def unlock(store: Store) -> Unlocked:
    """Everything, after one passphrase; what an interrupted destruction left is finished first, and told."""
    from vaultcli.cli.psychotherapy import open_store
    from vaultcli.ground import files
    from vaultcli.ground.errors import KeyTrouble
    from vaultcli.psychotherapy.unlock import epoch_switch
    from vaultcli.psychotherapy.unlock.clinician import clinician
    from vaultcli.psychotherapy.unlock.epoch import open_epoch
    from vaultcli.psychotherapy.unlock.keys import Keys

    identities = clinician(store.settings, open_store.ask, terminal.warn)
    if epoch_switch.settle(store, lambda raw: open_epoch(raw, identities)):
        terminal.warn("an interrupted destruction went on: this machine's epoch.age is the new one")
    if not store.settings.epoch.is_file():
        raise KeyTrouble(f"epoch.age is not there: {store.settings.epoch}", hint="`vaultcli keys receive FILE`")
    found = Keys(store, open_epoch(files.read(store.settings.epoch), identities))
    tell_unready(found)
    return Unlocked(found, identities)


def tell_unready(keys: Keys) -> None:
    """Say which drawers are passed over because their machine has not received the epoch in force."""
    if count := len(keys.unready()):
        what = terminal.counted(count, "drawer")
        if keys.epoch.number > 1:
            terminal.warn(f"{what} begun on another machine under an older epoch: `vaultcli keys receive` there, then sync")
        else:
            terminal.warn(f"{what} that no key here opens: `vaultcli psychotherapy verify --unlocked`")


def whose(options: Options, keys: Keys, word: str) -> tuple[Person, Known]:
    """The client whom a word names whole, who has a drawer; the name is shown before anything is done.

    Raises:
        NotFound: nobody, more than one, or no psychotherapy notes.
    """
    from vaultcli.cli.psychotherapy import desk
    from vaultcli.psychotherapy.notes.people import WHOLE, find

    person = find(desk.named(options, keys), word, WHOLE)
    if person.known is None:
        raise NotFound(f"{person.word} has no psychotherapy notes")
    terminal.warn(terminal.escape(f"for {person.name}", keep=""))
    return person, person.known


def log(store: Store, keys: Keys, event: str, token: str, *, ids: tuple[str, ...] = (), why: str = "") -> None:
    """Write an act into the access log, durably; before it happens."""
    from vaultcli.psychotherapy.notes import access_log

    access_log.keep(store, keys, event, clock.now(), token=token, ids_=ids, why=why)


def sync(store: Store) -> tuple[list[str], list[str]]:
    """Bring every remote that can be asked in step; the names of those that are, and of those that could not be."""
    from vaultcli.places.remote import remotes
    from vaultcli.psychotherapy.repository import sync as syncs

    done, silent = [], []
    for one in remotes.listed(store.repository.directory):
        try:
            with store.machine() as (_, signer):
                syncs.sync(store, one.url, clock.now(), signer)
            done.append(one.name)
        except VaultError as error:
            terminal.warn(terminal.escape(f"{one.name} could not be synced: {error.message}", keep=""))
            silent.append(one.name)
    return done, silent
