"""The refs of a chart: its lines, and what else is planted; and which line each folder shows."""

from __future__ import annotations

import re
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.errors import BadInput, NotFound
from vaultcli.places.audit import refs
from vaultcli.places.audit.refs import Refs
from vaultcli.record.finding import Finding
from vaultcli.record.history.line import BRANCH

__all__ = ["Refs", "heads", "read"]

_DETACHED = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\n")
_LINE = re.compile(rf"refs/heads/(practice|client/{ids.PATTERN})")


def read(directory: Path, object_format: str) -> Refs:
    """All refs of a chart's git directory.

    Args:
        directory: `.git`.
        object_format: `sha256` or `sha1`; a ref of the other length is broken.
    """
    return refs.read(directory, object_format, _LINE)


def heads(directory: Path, top: Path) -> tuple[list[Finding], list[str]]:
    """Whether the top folder and each client's folder show the branch that they should.

    Args:
        directory: `.git`.
        top: the folder of the chart.

    Returns:
        Findings, and remarks: folders of the user's own that show a commit.
    """
    found: list[Finding] = []
    looks: list[str] = []
    if _text(directory / "HEAD") != f"ref: refs/heads/{BRANCH}\n":
        found.append(Finding("HEAD", "head", f"the chart's top folder does not show the line {BRANCH}"))
    admins = directory / "worktrees"
    for admin in sorted(admins.iterdir()) if admins.is_dir() else ():
        said = _text(admin / "HEAD")
        match = re.fullmatch(r"ref: refs/heads/([^\n]+)\n", said)
        expected = match[1].replace("/", "-") if match and _LINE.fullmatch(f"refs/heads/{match[1]}") else ""
        if not match and (look := _look(admin, said, top)):
            looks.append(look)
            continue
        if admin.name != expected:
            found.append(Finding(f"worktrees/{admin.name}/HEAD", "head", "this folder does not show its client's line"))
            continue
        assert match is not None
        folder = top / "clients" / match[1].partition("/")[2]
        pointer = _text(folder / ".git")
        if pointer and Path(pointer.removeprefix("gitdir: ").strip()).name != admin.name:
            found.append(Finding(f"clients/{folder.name}/.git", "head", "this folder belongs to another line"))
    return found, looks


def _look(admin: Path, said: str, top: Path) -> str:
    """A folder of the user's own outside the chart's, as `git worktree add --detach ../look` makes it; empty for any other."""
    if not _DETACHED.fullmatch(said) or re.fullmatch(rf"client-{ids.PATTERN}|{BRANCH}", admin.name):
        return ""
    folder = Path(_text(admin / "gitdir").rstrip("\n")).parent
    if not folder.is_absolute() or folder.resolve().is_relative_to(top.resolve()):
        return ""
    return f"{folder}: look: a folder of your own shows the commit {said[:12]}"


def _text(path: Path) -> str:
    try:
        return files.read(path, 4096).decode("utf-8", "replace")
    except (NotFound, BadInput):
        return ""
