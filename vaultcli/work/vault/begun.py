"""Whether a vault was begun in a folder, where its line of practice cannot be read; and the way back.

Only where nothing says so may `init` begin: what cannot be read is no proof that nothing is there.
"""

from __future__ import annotations

import os
from pathlib import Path

from vaultcli.ground.errors import Conflict, VaultError
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.repository import remains
from vaultcli.places.machine import pins, settings
from vaultcli.places.machine.pins import Pins
from vaultcli.places.machine.vault import NAME
from vaultcli.record.history.line import BRANCH

_REF = f"refs/heads/{BRANCH}"


def refuse(root: Path, chart: Path) -> None:
    """Stop a beginning where something says that the vault was begun; one that was cut short may be completed.

    Args:
        root: the vault's folder.
        chart: its repository; without a first commit that can be read.

    Raises:
        Conflict: something says so.
    """
    if said := _said(root, chart):
        message = f"a vault was begun here and cannot be read; nothing was changed: {said}"
        raise Conflict(message, hint=_way_back(chart / ".git"))


def _said(root: Path, chart: Path) -> str:
    if said := remains.found(chart, BRANCH):
        return f"{chart}: {said}"
    if (chart / ".git").is_dir():
        seen = [one for one in _pins(chart / ".git") if any(head != one.genesis for head in one.heads.values())]
        return f"this machine has seen more of {chart} than is there" if seen else ""
    if os.path.lexists(root / NAME) and root in settings.vaults():
        return f"{chart} is not there, and the vault is in the list of your vaults"
    return ""


def _pins(directory: Path) -> list[Pins]:
    try:
        return pins.find(gitconfig.read_settings(directory).values.get("vaultcli.clone", ""))
    except VaultError:
        return []


def _way_back(directory: Path) -> str:
    """The command that puts the line where this machine last saw it, where that is still there; else another copy."""
    for one in _pins(directory):
        head = one.heads.get(BRANCH, "")
        try:
            Git(directory, object_format=gitconfig.read_settings(directory).object_format).run("rev-list", "--count", head)
        except VaultError:
            continue
        away = f"rm {directory / _REF} && " if os.path.lexists(directory / _REF) else ""
        move = f"{away}git -C {directory.parent} update-ref {_REF} {head}"
        return f"{move} puts it where this machine last saw it; then `vaultcli verify`"
    return "is its disk plugged in? `vaultcli init NEWDIR --adopt COPY --genesis ID` takes the vault over from another copy"
