"""The hooks of a chart, and of a bare repository that others push it to."""

from __future__ import annotations

from pathlib import Path

from vaultcli.places.machine.vault import Vault
from vaultcli.places.remote.hooks import (
    MARK,
    Installed,
    install_in,
    is_ours,
    program,
    shim,
)

__all__ = ["BARE", "HERE", "MARK", "Installed", "install", "install_bare", "install_in", "is_ours", "program", "shim"]

HERE = ("reference-transaction", "pre-commit", "commit-msg", "pre-push")
"""The hooks of a chart."""
BARE = ("pre-receive",)
"""The hooks of a bare repository that others push to."""


def install(vault: Vault) -> Installed:
    """Put the hooks into a vault's chart; again and again does no harm."""
    return install_in(vault.chart / ".git", HERE)


def install_bare(path: Path) -> Installed:
    """Put the hook that judges pushes into a bare repository."""
    return install_in(path, BARE)
