"""What the tests share: running vaultcli, in this process or as one of its own, and an editor that obeys."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from vaultcli.ground.git.objects import name_object
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.ssh.askpass import AskPass
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sign import Signer

SCRIPTS = Path(sys.executable).parent
"""Where the console script `vaultcli` of this Python is."""


@dataclass(frozen=True)
class Result:
    """How a command ended.

    Attributes:
        code: the exit code of the process.
        out: standard output, decoded; undecodable bytes as surrogates.
        err: standard error; empty when it was merged into `out`.
    """

    code: int
    out: str
    err: str


def store_object(git: Git, data: bytes, kind: str = "blob") -> str:
    """The id of an object that was stored as a recording stores its own."""
    oid = name_object(kind, data, git.object_format)
    git.write_objects({oid: (kind, data)})
    return oid


def signed(key: KeyFile, message: bytes, namespace: str, ask: AskPass | None = None) -> str:
    """One signature, armoured."""
    with Signer(key, ask) as signer:
        return signer.sign(message, namespace)


@contextlib.contextmanager
def _descriptors(stdin: int, stdout: int, stderr: int) -> Iterator[None]:
    """Standard streams on other files, for us and for every child process, as a shell would have done it."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    saved = [os.dup(number) for number in range(3)]
    try:
        for number, target in enumerate((stdin, stdout, stderr)):
            os.dup2(target, number)
        with contextlib.ExitStack() as stack:
            for name, number, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
                stream = open(number, mode, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115  closed by the stack
                stack.callback(stream.close)
                stack.enter_context(mock.patch.object(sys, name, stream))
            yield
    finally:
        for number, old in enumerate(saved):
            os.dup2(old, number)
            os.close(old)


def run_here(
    args: Sequence[str],
    *,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    merge: bool = False,
) -> Result:
    """Run a vaultcli command line in this process through the real entry point: quick, and otherwise like a process.

    Args:
        args: after the program's name.
        stdin: what is on standard input, which is never a terminal here.
        env: set for this run, over the present environment.
        cwd: the working directory; by default the present one.
        merge: standard error into `out`, in the order written.
    """
    from vaultcli.__main__ import main

    before, mask = os.getcwd(), os.umask(0)
    os.umask(mask)
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        source.write(stdin.encode("utf-8", "surrogateescape"))
        source.seek(0)
        code = 0
        try:
            os.chdir(cwd or before)
            with (
                mock.patch.dict(os.environ, env or {}),
                mock.patch.object(sys, "argv", ["vaultcli", *args]),
                _descriptors(source.fileno(), out.fileno(), (out if merge else err).fileno()),
            ):
                try:
                    main()
                except SystemExit as ended:
                    code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        finally:
            os.chdir(before)
            os.umask(mask)
        return Result(code, _text(out), _text(err))


def _text(file: object) -> str:
    file.seek(0)  # type: ignore[attr-defined]
    return str(file.read().decode("utf-8", "surrogateescape"))  # type: ignore[attr-defined]


def run_process(
    args: Sequence[str], *, stdin: str = "", env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Result:
    """Run the real console script as a process of its own; the arguments of `run_here`."""
    done = subprocess.run(
        [str(SCRIPTS / "vaultcli"), *args],
        input=stdin.encode("utf-8", "surrogateescape"),
        capture_output=True,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        timeout=120,
    )
    return Result(
        done.returncode, done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode("utf-8", "surrogateescape")
    )


_EDITOR = """#!{python} -IS
import json, os, sys
queue = {queue!r}
path = sys.argv[-1]
with open(path, encoding="utf-8", newline="") as file:
    text = file.read()
with open(queue, encoding="utf-8") as file:
    state = json.load(file)
state["seen"].append(text)
steps = state["coming"].pop(0) if state["coming"] else []
code = 0
for verb, *args in steps:
    if verb == "replace":
        if args[0] not in text:
            sys.exit("fake editor: the text to replace is not there: " + args[0])
        text = text.replace(args[0], args[1], 1)
    elif verb == "append":
        text += args[0]
    elif verb == "under":
        head, found, rest = text.partition("\\n" + args[0] + "\\n")
        if not found:
            sys.exit("fake editor: no such heading: " + args[0])
        text = head + found + args[1] + rest
    elif verb == "write":
        text = args[0]
    elif verb == "fail":
        code = args[0]
if state["seen"][-1] != text:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
with open(queue, "w", encoding="utf-8") as file:
    json.dump(state, file)
sys.exit(code)
"""

Step = tuple[str | int, ...]


def replace(old: str, new: str) -> Step:
    """The editor replaces the first occurrence; a text that is not there is an error."""
    return ("replace", old, new)


def append(text: str) -> Step:
    """The editor adds at the end."""
    return ("append", text)


def under(heading: str, text: str) -> Step:
    """The editor adds lines right after a heading, given whole (`## Data`)."""
    return ("under", heading, text if text.endswith("\n") else text + "\n")


def write(text: str) -> Step:
    """The editor replaces everything."""
    return ("write", text)


def fail(code: int = 1) -> Step:
    """The editor ends with this exit code, after the steps before it."""
    return ("fail", code)


class FakeEditor:
    """An editor program that does, each time it is started, the next of the edits it was told.

    Started more often than it was told, it closes the file unchanged.

    Args:
        folder: an existing folder for its script.

    Attributes:
        command: what `EDITOR` has to say.
    """

    def __init__(self, folder: Path) -> None:
        self._queue = folder / "editor.json"
        self._save({"coming": [], "seen": []})
        script = folder / "editor"
        script.write_text(_EDITOR.format(python=sys.executable, queue=str(self._queue)), encoding="utf-8")
        script.chmod(0o755)
        self.command = str(script)

    def will(self, *steps: Step) -> None:
        """Queue one session of the editor: these steps in order; none at all closes the file unchanged."""
        state = self._load()
        state["coming"].append(list(steps))
        self._save(state)

    @property
    def seen(self) -> list[str]:
        """The text at each opening so far."""
        return list(self._load()["seen"])

    @property
    def unused(self) -> int:
        """How many queued sessions have not been opened."""
        return len(self._load()["coming"])

    def _load(self) -> dict[str, list]:
        return dict(json.loads(self._queue.read_text(encoding="utf-8")))

    def _save(self, state: dict[str, list]) -> None:
        self._queue.write_text(json.dumps(state), encoding="utf-8")
