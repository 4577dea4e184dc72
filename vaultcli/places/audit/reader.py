"""Reading many git objects quickly, believing none: each is hashed again before anybody sees it.

`Objects` on the ground floor raises at the first object that is not what its name says. A verdict must go on and tell
all of them, so this reader answers with a `Trouble` in the object's place, and starts git anew where it gave up.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from vaultcli.ground.git.catfile import PIECE, digest_stream
from vaultcli.ground.git.plumbing import Git

if TYPE_CHECKING:
    import subprocess

AHEAD = 500
"""Questions that are written before the first answer is read: at 65 bytes each they fit into a pipe, so neither side waits."""
WIDTH = 1 << 20
"""Bytes of answers that may wait."""
PATIENCE = 100
"""Bad objects after which git is started anew: it complains of each to a pipe that nobody reads."""


def _sha1(data: bytes) -> hashlib._Hash:
    return hashlib.sha1(data, usedforsecurity=False)


HASHES: dict[str, Callable[[bytes], hashlib._Hash]] = {"sha256": hashlib.sha256, "sha1": _sha1}


@dataclass(frozen=True)
class Trouble:
    """Why an object could not be had: `missing`, `damaged`, or `kind` where it is of another kind than expected."""

    why: str


Answer = bytes | Trouble
Weight = tuple[int, str]
"""The size of a file and its SHA-256."""


def _wide(stream: IO[bytes] | None) -> IO[bytes]:
    """The stream through a large buffer and, where the kernel can, a large pipe: git writes ahead, and nobody waits in turn."""
    assert isinstance(stream, io.BufferedReader)
    with contextlib.suppress(AttributeError, OSError):
        fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, WIDTH)
    return io.BufferedReader(stream.raw, WIDTH)


class Reader:
    """The objects of one repository; a context manager.

    Args:
        git: the repository.

    Attributes:
        git: the repository.
        seen: every object whose bytes were hashed and found good.
        bad: every object that was missing or damaged, with which of the two.
    """

    def __init__(self, git: Git) -> None:
        self.git = git
        self._hash = HASHES[git.object_format]
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: IO[bytes] | None = None
        self._complaints = 0
        self.seen: set[str] = set()
        self.bad: dict[str, str] = {}

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process; the next read starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
            process.wait()

    def one(self, oid: str, kind: str) -> Answer:
        """One object of the kind expected."""
        return self.many([oid], kind)[oid]

    def many(self, oids: Iterable[str], kind: str) -> dict[str, Answer]:
        """Objects of the kind expected (`commit`, `tree`, `blob`; empty for any), each read once."""
        asked = list(dict.fromkeys(oids))
        found: dict[str, Answer] = {}
        at = 0
        while at < len(asked):
            at += self._some(asked[at : at + AHEAD], kind, found)
        return found

    def weigh(self, oids: Iterable[str]) -> dict[str, Weight | Trouble]:
        """The size and SHA-256 of large files, each read once and in pieces."""
        weights: dict[str, Weight | Trouble] = {}
        for oid in dict.fromkeys(oids):
            found: dict[str, Answer] = {}
            self._some([oid], "blob", found, weights)
            if oid not in weights:
                answer = found[oid]
                weights[oid] = answer if isinstance(answer, Trouble) else (len(answer), hashlib.sha256(answer).hexdigest())
        return weights

    def check(self, oids: Iterable[str]) -> None:
        """Hash objects of any kind without keeping them; `seen` and `bad` tell."""
        asked = list(oids)
        at = 0
        while at < len(asked):
            at += self._some(asked[at : at + AHEAD], "", {}, {})

    def _some(
        self, asked: Sequence[str], kind: str, found: dict[str, Answer], weights: dict[str, Weight | Trouble] | None = None
    ) -> int:
        """Ask for a few and take the answers; how many were settled. A large one goes into the weights where there are any."""
        if self._complaints >= PATIENCE:
            self.close()
        if self._process is None:
            self._process, self._complaints = self.git.start("cat-file", "--batch"), 0
            self._answers = _wide(self._process.stdout)
        process = self._process
        assert process.stdin is not None
        assert self._answers is not None
        try:
            process.stdin.write("".join(f"{oid}\n" for oid in asked).encode())
            process.stdin.flush()
        except OSError:
            self.close()
        for count, oid in enumerate(asked):
            answer = self._next(self._answers, oid, kind, weights) if self._process is not None else None
            if answer is None:
                # git ends at an object that it cannot unpack; the rest is asked of a new process
                self.close()
                found[oid] = self._note(oid, "damaged")
                return count + 1
            found[oid] = answer
        return len(asked)

    def _next(
        self, stream: IO[bytes], oid: str, kind: str, weights: dict[str, Weight | Trouble] | None
    ) -> Answer | None:
        parts = stream.readline().split()
        if len(parts) == 2 and parts[1] in (b"missing", b"ambiguous"):
            return self._note(oid, "missing")
        if len(parts) != 3 or not parts[2].isdigit():
            return None
        size = int(parts[2])
        if weights is not None and size > PIECE:
            return self._large(stream, oid, kind, parts[1].decode(), size, weights)
        data = stream.read(size + 1)
        if len(data) != size + 1:
            return None
        body = data[:-1]
        if self._hash(b"%b %b\0%b" % (parts[1], parts[2], body)).hexdigest() != oid:
            return self._note(oid, "damaged")
        self.seen.add(oid)
        return body if kind in ("", parts[1].decode()) else Trouble("kind")

    def _large(
        self, stream: IO[bytes], oid: str, kind: str, is_: str, size: int, weights: dict[str, Weight | Trouble]
    ) -> Answer | None:
        """An object that is weighed and not kept."""
        found = digest_stream(stream, is_, size, self.git.object_format)
        if found is None:
            return None
        if found[0] != oid:
            return self._note(oid, "damaged")
        self.seen.add(oid)
        if kind in ("", is_):
            weights[oid] = size, found[1]
            return b""
        return Trouble("kind")

    def _note(self, oid: str, why: str) -> Trouble:
        self._complaints += 1
        self.bad[oid] = why
        return Trouble(why)
