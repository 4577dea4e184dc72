"""Whether anything was ever recorded in a repository, told where its line cannot be read.

What begins a record may do so where nothing is, and where its own beginning was cut short. Absent, unreadable and damaged are
three things: a line that is not there is no proof that nothing was, and what cannot be read counts as something.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.plumbing import Git

_LOCK = ".lock"


def found(path: Path, branch: str) -> str:
    """What says that something was recorded, in a few words; empty where all is as an interrupted beginning leaves it.

    A beginning stores its first commit before any line leads to it, so commits without parents are no sign; nor is a lock.

    Args:
        path: the repository's top folder.
        branch: the line that is looked for.
    """
    directory = path / ".git"
    try:
        if not os.path.lexists(path) or not os.path.lexists(directory):
            return ""
        if directory.is_symlink() or not directory.is_dir():
            return f"{directory} is no folder"
        return next(_signs(directory, f"refs/heads/{branch}"), "")
    except OSError as error:
        return f"{error.filename or directory} cannot be read ({error.strerror or error})"
    except (VaultError, UnicodeDecodeError) as error:
        return f"{directory} cannot be read ({error.message if isinstance(error, VaultError) else error})"


def _signs(directory: Path, line: str) -> Iterator[str]:
    yield from (f"{name} is there{' and cannot be read' if name == line else ''}" for name in _refs(directory))
    yield from (f"{row.split()[-1]} is there, packed" for row in _rows(directory / "packed-refs") if not row.startswith("#"))
    if not (directory / "config").is_file():
        yield from _objects(directory)
        return
    settings = gitconfig.read_settings(directory)
    yield from (f"a remote is known, {key.split('.')[1]}" for key in settings.values if key.startswith("remote."))
    yield from _logs(directory)
    yield from _commits(directory, settings.object_format)


def _refs(directory: Path) -> Iterator[str]:
    for at, _, names in os.walk(directory / "refs", onerror=_raise):
        for name in sorted(names):
            if not name.endswith(_LOCK):
                yield os.path.relpath(f"{at}/{name}", directory)


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _rows(file: Path) -> list[str]:
    return [row for row in files.read(file).decode().splitlines() if row.strip()] if os.path.lexists(file) else []


def _logs(directory: Path) -> Iterator[str]:
    """Git writes a line's first row before the line itself; a second one means that the line has moved."""
    for at, _, names in os.walk(directory / "logs" / "refs", onerror=_raise):
        for name in sorted(names):
            rows = files.read(Path(at) / name).decode("utf-8", "replace").splitlines()
            if len(rows) > 1 or any(row.split()[0].strip("0") for row in rows if row.strip()):
                yield f"{os.path.relpath(f'{at}/{name}', directory)} tells of more"


def _objects(directory: Path) -> Iterator[str]:
    """Without a configuration nobody knows how objects are named; that some are there is enough."""
    for at, _, names in os.walk(directory / "objects", onerror=_raise):
        if names:
            yield f"objects are there, and no configuration ({at})"


def _commits(directory: Path, object_format: str) -> Iterator[str]:
    if not (directory / "objects").is_dir():
        yield "its objects are gone"
        return
    git = Git(directory, object_format=object_format)
    said = git.run("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectname)")
    rows = [row.split() for row in said.decode().splitlines()]
    if any(row[-1] == "missing" for row in rows):
        yield "damaged objects are there"
    commits = [name for kind, name in rows if kind == "commit"]
    later = ("rev-list", "--no-walk=unsorted", "--min-parents=1", "--max-count=1", "--stdin")
    if commits and git.run(*later, data="".join(f"{oid}\n" for oid in commits).encode()).strip():
        yield f"{len(commits)} commits are there"
