"""What is left of psychotherapy notes that cannot be read, and the way back; whether there may be a beginning at all.

`docs/spec/psychotherapy/repository.md`, rule 18. Where one thing cannot be read, another still says that notes were begun: the
settings, the repository, its pin, the key store. Only where all of them are silent is there nothing yet.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from vaultcli.ground import files
from vaultcli.ground.errors import Conflict, Unpinned, VaultError
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.repository import remains
from vaultcli.places.sealed import pins, settings
from vaultcli.places.sealed.pins import Pins
from vaultcli.places.sealed.settings import COPIES, EPOCH, Settings
from vaultcli.record.sealed import paths
from vaultcli.record.sealed.admission import BRANCH

_REF = f"refs/heads/{BRANCH}"
_ADOPT = "`vaultcli psychotherapy init --adopt COPY --page PAGE` takes the notes over from another copy; it overwrites no key"
_BEGUN = "psychotherapy notes were begun here; nothing was changed"


class Trouble(NamedTuple):
    """What cannot be read, and the way back."""

    what: str
    hint: str


def trouble(known: Settings) -> Trouble:
    """Why notes that were begun have no newest commit.

    Args:
        known: where they are.
    """
    repository, directory = known.repository, known.repository / ".git"
    if not known.keys.is_dir() and not directory.is_dir():
        return Trouble(f"{repository} and the key store {known.keys} are not there", f"is their disk plugged in? {_ADOPT}")
    if not directory.is_dir():
        return Trouble(f"the psychotherapy repository is not there: {repository}", f"is its disk plugged in? {_ADOPT}")
    pinned = _pin(directory)
    state = "cannot be read" if os.path.lexists(directory / _REF) else "is not there"
    what = f"the branch {BRANCH} of the psychotherapy repository {state}"
    if pinned is not None and _holds(directory, pinned.head):
        away = f"rm {directory / _REF} && " if state == "cannot be read" else ""
        move = f"{away}git -C {repository} update-ref {_REF} {pinned.head}"
        return Trouble(what, f"{move} puts it where this machine last saw it; then `vaultcli psychotherapy verify`")
    return Trouble(what, _ADOPT)


def _pin(directory: Path) -> Pins | None:
    try:
        return pins.find(gitconfig.read_settings(directory).values.get("vaultcli.clone", ""))
    except VaultError:
        return None


def _holds(directory: Path, oid: str) -> bool:
    try:
        format_ = gitconfig.read_settings(directory).object_format
        Git(directory, object_format=format_).run("rev-list", "--count", oid)
    except VaultError:
        return False
    return True


def refuse_beginning(wanted: Settings) -> None:
    """Stop a beginning where something says that notes were begun; a beginning of ours that was cut short may be completed.

    Args:
        wanted: as they would be.

    Raises:
        Conflict: something says so.
        BadInput, DiskTrouble: the settings that are there cannot be read.
    """
    before = settings.load(wanted.root) if settings.present(wanted.root) else None
    if before is not None and not before.beginning:
        found = trouble(before)
        raise Conflict(f"{_BEGUN}: {found.what}", hint=found.hint)
    for sign in _signs(wanted, before):
        raise Conflict(f"{_BEGUN}: {sign}", hint=trouble(before or wanted).hint)


def _signs(wanted: Settings, before: Settings | None) -> Iterator[str]:
    for place in dict.fromkeys(one.repository for one in (before, wanted) if one is not None):
        if said := remains.found(place, BRANCH):
            yield f"{place}: {said}"
        yield from (f"{place}: {said}" for said in _sealed(place))
        yield from (f"{place}: {said}" for said in _pinned(place / ".git"))
    if before is None:
        # nobody's beginning was cut short, so what is in a store of that name is of other notes
        yield from (f"{wanted.keys / name} is there" for name in (EPOCH, COPIES) if os.path.lexists(wanted.keys / name))
    elif not before.keys.is_dir():
        yield f"the key store {before.keys} is not there"
    elif os.path.lexists(before.epoch) and not (before.repository / ".git").is_dir():
        # the repository is made before the file
        yield f"{before.epoch} is there, and {before.repository} is not"


def _sealed(place: Path) -> Iterator[str]:
    """Files of ours in the working folder: they are written after the line stands."""
    if place.is_dir():
        names = sorted(os.listdir(place))  # noqa: PTH208 - names
        yield from (f"{name} is there" for name in names if name in (paths.SIGNERS, paths.EPOCHS))
        yield from (f"{name} holds a drawer" for name in names if os.path.lexists(place / paths.identity(name)))


def _pinned(directory: Path) -> Iterator[str]:
    if not (directory / "config").is_file():
        return
    clone = gitconfig.read_settings(directory).values.get("vaultcli.clone", "")
    try:
        found = pins.find(clone) if clone else None
    except Unpinned:
        return
    if found is not None and (found.head != found.genesis or found.drawers or found.epoch[0] != 1):
        yield f"this machine has seen {found.head}"
    elif found is not None and not _holds(directory, found.genesis):
        yield f"this machine has seen {found.genesis}, which is not there"


def put_aside(path: Path, day: str) -> Path | None:
    """Move a file that holds a secret out of the way, durably, under a name with a date; None where there is none.

    Args:
        path: the file.
        day: ISO date.
    """
    if not os.path.lexists(path):
        return None
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.name}.until-{day}{f'-{number}' if number > 1 else ''}")):
        number += 1
    with files.trouble(path, "put aside"):
        path.rename(aside)
        files.fsync_dir(path.parent)
    return aside
