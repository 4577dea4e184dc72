"""Linked worktrees: the folder of each line, made and mended by writing the four small files that git documents.

`gitrepository-layout(5)`: `.git/worktrees/NAME/{HEAD,commondir,gitdir}` and the worktree's `.git` file. Writing them
costs no process, can be repeated after any crash, and mends three hundred folders of a vault that has moved in a few
hundredths of a second; `git worktree add` refuses a folder that exists, and records the same absolute paths.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import Conflict, GitTrouble


@dataclass(frozen=True)
class Layout:
    """Where the lines of a repository have their folders.

    `main` is the branch that the repository's top folder shows. `place` gives the folder of any other branch relative
    to the top, None for a branch without working files. `apart` names folders directly below the top that belong to
    other lines.
    """

    main: str
    place: Callable[[str], str | None] = field(default=lambda _: None)
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Worktrees:
    """The line folders of one repository.

    Args:
        top: the repository's top folder.
        layout: which branch goes where.
        scratch: a folder on the same file system for files that are being written.
    """

    top: Path
    layout: Layout
    scratch: Path

    def folder(self, branch: str) -> Path | None:
        """The folder of a line; None when it has no working files."""
        if branch == self.layout.main:
            return self.top
        where = self.layout.place(branch)
        return None if where is None else self.top / where

    def admin(self, branch: str) -> Path:
        """The git directory that holds the line's HEAD and index."""
        if branch == self.layout.main:
            return self.top / ".git"
        return self.top / ".git" / "worktrees" / branch.replace("/", "-")

    def _wanted(self, branch: str) -> dict[str, str]:
        """The files that tie a folder to its branch, and what they say; plain texts, as every command asks for all of them."""
        where = self.layout.place(branch)
        if where is None or branch == self.layout.main:
            return {}
        admin, top = f"{self.top}/.git/worktrees/{branch.replace('/', '-')}", f"{self.top}/{where}"
        return {
            f"{admin}/HEAD": f"ref: refs/heads/{branch}\n",
            f"{admin}/commondir": "../..\n",
            f"{admin}/gitdir": f"{top}/.git\n",
            f"{top}/.git": f"gitdir: {admin}\n",
        }

    def is_linked(self, branch: str) -> bool:
        """Whether the line's folder is there and tied to its branch, at the place where the vault is now."""
        return all(files.small(file) == text for file, text in self._wanted(branch).items())

    def link(self, branch: str, *, synced: bool = True) -> None:
        """Make the line's folder, or mend what ties it to its branch; its files are not touched.

        Args:
            branch: the line.
            synced: whether a power cut may no longer take the ties; they can be made again, and three hundred of a vault
                that has moved must not take seconds.

        Raises:
            GitTrouble: another repository is in its place.
            Conflict: somebody switched the folder to another branch.
        """
        folder = self.folder(branch)
        if folder is None or branch == self.layout.main:
            return
        self.check(branch)
        files.make_dirs(folder)
        files.make_dirs(self.admin(branch))
        changed = [(Path(file), text) for file, text in self._wanted(branch).items() if files.small(file) != text]
        for file, text in changed:
            files.put(file, text.encode(), scratch=self.scratch, synced=synced)
        for place in sorted({file.parent for file, _ in changed}) if synced else ():
            files.fsync_dir(place)

    def check(self, branch: str) -> None:
        """Refuse a folder that is not ours to write in.

        Raises:
            GitTrouble: another repository is in its place.
            Conflict: somebody switched the folder to another branch.
        """
        folder = self.folder(branch)
        if folder is None:
            return
        if branch != self.layout.main and (folder.is_symlink() or (folder / ".git").is_dir() or (folder / ".git").is_symlink()):
            raise GitTrouble(f"{folder} is another git repository, not the folder of a line of this one")
        head = files.small(f"{self.admin(branch)}/HEAD")
        if (
            head
            and (head.startswith("ref: ") or len(head) in {41, 65})
            and head.endswith("\n")
            and head != f"ref: refs/heads/{branch}\n"
        ):
            raise Conflict(f"{folder} was switched to another branch", hint=f"git -C {folder} switch {branch}")
