"""Every ref of a repository, read from git's own files: what git would rather not list is what we want to see.

`git for-each-ref` passes over broken refs and those with odd names. Formats: `gitrepository-layout(5)`, `git-pack-refs(1)`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, NotFound
from vaultcli.record.finding import Finding

_OID = r"(?:[0-9a-f]{40}|[0-9a-f]{64})"
_LOOSE = re.compile(rf"({_OID})\n")
_PACKED = re.compile(rf"({_OID}) (refs/[^\x00-\x20\x7f]+)")
_PEELED = re.compile(rf"\^{_OID}")
_TRACKING = re.compile(r"refs/remotes/[^\x00-\x20\x7f]+")
_SYMBOLIC = re.compile(r"ref: refs/remotes/[^\x00-\x20\x7f]+\n")
_LIMIT = 64 * 1024 * 1024
_WHAT = {
    "refs/stash": "a stash",
    "refs/notes/": "git notes",
    "refs/replace/": "an object that plain git shows in the place of another",
    "refs/tags/": "a tag",
    "refs/heads/": "a branch",
}


@dataclass(frozen=True)
class Refs:
    """What the refs say.

    Args:
        lines: branch to the bare id of its head.
        findings: refs that do not belong here, and those that cannot be read.
    """

    lines: dict[str, str]
    findings: tuple[Finding, ...]


def read(directory: Path, object_format: str, lines_: re.Pattern[str]) -> Refs:
    """All refs of a git directory.

    Args:
        directory: `.git`.
        object_format: `sha256` or `sha1`; a ref of the other length is broken.
        lines_: the full names of the lines that belong here; its first group is the branch.
    """
    width = 64 if object_format == "sha256" else 40
    lines: dict[str, str] = {}
    found: list[Finding] = []
    for name, oid in sorted(_all(directory, found).items()):
        known = lines_.fullmatch(name)
        if oid is None:
            if not _TRACKING.fullmatch(name):
                found.append(Finding(name, "bad-ref", "names no commit in the form that git writes"))
        elif known is not None and len(oid) == width:
            lines[known[1]] = oid
        elif known is not None:
            found.append(Finding(name, "bad-ref", "names no commit in the form that git writes"))
        elif not _TRACKING.fullmatch(name):
            what = next((words for begin, words in _WHAT.items() if name.startswith(begin)), "a ref")
            found.append(Finding(name, "unknown-ref", f"{what} that is no line of this record"))
    return Refs(lines, tuple(found))


def _all(directory: Path, found: list[Finding]) -> dict[str, str | None]:
    """Name to object id, or to None where the file is no plain ref; loose files win over packed ones, as in git."""
    refs: dict[str, str | None] = dict(_packed(directory / "packed-refs", found))
    for name, path in _files(directory / "refs", "refs/"):
        try:
            text = files.read(path, 4096).decode("utf-8", "replace")
        except (BadInput, NotFound):
            text = ""
        match = _LOOSE.fullmatch(text)
        if match is None and _SYMBOLIC.fullmatch(text) and _TRACKING.fullmatch(name):
            continue
        refs[name] = match[1] if match else None
    return refs


def _packed(path: Path, found: list[Finding]) -> Iterator[tuple[str, str]]:
    try:
        text = files.read(path, _LIMIT).decode("utf-8", "surrogateescape")
    except NotFound:
        return
    except BadInput:
        found.append(Finding("packed-refs", "bad-ref", "is no regular file"))
        return
    for number, row in enumerate(text.splitlines(), 1):
        match = _PACKED.fullmatch(row)
        if match is not None:
            yield match[2], match[1]
        elif not row.startswith("#") and not _PEELED.fullmatch(row):
            found.append(Finding("packed-refs", "bad-ref", "a line that git would not write", line=number))


def _files(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(folder / entry.name, f"{prefix}{entry.name}/")
        elif not entry.name.endswith(".lock"):
            yield prefix + entry.name, folder / entry.name
