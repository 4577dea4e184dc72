"""`backup.toml`: what a backup is of, and what must be in it. Format: `docs/spec/backup.md`, version 1."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput
from vaultcli.record import message
from vaultcli.record.history.line import BRANCH
from vaultcli.record.practice.practice import quote

VERSION = 1
PATH = "backup.toml"
BUNDLE, SEALED, REMAINS = "chart.bundle", "content.tar.age", "chart.tar"
"""What the content can be: every line as a bundle; that, sealed; the repository's files where git can make no bundle."""
VERDICTS = ("verified", "excepted", "unpinned", "findings")
CLEAN = ("verified", "excepted")
_LINE = re.compile(rf"{BRANCH}|client/{ids.PATTERN}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Manifest:
    """One backup.

    Args:
        genesis: the vault's first commit (`sha256:HEX`); empty where the damage does not let it be told.
        made: when (RFC 3339).
        tool: what made it.
        verdict: what was said of the vault then, of `VERDICTS`.
        file: of `BUNDLE`, `SEALED`, `REMAINS`; `size` and `sha256` of its bytes.
        heads: line to its newest commit (`sha256:HEX`); empty in the clear part of a sealed backup.
        unrecorded: path in the chart to the SHA-256 of a working file that was not recorded; likewise.
    """

    genesis: str
    made: str
    tool: str
    verdict: str
    file: str
    size: int
    sha256: str
    heads: Mapping[str, str] = field(default_factory=dict)
    unrecorded: Mapping[str, str] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether the vault verified when it was made."""
        return self.verdict in CLEAN

    def text(self) -> str:
        """The file's text, in its one form."""
        rows = [
            f"vaultcli = {VERSION}",
            f"genesis = {quote(self.genesis)}",
            f"made = {quote(self.made)}",
            f"tool = {quote(self.tool)}",
            f"verdict = {quote(self.verdict)}",
            "",
            "[content]",
            f"file = {quote(self.file)}",
            f"bytes = {self.size}",
            f"sha256 = {quote(self.sha256)}",
        ]
        for name, table in (("heads", self.heads), ("unrecorded", self.unrecorded)):
            if table:
                rows += ["", f"[{name}]", *(f"{quote(key)} = {quote(value)}" for key, value in sorted(table.items()))]
        return "\n".join(rows) + "\n"


def parse(raw: bytes, where: str) -> Manifest:
    """A manifest as `Manifest.text` writes it; any other text is damage.

    Args:
        raw: its bytes.
        where: what to call it in errors.

    Raises:
        BadInput: it is none, of another version, or damaged.
    """
    try:
        value = tomllib.loads(raw.decode("utf-8"))
        if value["vaultcli"] != VERSION:
            raise BadInput(f"{where}: version {value['vaultcli']!r} is not known", hint="a newer vaultcli may read it")
        content = value["content"]
        found = Manifest(
            value["genesis"], value["made"], value["tool"], value["verdict"],
            content["file"], content["bytes"], content["sha256"], value.get("heads", {}), value.get("unrecorded", {}),
        )  # fmt: skip
        good = found.text().encode() == raw and _is_sound(found)
    except (ValueError, KeyError, TypeError, AttributeError):
        good = False
    if not good:
        raise BadInput(f"{where}: the manifest of the backup is damaged", hint="take another backup")
    return found


def _is_sound(found: Manifest) -> bool:
    made = datetime.fromisoformat(found.made)
    commits = [*found.heads.values(), *([found.genesis] if found.genesis else [])]
    return (
        made.tzinfo is not None
        and found.verdict in VERDICTS
        and found.file in (BUNDLE, SEALED, REMAINS)
        and found.size >= 0
        and all(re.fullmatch(message.COMMIT, one) for one in commits)
        and all(_LINE.fullmatch(line) for line in found.heads)
        and all(_SHA256.fullmatch(one) for one in (found.sha256, *found.unrecorded.values()))
        and all(is_inside(path) for path in found.unrecorded)
    )


def is_inside(path: str) -> bool:
    """Whether a path is one of a working file in the chart: relative, plain, and not in git's own folder."""
    parts = PurePosixPath(path).parts
    return bool(parts) and "/".join(parts) == path and not any(part in ("..", ".", "/") or part == ".git" for part in parts)
