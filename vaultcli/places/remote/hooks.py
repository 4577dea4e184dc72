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

from vaultcli.ground import files, resources
from vaultcli.ground.errors import BadInput, NotFound

MARK = "# vaultcli hook "
_PROGRAM = "vaultcli=vaultcli\n"


@dataclass(frozen=True)
class Installed:
    """What `install` did: hooks that were written, that stood there already, and that are somebody else's."""

    written: tuple[str, ...]
    current: tuple[str, ...]
    foreign: tuple[str, ...]


def install_in(directory: Path, names: Iterable[str], folder: str = "") -> Installed:
    """Put hooks into a git directory.

    Args:
        directory: the git directory.
        names: of the hooks.
        folder: of the shipped ones, with a slash at its end.

    Raises:
        NotFound: it is none.
    """
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
