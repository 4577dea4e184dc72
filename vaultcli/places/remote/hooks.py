"""Putting git's hooks in place: small shell files that hand over to `vaultcli hook`.

Ours are known by their second line, so that a later version replaces them; a stranger's hook is left alone and named.
All worktrees of a repository share them.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from vaultcli.ground import files, resources
from vaultcli.ground.errors import BadInput, NotFound, VaultError

MARK = "# vaultcli hook "
_PROGRAM = "vaultcli=vaultcli\n"

MISSING, FOREIGN, STALE, CURRENT = "missing", "foreign", "stale", "current"
"""How a hook may stand: not there, somebody else's, of another version or another place, as we would write it."""


class Hooks(NamedTuple):
    """The hooks of one kind of repository.

    Args:
        here: names, where people work.
        bare: names, where others push to.
        folder: of the shipped texts below `hooks/`, with a slash at its end.
    """

    here: tuple[str, ...]
    bare: tuple[str, ...] = ("pre-receive",)
    folder: str = ""


CHART = Hooks(("reference-transaction", "pre-commit", "commit-msg", "pre-push"))
SEALED = Hooks(("reference-transaction", "pre-commit"), folder="psychotherapy/")


@dataclass(frozen=True)
class Installed:
    """What `install` did: hooks that were written, that stood there already, and that are somebody else's."""

    written: tuple[str, ...]
    current: tuple[str, ...]
    foreign: tuple[str, ...]


def install(directory: Path, hooks: Hooks) -> Installed:
    """Put the hooks into a repository that people work in; again and again does no harm.

    Args:
        directory: the git directory.
        hooks: of the chart or of the psychotherapy repository.

    Raises:
        NotFound: it is none.
    """
    return _install(directory, hooks.here, hooks.folder)


def install_bare(directory: Path, hooks: Hooks) -> Installed:
    """Put the hook that judges pushes into a bare repository; errors as of `install`."""
    return _install(directory, hooks.bare, hooks.folder)


def standing(directory: Path, hooks: Hooks) -> dict[str, str]:
    """How each hook of a repository that people work in stands: its name to `MISSING`, `FOREIGN`, `STALE` or `CURRENT`."""
    return {name: _standing(directory / "hooks" / name, hooks.folder + name) for name in hooks.here}


def _standing(file: Path, shipped: str) -> str:
    try:
        raw = files.read(file)
    except VaultError:
        return MISSING
    if not is_ours(raw):
        return FOREIGN
    return CURRENT if raw == shim(shipped).encode() and file.stat().st_mode & 0o100 else STALE


def _install(directory: Path, names: Iterable[str], folder: str) -> Installed:
    if not (directory / "objects").is_dir():
        raise NotFound(f"no git repository at {directory}")
    written, current, foreign = [], [], []
    for name in names:
        file, text = directory / "hooks" / name, shim(folder + name).encode()
        files.clear_stale(file, 0)
        before = _before(file)
        if before is not None and not is_ours(before):
            foreign.append(name)
        elif before == text:
            current.append(name)
        else:
            files.make_dirs(file.parent)
            files.put(file, text, mode=0o700)
            files.fsync_dir(file.parent)
            written.append(name)
    return Installed(tuple(written), tuple(current), tuple(foreign))


def shim(name: str) -> str:
    """The text of a shipped hook, which knows where this vaultcli is."""
    return resources.text("hooks", name).replace(_PROGRAM, f"vaultcli={shlex.quote(program())}\n", 1)


def program() -> str:
    """The command by which a hook finds us: absolute where it can be told."""
    beside = Path(sys.executable).parent / "vaultcli"
    return str(beside) if beside.is_file() else shutil.which("vaultcli") or "vaultcli"


def is_ours(raw: bytes) -> bool:
    """Whether a hook's text is one of ours, of whatever version."""
    return raw.split(b"\n", 2)[1:2] != [] and raw.split(b"\n", 2)[1].startswith(MARK.encode())


def _before(file: Path) -> bytes | None:
    try:
        return files.read(file)
    except NotFound:
        return None
    except BadInput:
        return b""
