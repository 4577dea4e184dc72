"""`psychotherapy.toml`: where on this machine the sealed notes and their keys are.

Stands beside `vault.toml` and is, like it, this machine's and in no history. Format:
`docs/spec/psychotherapy/repository.md`, rule 16.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, NotFound

NAME = "psychotherapy.toml"
VERSION = 1
EPOCH = "epoch.age"
COPIES = "copies.toml"
CLINICIAN = "clinician.age"


@dataclass(frozen=True)
class Settings:
    """The sealed notes of one vault as this machine knows them.

    Args:
        root: the folder of `psychotherapy.toml`, which is the vault's.
        repository: the git repository of sealed files.
        keys: the key store, apart from the chart's.
        by: the originator as sealed files name them, `Lee Example, PhD`.
        identity: a file in the key store, `ssh:PATH` or `plugin:PATH`.
        machine_key: a file in the key store.
        single_copy: whether the user accepted to have no second copy of `epoch.age`.
        beginning: whether `init` has begun and has not come to its first commit; only then may it begin anew.
    """

    root: Path
    repository: Path
    keys: Path
    by: str
    identity: str = CLINICIAN
    machine_key: str = "machine"
    single_copy: bool = False
    beginning: bool = False

    @property
    def epoch(self) -> Path:
        """The working copy of `epoch.age`."""
        return self.keys / EPOCH

    def text(self) -> str:
        """The file's text."""
        from vaultcli.record.practice.practice import quote

        place = self.repository.relative_to(self.root) if self.repository.is_relative_to(self.root) else self.repository
        rows = {
            "repository": str(place),
            "keys": str(self.keys),
            "by": self.by,
            "identity": self.identity,
            "machine-key": self.machine_key,
        }
        head = f"vaultcli-psychotherapy = {VERSION}\n" + "".join(f"{name} = {quote(value)}\n" for name, value in rows.items())
        said = {"single-copy": self.single_copy, "beginning": self.beginning}
        return head + "".join(f"{name} = true\n" for name, value in said.items() if value)


def put(known: Settings) -> None:
    """Write the settings, durably."""
    files.put(known.root / NAME, known.text().encode())
    files.fsync_dir(known.root)


def present(root: Path) -> bool:
    """Whether the vault keeps psychotherapy notes on this machine; nothing is opened to find out."""
    return os.path.lexists(root / NAME)


def load(root: Path) -> Settings:
    """Read the `psychotherapy.toml` of a vault.

    Raises:
        NotFound: there is none.
        BadInput: it cannot be read as what it should be.
    """
    path = root / NAME
    if not os.path.lexists(path):
        hint = "they are optional; `vaultcli psychotherapy init` begins them"
        raise NotFound("this vault keeps no psychotherapy notes", hint=hint)
    try:
        data = tomllib.loads(files.read(path).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: {error}") from None
    version = data.get("vaultcli-psychotherapy")
    if version != VERSION:
        raise BadInput(f"{path}: version {version!r} is not known", hint="a newer vaultcli may read it")
    rows = {}
    for key in ("repository", "keys", "by", "identity", "machine-key"):
        value = data.get(key)
        if not isinstance(value, str):
            raise BadInput(f"{path}: {key} is missing or no text")
        rows[key] = value
    return Settings(
        root=root,
        repository=root / Path(rows["repository"]).expanduser(),
        keys=Path(rows["keys"]).expanduser(),
        by=rows["by"],
        identity=rows["identity"],
        machine_key=rows["machine-key"],
        single_copy=data.get("single-copy") is True,
        beginning=data.get("beginning") is True,
    )
