"""Damaged objects of the chart brought back from a remote, a backup or another copy."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground.errors import NotFound, VaultError
from vaultcli.ground.repository import damage
from vaultcli.places.chart.chart import Chart
from vaultcli.places.machine.vault import NAME, load
from vaultcli.places.remote import remotes
from vaultcli.work.backup import restore


@dataclass(frozen=True)
class Repaired:
    """What came of it.

    Args:
        read: how many objects the lines lead to that are whole.
        back: source to the number of objects that it gave.
        left: objects that are still missing or damaged.
        away: sources that could not be read, and why.
    """

    read: int
    back: dict[str, int]
    left: tuple[str, ...]
    away: dict[str, str]


def repair(chart: Chart, source: str = "") -> Repaired:
    """Bring back what is damaged and reachable from the heads of this copy; every hash is checked.

    Args:
        chart: the chart.
        source: a remote's name, the folder of a vault, a git folder, a backup or a bundle; every remote when empty.

    Raises:
        NotFound: there is no such source.
        GitTrouble, BadInput: the one that was named cannot be read.
    """
    bad, read = damage.find(chart.repository)
    back: dict[str, int] = {}
    away: dict[str, str] = {}
    known = {one.name: one.url for one in remotes.listed(chart.repository.directory)}
    for name in ([source] if source else list(known)) if bad else ():
        try:
            with ExitStack() as stack:
                number, bad = damage.mend(chart.repository, known.get(name) or _place(chart, name, stack))
                back[name] = number
        except VaultError as error:
            if source:
                raise
            away[name] = error.message
    return Repaired(read + sum(back.values()), back, tuple(sorted(bad)), away)


def _place(chart: Chart, name: str, stack: ExitStack) -> str:
    """What git fetches from."""
    path = Path(name).expanduser().absolute()
    if (path / NAME).is_file():
        path = load(path).chart
    if (path / ".git" / "objects").is_dir():
        return str(path / ".git")
    if (path / "objects").is_dir():
        return str(path)
    if not path.exists():
        raise NotFound(f"there is no remote {name}, and nothing at {path}", hint="`vaultcli sync list` shows the remotes")
    return str(stack.enter_context(restore.opened(path, chart.genesis, ())).bundle)
