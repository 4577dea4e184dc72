"""Copies of `epoch.age` on sticks: written, checked, brought up to date.

`docs/spec/psychotherapy/keys.md`, rules 7 and 8. A stick holds a folder with `epoch.age` and, where the clinician's identity is a
file of ours, `clinician.age`; the two open every note, with the passphrase.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from vaultcli.ground import files, shred
from vaultcli.ground.age.seal import Identity
from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble, NotFound, Refused, VaultError
from vaultcli.places.machine import location
from vaultcli.places.sealed import copies, remains
from vaultcli.places.sealed.copies import MACHINE, PAGE, USB, Copy
from vaultcli.places.sealed.settings import CLINICIAN, EPOCH, Settings
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.unlock import epoch as epoch_file
from vaultcli.psychotherapy.unlock.keys import Keys
from vaultcli.record.sealed.drawer import Epoch

FOLDER = "psychotherapy-keys"
GOOD, STALE, GONE, WRONG, ELSEWHERE = "good", "stale", "not there", "wrong", "cannot be read here"
"""What a place can be: as the working copy; older; a stick that is not plugged in; damaged or another's; paper, or a machine."""


class Fresh(NamedTuple):
    """An `epoch.age` that is to stand in every place, and what is known of it.

    Attributes:
        sealed: its bytes.
        epoch: what they were opened to.
        identities: the clinician's, which open what lies in a place now as far as anything does.
        proven: whether it opened every drawer that is there, and at least one.
    """

    sealed: bytes
    epoch: Epoch
    identities: Sequence[Identity]
    proven: bool


def proven(store: Store, epoch: Epoch) -> bool:
    """Whether an epoch opens every drawer that is there, and at least one: only then is what it replaces needed no more.

    Args:
        store: the sealed files.
        epoch: as opened.
    """
    opener = Keys(store, epoch)
    return bool(opener.drawers()) and not opener.unready()


def working(store: Store, epoch: Epoch, identities: Sequence[Identity]) -> Fresh:
    """This machine's `epoch.age`.

    Args:
        store: the sealed files.
        epoch: what it was just opened to.
        identities: the clinician's.
    """
    return Fresh(files.read(store.settings.epoch), epoch, identities, proven(store, epoch))


@dataclass(frozen=True)
class State:
    """A registered place as it is now.

    Args:
        copy: as registered.
        state: `good`, `stale`, `not there`, `wrong` or `cannot be read here`.
        why: in words; may be empty.
    """

    copy: Copy
    state: str
    why: str = ""


def check_place(settings: Settings, folder: Path) -> Path:
    """Where on a stick the copy goes: the path of `epoch.age`.

    Raises:
        NotFound: there is no such folder.
        Refused: the place travels: the repository, the vault, a folder that some service copies away; or it is the key store.
    """
    if not folder.is_dir():
        raise NotFound(f"there is no folder {folder}", hint="is the stick plugged in?")
    place = folder.resolve()
    for inside, what in ((settings.repository, "the psychotherapy repository"), (settings.root, "the vault")):
        if place.is_relative_to(inside.resolve()):
            raise Refused(f"{folder} lies inside {what}", hint="epoch.age must never enter a history or a general backup")
    if place.is_relative_to(settings.keys.resolve()):
        raise Refused(f"{folder} lies inside the key store", hint="a second copy is in a second place: a stick")
    if service := location.synced(place):
        raise Refused(f"{folder} lies in a folder of {service}", hint="what is copied away cannot be destroyed; take a stick")
    return folder / FOLDER / EPOCH


def add(settings: Settings, folder: Path, label: str, fresh: Fresh, now: datetime) -> Copy:
    """Write a copy to a stick, read it back, and register it.

    Args:
        settings: where the working copy is.
        folder: on the stick.
        label: what the user calls it.
        fresh: the working copy.
        now: the clock.

    Raises:
        Conflict: the label is taken, or another copy stands in that folder.
        Refused, NotFound: see `check_place`.
    """
    path = check_place(settings, folder)
    known = {one.label: one for one in copies.load(settings)}
    if label in known and known[label].path != str(path):
        raise Conflict(f"{label} is another copy already", hint="`--label` gives this one a name of its own")
    if path.exists() and str(path) not in {one.path for one in known.values()}:
        raise Conflict(f"{path} is there and is no copy of this vault's", hint="another folder on the stick, or remove it first")
    # registered first: what lies on a stick and nobody knows of cannot be destroyed
    begun = next((one for one in known.values() if one.path == str(path)), Copy(USB, label, str(path), 0, now.date().isoformat()))
    copies.register(settings, replace(begun, label=label))
    return update(settings, replace(begun, label=label), fresh, now)


