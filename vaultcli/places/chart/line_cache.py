"""Clients' lines as they were folded before, so that a command need not replay years of history to add one note.

One file for each line in the machine's state folder, beside the pins and for the same reason: whoever can write there can
move the pins too. It is believed for exactly one head under exactly one policy; what came after is folded on top, and
anything that does not fit is folded anew. It can only save time: deleting it changes nothing else, `verify` never reads it,
and no word that a person wrote is in it (reasons are read from the record again).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vaultcli.ground import files, ids
from vaultcli.ground.errors import GitTrouble, VaultError
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.version import __version__
from vaultcli.places.machine import pins
from vaultcli.record.history.line import Line, Recorded, SignedFile
from vaultcli.record.notes import addition
from vaultcli.record.notes.block import Block

if TYPE_CHECKING:
    from vaultcli.record.rules.policy import Policies

RULES = f"{__version__}/2"
"""By which rules a line was folded: the program's version, and a number for changes between versions."""
NEAR = 16
"""Commits that are followed back from a head to the remembered one; beyond that the line is folded anew."""

_BLOCK = Block._fields
_PLAIN = ("branch", "oids", "time", "policy", "files", "number", "newest", "frozen", "used", "settled", "ids")


def path(clone: str, branch: str) -> Path:
    """The file of one line of one copy of a chart."""
    return pins.folder().with_name("folded") / clone / f"{branch.replace('/', '-')}.json"


def line(repository: Repository, branch: str, practice: str, policies: Callable[[], Policies]) -> Line:
    """A client's line as it stands at its head.

    Args:
        repository: the chart.
        branch: the line.
        practice: the head of the practice line.
        policies: gives every policy; asked only where something has to be folded.
    """
    head, where = repository.head(branch) or "", path(repository.clone_id, branch)
    known, under = _load(repository, where, branch)
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


def _load(repository: Repository, where: Path, branch: str) -> tuple[Line | None, str]:
    """What is remembered of a line and the practice head that it was folded under; None where nothing may be believed."""
    try:
        value = json.loads(files.read(where))
        if (value["rules"], value["clone"], value["branch"]) != (RULES, repository.clone_id, branch):
            return None, ""
        return _line(value, repository.objects.blob), str(value["practice"])
    except (VaultError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None, ""


def save(repository: Repository, made: Line, practice: str) -> None:
    """Remember a line, if what is read back is the same; a disk that refuses costs time next time and nothing else.

    Args:
        repository: the chart.
        made: the line as it stands at its head.
        practice: the head of the practice line under which it was folded.
    """
    if not made.oids:
        return
    where = path(repository.clone_id, made.branch)
    value = {"rules": RULES, "clone": repository.clone_id, "practice": practice, **_value(made)}
    text = json.dumps(value, separators=(",", ":"))
    if _line(json.loads(text), repository.objects.blob) != made:
        return
    with contextlib.suppress(VaultError, OSError):
        files.make_dirs(where.parent)
        # not synced, as it only saves time: a reader sees the old file or the new one, and half of one is no JSON
        beside = where.with_name(f".{where.name}.{ids.new()}")
        beside.touch(mode=0o600, exist_ok=False)
        beside.write_text(text, encoding="utf-8")
        beside.replace(where)


def _value(made: Line) -> dict[str, Any]:
    recorded = {path: [one.by, one.time, one.commit] for path, one in made.recorded.items()}
    signed = [
        [one.path, one.sha256, one.fingerprint, one.commit, [getattr(one.block, name) for name in _BLOCK]]
        for one in made.signed.values()
    ]
    sets = {"left_out": sorted(made.left_out), "fixed": sorted(made.fixed), "old_oids": made.old_oids}
    return {**{name: getattr(made, name) for name in _PLAIN}, **sets, "recorded": recorded, "signed": signed}


def _line(value: dict[str, Any], read: Callable[[str], bytes]) -> Line:
    made = Line(**{name: value[name] for name in _PLAIN})
    made.index = {oid: at for at, oid in enumerate(made.oids)}
    made.left_out, made.fixed, made.old_oids = set(value["left_out"]), set(value["fixed"]), tuple(value["old_oids"])
    made.recorded = {path: Recorded(*one) for path, one in value["recorded"].items()}
    for path_, sha256, fingerprint, commit, rows in value["signed"]:
        said = dict(zip(_BLOCK, rows, strict=True))
        said["follows"] = tuple(said["follows"])
        made.enter(_signed(path_, sha256, Block(**said), fingerprint, commit, made, read))
    return made


def _signed(
    path: str, sha256: str, said: Block, fingerprint: str, commit: str, made: Line, read: Callable[[str], bytes]
) -> SignedFile:  # fmt: skip
    """A signed file; what an addition speaks of, and why, is read from the record."""
    target = None
    if said.kind != "note":
        raw = read(made.files[path])
        if files.digest(raw) != sha256:
            raise ValueError(path)
        target = addition.target(said.kind, raw)
    return SignedFile(path, sha256, said, fingerprint, commit, *((target.hashes, target.reason) if target else ()))
