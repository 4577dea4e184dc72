"""Clients' lines as they were folded before, so that a command need not replay years of history to add one note.

One file for each line. It is believed for exactly one head under exactly one policy; what came after is folded on top, and
anything that does not fit is folded anew. `verify` never reads it, and no word that a person wrote is in it (reasons are read
from the record again).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from vaultcli.ground import files
from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.repository.repository import Repository
from vaultcli.places.cachefile import CacheFile
from vaultcli.places.machine import state
from vaultcli.record.history.line import Line, Recorded, SignedFile
from vaultcli.record.notes import addition
from vaultcli.record.notes.block import Block

if TYPE_CHECKING:
    from vaultcli.record.rules.policy import Policies

RULES = 4
"""By which rules a line was folded."""
NEAR = 16
"""Commits that are followed back from a head to the remembered one; beyond that the line is folded anew."""

_BLOCK = Block._fields
_PLAIN = (
    "branch", "oids", "time", "policy", "files", "number", "newest", "frozen", "used", "settled", "ids", "entry", "kind", "group",
)  # fmt: skip


def file(clone: str, branch: str) -> CacheFile:
    """The cache of one line of one copy of a chart."""
    path = state.folder("folded") / clone / f"{branch.replace('/', '-')}.json"
    return CacheFile(path, RULES, {"clone": clone, "branch": branch})


def line(repository: Repository, branch: str, practice: str, policies: Callable[[], Policies]) -> Line:
    """A client's line as it stands at its head.

    Args:
        repository: the chart.
        branch: the line.
        practice: the head of the practice line.
        policies: gives every policy; asked only where something has to be folded.
    """
    head = repository.head(branch) or ""
    known, under = file(repository.clone_id, branch).load(lambda value: _remembered(value, repository.objects.blob)) or (None, "")
    if known is not None and (known.head, under) == (head, practice):
        return known
    from vaultcli.places.chart import replay

    made: Line | None = None
    if known is not None and policies().at(under) is not None:
        with contextlib.suppress(GitTrouble):
            made = replay.replay_on(repository, known, head, policies(), NEAR)
    if made is None:
        made = replay.replay_line(repository, branch, policies())
    save(repository, made, practice)
    return made


def save(repository: Repository, made: Line, practice: str) -> None:
    """Remember a line, if what is read back is the same.

    Args:
        repository: the chart.
        made: the line as it stands at its head.
        practice: the head of the practice line under which it was folded.
    """
    if made.oids:
        value = {"practice": practice, **_value(made)}
        again = (made, practice)
        file(repository.clone_id, made.branch).save(value, lambda one: _remembered(one, repository.objects.blob) == again)


def _remembered(value: dict[str, Any], read: Callable[[str], bytes]) -> tuple[Line, str]:
    """A line, and the practice head that it was folded under."""
    return _line(value, read), str(value["practice"])


def _value(made: Line) -> dict[str, Any]:
    recorded = {path: [one.by, one.time, one.commit] for path, one in made.recorded.items()}
    signed = [
        [one.path, one.sha256, one.fingerprint, one.commit, one.blob, [getattr(one.block, name) for name in _BLOCK]]
        for one in made.signed.values()
    ]
    sets = {"left_out": sorted(made.left_out), "fixed": sorted(made.fixed), "old_oids": made.old_oids}
    return {**{name: getattr(made, name) for name in _PLAIN}, **sets, "recorded": recorded, "signed": signed}


def _line(value: dict[str, Any], read: Callable[[str], bytes]) -> Line:
    made = Line(**{name: value[name] for name in _PLAIN})
    made.index = {oid: at for at, oid in enumerate(made.oids)}
    made.left_out, made.fixed, made.old_oids = set(value["left_out"]), set(value["fixed"]), tuple(value["old_oids"])
    made.recorded = {path: Recorded(*one) for path, one in value["recorded"].items()}
    for path_, sha256, fingerprint, commit, blob, rows in value["signed"]:
        said = dict(zip(_BLOCK, rows, strict=True))
        said["follows"] = tuple(said["follows"])
        made.enter(_signed(path_, sha256, Block(**said), fingerprint, commit, blob, read))
    return made


def _signed(
    path: str, sha256: str, said: Block, fingerprint: str, commit: str, blob: str, read: Callable[[str], bytes]
) -> SignedFile:  # fmt: skip
    """A signed file; what an addition speaks of, and why, is read from the record."""
    target = None
    if said.kind != "note":
        raw = read(blob)
        if files.digest(raw) != sha256:
            raise ValueError(path)
        target = addition.target(said.kind, raw)
    about = (target.hashes, target.reason) if target else ((), "")
    return SignedFile(path, sha256, said, fingerprint, commit, *about, blob)
