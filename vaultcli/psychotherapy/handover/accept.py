"""Taking a hand-over file in: everything about it is checked before anybody is asked, and nothing is believed but a fingerprint.

`docs/spec/psychotherapy/share.md`, rules 3 to 7.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from vaultcli.ground.age import seal as age
from vaultcli.ground.age.seal import Identity
from vaultcli.ground.errors import BadInput, Conflict, NotVerified, Refused
from vaultcli.ground.ssh.sign import Signer
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.handover import share as shares
from vaultcli.psychotherapy.notes import sealed_file
from vaultcli.psychotherapy.unlock.keys import Keys, known_of
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.sealed import admission, header, paths, share
from vaultcli.record.sealed.drawer import Drawer
from vaultcli.record.sealed.header import Contents
from vaultcli.record.sealed.paths import Sealed
from vaultcli.record.sealed.share import Archive, Share


@dataclass(frozen=True)
class Offer:
    """A hand-over file that holds together.

    Args:
        share: what it says.
        key: that signed it; its fingerprint is to be compared with its owner.
        drawer: as it will stand here, without its name.
        before: the drawer as it stands here already; None for a new one.
        files: path to bytes of what is new here.
        notes: how many files came, new or not.
        unsigned: ids of those that nobody signed.
        unproven: whether it could not be computed that it was sealed to us by its sender.
    """

    share: Share
    key: PublicKey
    drawer: Drawer
    before: Drawer | None
    files: dict[str, bytes]
    notes: int
    unsigned: list[str] = field(default_factory=list)
    unproven: bool = False


def read(store: Store, keys: Keys, raw: bytes, identities: Sequence[Identity], own: Collection[str]) -> Offer:
    """Open a hand-over file and check all of it.

    Args:
        store: the sealed files.
        keys: open the drawer that may be here already.
        raw: the file.
        identities: that may open it.
        own: their recipients, as far as they are known.

    Raises:
        KeyTrouble: it is sealed to somebody else.
        BadInput: it is no hand-over file, or damaged.
        NotVerified: it was made for somebody else, or a signature does not hold.
        Refused: it is of this vault, or contradicts what is here.
    """
    whole = share.unpacked(age.open_(raw, list(identities)))
    key = shares.verified(whole.share.raw, whole.signature, whole.signers, whole.share.machine)
    if own and whole.share.with_ not in own:
        raise NotVerified("the hand-over file was made for another person, and sealed anew to you by somebody else")
    if whole.share.vault == store.vault:
        raise Refused("the hand-over file is of this very vault")
    if whole.share.token in store.state.epochs.destroyed:
        raise Refused("these notes were destroyed here", hint="what was destroyed is not taken in again")
    _check_secrets(whole.drawer)
    line = f"{whole.share.machine} {key.line}"
    before = keys.drawer(whole.share.token) if whole.share.token in store.drawers() else None
    drawer = _drawer(store, whole, before, line)
    offer = Offer(whole.share, key, drawer, before, {}, len(whole.files), unproven=not own)
    for id_, sealed in whole.files.items():
        _add(store, keys, offer, known_of(drawer), id_, sealed)
    return offer


def _check_secrets(drawer: Drawer) -> None:
    for one in drawer.generations:
        if age.identity(one.secret).recipient != one.recipient:
            raise BadInput("the hand-over file names another recipient than its identity has")


def _drawer(store: Store, whole: Archive, before: Drawer | None, line: str) -> Drawer:
    """The drawer as it will stand here.

    Raises:
        Refused: a drawer of that token is here and is another one.
    """
    came = replace(whole.drawer, vault=store.vault, signers=whole.signers)
    if before is None:
        return came
    longer, shorter = sorted((came.generations, before.generations), key=len, reverse=True)
    if before.origin != came.origin or line not in before.signers or longer[: len(shorter)] != shorter:
        raise Refused(
            "a drawer of this token is here already, and the hand-over file does not continue it",
            hint="compare the key with its owner; nothing was written",
        )
    return replace(before, generations=longer, signers=tuple(sorted({*before.signers, *came.signers})))


def _add(store: Store, keys: Keys, offer: Offer, known: Known, id_: str, sealed: bytes) -> None:
    """Judge one file, and take it in where it is new."""
    at = Sealed(known.token, id_)
    if problem := admission.sealed_problem(sealed):
        raise BadInput(f"{id_}: {problem}")
    contents = _opened(offer.drawer, sealed)
    if problem := sealed_file.problem_of(contents, known, at, store.state.signers):
        raise NotVerified(f"{id_}: {problem}")
    if not contents.header.machine:
        offer.unsigned.append(id_)
    if at.path not in store.state.tree:
        offer.files[at.path] = sealed
    elif store.raw(at.path) != sealed:
        here = header.unpacked(keys.open(known.token, store.raw(at.path)))
        if contents.header.machine and _moment(contents) > _moment(here):
            offer.files[at.path] = sealed


def _opened(drawer: Drawer, sealed: bytes) -> Contents:
    return header.unpacked(age.open_(sealed, [age.identity(one.secret) for one in drawer.generations]))


def _moment(contents: Contents) -> datetime:
    return datetime.fromisoformat(contents.header.written)


def accept(store: Store, keys: Keys, offer: Offer, name: str, now: datetime, signer: Signer) -> Known:
    """Record a hand-over that the user believes.

    Args:
        store: the sealed files.
        keys: this machine's.
        offer: as `read` gave it.
        name: what the drawer is called here; the old name stays where it is here already.
        now: the clock.
        signer: this machine's key.

    Raises:
        Refused: another epoch is in force than this machine knows.
        Conflict: another drawer is called so.
    """
    with store.repository.lock():
        return _accept(store, keys, offer, name, now, signer)


def _accept(store: Store, keys: Keys, offer: Offer, name: str, now: datetime, signer: Signer) -> Known:
    """In one turn: an epoch that began in between would leave the drawer sealed to the one that ended."""
    current = store.state.epochs
    if store.pins.epoch != (current.number, current.recipient):
        raise Refused("another epoch is in force than this machine knows; nothing was written")
    name = offer.before.name if offer.before else " ".join(name.split())
    taken = (one for one in keys.drawers().values() if one.token != offer.drawer.token)
    if not name or any(one.name.casefold() == name.casefold() for one in taken):
        raise Conflict(f"the notes need a name of their own here; {name or 'an empty one'} does not do", hint="--as NAME")
    drawer = replace(offer.drawer, name=name)
    changes = dict(offer.files)
    if offer.before != drawer:
        changes[paths.identity(drawer.token)] = age.seal(drawer.text, [current.recipient])
    if changes:
        store.record(changes, now, by=signer)
    return known_of(keys.drawer(drawer.token))
