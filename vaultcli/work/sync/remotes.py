"""The remotes of a chart: named, listed, chosen, and made; `docs/sync.md`."""

from __future__ import annotations

from pathlib import Path

from vaultcli.places.chart.chart import Chart
from vaultcli.places.remote import hooks, remotes
from vaultcli.places.remote.remotes import (
    OWN,
    RESERVED,
    Remote,
    Words,
)
from vaultcli.record.history.line import BRANCH

__all__ = ["OWN", "RESERVED", "Remote", "add", "chosen", "init_bare", "listed", "remove"]

_WORDS = Words("vaultcli sync", "clinical records")


def listed(chart: Chart) -> list[Remote]:
    """The remotes of a chart, by name."""
    return remotes.listed(chart.repository.directory)


def chosen(chart: Chart, name: str | None) -> list[Remote]:
    """The remote of that name, or all of them.

    Raises:
        NotFound: there is none.
        Refused: nothing says by what right it may hold the record.
    """
    return remotes.chosen(chart.repository.directory, name, _WORDS)


def add(chart: Chart, name: str, url: str, agreement: str, base: Path) -> Remote:
    """Record a remote, or what is agreed about one that is there; arguments and errors of `places.remotes.add`."""
    return remotes.add(chart.repository, name, url, agreement, base, _WORDS)


def remove(chart: Chart, name: str) -> list[str]:
    """Forget a remote; what it gives and raises is that of `places.remotes.remove`."""
    return remotes.remove(chart.repository, name, _WORDS)


def init_bare(path: Path, *, object_format: str, genesis: str) -> hooks.Installed:
    """Make an empty bare repository to sync a chart through, with the hook that judges pushes.

    Raises:
        Conflict: there is something already.
    """
    remotes.init_bare(path, object_format=object_format, branch=BRANCH, genesis=genesis)
    return hooks.install_bare(path, hooks.CHART)
