"""The table of `doctor`'s checks, in the order in which they are shown; and running them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vaultcli.ground.errors import GitTrouble, VaultError
from vaultcli.places.chart.chart import Chart
from vaultcli.places.machine.vault import Vault
from vaultcli.work.health import (
    backup,
    clock,
    copies,
    disk,
    editor,
    git,
    hooks,
    index,
    keys,
    locale,
    objects,
    permissions,
    pins,
    remotes,
    repository,
    space,
    ssh,
    swap,
    synced,
    versions,
    worktrees,
)
from vaultcli.work.health.situation import Check, Health, Machine, Situation, problem

CHECKS = (
    Check("git", "git", of_machine=git.look),
    Check("openssh", "OpenSSH", of_machine=ssh.look),
    Check("editor", "editor", of_machine=editor.look),
    Check("locale", "text and time", of_machine=locale.look),
    Check("swap", "swap", of_machine=swap.look),
    Check("disk", "disk", of_vault=disk.look),
    Check("synced", "synced folder", of_vault=synced.look),
    Check("keys", "keys", of_vault=keys.look),
    Check("permissions", "permissions", of_vault=permissions.look),
    Check("backup", "backup", of_vault=backup.look),
    Check("remotes", "remotes", of_vault=remotes.look),
    Check("hooks", "hooks", of_vault=hooks.look),
    Check("pins", "pins", of_vault=pins.look),
    Check("copies", "copies", of_vault=copies.look),
    Check("versions", "versions", of_vault=versions.look),
    Check("worktrees", "folders", of_vault=worktrees.look),
    Check("repository", "git's folder", of_vault=repository.look),
    Check("objects", "git's store", of_vault=objects.look),
    Check("index", "index", of_vault=index.look),
    Check("clock", "clock", of_vault=clock.look),
    Check("space", "space", of_vault=space.look),
)
_OPENING = Check("chart", "chart")


@dataclass(frozen=True)
class Row:
    """A check and one thing that it found."""

    check: Check
    health: Health


def machine(of: Machine) -> list[Row]:
    """What the checks say that need no vault."""
    return [row for check in CHECKS if check.of_machine for row in _rows(check, check.of_machine(of))]


def vault(of: Machine, where: Vault) -> list[Row]:
    """What the checks say that look at a vault; where it cannot be opened, that, and nothing else of it."""
    try:
        with Chart(where) as chart:
            situation = Situation(of, where, chart)
            return [row for check in CHECKS if check.of_vault for row in _rows(check, check.of_vault(situation))]
    except GitTrouble as error:
        why = "nothing works until it can be opened"
        return [
            Row(_OPENING, problem(error.message, why, error.hint or "`vaultcli backup DIR` keeps what is there; then restore"))
        ]


def _rows(check: Check, found: Iterable[Health]) -> Iterator[Row]:
    """The findings of one check; a check that stumbles says over what, and the others go on."""
    try:
        for one in found:
            yield Row(check, one)
    except (VaultError, OSError) as error:
        said = error.message if isinstance(error, VaultError) else str(error.strerror or error)
        hint = error.hint if isinstance(error, VaultError) else ""
        yield Row(
            check,
            problem(
                f"could not be looked at: {said}",
                "what cannot be read cannot be vouched for",
                hint or "`vaultcli verify` says more",
            ),
        )
