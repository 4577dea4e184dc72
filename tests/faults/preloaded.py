"""vaultcli under the shim without its start: one Python that has imported everything, and forks for each command line.

Starting Python and importing takes longer than most commands do. The process here is started once with the shim in it;
for each run it forks, the child arms the shim and runs the real entry point, and what it starts (git, ssh-keygen) inherits the
shim as usual. The child is a session of its own, so that a kill hits everything the command started and nothing else.
"""

from __future__ import annotations

import ctypes
import json
import os
import pkgutil
import selectors
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.faults import shim

_PATIENCE = 60.0


class Preloaded:
    """The process, and running commands in it; a context manager.

    Args:
        library: the compiled shim.
    """

    def __init__(self, library: Path) -> None:
        self.library = library
        env = {**os.environ, "LD_PRELOAD": str(library), "PYTHONDONTWRITEBYTECODE": "1"}
        argv = [sys.executable, "-m", "tests.faults.preloaded"]
        top = Path(__file__).parents[2]
        self._process = subprocess.Popen(argv, env=env, cwd=top, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Preloaded:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(
        self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: str = "", faults: Mapping[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Run a vaultcli command line; the code (negative for a signal), what it said, and its complaints."""
        asked = {"argv": list(argv), "cwd": str(cwd), "env": dict(env), "stdin": stdin, "faults": dict(faults or {})}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        code, out, err = json.loads(self._process.stdout.readline())
        return code, out, err

    def faulty(
        self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], counter: Path, at: int, mode: shim.Mode | None,
        trace: Path | None, stdin: str,
    ) -> shim.Outcome:  # fmt: skip
        """Run a command line in which one call goes wrong; as `shim.run`."""
        counter.write_bytes(struct.pack("q", 0))
        code, out, err = self.run(argv, cwd=cwd, env=env, stdin=stdin, faults=shim.settings(counter, at, mode, trace))
        return shim.Outcome(code, shim.counted(counter), out, err)


def _import_everything() -> None:
    import vaultcli

    for module in pkgutil.walk_packages(vaultcli.__path__, "vaultcli."):
        if not module.name.endswith("__main__"):
            __import__(module.name)
    # what commands import inside functions
    for name in ("vaultcli.__main__", "yaml", "git", "cryptography.hazmat.primitives.asymmetric.ed25519", "encodings.idna"):
        __import__(name)


def _serve() -> None:
    _import_everything()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(_fork(json.loads(line))) + "\n")
        answers.flush()


def _fork(asked: dict[str, object]) -> tuple[int, str, str]:
    pipes = [os.pipe() for _ in range(3)]
    child = os.fork()
    if not child:
        _be(asked, [pipes[0][0], pipes[1][1], pipes[2][1]])
    for mine, number in ((pipes[0], 0), (pipes[1], 1), (pipes[2], 1)):
        os.close(mine[number])
    os.write(pipes[0][1], str(asked["stdin"]).encode())
    os.close(pipes[0][1])
    said = _listen(child, pipes[1][0], pipes[2][0])
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said[0], said[1]


def _listen(child: int, out: int, err: int) -> tuple[str, str]:
    """Everything that comes until both pipes are closed; what takes too long is killed."""
    heard = {out: b"", err: b""}
    until = time.monotonic() + _PATIENCE
    with selectors.DefaultSelector() as waiting:
        for handle in heard:
            waiting.register(handle, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(1.0)
            if not ready and time.monotonic() > until:
                os.killpg(child, signal.SIGKILL)
                until += _PATIENCE
            for key, _ in ready:
                part = os.read(key.fd, 65536)
                heard[key.fd] += part
                if not part:
                    waiting.unregister(key.fd)
                    os.close(key.fd)
    return heard[out].decode(errors="replace"), heard[err].decode(errors="replace")


def _be(asked: dict[str, object], streams: list[int]) -> None:
    """The child: standard streams, folder, environment, the shim armed, and then vaultcli as it is; never returns."""
    code = 1
    try:
        os.setsid()
        for number, handle in enumerate(streams):
            os.dup2(handle, number)
        os.closerange(3, 64)
        os.chdir(str(asked["cwd"]))
        keep = {name: os.environ[name] for name in ("PATH", "LD_PRELOAD")}
        os.environ.clear()
        os.environ.update({**keep, **asked["env"], **asked["faults"]})  # type: ignore[dict-item]
        time.tzset()
        for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="surrogateescape", closefd=False))  # noqa: SIM115
        sys.argv = ["vaultcli", *asked["argv"]]  # type: ignore[misc]
        ctypes.CDLL(keep["LD_PRELOAD"]).fault_arm()
        from vaultcli.__main__ import main

        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve()
