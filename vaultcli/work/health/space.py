"""Whether there is room to write."""

import shutil
from collections.abc import Iterator

from vaultcli.work.health.situation import Health, Situation, advice, ok, problem

LITTLE, NONE = 1 << 30, 100 << 20
"""Bytes below which it is said, and below which it is a problem."""


def look(s: Situation) -> Iterator[Health]:
    """Free space under the vault."""
    free = shutil.disk_usage(s.vault.chart).free
    said = f"{free / (1 << 30):.1f} GB free under the vault" if free >= 1 << 30 else f"{free >> 20} MB free under the vault"
    why = "a full disk loses nothing that was saved, and takes nothing more"
    if free < NONE:
        yield problem(said, why, "make room")
    elif free < LITTLE:
        yield advice(said, why, "make room")
    else:
        yield ok(said)
