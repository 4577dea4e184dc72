"""The hooks of the psychotherapy repository: put in place by `init`, looked for by `verify`."""

from __future__ import annotations

from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.places.remote import hooks
from vaultcli.places.remote.hooks import Installed
from vaultcli.places.sealed.settings import Settings

FOLDER = "psychotherapy/"
HERE = ("reference-transaction", "pre-commit")
BARE = ("pre-receive",)


def install(settings: Settings) -> Installed:
    """Put the hooks into the psychotherapy repository; again and again does no harm."""
    return hooks.install_in(settings.repository / ".git", HERE, FOLDER)


def install_bare(path: Path) -> Installed:
    """Put the hook that judges pushes into a bare repository."""
    return hooks.install_in(path, BARE, FOLDER)


def missing(directory: Path) -> list[str]:
    """What keeps the hooks from guarding plain git, a sentence each."""
    found = []
    for name in HERE:
        try:
            raw = files.read(directory / "hooks" / name)
        except VaultError:
            found.append(f"the hook {name} is not there")
            continue
        if not hooks.is_ours(raw):
            found.append(f"the hook {name} is not ours")
    return found
