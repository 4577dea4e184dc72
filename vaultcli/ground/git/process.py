"""Running git: a process that answers and ends, one that streams, and some that are started ahead of their input."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vaultcli.ground.errors import DiskTrouble, GitTrouble
from vaultcli.ground.git.command import (
    PREFIX,
    environment,
    failure,
    version,
)

if TYPE_CHECKING:
    import subprocess

MOVE = ("update-ref", "--no-deref", "-m", "recorded", "--stdin", "-z")
"""Moves the refs that it is told."""
INDEX = ("update-index", "-z", "--index-info")
"""Enters the paths that it is told into an index."""


class Ahead:
    """A running git that does its work once it gets its input.

    Args:
        name: the command.
        process: with its pipes.
    """

    def __init__(self, name: str, process: subprocess.Popen[bytes]) -> None:
        self._name = name
        self._process: subprocess.Popen[bytes] | None = process

    def run(self, data: bytes) -> bytes:
        """Give it its input, wait, and return what it prints; raises as `Git.run`."""
        assert self._process is not None, "used once"
        process, self._process = self._process, None
        out, err = process.communicate(data)
        if process.returncode:
            raise failure(self._name, process.returncode, err)
        return out

    def drop(self) -> None:
        """End it, if it was not used, before it has done anything; git takes its own lock away when it is asked to end."""
        if self._process is not None:
            process, self._process = self._process, None
            process.terminate()
            process.communicate()


class Processes:
    """The gits that are started on one repository.

    Args:
        directory: the git directory (`.git`, or one below `.git/worktrees`), named explicitly so that nothing is
            discovered.
        object_format: `sha256` or `sha1`.
        scratch: the folder for git's temporary files; the system's when None.
        held: gives the descriptor of a lock that children inherit, so that it outlives us as long as they write.
    """

    def __init__(
        self,
        directory: Path,
        *,
        object_format: str = "sha256",
        scratch: Path | None = None,
        held: Callable[[], int | None] = lambda: None,
    ) -> None:
        self.directory = directory
        self.object_format = object_format
        self._scratch = scratch
        self._held = held

    def environment(self, index_of: Path | None = None) -> dict[str, str]:
        """The environment of a call; `index_of` is a linked worktree's own git directory."""
        extra = {"GIT_DIR": str(index_of or self.directory)}
        if self._scratch is not None:
            extra["TMPDIR"] = str(self._scratch)
        return environment(extra)

    def start(
        self, *args: str, pipe_in: bool = True, pipe_err: bool = True, index_of: Path | None = None, inherit: bool = False
    ) -> subprocess.Popen[bytes]:
        """A running git with its pipes, for what streams.

        Args:
            args: the command and its arguments.
            pipe_in: whether it has a standard input.
            pipe_err: whether anybody reads what it complains of.
            index_of: the git directory of a linked worktree, for commands that touch its index.
            inherit: whether it keeps our lock while it runs; for what writes and ends soon, never for a reader that
                stays.

        Raises:
            GitTrouble: git cannot be started.
        """
        import subprocess

        held = self._held() if inherit else None
        try:
            return subprocess.Popen(
                [*PREFIX, *args],
                stdin=subprocess.PIPE if pipe_in else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if pipe_err else subprocess.DEVNULL,
                env=self.environment(index_of),
                cwd=self.directory,
                pass_fds=() if held is None else (held,),
            )
        except FileNotFoundError as error:
            version()
            raise GitTrouble(f"there is no repository at {self.directory}") from error
        except OSError as error:
            raise DiskTrouble(f"cannot start git: {os.strerror(error.errno or 0)}") from error

    def run(self, *args: str, data: bytes = b"", ok: Sequence[int] = (0,), index_of: Path | None = None) -> bytes:
        """What one git command prints.

        Args:
            args: the command and its arguments.
            data: its standard input.
            ok: exit codes that are no failure.
            index_of: the git directory of a linked worktree, for commands that touch its index.

        Raises:
            Conflict: another git holds one of its locks, or a ref is not where it was expected.
            DiskTrouble: the disk is full, failing, read-only or not permitted.
            GitTrouble: anything else git refuses.
        """
        process = self.start(*args, index_of=index_of, inherit=True)
        out, err = process.communicate(data)
        if process.returncode not in ok:
            raise failure(args[0], process.returncode, err)
        return out

    @contextlib.contextmanager
    def ahead(self, *commands: Sequence[str], index_of: Path | None = None) -> Iterator[tuple[Ahead, ...]]:
        """Commands that wait for their input, started before it is known: a process takes longer to start than to work.

        Args:
            commands: each a command with its arguments that does nothing before the end of its input.
            index_of: the git directory of a linked worktree, for commands that touch its index.

        Returns:
            One `Ahead` each. What was not used by the end of the block is ended without its input.
        """
        started: list[Ahead] = []
        try:
            for words in commands:
                started.append(Ahead(words[0], self.start(*words, index_of=index_of, inherit=True)))  # noqa: PERF401
            yield tuple(started)
        finally:
            for one in started:
                one.drop()
