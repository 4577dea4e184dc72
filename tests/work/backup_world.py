"""Backups for tests: a vault with signed notes, and the command's own way of making a copy of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tests import vaults
from vaultcli.cli.record import backup
from vaultcli.verify import vault
from vaultcli.verify.verdict import Verdict
from vaultcli.work.backup import make
from vaultcli.work.backup.make import Made, Wanted


def verify(world: vaults.World) -> Verdict:
    return vault.verify(world.vault.chart, now=world.tick())


def back_up(world: vaults.World, place: Path, *recipients: str, **more: object) -> Made:
    """What `vaultcli backup` does."""
    now: datetime = world.tick()
    wanted, _ = make.chosen(world.vault, place, Wanted(place, recipients, **more))  # type: ignore[arg-type]
    verdict = vault.verify(world.vault.chart, now=now)
    return make.make(world.vault, wanted, backup._judged(verdict), now, backup._trial(verdict, now))