def update(settings: Settings, copy: Copy, fresh: Fresh, now: datetime) -> Copy:
    """Bring a stick to an `epoch.age`, durably, and register that it is.

    What lies there is written over only where it is certainly of these notes and the new file was tried on the drawers; else it
    stays beside the new one, with its `clinician.age`, under a name with the day.

    Args:
        settings: where `clinician.age` is.
        copy: the place; its folder is made.
        fresh: the new file.
        now: the clock.

    Raises:
        Conflict: the key of other notes lies there; nothing was written.
    """
    path = Path(copy.path)
    files.make_dirs(path.parent)
    if not _is_superseded(path, copy, fresh):
        for one in (path, path.with_name(CLINICIAN)):
            remains.put_aside(one, now.date().isoformat())
    return write(settings, copy, fresh.sealed, fresh.epoch.number, now)


def update_all(settings: Settings, fresh: Fresh, now: datetime) -> list[Copy]:
    """Bring every stick that is plugged in to an `epoch.age`; one that holds the key of other notes is left as it is.

    Returns:
        Those that hold it now.
    """
    done = []
    for one in reachable(settings):
        with contextlib.suppress(Conflict):
            done.append(update(settings, one, fresh, now))
    return done


def write(settings: Settings, copy: Copy, sealed: bytes, number: int, now: datetime) -> Copy:
    """Write the files of a stick, over what lies there, and register them; `update` has seen to that.

    Args:
        settings: where `clinician.age` is.
        copy: the place; its folder is there.
        sealed: the new `epoch.age`.
        number: of its epoch.
        now: the clock.
    """
    path = Path(copy.path)
    put_clinician(settings, copy)
    # an older epoch must not be read from what the file system keeps of it
    shred.replace(path, sealed)
    done = replace(copy, epoch=number, checked=now.date().isoformat(), sha256=files.digest(files.read(path)))
    copies.register(settings, done)
    return done


def _is_superseded(path: Path, copy: Copy, fresh: Fresh) -> bool:
    """Whether what lies in a place opens nothing that the new file does not open."""
    if not os.path.lexists(path):
        return True
    try:
        raw = epoch_file.read(path)
        there = epoch_file.open_epoch(raw, list(fresh.identities))
    except KeyTrouble:
        # sealed to a key of before a rotation, or by somebody else: the bytes that were written here last are ours
        return fresh.proven and files.digest(raw) == copy.sha256
    except VaultError:
        return False
    if there.vault != fresh.epoch.vault:
        hint = "another folder on the stick, or another stick; `vaultcli keys copies forget` takes this place off the list"
        raise Conflict(f"{path} is the key of other psychotherapy notes; nothing was written there", hint=hint)
    same = there.number == fresh.epoch.number and there.key == fresh.epoch.key
    return same or (fresh.proven and there.number < fresh.epoch.number)


def spread(settings: Settings, number: int, now: datetime) -> list[str]:
    """Replace every registered copy that can be reached and holds an older epoch.

    A file that is not the one that was written there last is left for `keys copies check --update`, which opens it first.

    Args:
        settings: where the working copy and the list are.
        number: of the epoch in force, which the working copy holds and in which every drawer was sealed anew.
        now: the clock.

    Returns:
        The labels of those that were replaced.
    """
    sealed, done = files.read(settings.epoch), []
    for one in copies.behind(settings, number):
        place = copies.path_of(one)
        if place is None or one.kind != copies.USB:
            continue
        try:
            if files.digest_of(place) not in (one.sha256, files.digest(sealed)) or aside(place.parent):
                continue
            # the old bytes are written over; what `write` then replaces are the new ones
            shred.replace(place, sealed)
            write(settings, one, sealed, number, now)
        except VaultError:
            continue
        done.append(one.label)
    return done


def aside(folder: Path) -> list[Path]:
    """Files that were put aside in a place since nobody could say what they open."""
    return sorted(folder.glob(f"{EPOCH}.until-*")) + sorted(folder.glob(f"{CLINICIAN}.until-*"))


def sweep(settings: Settings) -> list[Path]:
    """Take away what was put aside in the key store, once a note was opened with what stands in its place."""
    gone = aside(settings.keys)
    for one in gone:
        shred.remove(one)
    return gone


