"""The lines of a repository of ours, read: as `History`, and how their working files differ. Nothing here writes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git import refs
from vaultcli.ground.git.history import History, ref_of
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.repository.working import Checkout, Working
from vaultcli.ground.repository.worktrees import Layout, Worktrees


class Lines(History):
    """The lines of one repository; a context manager.

    Args:
        path: its top folder.
        layout: which branch has its files where.
        settings: its own configuration, checked.
        held: gives the descriptor of the write lock while it is held; children that write inherit it.
    """

    def __init__(
        self, path: Path, layout: Layout, settings: gitconfig.Settings, held: Callable[[], int | None] = lambda: None
    ) -> None:
        self.path = path
        self.directory = path / ".git"
        self.settings = settings
        self.object_format = settings.object_format
        self.scratch = self.directory / "vaultcli" / "tmp"
        self.worktrees = Worktrees(path, layout, self.scratch)
        super().__init__(Git(self.directory, object_format=self.object_format, scratch=self.scratch, held=held))
        self._heads: dict[str, str] = {}

    @property
    def clone_id(self) -> str:
        """The random id of this copy of the repository, which pins are kept by."""
        return self.settings.values["vaultcli.clone"]

    def lines(self) -> dict[str, str]:
        """Every line with its head: branch (without `refs/heads/`) to commit id, in order of name."""
        found = refs.heads(self.directory)
        if found is None:
            found = {ref.removeprefix(refs.HEADS): oid for ref, oid in self.git.refs(refs.HEADS).items()}
        return found

    def folder(self, branch: str) -> Path | None:
        """The folder of a line's working files; None when it has none."""
        return self.worktrees.folder(branch)

    def head(self, branch: str) -> str | None:
        """The newest commit of a line; None when there is no such line."""
        ref, text = ref_of(branch), None
        with contextlib.suppress(VaultError):
            text = files.small(f"{self.directory}/{ref}")
        if text is not None and text == self._heads.get(ref):
            return text[:-1]
        found = self.objects.find(ref)
        if found is not None and text == f"{found.oid}\n":
            # the same words mean the same commit, and that is there; git is asked once for each
            self._heads[ref] = text
        return None if found is None else found.oid

    def working(self, branch: str, without: str = "") -> Working:
        """How the line's working files differ from its head; found by reading them, never from cached times.

        Args:
            branch: the line.
            without: a folder below its top that is not looked at, as its files are large and nobody asks for them.
        """
        checkout, head = self._checkout(branch), self.head(branch)
        if checkout is None:
            return Working()
        there = self.files(head).items() if head else ()
        recorded = {path: oid for path, (_, oid) in there if not without or not path.startswith(f"{without}/")}
        apart = self.worktrees.layout.apart if branch == self.worktrees.layout.main else frozenset()
        return checkout.compare(recorded, apart | {without})

    def _checkout(self, branch: str) -> Checkout | None:
        top = self.folder(branch)
        return None if top is None else Checkout(self.git, top, self.worktrees.admin(branch), self.scratch)
