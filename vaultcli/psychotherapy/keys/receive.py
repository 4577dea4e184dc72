"""A new epoch that began on another machine: its `epoch.age` is brought by hand and takes the old one's place.

`docs/spec/psychotherapy/destruction.md`, rule 6. Only what the clinician's own key, or the paper, opens says whose epoch it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files, shred
from vaultcli.ground.age import seal as age
from vaultcli.ground.age.seal import Identity
from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble, NotFound, Refused
from vaultcli.places.sealed import pins
from vaultcli.places.sealed.copies import Copy
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.keys import usb_copies
from vaultcli.psychotherapy.notes import recovery_copies
from vaultcli.psychotherapy.unlock import epoch
from vaultcli.psychotherapy.unlock.epoch import open_epoch
from vaultcli.record.sealed import drawer, epochs, paths, recovery_page
from vaultcli.record.sealed.drawer import Epoch


@dataclass(frozen=True)
class Received:
    """What was done.

    Args:
        number: of the epoch now in force here.
        over: how many drawers that this machine had begun were sealed over.
        updated: the sticks brought up to date.
    """

    number: int
    over: int
    updated: tuple[Copy, ...]


def open_file(path: Path, identities: Sequence[Identity]) -> Epoch:
    """The epoch in a file: an `epoch.age`, by the clinician's identities, or a recovery page, by itself.

    Raises:
        KeyTrouble: nothing at hand opens it.
        BadInput: it is neither.
    """
    raw = files.read(path, 1 << 20)
    if not raw.startswith(b"age-encryption.org/"):
        return epoch.opened_by_paper(recovery_page.parse(raw.decode("utf-8", "replace"), str(path)))
    return open_epoch(epoch.read(path), list(identities))


def receive(
    store: Store, fresh: Epoch, identities: Sequence[Identity], now: datetime, agreed: Callable[[list[str]], bool]
) -> Received:
    """Put an epoch in force on this machine.

    Args:
        store: the sealed files, as `sync` left them.
        fresh: the new epoch, as opened.
        identities: the clinician's, which open the old `epoch.age`.
        now: the clock.
        agreed: asked whether these drawers, by the names of their clients, are to be given up; not asked where there are none.

    Raises:
        KeyTrouble: it is another vault's.
        Refused: its recipient is not the one that `epochs.toml` names, it does not open what it should, or nobody agrees.
        Conflict: it is not of the epoch in force, or somebody is writing a note.
    """
    store.refuse_doubts(now)
    _check(store, fresh)
    old = _old(store, identities)
    if old is not None and old.number < fresh.number:
        _sealed_over(store, old, fresh)
        lost = _given_up(store, old)
        if lost and not agreed(lost):
            raise Refused("the old epoch was kept; nothing was changed")
    with store.repository.lock():
        return _received(store, fresh, old, identities, now)


def _received(store: Store, fresh: Epoch, old: Epoch | None, identities: Sequence[Identity], now: datetime) -> Received:
    """In one turn: a drawer that is begun under the old epoch in between would open for nobody."""
    recovery_copies.settled(store, now)
    _check(store, fresh)
    over = _sealed_over(store, old, fresh) if old is not None and old.number < fresh.number else {}
    if over:
        with store.machine() as (_, signer):
            store.record(over, now, by=signer)
    # by this machine's own key: the file that came may be sealed to another machine's
    mine = replace(fresh, clinician=epoch.clinician_recipient(store.settings, identities))
    sealed = epoch.sealed(mine)
    assert open_epoch(sealed, list(identities)) == mine
    shred.replace(store.settings.epoch, sealed)
    pins.put(replace(store.pins, epoch=(fresh.number, fresh.key.recipient)))
    written = usb_copies.Fresh(sealed, mine, identities, usb_copies.proven(store, mine))
    sticks = usb_copies.update_all(store.settings, written, now)
    return Received(fresh.number, len(over), tuple(sticks))


def _check(store: Store, fresh: Epoch) -> None:
    current = store.state.epochs
    if fresh.vault != store.vault:
        raise KeyTrouble("that epoch belongs to another vault")
    if fresh.number != current.number:
        hint = "`vaultcli psychotherapy sync` first" if fresh.number > current.number else "bring the newest one"
        raise Conflict(f"that is epoch {fresh.number}, and epoch {current.number} is in force here", hint=hint)
    if fresh.key.recipient != current.recipient:
        raise Refused("that epoch's recipient is not the one that epochs.toml names; nothing was changed")


def _old(store: Store, identities: Sequence[Identity]) -> Epoch | None:
    """What this machine's own `epoch.age` holds; None where it is not there."""
    try:
        return open_epoch(epoch.read(store.settings.epoch), list(identities))
    except NotFound:
        return None


def _sealed_over(store: Store, old: Epoch, fresh: Epoch) -> dict[str, bytes]:
    """The identities of the drawers that came beside the new epoch's beginning, sealed to it.

    Raises:
        Refused: a drawer that stood there when the epoch began does not open: it is none that began as it should.
    """
    before, after = age.identity(old.key.secret), age.identity(fresh.key.secret)
    there = _at_beginning(store, fresh.number)
    changes = {}
    for token in store.drawers():
        path = paths.identity(token)
        raw = store.raw(path)
        try:
            text, opens = age.open_(raw, [after]), True
        except KeyTrouble:
            if token in there:
                raise Refused(f"that epoch does not open the drawer {token}; nothing was changed") from None
            text, opens = age.open_(raw, [before]), False
        one = drawer.parse(text, token, store.vault)
        # the names in a text are anybody's to write: only who has the old secrets can have sealed it
        if any(age.identity(key.secret).recipient != key.recipient for key in one.generations):
            raise Refused(f"the drawer {token} names other recipients than its secrets have; nothing was changed")
        known = store.pins.drawers.get(token, ())
        if known and one.recipients[: len(known)] != known:
            raise Refused(f"the drawer {token} has other recipients than this machine knows; nothing was changed")
        if not opens:
            changes[path] = age.seal(one.text, [fresh.key.recipient])
    return changes


def _at_beginning(store: Store, number: int) -> set[str]:
    """The drawers that stood in the repository when an epoch began."""
    repository = store.repository
    for oid in repository.git.rev_list(store.head):
        if epochs.parse(repository.read(oid, paths.EPOCHS) or b"").number >= number:
            return {at.token for at in map(paths.parse, repository.files(oid)) if at is not None}
    return set()


def _given_up(store: Store, old: Epoch) -> list[str]:
    """The clients whose drawers were destroyed since the old epoch, as it still opens them; a token where it does not."""
    opener, names = age.identity(old.key.secret), []
    for one in store.state.epochs.items[old.number :]:
        for token in one.destroyed:
            try:
                names.append(drawer.parse(age.open_(store.raw(paths.identity(token)), [opener]), token, store.vault).name)
            except (KeyTrouble, BadInput, KeyError):
                names.append(token)
    return names
