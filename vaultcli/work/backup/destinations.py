"""The places where backups lie: which are fit for it, what is there, and what a stranger reads first."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import NotFound, Refused, VaultError
from vaultcli.places.machine.vault import Vault
from vaultcli.record import backup_manifest
from vaultcli.record.backup_manifest import BUNDLE, SEALED, Manifest

_SECRETS = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|AGE-SECRET-KEY-|VAULTCLI RECOVERY PAGE \d")
_SMALL = 1 << 16
"""Bytes above which a file in the place is no key."""
_FOLDER = re.compile(r"vaultcli-[0-9a-z]{8}-\d{8}T\d{6}Z-[0-9a-z]{4}")


def check(place: Path, vault: Vault) -> None:
    """Refuse a place where a backup must not lie.

    Raises:
        NotFound: it is not there; it is never made, because a stick that is not plugged in looks the same.
        Refused: it holds a key or lies with one, or in the vault, or is itself a backup.
    """
    if not place.is_dir():
        raise NotFound(f"there is no folder {place}", hint="is the stick plugged in? a new folder is made with mkdir")
    here = place.resolve()
    for folder, what in ((vault.root, "the vault"), (vault.chart, "the chart")):
        if here.is_relative_to(folder.resolve()):
            raise Refused(f"{place} lies inside {what}", hint="a backup belongs on another disk")
    for path in _keys(vault):
        if here.is_relative_to(path) or path.is_relative_to(here):
            hint = "keys and the record stay apart, also in backups: name another folder"
            raise Refused(f"{place} is where your keys are", hint=hint)
    if (place / backup_manifest.PATH).exists():
        raise Refused(f"{place} is a backup itself", hint=f"name the folder that it lies in: {place.parent}")
    for path in sorted(place.iterdir()):
        if path.is_file() and path.stat().st_size <= _SMALL and _holds_secret(path):
            raise Refused(
                f"{path} looks like a private key or a recovery page",
                hint="whoever finds one would have the other: keep them in different places",
            )


def _keys(vault: Vault) -> list[Path]:
    found = [vault.keys.resolve()]
    personal = vault.personal_key
    if personal.startswith(("/", "~")):
        found.append(Path(personal).expanduser().resolve())
    return found


def _holds_secret(path: Path) -> bool:
    try:
        return is_secret(files.read(path, _SMALL))
    except VaultError:
        return False


def is_secret(raw: bytes) -> bool:
    """Whether bytes look like a private key, an age identity or a recovery page."""
    return _SECRETS.search(raw) is not None


def is_apart(place: Path, vault: Vault) -> bool:
    """Whether a place is on another file system than the chart."""
    try:
        return os.stat(place).st_dev != os.stat(vault.chart).st_dev  # noqa: PTH116
    except OSError:
        return False


def ones(place: Path) -> list[tuple[Path, Manifest]]:
    """The backups that lie in a place, the newest first; what cannot be read is left out."""
    found = []
    for path in place.iterdir() if place.is_dir() else ():
        if _FOLDER.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            try:
                manifest = backup_manifest.parse(files.read(path / backup_manifest.PATH), str(path / backup_manifest.PATH))
            except VaultError:
                continue
            found.append((path, manifest))
    return sorted(found, key=lambda one: (datetime.fromisoformat(one[1].made), one[0].name), reverse=True)


def clean_ones(place: Path, genesis: str) -> list[Path]:
    """The clean backups of one vault that lie in a place, the newest first."""
    return [path for path, manifest in ones(place) if manifest.clean and manifest.genesis == genesis]


def readme(manifest: Manifest, heads: Mapping[str, str]) -> str:
    """How to open a backup without vaultcli."""
    rows = [
        "A backup of a chart kept with vaultcli: clinical records, confidential.",
        "",
        f"made      {manifest.made}",
        f"content   {manifest.file}, {manifest.size} bytes, SHA-256 {manifest.sha256}",
        "",
        "With vaultcli:   vaultcli restore . --genesis ID NEW-FOLDER    (the id from the recovery page)",
    ]
    if manifest.file == SEALED:
        rows += ["Without:         age -d -i KEY content.tar.age | tar x", "", "Then read the README.txt that comes out of it."]
    elif manifest.file == BUNDLE:
        some = next((line for line in sorted(heads) if line.startswith("client/")), "client/ID")
        rows += [
            "Without:         git clone chart.bundle chart && cd chart",
            "                 git branch -r                       every client's line",
            f"                 git switch --detach origin/{some}",
            "                 ssh-keygen -Y verify ...            allowed_signers is on the line practice",
        ]
    else:
        rows += ["Without:         tar xf chart.tar", "", "The record was damaged. What git still reads: git -C chart log --all"]
    if manifest.unrecorded:
        rows += ["", "unrecorded/ holds files that were not part of the record yet."]
    return "\n".join(rows) + "\n"
