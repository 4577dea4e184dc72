"""Running a command in which one chosen file system call goes wrong, in whichever of its processes that call happens."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import struct
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")


@dataclass(frozen=True)
class Mode:
    """A way to go wrong: its name, what the call does, whether all later calls do it too, whether writes are torn."""

    name: str
    kind: str
    sticky: bool = False
    torn: bool = False


MODES = {
    mode.name: mode
    for mode in (
        Mode("kill", "kill"),
        Mode("torn", "kill", torn=True),
        Mode("alone", "alone"),
        Mode("full", str(errno.ENOSPC), sticky=True),
        Mode("full-once", str(errno.ENOSPC)),
        Mode("failing", str(errno.EIO), sticky=True),
        Mode("failing-once", str(errno.EIO)),
        Mode("read-only", str(errno.EROFS), sticky=True),
        Mode("denied", str(errno.EACCES), sticky=True),
        Mode("quota", str(errno.EDQUOT), sticky=True),
        Mode("handles", str(errno.EMFILE)),
    )
}


def why_not() -> str:
    """Why faults cannot be injected on this machine; empty when they can."""
    if os.uname().sysname != "Linux":
        return "the shim is written for Linux"
    return "" if shutil.which("cc") else "there is no C compiler named cc"


def build(folder: Path) -> Path:
    """The compiled shim."""
    library = folder / "shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-w", "-o", library, SOURCE, "-ldl"], check=True)
    return library


@dataclass(frozen=True)
class Outcome:
    """How a command ended: exit code (negative for a signal), how many calls were counted, and what it said."""

    code: int
    calls: int
    out: str
    err: str


def run(
    library: Path,
    argv: Sequence[str],
    *,
    cwd: Path,
    counter: Path,
    at: int = 0,
    mode: Mode | None = None,
    trace: Path | None = None,
    timeout: float = 60,
) -> Outcome:
    """Run a command with the shim in all of its processes; `at` 0 only counts."""
    counter.write_bytes(struct.pack("q", 0))
    env = {**os.environ, "LD_PRELOAD": str(library), **settings(counter, at, mode, trace)}
    # a session of its own: the kill is meant for everything the command started, and for nothing else
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        argv, cwd=cwd, env=env, stdin=quiet, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        out, err = process.communicate(timeout=timeout)
    if process.returncode < 0:
        _until_gone(process.pid)
    return Outcome(process.returncode, counted(counter), out, err)


def _until_gone(group: int, patience: float = 10) -> None:
    """Wait for the last process of a killed group: until then it holds what it had open, the vault's lock included."""
    until = time.monotonic() + patience
    while _alive(group) and time.monotonic() < until:
        time.sleep(0.001)


def _alive(group: int) -> bool:
    """Whether a process of that group is still more than an entry that nobody has asked after (`proc(5)`, stat)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, its_group, *_ = stat.read_text(errors="replace").rpartition(")")[2].split()
            if int(its_group) == group and state not in "ZX":
                return True
    return False


def settings(counter: Path, at: int, mode: Mode | None, trace: Path | None) -> dict[str, str]:
    """What the shim reads from the environment."""
    env = {"FAULT_COUNTER": str(counter), "FAULT_AT": str(at), "PYTHONDONTWRITEBYTECODE": "1"}
    if mode is not None:
        env["FAULT_KIND"] = mode.kind
        env.update({name: "1" for name, on in (("FAULT_STICKY", mode.sticky), ("FAULT_TORN", mode.torn)) if on})
    if trace is not None:
        env["FAULT_TRACE"] = str(trace)
    return env


def counted(counter: Path) -> int:
    """How many calls the shim has counted."""
    (calls,) = struct.unpack("q", counter.read_bytes()[:8])
    return int(calls)
