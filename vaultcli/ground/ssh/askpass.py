"""A way for `ssh-keygen` and `ssh-add` to ask for a passphrase that leaves it out of arguments, environment and files.

OpenSSH runs the program that `SSH_ASKPASS` names and reads the answer from its output. Ours is a three-line shell
script in a folder that only this user can enter; it hands the question to one named pipe and takes the answer from
another. The bytes pass through the kernel only. We hold both ends of both pipes open, so nobody waits for somebody
who has gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from vaultcli.ground.errors import KeyTrouble
from vaultcli.ground.process import patience

if TYPE_CHECKING:
    from subprocess import Popen

SCRIPT = """\
#!/bin/sh
folder=${0%/*}
printf '%s\\n' "$1" >"$folder/question"
IFS= read -r answer <"$folder/answer" && printf '%s\\n' "$answer"
"""
_DONE = b"\0"
TRIES = 3
"""How often a passphrase is asked for."""
LIMIT = 600.0
"""Seconds for a conversation, the person's typing included."""


class AskPass(Protocol):
    """Asks the person for a passphrase or PIN, unseen: the question as OpenSSH words it, in; the answer, out."""

    def __call__(self, prompt: str, /) -> str:
        """The answer, without a line end."""


def patient(ask: AskPass) -> AskPass:
    """The same, for somebody who mistypes: says that the last answer was wrong, and gives up on one that was given before."""
    given: set[str] = set()

    def again(prompt: str, /) -> str:
        answer = ask(f"wrong passphrase, try again; {prompt}" if given else prompt)
        if answer in given:
            return ""
        given.add(answer)
        return answer

    return again


def private_folder() -> Path:
    """A new folder for this user only (0700): in memory where there is such a place, and where scripts may run."""
    for parent in _parents():
        if parent and os.access(parent, os.W_OK) and not os.statvfs(parent).f_flag & getattr(os, "ST_NOEXEC", 8):
            return Path(tempfile.mkdtemp(prefix="vaultcli-", dir=parent))
    raise KeyTrouble("there is no temporary folder in which a program may run", hint="set TMPDIR to one")


def _parents() -> Iterator[str | None]:
    yield from (os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm")  # noqa: S108
    # asked for last, because it writes a file to find out, and finds no folder where the disk is full
    with contextlib.suppress(FileNotFoundError):
        yield tempfile.gettempdir()


class Channel:
    """The script and the two pipes, in a private folder.

    Args:
        folder: from `private_folder`.
        own: whether the folder goes with the channel.
    """

    def __init__(self, folder: Path, *, own: bool = False) -> None:
        self._folder = folder
        self._own = own
        self._script = folder / "askpass"
        self._pipes = [folder / "question", folder / "answer"]
        self._script.write_text(SCRIPT, encoding="ascii")
        self._script.chmod(0o700)
        for pipe in self._pipes:
            os.mkfifo(pipe, 0o600)
        self._question, self._answer = (os.open(pipe, os.O_RDWR | os.O_CLOEXEC) for pipe in self._pipes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._question)
        os.close(self._answer)
        for path in (self._script, *self._pipes):
            path.unlink(missing_ok=True)
        if self._own:
            self._folder.rmdir()

    @property
    def environment(self) -> dict[str, str]:
        """What makes OpenSSH ask through this channel and nowhere else."""
        return {"SSH_ASKPASS": str(self._script), "SSH_ASKPASS_REQUIRE": "force"}

    def converse(
        self, process: Popen[bytes], message: bytes, ask: AskPass, *, answers: int = 1
    ) -> tuple[bytes, bytes, int]:
        """Feeds a process, answers its questions in this thread, and waits for its end.

        Args:
            process: started with `environment`, three pipes and a session of its own.
            message: its standard input.
            ask: where answers come from. What it raises ends the process and comes through.
            answers: how many questions get one; later ones get an empty answer, which OpenSSH takes as giving up.

        Returns:
            its standard output, its standard error, and how many questions it asked.
        """
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(patience.finish, process, message, "an answer", LIMIT, word=False)
            work.add_done_callback(lambda _: os.write(self._question, _DONE))
            try:
                asked = self._serve(ask, answers)
            except BaseException:
                # The whole group: the script that waits for an answer holds the pipes open.
                os.killpg(process.pid, signal.SIGKILL)
                raise
            try:
                return *work.result(), asked
            except patience.OutOfPatience:
                raise KeyTrouble(f"no answer came within {LIMIT:.0f} seconds", hint="nothing was signed; try again") from None

    def _serve(self, ask: AskPass, answers: int) -> int:
        """Answers questions until the process has ended; how many there were."""
        asked = 0
        while _DONE not in (question := os.read(self._question, 4096)):
            answer = ask(question.decode("utf-8", "replace").strip()) if asked < answers else ""
            asked += 1
            os.write(self._answer, answer.encode() + b"\n")
        return asked
