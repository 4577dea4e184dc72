"""Backups for tests: a vault with signed notes, and the command's own way of making a copy of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tests import vaults
from vaultcli.cli import backup as command
from vaultcli.verify import vault as verification
from vaultcli.verify.verdict import Verdict
from vaultcli.work import backing
from vaultcli.work.backing import Made, Wanted


def verify(world: vaults.World) -> Verdict:
    return verification.verify(world.vault.chart, now=world.tick())


def back_up(world: vaults.World, place: Path, *recipients: str, **more: object) -> Made:
    """What `vaultcli backup` does."""
    now: datetime = world.tick()
    wanted, _ = backing.chosen(world.vault, place, Wanted(place, recipients, **more))  # type: ignore[arg-type]
    verdict = verification.verify(world.vault.chart, now=now)
    return backing.make(world.vault, wanted, command._judged(verdict), now, command._trial(verdict, now))
