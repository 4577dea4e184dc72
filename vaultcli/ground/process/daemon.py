"""A process of ours that goes on after the command that began it, with secrets in its memory and nowhere else."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from pathlib import Path

from vaultcli.ground.errors import KeyTrouble

_DUMPABLE = 4
_LOCK_CURRENT, _LOCK_FUTURE = 1, 2


def start(module: str, arguments: list[str], data: bytes) -> None:
    """Start a module of ours as a process of its own session, and wait until it says that it is ready.

    Args:
        module: run as `python -m`.
        arguments: nothing secret; other users can read them.
        data: handed over by a pipe, then forgotten here.

    Raises:
        KeyTrouble: it did not become ready.
    """
    import subprocess

    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GIT_"))}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(data)
        process.stdin.close()
    said = process.stdout.readline()
    process.stdout.close()
    if said.strip() != b"ready":
        process.kill()
        process.wait()
        raise KeyTrouble("the agent did not start", hint="the command asks for the passphrase instead")
    process.returncode = 0  # it goes on; nobody is to wait for it


def harden() -> list[str]:
    """Keep this process's memory out of core dumps, swap and debuggers; what could not be done, a few words each.

    Called before a secret is there, and again when it is: where memory may be locked up to a limit only, what comes later is
    not locked by itself, for the process would end at the limit.
    """
    missing = []
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if not sys.platform.startswith("linux") or libc.prctl(_DUMPABLE, 0, 0, 0, 0) != 0:
        missing.append("a debugger of the same user can read it")
    without_limit = os.geteuid() == 0 or resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY
    if libc.mlockall(_LOCK_CURRENT | (_LOCK_FUTURE if without_limit else 0)) != 0:
        missing.append("its memory may be swapped out")
    return missing


def let_go() -> None:
    """Say that this process is ready, and let go of what it shares with the command that began it."""
    os.write(1, b"ready\n")
    null = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(null, handle)
    os.close(null)


def folder() -> Path:
    """A folder of this user's alone for sockets: in the runtime folder where there is one, else in the state folder.

    Raises:
        KeyTrouble: it belongs to somebody else, or others may enter it.
    """
    from vaultcli.ground import dirs, files

    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    top = Path(runtime) if runtime.startswith("/") and _is_ours(Path(runtime)) else dirs.state()
    place = top / "vaultcli-agent"
    files.make_dirs(place)
    if not _is_ours(place):
        raise KeyTrouble(f"{place} is not this user's alone", hint=f"chmod 700 {place}")
    return place


def _is_ours(place: Path) -> bool:
    try:
        found = place.lstat()
    except OSError:
        return False
    return found.st_uid == os.getuid() and (found.st_mode & 0o170077) == 0o040000
