"""Helpers for tests of sharing and destroying: what everything that somebody kept still opens."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from tests import sealed
from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.age.seal import Identity
from vaultcli.ground.errors import VaultError
from vaultcli.psychotherapy.handover import destroy as destruction
from vaultcli.psychotherapy.handover.destroy import Step, Wanted
from vaultcli.psychotherapy.keys import recovery_page
from vaultcli.psychotherapy.unlock import epoch_switch, keys
from vaultcli.psychotherapy.unlock.clinician import clinician
from vaultcli.psychotherapy.unlock.epoch import open_epoch
from vaultcli.psychotherapy.unlock.keys import Keys
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.notes.hold import Free
from vaultcli.record.sealed import recovery_page as page

FREE = Free("", "2026-11-23")
"""What asking for holds gave; tests of holds are in `tests/work/people`."""


def blobs(repository: Path) -> list[bytes]:
    """Every blob of a repository, reachable or not."""
    said = subprocess.run(
        ["git", "-C", repository, "cat-file", "--batch-all-objects", "--batch", "--unordered"], capture_output=True, check=True
    ).stdout
    found, at = [], 0
    while at < len(said):
        end = said.index(b"\n", at)
        _, kind, size = said[at:end].split()
        if kind == b"blob":
            found.append(said[end + 1 : end + 1 + int(size)])
        at = end + int(size) + 2
    return found


def secrets_in(plain: bytes) -> list[Identity]:
    """The age identities that stand in a text."""
    rows = plain.decode("utf-8", "replace").splitlines()
    return [age.identity(row.strip()) for row in rows if row.strip().startswith("AGE-SECRET-KEY-1")]


def opened(sealed_files: Iterable[bytes], begin: Sequence[Identity]) -> set[bytes]:
    """Every plaintext that can be reached: whatever opens is looked through for more secrets, until nothing more opens."""
    waiting, found, identities = list(sealed_files), set[bytes](), list(begin)
    tried = 0
    while tried < len(identities):
        identity, tried = identities[tried], tried + 1
        for raw in list(waiting):
            try:
                plain = age.open_(raw, [identity])
            except VaultError:
                continue
            waiting.remove(raw)
            found.add(plain)
            identities += secrets_in(plain)
    return found


def tells(plains: Iterable[bytes], words: str) -> bool:
    """Whether a text stands in any of them."""
    return any(words.encode() in plain for plain in plains)


def combinations(parts: dict[str, list[bytes]]) -> list[tuple[str, ...]]:
    """Every choice of the parts, the empty one left out."""
    return [some for size in range(1, len(parts) + 1) for some in itertools.combinations(sorted(parts), size)]


def destroy(
    world: sealed.SealedWorld, known: Known, tmp: Path, now: datetime, *, shares: tuple[str, ...] = (), name: str = "new"
) -> Step:
    """Destroy a drawer as the command does."""
    with world.store() as store:
        identities = clinician(world.settings, lambda _: sealed.PASSPHRASE)

        def open_(raw: bytes) -> keys.Epoch:
            return open_epoch(raw, identities)

        epoch_switch.settle(store, open_)
        everything = Keys(store, open_(files.read(world.settings.epoch)))
        wanted = Wanted(
            known, FREE, tmp / f"{name}-certificate.toml", tmp / f"{name}-page.html", recovery_page.read(world.page), shares
        )
        with store.machine() as (entry, signer):
            if known.token in store.drawers():
                destruction.check(store, wanted)
                destruction.destroy(store, everything, open_, wanted, now, entry, signer)
            return destruction.go_on(store, now, entry, signer)


def sheet(path: Path) -> page.Page:
    """A recovery page."""
    return recovery_page.read(path)
