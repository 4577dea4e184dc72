"""Pins: what this machine remembers of a record, so that nobody can hand it another one, or an older one.

One file for each copy of a chart, in the machine's state folder and never beside the chart: the genesis, how it came to
be trusted, and the head of every line as last seen whole. Format: `docs/spec/pins.md`, version 1.
`places/sealed/pins` has one line and, besides, to whom each drawer is sealed; here are many lines, and nothing is sealed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.errors import BadInput, Conflict, NotFound
from vaultcli.ground.git.objects import is_oid
from vaultcli.places.machine import state

VERSION = 1
INIT, ADOPTED, RESTORED = "init", "adopt", "restore"
HOW = (INIT, ADOPTED, RESTORED)
_TRIES = 5


@dataclass(frozen=True)
class Pins:
    """The pins of one copy of a chart.

    Args:
        genesis: the bare id of the vault's first commit.
        clone: the random id in the repository's own configuration (`vaultcli.clone`).
        how: of `HOW`: made here, adopted from elsewhere by its genesis, or restored.
        since: when the pin was made (RFC 3339).
        heads: branch to the bare id of the newest commit that this machine has seen there.
    """

    genesis: str
    clone: str
    how: str
    since: str
    heads: Mapping[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The file's text, in its one form."""
        value = {
            "vaultcli": VERSION,
            "genesis": _named(self.genesis),
            "clone": self.clone,
            "how": self.how,
            "since": self.since,
            "heads": {branch: _named(head) for branch, head in sorted(self.heads.items())},
        }
        return json.dumps(value, indent=1, ensure_ascii=False) + "\n"

    def moved(self, heads: Mapping[str, str], gone: Iterable[str] = ()) -> Pins:
        """The pins with these heads brought forward, and the lines in `gone` forgotten."""
        left = set(gone)
        return replace(self, heads={name: oid for name, oid in {**self.heads, **heads}.items() if name not in left})


def folder() -> Path:
    """Where this machine keeps its pins: private to the user, never synced, never backed up with a chart."""
    return state.folder("pins")


def path(genesis: str, clone: str) -> Path:
    """The file of one copy's pins.

    Raises:
        BadInput: a part is no id, so that no repository can name a file elsewhere.
    """
    if not is_oid(genesis) or not ids.is_id(clone):
        raise BadInput("a pin is kept by the vault's first commit and the copy's id; one of them is no id")
    return folder() / genesis / f"{clone}.json"


def load(genesis: str, clone: str) -> Pins | None:
    """The pins of a copy, or None where this machine has none.

    Raises:
        BadInput: the file is damaged.
    """
    return _load(path(genesis, clone))


def find(clone: str) -> list[Pins]:
    """All pins for a copy of that id, whatever genesis they name: a chart that was exchanged keeps its copy's id."""
    if not ids.is_id(clone):
        return []
    found = (_load(file) for file in sorted(folder().glob(f"*/{clone}.json")))
    return [pins for pins in found if pins is not None]


def every() -> list[Pins]:
    """All pins of this machine, of whatever vault; a damaged one is passed over."""
    found: list[Pins] = []
    for file in sorted(folder().glob("*/*.json")):
        with suppress(BadInput):
            one = _load(file)
            found += [one] if one is not None else []
    return found


def create(genesis: str, clone: str, heads: Mapping[str, str], *, how: str, now: datetime) -> Pins:
    """Begin to pin a copy: at `init`, or when the user has named the genesis of a chart from elsewhere.

    Args:
        genesis: bare id of the first commit.
        clone: the copy's id.
        heads: branch to bare head, as found.
        how: of `HOW`.
        now: the clock, with its offset.

    Raises:
        Conflict: the copy is pinned already.
    """
    pins = Pins(genesis, clone, how, now.isoformat(timespec="seconds"), dict(heads))
    where = path(genesis, clone)
    files.make_dirs(where.parent)
    files.create(where, pins.text().encode())
    return pins


def advance(
    genesis: str, clone: str, heads: Mapping[str, str], gone: Iterable[str] = (), *, since: Mapping[str, str] | None = None
) -> None:
    """Bring pinned heads forward, after a recording of ours or a clean `verify`; an unpinned copy stays unpinned.

    Args:
        genesis: bare id of the first commit.
        clone: the copy's id.
        heads: branch to its new head (bare id), which the caller knows to follow the old one.
        gone: branches to forget.
        since: what was pinned before the heads were read, where nothing was locked meanwhile: a line that another command
            has brought further since is left there.

    Raises:
        Conflict: the file keeps changing under us.
    """
    where, forgotten = path(genesis, clone), tuple(gone)
    for attempt in range(_TRIES):
        try:
            before = files.read(where)
        except NotFound:
            return
        there = _parse(before, where)
        new = {line: oid for line, oid in heads.items() if since is None or there.heads.get(line) == since.get(line)}
        after = there.moved(new, forgotten).text().encode()
        if after == before:
            return
        files.clear_stale(where)
        with suppress(Conflict):
            files.replace(where, after, expecting=files.digest(before), keep=False)
            return
        if attempt == _TRIES - 1:
            raise Conflict(f"{where} keeps changing", hint="is another command at work?")


def _load(where: Path) -> Pins | None:
    try:
        return _parse(files.read(where), where)
    except NotFound:
        return None


@lru_cache(maxsize=4)
def _parse(raw: bytes, where: Path) -> Pins:
    try:
        value = json.loads(raw)
        pins = Pins(
            _bare(value["genesis"]),
            value["clone"],
            value["how"],
            value["since"],
            {branch: _bare(head) for branch, head in value["heads"].items()},
        )
        good = value["vaultcli"] == VERSION and pins.how in HOW and pins.text().encode() == raw
        good = good and (pins.genesis, pins.clone) == (where.parent.name, where.stem)
    except (ValueError, KeyError, TypeError, AttributeError):
        good = False
    if not good:
        raise BadInput(
            f"{where}: the pins are damaged",
            hint="restore the file, or adopt the chart again by the genesis on the recovery page",
        )
    return pins


def _named(oid: str) -> str:
    return f"{'sha256' if len(oid) == 64 else 'sha1'}:{oid}"


def _bare(named: str) -> str:
    """The bare id of `sha256:HEX`."""
    oid = named.partition(":")[2]
    if not is_oid(oid) or _named(oid) != named:
        raise ValueError(named)
    return oid
