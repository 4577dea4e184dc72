"""The user's own settings, beside no vault: which vaults they look at together, which editors they allowed.

    vaults = ["/home/lee/practice", "/home/lee/trainee"]
    private-editors = ["code"]

The file is `settings.toml` in the user's configuration folder, or the one that `VAULTCLI_SETTINGS` names.
Format: `docs/spec/vault.md`, version 1.
"""

from __future__ import annotations

import os
from pathlib import Path

from vaultcli.ground import dirs, files
from vaultcli.ground.errors import BadInput

VARIABLE = "VAULTCLI_SETTINGS"


def path() -> Path:
    """Where the settings are."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    return dirs.config() / "settings.toml"


def vaults() -> list[Path]:
    """The vaults that `status` and `cosign` look at together.

    Raises:
        BadInput: the settings cannot be read.
    """
    return [Path(item).expanduser() for item in _listed("vaults", "folders")]


def _loaded() -> dict[str, object]:
    where = path()
    if not where.is_file():
        return {}
    import tomllib

    try:
        return tomllib.loads(files.read(where).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{where}: {error}") from None


def _listed(key: str, of: str) -> list[str]:
    listed = _loaded().get(key, [])
    if not isinstance(listed, list) or any(not isinstance(item, str) for item in listed):
        raise BadInput(f"{path()}: {key} is no list of {of}")
    return listed


def add_vault(root: Path) -> None:
    """Remember a vault; the user's comments and other settings keep their bytes.

    Raises:
        BadInput: the settings cannot be read; they keep their bytes.
    """
    _add("vaults", "folders", str(root))


def _add(key: str, of: str, item: str) -> None:
    import tomlkit

    where = path()
    _listed(key, of)
    files.clear_stale(where)
    raw = files.read(where) if where.is_file() else b""
    document = tomlkit.parse(raw.decode("utf-8"))
    listed = document.get(key)
    if listed is None:
        listed = tomlkit.array()
        document[key] = listed
    if item in listed:
        return
    listed.append(item)
    text = tomlkit.dumps(document).encode("utf-8")
    if raw:
        files.replace(where, text, expecting=files.digest(raw))
    else:
        files.make_dirs(where.parent)
        files.create(where, text)


def private_editors() -> tuple[str, ...]:
    """Editors that no jail can hold and that the user allowed all the same for psychotherapy notes.

    Raises:
        BadInput: the settings cannot be read.
    """
    return tuple(_listed("private-editors", "names"))


def confirm_editor(name: str) -> None:
    """Allow such an editor from now on; the user's comments and other settings keep their bytes.

    Raises:
        BadInput: the settings cannot be read; they keep their bytes.
    """
    _add("private-editors", "names", name)
