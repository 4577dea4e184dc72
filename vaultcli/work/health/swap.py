"""Whether swap is encrypted: what is in memory can end up on a disk."""

import os
from collections.abc import Iterator
from pathlib import Path

from vaultcli.places.machine import location
from vaultcli.work.health.situation import Health, Machine, advice, ok

_WHY = "what a program holds in memory, a note that is open among it, can be written there and stay"


def look(machine: Machine) -> Iterator[Health]:
    """Every swap that is in use (`proc(5)`, swaps)."""
    if machine.platform == "darwin":
        yield ok("swap: macOS encrypts its own")
        return
    try:
        rows = (machine.root / "proc/swaps").read_text(encoding="utf-8", errors="replace").splitlines()[1:]
    except OSError:
        yield advice("whether swap is encrypted cannot be told here", _WHY, "see to it that it is")
        return
    names = [row.split()[0] for row in rows if row.split()]
    if not names:
        yield ok("no swap")
    for name in names:
        yield _one(name, machine.root)


def _one(name: str, root: Path) -> Health:
    short = Path(name).name
    if short.startswith("zram"):
        return ok("swap in memory (zram)")
    state = _state(name, root)
    if state:
        return ok(f"swap on {short} is encrypted")
    what = f"swap on {short} is not encrypted" if state is False else f"whether swap on {short} is encrypted cannot be told"
    return advice(what, _WHY, "encrypt it (a random key at each start will do), use zram, or switch it off")


def _state(name: str, root: Path) -> bool | None:
    path = root / name.lstrip("/")
    if not name.startswith("/dev/"):
        return location.encrypted(path, root) if path.exists() else None
    block = root / "sys/class/block" / os.path.basename(os.path.realpath(path))  # noqa: PTH119
    return location.is_crypt(block) if block.exists() else None
