"""`destructions.toml` in the key store: what was destroyed from this machine, and what is outstanding of it.

`docs/spec/psychotherapy/destruction.md`, rule 6.
"""

from __future__ import annotations

from collections.abc import Iterable

from vaultcli.ground import files
from vaultcli.places.sealed.settings import Settings
from vaultcli.record.sealed import destruction
from vaultcli.record.sealed.destruction import Destruction

NAME = "destructions.toml"


def load(settings: Settings) -> list[Destruction]:
    """The rows, oldest first.

    Raises:
        BadInput: the list is damaged.
    """
    path = settings.keys / NAME
    return destruction.parse(files.read(path), str(path)) if path.exists() else []


def put(settings: Settings, rows: Iterable[Destruction]) -> None:
    """Write the rows, durably."""
    path = settings.keys / NAME
    files.put(path, destruction.render(rows))
    files.fsync_dir(path.parent)


def register(settings: Settings, row: Destruction) -> None:
    """Add a row, or bring it up to date; rows are told apart by their drawer."""
    put(settings, [*(one for one in load(settings) if one.token != row.token), row])
