"""`succession.toml`: what the new root of a succeeded line says of the line that it replaces.

Format: `docs/spec/succession.md`, version 1.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput
from vaultcli.ground.patterns import pattern
from vaultcli.record.message import COMMIT
from vaultcli.record.practice.keyring import RECOVERY
from vaultcli.record.practice.practice import is_principal, quote
from vaultcli.record.times import is_moment

VERSION = 1
PATH = "succession.toml"
GROUNDS = ("misfiled-text", "court-order", "retention", "plaintext-incident")
_HEX = pattern(r"[0-9a-f]{64}")
_COMMIT = pattern(COMMIT)


@dataclass(frozen=True)
class Kept:
    """A file that the new line takes over byte for byte: its path, and who first recorded it, when and in which commit."""

    path: str
    sha256: str
    commit: str
    recorded: str
    by: str


@dataclass(frozen=True)
class LeftOut:
    """A file that stays behind: its own id, its SHA-256, and its number in the chain of signed files (0: unsigned)."""

    id: str
    sha256: str
    number: int


@dataclass(frozen=True)
class Earlier:
    """A succession of the same line before this one.

    Args:
        root: its new root (`sha256:HEX`), which is among the commits of the present statement.
        ground: of `GROUNDS`.
        sealed: as in `Succession`.
        left_out: how many files it left out: the first rows of `left-out` are those of the oldest, and so on.
    """

    root: str
    ground: str
    sealed: str
    left_out: int


@dataclass(frozen=True)
class Succession:
    """The statement of one succession.

    Args:
        ground: of `GROUNDS`.
        sealed: SHA-256 of the bundle that keeps the old line, or empty where it was deleted.
        commits: every commit of the old line (`sha256:HEX`), oldest first, after those that it listed itself if it was a
            successor; the last is its head.
        kept: the files taken over.
        left_out: the files left behind.
        earlier: the successions before this one, oldest first.
    """

    ground: str
    sealed: str
    commits: tuple[str, ...]
    kept: tuple[Kept, ...]
    left_out: tuple[LeftOut, ...]
    earlier: tuple[Earlier, ...] = ()


def render(succession: Succession) -> str:
    """The canonical `succession.toml`."""
    rows = [
        f"vaultcli = {VERSION}",
        f"ground = {quote(succession.ground)}",
        f"sealed = {quote(succession.sealed)}",
        "commits = [",
        *(f"    {quote(commit)}," for commit in succession.commits),
        "]",
    ]
    for kept in succession.kept:
        rows += ["", "[[kept]]", f"path = {quote(kept.path)}", f"sha256 = {quote(kept.sha256)}"]
        rows += [f"commit = {quote(kept.commit)}", f"recorded = {quote(kept.recorded)}", f"by = {quote(kept.by)}"]
    for left in succession.left_out:
        rows += ["", "[[left-out]]", f"id = {quote(left.id)}", f"sha256 = {quote(left.sha256)}"]
        rows += [f"number = {left.number}"]
    for one in succession.earlier:
        rows += ["", "[[earlier]]", f"root = {quote(one.root)}", f"ground = {quote(one.ground)}"]
        rows += [f"sealed = {quote(one.sealed)}", f"left-out = {one.left_out}"]
    return "\n".join(rows) + "\n"


def parse(text: str, path: str = PATH) -> Succession:
    """Read `succession.toml`; only the canonical form is accepted.

    Raises:
        BadInput: no TOML, another version, a field missing or of the wrong type, or not canonical.
    """
    try:
        data = tomllib.loads(text)
        if data.get("vaultcli") != VERSION:
            raise BadInput(f"{path}: version {data.get('vaultcli')!r} is not known")
        succession = Succession(
            _text(data, "ground"),
            _text(data, "sealed"),
            tuple(map(_commit, data["commits"])),
            tuple(map(_kept, data.get("kept", []))),
            tuple(map(_left_out, data.get("left-out", []))),
            tuple(map(_earlier, data.get("earlier", []))),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise BadInput(f"{path}: {type(error).__name__} at {str(error)[:80]}") from None
    _check(succession, path)
    if render(succession) != text:
        raise BadInput(f"{path}: not in the canonical form")
    return succession


def _check(said: Succession, path: str) -> None:
    """What no field shows alone: a known ground, and nothing listed twice.

    Raises:
        BadInput: otherwise.
    """
    if said.ground not in GROUNDS or not said.commits or (said.sealed and not _HEX.fullmatch(said.sealed)):
        raise BadInput(f"{path}: no known ground, no commits, or a seal that is no SHA-256")
    paths, ids_ = [one.path for one in said.kept], [one.id for one in said.left_out]
    numbers = [one.number for one in said.left_out if one.number]
    roots = [one.root for one in said.earlier]
    at = [said.commits.index(root) if root in said.commits else 0 for root in roots]
    if 0 in at or at != sorted(set(at)) or sum(one.left_out for one in said.earlier) > len(ids_):
        raise BadInput(f"{path}: an earlier succession is none of this line")
    for listed in (said.commits, paths, ids_, numbers):
        if len(set(listed)) != len(listed):
            raise BadInput(f"{path}: something is listed twice")


def _commit(value: Any) -> str:  # noqa: ANN401 - as TOML has it
    if not isinstance(value, str) or not _COMMIT.fullmatch(value):
        raise ValueError("commit")
    return value


def _kept(row: Mapping[str, Any]) -> Kept:
    kept = Kept(_text(row, "path"), _text(row, "sha256"), _commit(row["commit"]), _text(row, "recorded"), _text(row, "by"))
    if not _HEX.fullmatch(kept.sha256) or not is_moment(kept.recorded) or not (is_principal(kept.by) or kept.by == RECOVERY):
        raise ValueError("kept")
    return kept


def _left_out(row: Mapping[str, Any]) -> LeftOut:
    number = row["number"]
    left = LeftOut(_text(row, "id"), _text(row, "sha256"), number)
    if type(number) is not int or number < 0 or not ids.is_id(left.id) or not _HEX.fullmatch(left.sha256):
        raise ValueError("left-out")
    return left


def _earlier(row: Mapping[str, Any]) -> Earlier:
    count = row["left-out"]
    one = Earlier(_commit(row["root"]), _text(row, "ground"), _text(row, "sealed"), count)
    if type(count) is not int or count < 0 or one.ground not in GROUNDS or (one.sealed and not _HEX.fullmatch(one.sealed)):
        raise ValueError("earlier")
    return one


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value
