"""`copies.toml` in the key store: where else `epoch.age` is, and which epoch each place holds.

`docs/spec/psychotherapy/keys.md`, rule 7. Destroying one client's notes means that none of these places keeps an older one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput
from vaultcli.places.sealed.settings import COPIES, Settings, present
from vaultcli.places.sealed.settings import load as load_settings
from vaultcli.record.sealed import toml

VERSION = "vaultcli-copies"
PAGE, USB, MACHINE = "page", "usb", "machine"
KINDS = (PAGE, USB, MACHINE)


@dataclass(frozen=True)
class Copy:
    """One registered place.

    Args:
        kind: `page`, `usb` or `machine`.
        label: what the user calls it; unique.
        path: of the file, where it can be reached from here at times; else empty.
        epoch: the number of the epoch that it was last known to hold.
        checked: ISO date of that.
        sha256: of the `epoch.age` there, for a stick; empty where it is not known.
    """

    kind: str
    label: str
    path: str
    epoch: int
    checked: str
    sha256: str = ""


def load(settings: Settings) -> tuple[Copy, ...]:
    """The registered places; none where there is no list.

    Raises:
        BadInput: the list is damaged.
    """
    path = settings.keys / COPIES
    if not path.exists():
        return ()
    data = toml.read(toml.decoded(files.read(path), str(path)), str(path), VERSION, "copy")
    try:
        found = tuple(
            Copy(row["kind"], row["label"], row["path"], row["epoch"], row["checked"], row.get("sha256", ""))
            for row in data.get("copy", [])
        )
    except KeyError as error:
        raise BadInput(f"{path}: {error} is missing") from None
    if any(one.kind not in KINDS or type(one.epoch) is not int for one in found):
        raise BadInput(f"{path}: a kind or an epoch is not what it should be")
    return found


def put(settings: Settings, copies: Iterable[Copy]) -> None:
    """Write the list, durably."""
    rows: list[dict[str, toml.Value]] = [
        {"kind": one.kind, "label": one.label, "path": one.path, "epoch": one.epoch, "checked": one.checked, "sha256": one.sha256}
        for one in copies
    ]
    files.put(settings.keys / COPIES, toml.render({VERSION: 1}, "copy", rows).encode())
    files.fsync_dir(settings.keys)


def register(settings: Settings, copy: Copy) -> None:
    """Add a place, or bring it up to date; places are told apart by their labels."""
    put(settings, [*(one for one in load(settings) if one.label != copy.label), copy])


def behind(settings: Settings, epoch: int) -> list[Copy]:
    """The places that may still hold an older epoch's file."""
    return [one for one in load(settings) if one.epoch < epoch]


def forget(settings: Settings, label: str) -> None:
    """Take a place off the list."""
    put(settings, [one for one in load(settings) if one.label != label])


def single(root: Path) -> bool:
    """Whether the vault keeps psychotherapy notes with a single copy of `epoch.age`, as the user accepted."""
    return present(root) and load_settings(root).single_copy


def path_of(copy: Copy) -> Path | None:
    """Where the file is, if it can be reached now."""
    place = Path(copy.path) if copy.path else None
    return place if place is not None and place.is_file() else None
