"""Lines of history, read: their heads and commits, the files of a commit, and what it changed. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from vaultcli.ground.git import refs, trees
from vaultcli.ground.git.catfile import Objects
from vaultcli.ground.git.objects import Commit, parse_commit
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.git.tree import Change


class History:
    """The lines of one repository; a context manager, as reading keeps a process open.

    Who looks at lines that are elsewhere than the branches says where their heads are, and nothing else.

    Args:
        git: the repository.
        objects: its reader, where there is one already.
    """

    def __init__(self, git: Git, objects: Objects | None = None) -> None:
        self.git = git
        self.objects = objects or Objects(git)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the reading process."""
        self.objects.close()

    def head(self, branch: str) -> str | None:
        """The newest commit of a line; None when there is no such line."""
        found = self.objects.find(ref_of(branch))
        return None if found is None else found.oid

    def commit(self, oid: str) -> Commit:
        """A commit."""
        return self.objects.commit(oid)

    def history(self, branch: str) -> list[Commit]:
        """The commits of a line, oldest first; none where there is no such line."""
        head = self.head(branch)
        return [] if head is None else self.commits(self.git.rev_list(head))

    def commits(self, oids: Sequence[str]) -> list[Commit]:
        """Many commits, in the order asked."""
        return [parse_commit(found.oid, found.data) for found in self.objects.read_many(oids)]

    def read(self, commit: str, path: str) -> bytes | None:
        """A file as a commit has it; None when it does not."""
        oid = trees.lookup(self.objects, self.commit(commit).tree, path)
        return None if oid is None else self.objects.blob(oid)

    def files(self, commit: str) -> dict[str, tuple[str, str]]:
        """Every file of a commit: path to (mode, blob id)."""
        return trees.flatten(self.objects, self.commit(commit).tree)

    def changes(self, parent: str | None, commit: str) -> list[Change]:
        """What a commit changed against another; against nothing when that is None."""
        before = None if parent is None else self.commit(parent).tree
        return list(trees.differences(self.objects.tree, before, self.commit(commit).tree))


def ref_of(branch: str) -> str:
    """The full name of a line's ref."""
    return f"{refs.HEADS}{branch}"
