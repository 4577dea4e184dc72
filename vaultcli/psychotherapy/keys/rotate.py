"""A new key for the clinician: one file is sealed anew, no note.

What is in a place opens what is in that place at every moment (`docs/spec/psychotherapy/keys.md`, rule 8): the new
`clinician.age` holds the old identity too until `epoch.age` is sealed to the new one, here and on every stick that is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from vaultcli.ground import files
from vaultcli.ground.age import header as ageheader
from vaultcli.ground.age import seal as age
from vaultcli.ground.age.seal import Identity
from vaultcli.ground.errors import Conflict, KeyTrouble
from vaultcli.places.sealed import copies, settings
from vaultcli.places.sealed.copies import USB, Copy
from vaultcli.places.sealed.settings import CLINICIAN, Settings
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.keys import create, usb_copies
from vaultcli.psychotherapy.unlock import epoch as epoch_file
from vaultcli.psychotherapy.unlock import keys
from vaultcli.psychotherapy.unlock.clinician import PLUGIN, SSH, Ask, clinician
from vaultcli.psychotherapy.unlock.epoch import open_epoch
from vaultcli.record.sealed.drawer import Epoch

CANNOT = "what was readable with the old key or passphrase and an old copy of epoch.age stays readable with them"
"""What rotation cannot undo, in one sentence."""


@dataclass(frozen=True)
class Rotated:
    """What was done.

    Args:
        recipient: the clinician's, new.
        updated: the sticks that hold the new file.
        stale: those that could not be reached and hold the old one.
    """

    recipient: str
    updated: tuple[Copy, ...]
    stale: tuple[Copy, ...]


def rotate(
    store: Store, epoch: Epoch, old: list[Identity], now: datetime, new_passphrase: Callable[[], str], identity: str, ask: Ask
) -> Rotated:
    """Seal `epoch.age` to a new key of the clinician.

    Args:
        store: the sealed files; nothing is recorded in them.
        epoch: what `epoch.age` was opened to.
        old: the clinician's identities until now.
        now: the clock.
        new_passphrase: asks for the passphrase of a new `clinician.age`, twice.
        identity: `clinician.age`, `ssh:PATH` or `plugin:PATH`.
        ask: asks for the passphrase of an adopted identity, which is tried before anything is written.

    Raises:
        Conflict: the file is sealed to that key already, or is of another epoch than the one in force.
        KeyTrouble: the new identity cannot be used; nothing was written.
    """
    keys.check_epoch(store, epoch)
    known = replace(store.settings, identity=identity)
    if identity == CLINICIAN:
        passphrase, secret = new_passphrase(), age.generate()
        recipient, opener = secret.recipient, [secret.identity]
        both = _both(store, secret, old)
    else:
        opener = clinician(known, ask)
        recipient = epoch_file.clinician_recipient(known, opener)
        if known == store.settings and recipient == epoch.clinician and _is_whole(known, epoch):
            raise Conflict("epoch.age is sealed to that key already")
    fresh = replace(epoch, clinician=recipient)
    sealed = epoch_file.sealed(fresh)
    if open_epoch(sealed, opener) != fresh:
        raise KeyTrouble("what was sealed does not open as it should; nothing was written")
    if identity == CLINICIAN:
        _place_clinician(known, both, passphrase)
    sticks = usb_copies.update_all(known, usb_copies.Fresh(sealed, fresh, [*opener, *old], usb_copies.proven(store, fresh)), now)
    if known != store.settings:
        # the settings and the file cannot change in one moment: in between either key opens
        before = epoch_file.clinician_recipient(store.settings, old)
        epoch_file.put(known.epoch, age.seal(fresh.text, [before, *fresh.recipients]))
        settings.put(known)
    epoch_file.put(known.epoch, sealed)
    if identity == CLINICIAN and store.settings.identity == CLINICIAN:
        _place_clinician(known, create.identity_text(secret), passphrase)
        for one in sticks:
            usb_copies.put_clinician(known, one)
    labels = {one.label for one in sticks}
    stale = tuple(one for one in copies.load(known) if one.kind == USB and one.label not in labels)
    return Rotated(recipient, tuple(sticks), stale)


def _place_clinician(known: Settings, text: bytes, passphrase: str) -> None:
    """Write `clinician.age` in the old one's place, after its bytes opened with the passphrase as they will be read.

    Raises:
        KeyTrouble: they do not; nothing was written.
    """
    sealed, place = age.seal_with_passphrase(text, passphrase), known.keys / CLINICIAN
    there = age.opened_identities(sealed, place, lambda _: passphrase)
    if [one.recipient for one in there] != [one.recipient for one in age.identities(text.decode())]:
        raise KeyTrouble("what was sealed does not open as it should; nothing was written")
    epoch_file.put(place, sealed)


def _is_whole(known: Settings, epoch: Epoch) -> bool:
    """Whether `epoch.age` is sealed to whom it names and nobody else: an interrupted rotation left the old key in it."""
    return len(ageheader.read(files.read(known.epoch)).recipients) == len(epoch.recipients)


def _both(store: Store, secret: age.Secret, old: list[Identity]) -> bytes:
    """The new identity and, where they are of age's own kind, the old ones."""
    text = create.identity_text(secret)
    if store.settings.identity.startswith((SSH, PLUGIN)):
        return text
    return text + b"".join(f"{one.opener}\n".encode() for one in old)
