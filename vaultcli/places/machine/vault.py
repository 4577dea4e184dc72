"""`vault.toml`: where on this machine a vault's repositories and key store are, and whose machine it is.

Format: `docs/spec/vault.md`, version 1. The file is this machine's; it is in no history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, NotFound
from vaultcli.ground.patterns import pattern

VERSION = 1
NAME = "vault.toml"
_ROW = pattern(r'([a-z][a-z-]*) = (?:([1-9][0-9]{0,8})|"([^"\\\x00-\x1f\x7f]*)")')


@dataclass(frozen=True)
class Vault:
    """One vault as this machine knows it.

    Args:
        root: the folder of `vault.toml`.
        chart: the chart repository.
        keys: the key store, outside the vault.
        principal: whose machine this is.
        machine_key: file name in the key store.
        personal_key: file name in the key store, absolute path, or `agent:SHA256:...`; empty where the person signs elsewhere.
    """

    root: Path
    chart: Path
    keys: Path
    principal: str
    machine_key: str = "machine"
    personal_key: str = "personal"

    def text(self) -> str:
        """The file's text."""
        from vaultcli.record.practice.practice import quote

        chart = self.chart.relative_to(self.root) if self.chart.is_relative_to(self.root) else self.chart
        rows = {
            "chart": str(chart),
            "keys": str(self.keys),
            "principal": self.principal,
            "machine-key": self.machine_key,
            "personal-key": self.personal_key,
        }
        return f"vaultcli = {VERSION}\n" + "".join(f"{name} = {quote(value)}\n" for name, value in rows.items())


def find(start: Path, explicit: Path | None = None) -> Vault:
    """The vault that a command works on: the one named, else the nearest `vault.toml` upwards.

    Raises:
        NotFound: there is none.
        BadInput: the file cannot be read as what it should be.
    """
    if explicit is not None:
        top = explicit.parent if explicit.name == NAME else explicit
        if not (top / NAME).is_file():
            raise NotFound(f"no {NAME} in {top}", hint="make a vault with `vaultcli init DIR`")
        return load(top.absolute())
    here = start.absolute()
    for folder in (here, *here.parents):
        if (folder / NAME).is_file():
            return load(folder)
    raise NotFound(
        f"no vault here: no {NAME} in {here} or above",
        hint="go into the vault, name it with --vault DIR, or make one with `vaultcli init`",
    )


def load(root: Path) -> Vault:
    """Read the `vault.toml` of a folder."""
    path = root / NAME
    data = _parsed(files.read(path), path)
    if data.get("vaultcli") != VERSION:
        raise BadInput(f"{path}: version {data.get('vaultcli')!r} is not known", hint="a newer vaultcli may read it")
    return Vault(
        root=root,
        chart=root / _text(data, "chart", path),
        keys=Path(_text(data, "keys", path)).expanduser(),
        principal=_text(data, "principal", path),
        machine_key=_text(data, "machine-key", path),
        personal_key=_text(data, "personal-key", path),
    )


def _parsed(raw: bytes, path: Path) -> Mapping[str, object]:
    try:
        text = raw.decode("utf-8")
        if (plain := _plain(text)) is not None:
            return plain
        import tomllib

        return tomllib.loads(text)
    except ValueError as error:
        raise BadInput(f"{path}: {error}") from None


def _plain(text: str) -> dict[str, object] | None:
    """The rows of a file as we write it, read without the import of a TOML reader; None where it may say anything else."""
    found: dict[str, object] = {}
    for line in text.removesuffix("\n").split("\n"):
        row = _ROW.fullmatch(line)
        if row is None or row[1] in found:
            return None
        found[row[1]] = int(row[2]) if row[2] else row[3]
    return found


def _text(data: Mapping[str, object], key: str, path: Path) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise BadInput(f"{path}: {key} is missing or no text")
    return value
