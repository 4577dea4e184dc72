"""The places of `epoch.age`: putting a new epoch's file into each, in an order that a kill cannot harm.

`docs/spec/psychotherapy/destruction.md`, rule 3. A new epoch's file lies beside the old one, under a name of its own, before the
commit that begins the epoch is made; whoever unlocks next finds it and finishes what was begun.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vaultcli.ground import files, shred
from vaultcli.ground.errors import BadInput, KeyTrouble
from vaultcli.places.sealed import pins
from vaultcli.places.sealed.settings import Settings
from vaultcli.places.sealed.store import Store
from vaultcli.record.sealed.drawer import Epoch


def coming(settings: Settings, epoch: Epoch) -> Path:
    """Where the file of an epoch that is about to begin lies."""
    return settings.keys / f"epoch-{epoch.number}-{epoch.key.recipient[-8:]}.age"


def lay(settings: Settings, epoch: Epoch, sealed: bytes) -> None:
    """Put the file of an epoch that is about to begin beside the one in force, durably."""
    path = coming(settings, epoch)
    if files.digest_of(path) != files.digest(sealed):
        files.create(path, sealed)


def settle(store: Store, open_: Callable[[bytes], Epoch]) -> bool:
    """Finish what an interrupted beginning of an epoch left in the key store.

    Args:
        store: the sealed files.
        open_: opens an `epoch.age` with the clinician's own identity, which is what says whose epoch it is.

    Returns:
        Whether there was something to finish.
    """
    settings, current = store.settings, store.state.epochs
    done = False
    for path in waiting(settings):
        sealed = files.read(path)
        try:
            epoch = open_(sealed)
        except (KeyTrouble, BadInput):
            continue
        if epoch.vault == store.vault and (epoch.number, epoch.key.recipient) == (current.number, current.recipient):
            take(store, sealed, epoch)
            done = True
        elif epoch.number <= current.number:
            shred.remove(path)
    return done


def waiting(settings: Settings) -> list[Path]:
    """The files of epochs that were about to begin; hardly ever any."""
    return sorted(settings.keys.glob("epoch-*.age"))


def take(store: Store, sealed: bytes, epoch: Epoch) -> None:
    """Make the file of the epoch in force this machine's `epoch.age`, and pin the epoch.

    Args:
        store: the sealed files.
        sealed: the file.
        epoch: what it holds; the caller opened it with the clinician's own identity.
    """
    settings = store.settings
    if files.digest_of(settings.epoch) != files.digest(sealed):
        shred.replace(settings.epoch, sealed)
    known = store.pins
    if known.epoch != (epoch.number, epoch.key.recipient):
        pins.put(replace(known, epoch=(epoch.number, epoch.key.recipient)))
    # last: as long as it lies here, somebody will come back to this place
    shred.remove(coming(settings, epoch))
