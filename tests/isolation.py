"""What a test and every process that it starts sees: nothing of the machine, neither its clock nor who and where it is.

Files of settings, agents, editors and the identity of whoever runs the tests are out of sight; the clock is set, for
vaultcli by its own setting and for git by git's; git finds an identity, so that it asks neither the user's name nor the
host's; and `guard` refuses a process that a test would start without all this.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import vaultcli

CLOCK = "2026-11-23T15:00:00-05:00"
"""When every command of a test runs, unless the test says otherwise: a Monday afternoon in New York."""

GIT_SETTINGS = """\
[user]
	name = A Stranger
	email = stranger@example.test
	useConfigOnly = true
"""
"""The settings of plain git: what `-c user.name=...` and a repository's own settings go over."""

CHILD = Path(__file__).parent / "child"
"""On the path of every Python that a test starts; see the `sitecustomize` in it."""

_FORGOTTEN = ("GIT_", "SSH_", "VAULTCLI_", "XDG_", "LC_", "GPG_", "AGE_")
_ALSO = {"EDITOR", "VISUAL", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "LANGUAGE", "PAGER", "MAIL", "EMAIL"}
_ALSO |= {"PYTHONUNBUFFERED"}
SETTINGS = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_TERMINAL_PROMPT")
_NEEDED = (*SETTINGS[:2], "GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE", "VAULTCLI_CLOCK")
_TESTS = str(Path(__file__).parent) + os.sep
_VAULTCLI = str(Path(vaultcli.__file__).parent) + os.sep


class RealWorld(OSError):
    """A test would start a process that takes the clock or the identity of the machine."""


def forgotten(environ: Mapping[str, str]) -> list[str]:
    """The variables by which the machine would be seen."""
    return [name for name in environ if name.startswith(_FORGOTTEN) or name in _ALSO]


def at(moment: datetime | str) -> dict[str, str]:
    """The variables that set the clock: of vaultcli, and of git for what it dates itself."""
    text = moment if isinstance(moment, str) else moment.isoformat(timespec="seconds")
    return {"VAULTCLI_TESTING": "1", "VAULTCLI_CLOCK": text, "GIT_AUTHOR_DATE": text, "GIT_COMMITTER_DATE": text}


def settings(folder: Path) -> dict[str, str]:
    """The variables that give plain git an identity and no settings else; the file with them is made in the folder."""
    file = folder / "gitconfig"
    if not file.exists():
        file.write_text(GIT_SETTINGS, encoding="utf-8")
    return {"GIT_CONFIG_GLOBAL": str(file), "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}


def home(folder: Path) -> dict[str, str]:
    """The variables that lead to a home."""
    return {
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / ".config"),
        "XDG_DATA_HOME": str(folder / ".local/share"),
        "XDG_STATE_HOME": str(folder / ".local/state"),
        "XDG_CACHE_HOME": str(folder / ".cache"),
    }


def plain() -> dict[str, str]:
    """The present clock and settings of git alone, for a process that is given an environment of its own."""
    return {name: os.environ[name] for name in (*_NEEDED, "VAULTCLI_TESTING", "PYTHONPATH") if name in os.environ}


def guard() -> None:
    """From now on, refuse a process that a test starts without the clock and the settings.

    What vaultcli starts is its own affair, and so is what its processes start.
    """
    sys.addaudithook(_judge)


def _judge(event: str, args: tuple[object, ...]) -> None:
    if event not in ("subprocess.Popen", "os.exec", "os.posix_spawn"):
        return
    environ = args[3] if event == "subprocess.Popen" else args[2]
    known = set(map(os.fsdecode, os.environ if environ is None else environ))  # type: ignore[call-overload]
    missing = [name for name in _NEEDED if name not in known]
    if missing and _asked_by_a_test():
        raise RealWorld(errno.EPERM, f"{args[1]!r} would run without {', '.join(missing)}: see tests/isolation.py")


def _asked_by_a_test() -> bool:
    """Whether it is a test that asks for it, and not vaultcli in a test's hands."""
    files = list(_callers())
    return any(file.startswith(_TESTS) for file in files) and not any(file.startswith(_VAULTCLI) for file in files)


def _callers() -> Iterator[str]:
    frame = sys._getframe(1)
    while frame:
        if frame.f_code.co_filename != __file__:
            yield frame.f_code.co_filename
        frame = frame.f_back  # type: ignore[assignment]
