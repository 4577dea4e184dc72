"""What a check of `doctor` is given, the computer and the vault, and what it gives: well, advice or a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from vaultcli.places.chart.chart import Chart
from vaultcli.places.machine.vault import Vault

OK, ADVICE, PROBLEM = "ok", "advice", "problem"
_MORE = "`vaultcli verify` says more"


@dataclass(frozen=True)
class Machine:
    """The computer, as far as a check may ask.

    Args:
        now: the clock.
        platform: as `sys.platform`.
        environ: the environment.
        root: where `/proc` and `/sys` are.
    """

    now: datetime
    platform: str = "linux"
    environ: Mapping[str, str] = field(default_factory=dict)
    root: Path = Path("/")


@dataclass(frozen=True)
class Situation:
    """A vault on a computer.

    Args:
        machine: the computer.
        vault: its settings.
        chart: its chart, opened and not mended.
    """

    machine: Machine
    vault: Vault
    chart: Chart


@dataclass(frozen=True)
class Health:
    """One thing that was found.

    Args:
        level: of `LEVELS`.
        what: it is, in a few words.
        why: it matters; empty where all is well.
        do: what to do about it; likewise.
    """

    level: str
    what: str
    why: str = ""
    do: str = ""


def ok(what: str) -> Health:
    """All is well."""
    return Health(OK, what)


def advice(what: str, why: str, do: str) -> Health:
    """Something to think about, or something that cannot be known."""
    return Health(ADVICE, what, why, do or _MORE)


def problem(what: str, why: str, do: str) -> Health:
    """Something to put right."""
    return Health(PROBLEM, what, why, do or _MORE)


@dataclass(frozen=True)
class Check:
    """A check: its name for programs, its title for people, and what looks; `ground` where no vault is needed."""

    name: str
    title: str
    of_vault: Callable[[Situation], Iterable[Health]] | None = None
    of_machine: Callable[[Machine], Iterable[Health]] | None = None
