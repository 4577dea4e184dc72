"""`epochs.toml`: the epochs' recipients and the drawers that were destroyed; `repository.md`, rule 15."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput
from vaultcli.record.sealed import paths, toml

VERSION = "vaultcli-psychotherapy"
_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Epoch:
    """One epoch: its recipient, its first day, and the drawers that its beginning destroyed."""

    recipient: str
    began: str
    destroyed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Epochs:
    """All epochs, the first is number 1; the last is in force."""

    items: tuple[Epoch, ...]

    @property
    def number(self) -> int:
        """Of the epoch in force."""
        return len(self.items)

    @property
    def recipient(self) -> str:
        """Of the epoch in force."""
        return self.items[-1].recipient

    @property
    def destroyed(self) -> frozenset[str]:
        """Every destroyed drawer."""
        return frozenset(token for one in self.items for token in one.destroyed)

    def with_epoch(self, epoch: Epoch) -> Epochs:
        """With one more, in force from now on."""
        return Epochs((*self.items, epoch))

    def follows(self, older: Epochs) -> bool:
        """Whether this is the older list with epochs added."""
        return self.items[: len(older.items)] == older.items

    @property
    def raw(self) -> bytes:
        """The canonical bytes."""
        rows: list[dict[str, toml.Value]] = []
        for number, one in enumerate(self.items, start=1):
            row: dict[str, toml.Value] = {"number": number, "recipient": one.recipient, "began": one.began}
            rows.append(row | ({"destroyed": list(one.destroyed)} if one.destroyed else {}))
        return toml.render({VERSION: 1}, "epoch", rows).encode()


@lru_cache(maxsize=16)
def parse(raw: bytes) -> Epochs:
    """Read `epochs.toml`; only the canonical form is accepted. Thousands of commits in turn have the same one.

    Raises:
        BadInput: it is none.
    """
    data = toml.read(toml.decoded(raw, paths.EPOCHS), paths.EPOCHS, VERSION, "epoch")
    try:
        rows = data["epoch"]
        found = Epochs(tuple(Epoch(row["recipient"], row["began"], tuple(row.get("destroyed", ()))) for row in rows))
        good = all(_RECIPIENT.fullmatch(one.recipient) and _DAY.fullmatch(one.began) for one in found.items)
        tokens = [token for one in found.items for token in one.destroyed]
    except (KeyError, TypeError) as error:
        raise BadInput(f"{paths.EPOCHS}: {type(error).__name__} at {error}") from None
    if not found.items or not good or not all(map(ids.is_id, tokens)) or len(set(tokens)) != len(tokens) or found.raw != raw:
        raise BadInput(f"{paths.EPOCHS}: not in its one form")
    return found