def put_clinician(settings: Settings, copy: Copy) -> None:
    """Bring the `clinician.age` of a stick to this machine's, where there is one."""
    own = settings.keys / settings.identity
    if settings.identity == CLINICIAN and own.is_file():
        epoch_file.put(Path(copy.path).with_name(CLINICIAN), files.read(own))


def reachable(settings: Settings) -> list[Copy]:
    """The sticks that are plugged in."""
    return [one for one in copies.load(settings) if one.kind == USB and copies.path_of(one) is not None]


def states(settings: Settings, epoch: Epoch | None, number: int, identities: Sequence[Identity] = ()) -> list[State]:
    """How each registered place is; opened where identities are given, else compared by their bytes.

    Args:
        settings: of the vault.
        epoch: what this machine's `epoch.age` opened to; None where nothing was opened.
        number: of the epoch in force.
        identities: the clinician's.
    """
    own = files.digest_of(settings.epoch) or ""
    return [_state(settings, one, epoch, number, own, identities) for one in copies.load(settings)]


def _state(settings: Settings, copy: Copy, epoch: Epoch | None, number: int, own: str, identities: Sequence[Identity]) -> State:
    if copy.kind in (PAGE, MACHINE):
        if copy.epoch < number:
            return State(copy, STALE, "print it anew and burn this one" if copy.kind == PAGE else "`vaultcli keys receive` there")
        return State(copy, ELSEWHERE)
    if copies.path_of(copy) is None:
        outdated = copy.epoch < number or (copy.sha256 and copy.sha256 != own)
        return State(copy, GONE, "stale when it was last seen" if outdated else "is the stick plugged in?")
    try:
        raw = epoch_file.read(Path(copy.path))
        if files.digest(raw) != own:
            return _differing(copy, raw, epoch, number, identities)
        if epoch is not None and epoch_file.open_epoch(raw, list(identities)) != epoch:
            return State(copy, WRONG, "holds another epoch")
        found = _clinician_state(settings, copy)
        if found.state == GOOD and (left := aside(Path(copy.path).parent)):
            return State(copy, GOOD, f"{left[0].name} lies beside it; look what it opens, then delete it")
        return found
    except VaultError as error:
        return State(copy, WRONG, error.message)


def _differing(copy: Copy, raw: bytes, epoch: Epoch | None, number: int, identities: Sequence[Identity]) -> State:
    """Why a file that differs from the working copy does; a damaged one is a `BadInput`."""
    if not identities:
        return State(copy, STALE, "another file than the one here")
    try:
        there = epoch_file.open_epoch(raw, list(identities))
    except KeyTrouble:
        return State(copy, STALE, "sealed to another key than yours: before a rotation, or by somebody else")
    if epoch is not None and there.vault != epoch.vault:
        return State(copy, WRONG, "the key of other psychotherapy notes")
    return State(copy, STALE, "sealed another time" if there.number == number else f"of epoch {there.number}")


def _clinician_state(settings: Settings, copy: Copy) -> State:
    own, there = settings.keys / settings.identity, Path(copy.path).with_name(CLINICIAN)
    if settings.identity == CLINICIAN and files.digest_of(there) != files.digest_of(own):
        return State(copy, STALE, "clinician.age beside it is missing or an older one")
    return State(copy, GOOD)


def confirm(settings: Settings, found: Sequence[State], now: datetime) -> None:
    """Write down the day for every place that was found good."""
    good = {one.copy.label for one in found if one.state == GOOD}
    rows = copies.load(settings)
    day = now.date().isoformat()
    copies.put(settings, [replace(one, checked=day) if one.label in good else one for one in rows])


def forget(settings: Settings, label: str) -> Copy:
    """Take a place off the list; the file there stays.

    Raises:
        NotFound: no place is called so.
        Refused: it is the last one, and no single copy was accepted.
    """
    rows = copies.load(settings)
    found = next((one for one in rows if one.label == label), None)
    if found is None:
        raise NotFound(f"no copy is called {label}", hint="`vaultcli keys copies` lists them")
    if len(rows) == 1 and not settings.single_copy:
        raise Refused(f"{label} is the only copy beside this machine's", hint="`vaultcli keys copies add DIR` first")
    copies.forget(settings, label)
    return found


def label_of(folder: Path) -> str:
    """What a stick is called where the user does not say: the name of its folder."""
    name = folder.resolve().name.strip()
    if not name or not name.isprintable():
        raise BadInput("the copy needs a name", hint="--label TEXT")
    return name
