"""Files that are made to be taken away: hand-over files and certificates lie outside of everything that is kept."""

from __future__ import annotations

from pathlib import Path

from vaultcli.ground.errors import BadInput, Conflict, Refused
from vaultcli.places.machine import vault
from vaultcli.places.sealed.settings import Settings


def check(settings: Settings, path: Path, what: str) -> None:
    """Whether a new file may lie there.

    Args:
        settings: of the sealed notes.
        path: the file that is to be made.
        what: it is, for the error.

    Raises:
        Refused: inside the vault, the psychotherapy repository or a key store.
        Conflict: something is there already.
        BadInput: its folder is not there.
    """
    place = path.resolve()
    for folder in (settings.root, settings.repository, settings.keys, vault.load(settings.root).keys):
        if place.is_relative_to(folder.resolve()):
            raise Refused(f"{what} would lie inside {folder}", hint="a stick, or a folder outside the vault")
    if path.exists() or path.is_symlink():
        raise Conflict(f"{path} exists already", hint="it is never written over")
    if not path.parent.is_dir():
        raise BadInput(f"there is no folder {path.parent}", hint="is the stick plugged in?")
