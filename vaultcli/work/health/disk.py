"""Whether the disk is encrypted, as far as the system says."""

from collections.abc import Iterator
from pathlib import Path

from vaultcli.ground.process import stock
from vaultcli.places.machine import location
from vaultcli.work.health.situation import Health, Machine, Situation, advice, ok, problem

_WHY = "notes are plain text: who takes the computer or its disk reads them; a lost one is presumed a breach (45 CFR 164.402(2))"


def look(s: Situation) -> Iterator[Health]:
    """The disks of the vault and of the key store."""
    for path, what in ((s.vault.root, "the vault"), (s.vault.keys, "the key store")):
        kind = location.overlay(path, s.machine.root)
        state = encrypted(path, s.machine)
        if kind:
            yield ok(f"{what} lies in a folder that {kind} encrypts")
        elif state:
            yield ok(f"the disk under {what} is encrypted")
        elif state is False:
            yield problem(
                f"the disk under {what} is not encrypted by this system",
                _WHY,
                "encrypt it: LUKS, FileVault, or the system's own way",
            )
        else:
            said = f"whether the disk under {what} is encrypted cannot be told here"
            yield advice(said, _WHY, "see to it that it is; virtual disks, ZFS and network disks do not say")


def encrypted(path: Path, machine: Machine) -> bool | None:
    """Whether the disk under a path is encrypted; None where nobody says."""
    if machine.platform == "darwin":
        said, code = stock.run("fdesetup status", Path("/"))
        return None if code else "FileVault is On" in said
    return location.encrypted(path, machine.root)
