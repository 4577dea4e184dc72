"""Reading git objects through one `cat-file --batch` that stays open; each is hashed again before anybody sees it.

`Reader` tells of what cannot be had in its place and goes on, as a verdict must; `Objects` stops there, as everybody else must.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, NamedTuple

from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git.objects import (
    Commit,
    hasher,
    is_oid,
    parse_commit,
)
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.git.tree import Tree, parse_tree

if TYPE_CHECKING:
    import subprocess

AHEAD = 500
"""Questions that are asked before the first answer is read: at 65 bytes each they fit into a pipe, so neither side waits."""
WIDTH = 1 << 20
"""Bytes of answers that may wait."""
PIECE = 1 << 20
"""Bytes of a large file that are in memory at a time."""

WHOLE = "`vaultcli verify` says what is damaged; another copy of the chart may have it whole"
"""What to try where an object cannot be read."""


class Object(NamedTuple):
    """One object: its id, its kind (`commit`, `tree`, `blob`, `tag`) and its bytes."""

    oid: str
    kind: str
    data: bytes

    def __repr__(self) -> str:
        return f"Object({self.oid}, {self.kind})"


class Large(NamedTuple):
    """An object that was hashed in pieces and not kept: its id, its kind, its size and its SHA-256."""

    oid: str
    kind: str
    size: int
    sha256: str


class Trouble(NamedTuple):
    """Why an object could not be had: `missing`, `damaged`, or `kind` where it is of another kind than expected."""

    why: str


Answer = bytes | Trouble
Weight = tuple[int, str]
"""The size of a file and its SHA-256."""


class Reader:
    """The objects of one repository, good or bad; a context manager.

    Args:
        git: the repository.

    Attributes:
        git: the repository.
        seen: every object that `many`, `weigh` and `check` found good.
        bad: every object that they found missing or damaged, with which of the two.
    """

    def __init__(self, git: Git) -> None:
        self.git = git
        self._hash = hasher(git.object_format)
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: IO[bytes] | None = None
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
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            process.wait()

    def let_go(self) -> None:
        """In a copy of this process: leave the git that was started to the first one; the next read starts another."""
        self._process = None

    def stream(self, names: Sequence[str], *, whole: bool = True) -> Iterator[Object | Large | Trouble]:
        """An answer for each of these ids or full names of refs, in their order; nothing else may be asked meanwhile.

        Args:
            names: what is asked for.
            whole: whether large objects are wanted with their bytes.
        """
        at = 0
        while at < len(names):
            some = names[at : at + AHEAD]
            answers, settled = self._ask(some), 0
            try:
                for name in some:
                    answer = self._next(answers, name, whole=whole)
                    settled += 1
                    if answer is None:
                        # git ends at an object that it cannot unpack; the rest is asked of a new process
                        self.close()
                        yield Trouble("damaged")
                        break
                    yield answer
            finally:
                if settled < len(some):
                    # what git goes on to answer is nobody's answer
                    self.close()
            at += settled

    def many(self, oids: Iterable[str], kind: str) -> dict[str, Answer]:
        """Objects of the kind expected (`commit`, `tree`, `blob`; empty for any), each read once."""
        asked = list(dict.fromkeys(oids))
        found: dict[str, Answer] = {}
        for oid, answer in zip(asked, self.stream(asked), strict=True):
            if isinstance(answer, Object):
                self.seen.add(oid)
                found[oid] = answer.data if kind in ("", answer.kind) else Trouble("kind")
            else:
                found[oid] = self._note(oid, answer)
        return found

    def weigh(self, oids: Iterable[str]) -> dict[str, Weight | Trouble]:
        """The size and SHA-256 of files, each read once, large ones in pieces."""
        asked = list(dict.fromkeys(oids))
        found: dict[str, Weight | Trouble] = {}
        for oid, answer in zip(asked, self.stream(asked, whole=False), strict=True):
            if isinstance(answer, Trouble):
                found[oid] = self._note(oid, answer)
            else:
                self.seen.add(oid)
                found[oid] = weight(answer) if answer.kind == "blob" else Trouble("kind")
        return found

    def check(self, oids: Sequence[str]) -> None:
        """Hash objects of any kind without keeping them; `seen` and `bad` tell."""
        for oid, answer in zip(oids, self.stream(oids, whole=False), strict=True):
            if isinstance(answer, Trouble):
                self._note(oid, answer)
            else:
                self.seen.add(oid)

    def _note(self, oid: str, answer: object) -> Trouble:
        assert isinstance(answer, Trouble)
        self.bad[oid] = answer.why
        return answer

    def _ask(self, names: Sequence[str]) -> IO[bytes]:
        """Ask for a few; where the answers come from."""
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            # its complaints of bad objects would fill a pipe that nobody reads, and stop both of us
            self._process = self.git.start("cat-file", "--batch", pipe_err=False)
            self._answers = _wide(self._process.stdout)
        assert self._process.stdin is not None
        assert self._answers is not None
        with contextlib.suppress(OSError):
            # where git has ended its answers end as well, and that is seen there
            self._process.stdin.write("".join(f"{name}\n" for name in names).encode())
            self._process.stdin.flush()
        return self._answers

    def _next(self, stream: IO[bytes], name: str, *, whole: bool) -> Object | Large | Trouble | None:
        """The next answer; None where git has none to give any more."""
        parts = stream.readline().split()
        if len(parts) == 2 and parts[1] in (b"missing", b"ambiguous"):
            # git says so also of what it cannot unpack at all
            return Trouble("missing")
        if len(parts) != 3 or not parts[2].isdigit():
            return None
        oid = parts[0].decode()
        if oid != name and is_oid(name):
            # only a ref may be answered with another id than it was asked by
            oid = name
        kind, size = parts[1].decode(), int(parts[2])
        if not whole and size > PIECE:
            return self._large(stream, oid, kind, size)
        data = stream.read(size + 1)
        if len(data) != size + 1:
            return None
        body = data[:-1]
        if self._hash(b"%b %b\0%b" % (parts[1], parts[2], body)).hexdigest() != oid:
            return Trouble("damaged")
        return Object(oid, kind, body)

    def _large(self, stream: IO[bytes], oid: str, kind: str, size: int) -> Large | Trouble | None:
        name, content, left = self._hash(b"%b %d\0" % (kind.encode(), size)), hashlib.sha256(), size
        while left and (part := stream.read(min(left, PIECE))):
            name.update(part)
            content.update(part)
            left -= len(part)
        if left or stream.read(1) != b"\n":
            return None
        if name.hexdigest() != oid:
            return Trouble("damaged")
        return Large(oid, kind, size, content.hexdigest())


def _wide(stream: IO[bytes] | None) -> IO[bytes]:
    """The stream through a large buffer and, where the kernel can, a large pipe: git writes ahead, and nobody waits in turn."""
    assert isinstance(stream, io.BufferedReader)
    with contextlib.suppress(AttributeError, OSError):
        fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, WIDTH)
    return io.BufferedReader(stream.raw, WIDTH)


def weight(found: Object | Large) -> Weight:
    """The size and the SHA-256 of an object."""
    return (found.size, found.sha256) if isinstance(found, Large) else (len(found.data), hashlib.sha256(found.data).hexdigest())


class Objects:
    """The objects of one repository for who believes that they are whole; a context manager.

    Args:
        git: the repository.
    """

    def __init__(self, git: Git) -> None:
        self._reader = Reader(git)
        self._trees: dict[str, Tree] = {}
        self._ahead: dict[str, Object] = {}

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process; the next read starts another."""
        self._reader.close()

    def let_go(self) -> None:
        """In a copy of this process: leave the git that was started to the first one; the next read starts another."""
        self._reader.let_go()
        self._ahead = {}

    def find(self, name: str) -> Object | None:
        """The object of an id or a full ref name; None when there is none.

        Raises:
            GitTrouble: it is damaged, or git ended.
        """
        (answer,) = self._reader.stream([name])
        if isinstance(answer, Trouble) and answer.why == "missing":
            return None
        return _had(name, answer)

    def read(self, oid: str) -> tuple[str, bytes]:
        """The kind and the bytes of an object.

        Raises:
            GitTrouble: it is missing or damaged.
        """
        found = self._ahead.pop(oid, None) or self.find(oid)
        if found is None:
            raise _trouble(oid, "missing")
        return found.kind, found.data

    def _expect(self, oid: str, kind: str) -> bytes:
        found, data = self.read(oid)
        _check_kind(oid, found, kind)
        return data

    def blob(self, oid: str) -> bytes:
        """The bytes of a file."""
        return self._expect(oid, "blob")

    def weigh(self, oid: str) -> Weight:
        """The size and the SHA-256 of a file, read in pieces.

        Raises:
            GitTrouble: it is missing or damaged, or is no file.
        """
        (answer,) = self._reader.stream([oid], whole=False)
        if isinstance(answer, Trouble):
            raise _trouble(oid, answer.why)
        _check_kind(oid, answer.kind, "blob")
        return weight(answer)

    def commit(self, oid: str) -> Commit:
        """A commit."""
        return parse_commit(oid, self._expect(oid, "commit"))

    def tree(self, oid: str) -> Tree:
        """A tree, remembered."""
        if oid not in self._trees:
            self._trees[oid] = parse_tree(oid, self._expect(oid, "tree"))
        return self._trees[oid]

    def forget(self) -> None:
        """Let go of the trees that were read: thirty years of many folders are too much to keep at once."""
        self._trees.clear()

    def ahead(self, oids: Iterable[str]) -> None:
        """Read objects that are asked for next, without waiting for git in between; each is kept until then, or the next call.

        One that is missing or damaged is told when it is asked for.
        """
        asked = list(dict.fromkeys(oids))
        self._ahead = {answer.oid: answer for answer in self._reader.stream(asked) if isinstance(answer, Object)}

    def read_many(self, oids: Iterable[str]) -> Iterator[Object]:
        """Many objects in the order asked, streamed through a process of its own.

        Raises:
            GitTrouble: one is missing or damaged.
        """
        asked = list(oids)
        with Reader(self._reader.git) as apart:
            for oid, answer in zip(asked, apart.stream(asked), strict=True):
                yield _had(oid, answer)


def _had(name: str, answer: Object | Large | Trouble) -> Object:
    if isinstance(answer, Object):
        return answer
    assert isinstance(answer, Trouble)
    raise _trouble(name, answer.why)


def _trouble(name: str, why: str) -> GitTrouble:
    return GitTrouble(f"object {name} is {why}" if is_oid(name) else f"{name} cannot be read", hint=WHOLE)


def _check_kind(oid: str, found: str, wanted: str) -> None:
    if found != wanted:
        raise GitTrouble(f"object {oid} is a {found} where a {wanted} belongs")
