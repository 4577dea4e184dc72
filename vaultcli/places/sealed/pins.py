"""What this machine remembers of the sealed notes: genesis, newest head, epoch, and to whom each drawer is sealed.

`docs/spec/psychotherapy/repository.md`, rule 17. It names drawers by token and no client. Any change of a recipient
stops every command before anything is written: whoever can write to the repository could otherwise have the next note sealed to
themselves.
`places/machine/pins` remembers many lines of a chart; here are one line, the epoch and the recipients, which a chart has not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Refused, Unpinned
from vaultcli.places.machine import state

VERSION = 1


@dataclass(frozen=True)
class Pins:
    """The pins of one copy.

    Args:
        genesis: bare id of the first commit.
        clone: random id of this copy.
        how: `init`, `adopt` or `restore`.
        since: RFC 3339.
        head: the newest commit that this machine recorded or checked.
        epoch: number of the epoch in force, and its recipient.
        drawers: token to the recipients of its generations.
    """

    genesis: str
    clone: str
    how: str
    since: str
    head: str
    epoch: tuple[int, str]
    drawers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self) -> bytes:
        """The file's bytes."""
        value = {
            "vaultcli-psychotherapy": VERSION,
            "genesis": self.genesis,
            "clone": self.clone,
            "how": self.how,
            "since": self.since,
            "head": self.head,
            "epoch": list(self.epoch),
            "drawers": {token: list(rows) for token, rows in sorted(self.drawers.items())},
        }
        return (json.dumps(value, indent=1) + "\n").encode()

    def with_drawer(self, token: str, recipients: tuple[str, ...]) -> Pins:
        """With a drawer's recipients as they are now known.

        Raises:
            Refused: they contradict what is pinned; generations are only added.
        """
        known = self.drawers.get(token, ())
        if recipients[: len(known)] != known:
            raise Refused(
                f"the drawer {token} is sealed to another recipient than this machine knows",
                hint="somebody changed its identity; nothing was written. `vaultcli psychotherapy verify` says since when",
            )
        return self if known == recipients else replace(self, drawers={**self.drawers, token: recipients})


def folder() -> Path:
    """Where this machine keeps them."""
    return state.folder("pins-psychotherapy")


def path(genesis: str, clone: str) -> Path:
    """Where the pins of a copy are."""
    return folder() / genesis / f"{clone}.json"


def find(clone: str) -> Pins:
    """The pins of a copy.

    Raises:
        Unpinned: there are none.
        BadInput: they are damaged.
    """
    found = sorted(folder().glob(f"*/{clone}.json"))
    if len(found) != 1:
        raise Unpinned(
            "this machine has no pin for these psychotherapy notes",
            hint="a copy from elsewhere is taken over with `vaultcli psychotherapy init --adopt`",
        )
    return _parse(files.read(found[0]), found[0])


@lru_cache(maxsize=4)
def _parse(raw: bytes, where: Path) -> Pins:
    # a command asks for every drawer's
    try:
        row = json.loads(raw)
        made = Pins(
            genesis=row["genesis"],
            clone=row["clone"],
            how=row["how"],
            since=row["since"],
            head=row["head"],
            epoch=(row["epoch"][0], row["epoch"][1]),
            drawers={token: tuple(rows) for token, rows in row["drawers"].items()},
        )
        if row["vaultcli-psychotherapy"] != VERSION or made.text() != raw:
            raise ValueError
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise BadInput(f"{where}: the pins are damaged", hint="they come back with `psychotherapy init --adopt`") from None
    return made


def put(pins: Pins) -> None:
    """Write the pins, durably."""
    where = path(pins.genesis, pins.clone)
    files.make_dirs(where.parent)
    files.put(where, pins.text())
