"""Reading git objects: one `cat-file --batch` that stays open, and a stream for many at once.

Every object's bytes are hashed again as they are read: a flipped bit is an error here, not a surprise later.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, TYPE_CHECKING

from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git.objects import (
    Commit,
    TreeEntry,
    name_object,
    parse_commit,
    parse_tree,
)
from vaultcli.ground.git.plumbing import Git, feed

if TYPE_CHECKING:
    import subprocess


WHOLE = "`vaultcli verify` says what is damaged; another copy of the chart may have it whole"
"""What to try where an object cannot be read."""


@dataclass(frozen=True)
class Object:
    """One object: its id, its kind (`commit`, `tree`, `blob`, `tag`) and its bytes."""

    oid: str
    kind: str
    data: bytes = field(repr=False)


class Objects:
    """The objects of one repository, read through one process; a context manager.

    Args:
        git: the repository.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None
        self._trees: dict[str, tuple[TreeEntry, ...]] = {}
        self._ahead: dict[str, Object] = {}

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process; the next read starts another."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.communicate()

    def let_go(self) -> None:
        """In a copy of this process: leave the git that was started to the first one; the next read starts another."""
        self._process = None
        self._ahead = {}

    def find(self, name: str) -> Object | None:
        """The object of an id or a full ref name; None when there is none.

        Raises:
            GitTrouble: it is damaged, or git ended.
        """
        return _next(self._ask(name), self._git.object_format)

    def _ask(self, name: str) -> IO[bytes]:
        """Ask for one object; where the answer comes from."""
        if self._process is None or self._process.poll() is not None:
            self._process = self._git.start("cat-file", "--batch")
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(name.encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise GitTrouble("git cat-file ended unexpectedly") from error
        return self._process.stdout

    def read(self, oid: str) -> tuple[str, bytes]:
        """The kind and the bytes of an object.

        Raises:
            GitTrouble: it is missing or damaged.
        """
        found = self._ahead.pop(oid, None) or self.find(oid)
        if found is None:
            raise GitTrouble(f"object {oid} is missing", hint=WHOLE)
        return found.kind, found.data

    def _expect(self, oid: str, kind: str) -> bytes:
        found, data = self.read(oid)
        if found != kind:
            raise GitTrouble(f"object {oid} is a {found} where a {kind} belongs")
        return data

    def blob(self, oid: str) -> bytes:
        """The bytes of a file."""
        return self._expect(oid, "blob")

    def weigh(self, oid: str) -> tuple[int, str]:
        """The size and the SHA-256 of a file, read in pieces.

        Raises:
            GitTrouble: it is missing or damaged, or is no file.
        """
        stream = self._ask(oid)
        parts = stream.readline().decode("utf-8", "surrogateescape").split()
        if len(parts) != 3 or not parts[2].isdigit():
            raise GitTrouble(f"object {oid} is missing", hint=WHOLE)
        found = digest_stream(stream, parts[1], int(parts[2]), self._git.object_format)
        if found is None or found[0] != oid:
            raise GitTrouble(f"object {oid} is damaged", hint=WHOLE)
        if parts[1] != "blob":
            raise GitTrouble(f"object {oid} is a {parts[1]} where a blob belongs")
        return int(parts[2]), found[1]

    def commit(self, oid: str) -> Commit:
        """A commit."""
        return parse_commit(oid, self._expect(oid, "commit"))

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        """The entries of a tree, remembered."""
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
        self._ahead = {}
        with contextlib.suppress(GitTrouble):
            for at in range(0, len(asked), AHEAD):
                some = asked[at : at + AHEAD]
                stream = self._ask("\n".join(some))
                for _ in some:
                    found = _next(stream, self._git.object_format)
                    if found is not None:
                        self._ahead[found.oid] = found
            return
        # what git goes on to answer is nobody's answer
        self.close()

    def read_many(self, oids: Iterable[str]) -> Iterator[Object]:
        """Many objects in the order asked, streamed through a process of its own.

        Raises:
            GitTrouble: one is missing or damaged.
        """
        process = self._git.start("cat-file", "--batch", "--buffer")
        assert process.stdout is not None
        asked: list[str] = list(oids)
        feed(process, asked)
        try:
            for oid in asked:
                found = _next(process.stdout, self._git.object_format)
                if found is None:
                    raise GitTrouble(f"object {oid} is missing")
                yield found
        finally:
            process.kill()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
            process.wait()


AHEAD = 500
"""Questions that are asked before the first answer is read: at 65 bytes each they fit into a pipe."""
PIECE = 1 << 20
"""Bytes of a large file that are in memory at a time."""


def digest_stream(stream: IO[bytes], kind: str, size: int, object_format: str) -> tuple[str, str] | None:
    """Read the bytes of one answer in pieces: the object's id as they give it, and their SHA-256.

    None where the stream ends before them.
    """
    import hashlib

    name = hashlib.new(object_format, b"%b %d\0" % (kind.encode(), size), usedforsecurity=False)
    content = hashlib.sha256()
    while size and (part := stream.read(min(size, PIECE))):
        name.update(part)
        content.update(part)
        size -= len(part)
    return (name.hexdigest(), content.hexdigest()) if not size and stream.read(1) == b"\n" else None


def _next(stream: IO[bytes], object_format: str) -> Object | None:
    header = stream.readline().decode("utf-8", "surrogateescape").split()
    if len(header) == 2 and header[1] in {"missing", "ambiguous"}:
        return None
    if len(header) != 3 or not header[2].isdigit():
        raise GitTrouble("an object could not be read", hint=WHOLE)
    oid, kind, size = header
    data = stream.read(int(size) + 1)[:-1]
    if len(data) != int(size) or name_object(kind, data, object_format) != oid:
        raise GitTrouble(f"object {oid} is damaged", hint=WHOLE)
    return Object(oid, kind, data)
