"""`succession.toml`: what the new root of a succeeded line says of the line that it replaces.

Format: `docs/spec/succession.md`, version 1.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vaultcli.ground.errors import BadInput
from vaultcli.record.practice import quote

VERSION = 1
PATH = "succession.toml"
GROUNDS = ("misfiled-text", "court-order", "retention", "plaintext-incident")


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
class Succession:
    """The statement of one succession.

    Args:
        ground: of `GROUNDS`.
        sealed: SHA-256 of the bundle that keeps the old line, or empty where it was deleted.
        commits: every commit of the old line (`sha256:HEX`), oldest first; the last is its head.
        kept: the files taken over.
        left_out: the files left behind.
    """

    ground: str
    sealed: str
    commits: tuple[str, ...]
    kept: tuple[Kept, ...]
    left_out: tuple[LeftOut, ...]


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
            tuple(data["commits"]),
            tuple(Kept(*(_text(row, name) for name in ("path", "sha256", "commit", "recorded", "by"))) for row in data.get("kept", [])),
            tuple(LeftOut(_text(row, "id"), _text(row, "sha256"), int(row["number"])) for row in data.get("left-out", [])),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{path}: {type(error).__name__} at {error}") from None
    if succession.ground not in GROUNDS or render(succession) != text:
        raise BadInput(f"{path}: not in the canonical form")
    return succession


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value
