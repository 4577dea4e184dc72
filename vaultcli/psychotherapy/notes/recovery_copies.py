"""Sealed copies of what is being written, in the machine's state folder: what a crash leaves is found again.

A copy is sealed to the drawer's recipient like the note itself, and unsigned. With the first note of a client the drawer's sealed
identity lies beside it, for it is in no repository yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from vaultcli.ground import files, ids
from vaultcli.ground.errors import Conflict, NotFound
from vaultcli.ground.process import marks
from vaultcli.places.machine import state
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.notes import sealed_file
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.sealed import header, paths
from vaultcli.record.sealed.header import Contents, Header
from vaultcli.record.sealed.paths import Sealed

_NAME = re.compile(rf"({ids.PATTERN})-({ids.PATTERN})\.age")


class Autosave(NamedTuple):
    """One copy: its drawer and the file that it was to become."""

    token: str
    id: str


def folder(store: Store) -> Path:
    """Where the copies are."""
    return state.folder("autosaves") / store.repository.clone_id


def _place(store: Store, one: Autosave) -> Path:
    return folder(store) / f"{one.token}-{one.id}.age"


def _identity(store: Store, token: str) -> Path:
    return folder(store) / f"{token}-identity.age"


def mark(store: Store, id_: str) -> Path:
    """What is held while a file is being written (`marks.mark`)."""
    return _marks(store) / id_


def _marks(store: Store) -> Path:
    return state.folder("editing-psychotherapy") / store.repository.clone_id


def put(store: Store, known: Known, head: Header, text: bytes, identity: Mapping[str, bytes]) -> None:
    """Keep a state of a text, in the place of the one before.

    Args:
        store: the sealed files.
        known: the drawer.
        head: as `head_of` made it, unsigned.
        text: the state.
        identity: what is recorded with the first file of a new drawer: path to sealed bytes; else empty.

    Raises:
        Refused: the drawer is not sealed to whom this machine has pinned.
        DiskTrouble: it could not be written.
    """
    files.make_dirs(folder(store))
    for raw in identity.values():
        files.put(_identity(store, known.token), raw)
    one = Autosave(known.token, head.id)
    files.put(_place(store, one), sealed_file.seal(store, known, head, {header.NOTE_FILE: text}, None))
    files.fsync_dir(folder(store))


def settled(store: Store, now: datetime) -> None:
    """See to it that no key changes under a text that is being written, nor under one that a crash left.

    The drawer of a client's first note is sealed to an epoch before it is recorded; when that epoch ends, nothing would open it.

    Raises:
        Conflict: somebody is writing.
    """
    where = _marks(store)
    if where.is_dir() and any(marks.is_held(place) for place in sorted(where.iterdir())):
        raise Conflict("a note is being written in another `vaultcli`; nothing was changed", hint="close its editor first")
    completed(store, now)


def waiting(store: Store) -> list[Autosave]:
    """The copies whose writers are gone, sorted."""
    where = folder(store)
    names = sorted(path.name for path in where.iterdir()) if where.is_dir() else []
    found = [Autosave(name[1], name[2]) for name in filter(None, map(_NAME.fullmatch, names))]
    return [one for one in found if one.token not in store.state.epochs.destroyed and not marks.is_held(mark(store, one.id))]


def find(store: Store, part: str) -> Autosave:
    """The copy whose id begins so.

    Raises:
        NotFound: none, or more than one.
    """
    found = [one for one in waiting(store) if one.id.startswith(part)]
    if len(found) != 1:
        raise NotFound(f"{len(found) or 'no'} recovery copies have an id that begins with {part}")
    return found[0]


def completed(store: Store, now: datetime) -> int:
    """Record the drawers whose first file was never recorded, so that their copies can be opened; how many."""
    changes = {}
    for one in waiting(store):
        path = _identity(store, one.token)
        if one.token not in store.drawers() and path.is_file():
            changes[paths.identity(one.token)] = files.read(path)
    if changes:
        with store.machine() as (_, signer):
            store.record(changes, now, by=signer)
    return len(changes)


def opened(store: Store, opener: Opener, known: Known, one: Autosave) -> Contents:
    """What a copy holds.

    Raises:
        NotVerified, BadInput, KeyTrouble: as `sealed_file.opened`.
    """
    return sealed_file.opened(store, opener, known, Sealed(one.token, one.id), files.read(_place(store, one)))


def remove(store: Store, one: Autosave) -> None:
    """Delete a copy, and the identity beside it when no other copy needs it."""
    place = _place(store, one)
    if place.is_file():
        files.remove(place, expecting=files.digest(files.read(place)))
    if not any(folder(store).glob(f"{one.token}-{'?' * ids.LENGTH}.age")):
        _identity(store, one.token).unlink(missing_ok=True)


def forget(store: Store, token: str) -> int:
    """Delete every copy of a drawer that was destroyed; how many there were."""
    gone = [*folder(store).glob(f"{token}-*.age")]
    for place in gone:
        place.unlink(missing_ok=True)
    return len(gone)


def head_of(known: Known, kind: str, id_: str, to: str, previous: tuple[str, ...], text: bytes, now: datetime) -> Header:
    """The header of a copy: it names what the text was begun from, and nobody signs it."""
    contents = {header.NOTE_FILE: text}
    return notes.head_of(known, kind, now, contents, by="", machine=None, id_=id_, to=to, previous=previous)
