"""The certificate of a destruction, and the rows by which a machine knows what is outstanding of one.

`docs/spec/psychotherapy/destruction.md`, rules 6 to 8. Both name a drawer by its token and no client.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput
from vaultcli.record.sealed import toml
from vaultcli.record.times import is_moment

CERTIFICATE = "vaultcli-destruction"
ROWS = "vaultcli-destructions"
PENDING, COMPLETE, REPLACED, BEYOND = "pending", "complete", "replaced", "beyond control"
SHARE = "share"
_METHOD = "the age identity that opened epoch {} was destroyed"


@dataclass(frozen=True)
class Place:
    """One place that held what opened the drawer.

    Args:
        kind: `usb`, `machine`, `page` or `share`.
        label: what it is called.
        state: `pending`, `replaced`, `confirmed DAY` or `beyond control`.
    """

    kind: str
    label: str
    state: str


@dataclass(frozen=True)
class Destruction:
    """One destruction, as the machine that made it remembers it.

    Args:
        token: the drawer.
        epoch: the epoch that it began.
        made: RFC 3339.
        certificate: path of the first certificate.
        certificates: how many were written.
        places: `KIND LABEL` of what held an older epoch.
        replaced: labels of those that hold the new one now.
        confirmed: `DAY LABEL` of what the user declared.
        shares: `DAY WHY` of the hand-over files that were made.
    """

    token: str
    epoch: int
    made: str
    certificate: str
    certificates: int = 0
    places: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()

    @property
    def listed(self) -> list[Place]:
        """Every place with its state, shares last."""
        days = {label: day for day, _, label in (row.partition(" ") for row in self.confirmed)}
        found = []
        for row in self.places:
            kind, _, label = row.partition(" ")
            state = REPLACED if label in self.replaced else f"confirmed {days[label]}" if label in days else PENDING
            found.append(Place(kind, label, state))
        return [*found, *(Place(SHARE, row, BEYOND) for row in self.shares)]

    @property
    def pending(self) -> list[Place]:
        """The places that may still open the drawer."""
        return [one for one in self.listed if one.state == PENDING]

    @property
    def state(self) -> str:
        """`pending` or `complete`."""
        return PENDING if self.pending else COMPLETE

    def with_confirmed(self, label: str, day: str) -> Destruction:
        """With a place that the user declared."""
        return replace(self, confirmed=(*self.confirmed, f"{day} {label}"))

    def certificate_text(self, vault: str, machine: str, written: str) -> bytes:
        """The next certificate.

        Args:
            vault: the repository's random id.
            machine: principal of the key that will sign it.
            written: RFC 3339.
        """
        top: dict[str, toml.Value] = {
            CERTIFICATE: 1,
            "number": self.certificates + 1,
            "vault": vault,
            "token": self.token,
            "method": _METHOD.format(self.epoch - 1),
            "epoch": self.epoch,
            "machine": machine,
            "made": self.made,
            "written": written,
            "state": self.state,
        }
        rows: list[Mapping[str, toml.Value]] = [{"kind": one.kind, "label": one.label, "state": one.state} for one in self.listed]
        return toml.render(top, "place", rows).encode()


def render(rows: Iterable[Destruction]) -> bytes:
    """`destructions.toml`."""
    tables: list[Mapping[str, toml.Value]] = [
        {
            "token": one.token,
            "epoch": one.epoch,
            "made": one.made,
            "certificate": one.certificate,
            "certificates": one.certificates,
            "places": one.places,
            "replaced": one.replaced,
            "confirmed": one.confirmed,
            "shares": one.shares,
        }
        for one in rows
    ]
    return toml.render({ROWS: 1}, "destruction", tables).encode()


def parse(raw: bytes, path: str) -> list[Destruction]:
    """Read `destructions.toml`.

    Raises:
        BadInput: it is none.
    """
    data = toml.read(toml.decoded(raw, path), path, ROWS, "destruction")
    try:
        found = [_row(row) for row in data.get("destruction", [])]
    except (KeyError, TypeError) as error:
        raise BadInput(f"{path}: {type(error).__name__} at {error}") from None
    if render(found) != raw or not all(ids.is_id(one.token) and is_moment(one.made) for one in found):
        raise BadInput(f"{path}: not in its one form")
    return found


def _row(row: Mapping[str, Any]) -> Destruction:
    return Destruction(
        token=row["token"],
        epoch=row["epoch"],
        made=row["made"],
        certificate=row["certificate"],
        certificates=row["certificates"],
        places=tuple(row["places"]),
        replaced=tuple(row["replaced"]),
        confirmed=tuple(row["confirmed"]),
        shares=tuple(row["shares"]),
    )
