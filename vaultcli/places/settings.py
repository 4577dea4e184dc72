"""The user's own settings, beside no vault: which vaults they look at together.

    vaults = ["/home/lee/practice", "/home/lee/trainee"]

The file is `settings.toml` in the user's configuration folder, or the one that `VAULTCLI_SETTINGS` names.
Format: `docs/spec/vault.md`, version 1.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput

VARIABLE = "VAULTCLI_SETTINGS"


def path() -> Path:
    """Where the settings are."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_config_path("vaultcli") / "settings.toml"


def vaults() -> list[Path]:
    """The vaults that `status` and `cosign` look at together.

    Raises:
        BadInput: the settings cannot be read.
    """
    where = path()
    if not where.is_file():
        return []
    try:
        data = tomllib.loads(files.read(where).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{where}: {error}") from None
    listed = data.get("vaults", [])
    if not isinstance(listed, list) or any(not isinstance(item, str) for item in listed):
        raise BadInput(f"{where}: vaults is no list of folders")
    return [Path(item).expanduser() for item in listed]


def add_vault(root: Path) -> None:
    """Remember a vault; the user's comments and other settings keep their bytes."""
    import tomlkit

    where = path()
    files.clear_stale(where)
    raw = files.read(where) if where.is_file() else b""
    document = tomlkit.parse(raw.decode("utf-8"))
    listed = document.get("vaults")
    if listed is None:
        listed = tomlkit.array()
        document["vaults"] = listed
    if str(root) in listed:
        return
    listed.append(str(root))
    text = tomlkit.dumps(document).encode("utf-8")
    if raw:
        files.replace(where, text, expecting=files.digest(raw))
    else:
        files.make_dirs(where.parent)
        files.create(where, text)
