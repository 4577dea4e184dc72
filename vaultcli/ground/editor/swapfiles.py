"""Signs that a file is open in an editor: the swap and lock files that editors put beside it.

Where the sign names a process of this machine that has ended, the editor crashed and the file is not open.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path

from vaultcli.ground.patterns import pattern

_SWAP_HEAD = 108
_EMACS = pattern(r"(?P<user>.*)@(?P<host>[^@]*)\.(?P<pid>\d+)(?::\d+)?")


def open_elsewhere(path: Path) -> str | None:
    """The editor that has a file open, as `vim (process 4711)`; None when no sign of one is there.

    Seen are vim, neovim, nano (with `-G`), emacs, joe, kate, LibreOffice and micro (once text is unsaved). Editors that
    leave no sign, such as Visual Studio Code, are not.
    """
    return next(_signs(path), None)


def _signs(path: Path) -> Iterator[str]:
    for swap in _swaps(path):
        if found := _swap(swap):
            yield found
    if found := _emacs(path.with_name(f".#{path.name}")):
        yield found
    for sign, editor in (
        (path.with_name(f".{path.name}.kate-swp"), "kate"),
        (path.with_name(f".~lock.{path.name}#"), "LibreOffice"),
        (_home("XDG_CONFIG_HOME", ".config") / "micro" / "backups" / _percent(path), "micro"),
    ):
        if sign.is_file():
            yield f"{editor} (says {sign.name})"


def _swaps(path: Path) -> Iterator[Path]:
    """Where vim and nano put a swap file for this one, and neovim in its state folder."""
    for letter in "ponml":
        yield path.with_name(f".{path.name}.sw{letter}")
    folder = _home("XDG_STATE_HOME", ".local/state") / "nvim" / "swap"
    for letter in "ponml":
        yield folder / f"{_percent(path)}.sw{letter}"


def _percent(path: Path) -> str:
    return os.path.realpath(path).replace("/", "%")


def _home(variable: str, otherwise: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / otherwise)


def _swap(swap: Path) -> str | None:
    """A swap file's editor. vim and nano write the same head: `b0`, version, process at byte 24, host at byte 68."""
    try:
        with swap.open("rb") as stream:
            head = stream.read(_SWAP_HEAD)
    except OSError:
        return None
    if len(head) < _SWAP_HEAD or not head.startswith(b"b0"):
        return f"an editor (says {swap.name})"
    editor = "nano" if head[2:].startswith(b"nano") else "vim"
    host = head[68:108].split(b"\0")[0].decode("utf-8", "replace")
    return _by_process(editor, int.from_bytes(head[24:28], "little"), host)


def _emacs(lock: Path) -> str | None:
    """A lock of emacs or joe: a link to `user@host.process:boot` that leads nowhere."""
    try:
        target = str(lock.readlink())
    except OSError:
        return None
    found = _EMACS.fullmatch(target)
    if found is None:
        return f"emacs (says {lock.name})"
    return _by_process("emacs", int(found["pid"]), found["host"])


def _by_process(editor: str, process: int, host: str) -> str | None:
    here = platform.node()
    if host and host.partition(".")[0] != here.partition(".")[0]:
        return f"{editor} on {host}"
    return f"{editor} (process {process})" if _lives(process) else None


def _lives(process: int) -> bool:
    if process <= 0:
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
