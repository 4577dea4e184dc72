"""The sandbox of an editor with a private text: it can write nowhere else, reach no network, leave no core file.

Everything here is called in the child, between `fork` and `exec`, and lasts for that program and all it starts. The jail
is Landlock (Linux 5.13; TCP from 6.7, abstract sockets and signals from 6.12); what the kernel has is asked at run time.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

from vaultcli.ground.process import linux

_WRITE, _REFER, _TRUNCATE = 1 << 1, 1 << 13, 1 << 14
_REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
_TCP, _ABSTRACT_SOCKETS_AND_SIGNALS = 3, 3
_CAPABILITIES = 64

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx")
TERMINALS = "/dev/pts"

_KEPT = """
PATH HOME USER LOGNAME SHELL LANG LANGUAGE TERM TERMINFO TERMINFO_DIRS COLORTERM COLORFGBG COLUMNS LINES TZ NO_COLOR
TERM_PROGRAM VTE_VERSION ESCDELAY XDG_CONFIG_HOME XDG_CONFIG_DIRS XDG_DATA_DIRS VIMINIT EXINIT MYVIMRC VIM VIMRUNTIME
NVIM_APPNAME EMACSLOADPATH EMACSDATA KAKOUNE_CONFIG_DIR KAKOUNE_RUNTIME HELIX_RUNTIME MICRO_CONFIG_HOME JED_ROOT JED_HOME
"""
KEPT = frozenset(_KEPT.split())
"""Variables that a jailed editor gets: who and where the user is, the terminal, and where settings are read from. All
others stay behind: sockets of other programs (display, clipboard, agents, tmux), secrets, preloaded libraries."""


def can_jail() -> bool:
    """Whether this kernel has Landlock."""
    return linux.landlock_version() > 0


def lock_in(folder: str, also: Iterable[str] = ()) -> bool:
    """Let this process write only below a folder and to terminals.

    Args:
        folder: where it may write, create and delete.
        also: files that it may write besides: its terminal.

    Returns:
        whether it is so; False where the kernel has no Landlock.
    """
    version = linux.landlock_version()
    if not version:
        return False
    files = _WRITE | (_TRUNCATE if version >= 3 else 0)
    everything = files | _REMOVE_AND_MAKE | (_REFER if version >= 2 else 0)
    attributes = struct.pack("QQQ", everything, _TCP, _ABSTRACT_SOCKETS_AND_SIGNALS)
    rules = linux.landlock_create(attributes[: 24 if version >= 6 else 16 if version >= 4 else 8])
    _allow(rules, everything, folder)
    for path in (*DEVICES, TERMINALS, *also):
        # a terminal that is not there cannot be written either
        with contextlib.suppress(OSError):
            _allow(rules, files, path)
    linux.prctl(linux.NO_NEW_PRIVILEGES, 1)
    linux.landlock_restrict(rules)
    os.close(rules)
    return True


def _allow(rules: int, accesses: int, path: str) -> None:
    handle = os.open(path, getattr(os, "O_PATH", os.O_RDONLY) | os.O_CLOEXEC)
    try:
        linux.landlock_allow(rules, accesses, handle)
    finally:
        os.close(handle)


def no_core() -> None:
    """No core file of this process or of what it starts.

    The limit is 1 and not 0: a limit of 0 stops only core *files*; one that is piped to a collector is stopped by 1
    (`do_coredump` in the kernel's fs/coredump.c), and a file of one byte is never begun.
    """
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))


def no_peeking() -> None:
    """Neither a core file nor a debugger of the same user, for this process; a program that it starts begins anew."""
    no_core()
    with contextlib.suppress(OSError):
        linux.prctl(linux.DUMPABLE, 0)


def die_with(parent: int) -> None:
    """Be killed when the parent is, even by `kill -9`.

    Args:
        parent: its process number; if it has gone already, this process ends here.
    """
    with contextlib.suppress(OSError):
        linux.prctl(linux.PARENT_DIES, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def no_capabilities() -> None:
    """For root in a namespace of its own: it may not mount anything there either."""
    for number in range(_CAPABILITIES):
        with contextlib.suppress(OSError):
            linux.prctl(linux.DROP_CAPABILITY, number)


def environment(environ: Mapping[str, str], folder: Path, *, jailed: bool) -> dict[str, str]:
    """The variables of an editor: what it would write of its own accord goes into the private folder.

    Args:
        environ: the user's.
        folder: where temporary files, state, caches and sockets go; the folders named must be there.
        jailed: whether writing elsewhere fails; else the data folder, with its plugins, has to be left behind too.
    """
    kept = {name: value for name, value in environ.items() if name in KEPT or name.startswith("LC_")}
    places = dict.fromkeys(("TMPDIR", "TMP", "TEMP", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CACHE_HOME"), str(folder))
    if jailed and "XDG_DATA_HOME" in environ:
        places["XDG_DATA_HOME"] = environ["XDG_DATA_HOME"]
    elif not jailed:
        places["XDG_DATA_HOME"] = str(folder)
    return {**kept, **places, "HISTFILE": "", "LESSHISTFILE": "-", "NVIM_LOG_FILE": "/dev/null"}
