"""The working files of a line follow its head: at once after a recording, or in the next command after a kill.

Also what else the next command mends: locks and parts of files that a killed git left, a succession half done, folders of
a vault that has moved. `docs/spec/repository.md` says what a crash at each step leaves.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import Conflict, GitTrouble, Unfinished, VaultError
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git import packs
from vaultcli.ground.git.plumbing import INDEX, Ahead
from vaultcli.ground.repository import lost, prune, recovery
from vaultcli.ground.repository.lines import Lines
from vaultcli.ground.repository.lock import fetch_lock, lock_of
from vaultcli.ground.repository.recovery import Marks, Repair
from vaultcli.ground.repository.worktrees import Layout


class Following(Lines):
    """Lines whose files are kept with their heads, under the one write lock.

    Args:
        path: the repository's top folder.
        layout: which branch has its files where.
        settings: its own configuration, checked.
        tell: receives what was mended, as it happens.
        waiting: called once when another command holds the lock.

    Attributes:
        seek: gives the commit that a line which cannot be read stood at, or None where nothing is known; raises where what
            is known disagrees. Asked once for each such line.
        mended: whether this process found something to complete or to mend, and may have written files.
    """

    def __init__(
        self,
        path: Path,
        layout: Layout,
        settings: gitconfig.Settings,
        *,
        tell: Callable[[Repair], None] = lambda _: None,
        waiting: Callable[[], None] = lambda: None,
    ) -> None:
        self._lock = lock_of(path / ".git")
        super().__init__(path, layout, settings, self._lock.held)
        self.marks = Marks(self.directory)
        self._notes = prune.Notes(self.directory)
        self._tell = tell
        self._waiting = waiting
        self._fetching = fetch_lock(self.directory)
        self._recorded = False
        self.seek: Callable[[str], str | None] = lambda _: None
        self.mended = False

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the one write lock; may be nested. What a killed writer left is mended first.

        Raises:
            Conflict: another command still holds it after a while.
        """
        with self._lock.hold(self._waiting) as crashed:
            if crashed:
                self._after_crash()
            yield

    # after a recording

    def _retire(self, branch: str) -> int:
        """Finish what the note of a line says, if its branch has moved; the caller holds the lock."""
        note, head = self._notes.get(branch), self.head(branch)
        gone = 0
        if note is not None and note.objects and head is not None and self._descends(note.new, head):
            gone = prune.retire(self.git, self.objects, note, self.worktrees.admin(branch))
        self._notes.forget(branch)
        return gone

    @contextlib.contextmanager
    def _index(self, branch: str) -> Iterator[Ahead | None]:
        """What enters paths into a line's index, started before they are known; None where the line has no folder yet."""
        if self.folder(branch) is None or not self.worktrees.is_linked(branch):
            yield None
            return
        with self.git.ahead(INDEX, index_of=self.worktrees.admin(branch)) as (index,):
            yield index

    def _follow(
        self, branch: str, old: str | None, new: str, seen: Mapping[str, str | None] | None, index: Ahead | None = None
    ) -> None:
        """Bring files, index and mark to a head that has just been recorded."""
        self._recorded = True
        try:
            self._bring(branch, old, new, seen, index)
        except VaultError as error:
            message = f"{branch} is recorded, but its working files are not up to date: {error.message}"
            hint = "do not repeat the command: the next one, whichever it is, completes them"
            raise Unfinished(message, hint=f"{hint}; {error.hint}" if error.hint else hint) from error

    def _bring(
        self,
        branch: str,
        old: str | None,
        new: str,
        seen: Mapping[str, str | None] | None = None,
        index: Ahead | None = None,
    ) -> list[str]:
        touched: list[str] = []
        checkout = self._checkout(branch)
        if checkout is not None:
            self.worktrees.link(branch)
            touched = checkout.bring(self.changes(old, new), self.objects.blob, seen, index)
        self.marks.set(branch, new)
        return touched

    def _ready(self) -> None:
        with files.trouble(self.scratch, "create"):
            self.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)

    # after a kill

    def recover(self, branch: str | None = None) -> list[Repair]:
        """Complete what a killed command left, and mend folders of a vault that has moved.

        Args:
            branch: one line; all of them when None.

        Returns:
            What was mended; also told as it happens. A file that somebody edited is never touched.
        """
        repairs = self._after_fetch() if self._fetching.writer_died() else []
        lines: dict[str, str | None] = {branch: self.head(branch)} if branch is not None else dict(self.lines())
        if branch is None:
            for line in sorted({*lost.marked(self.directory), self.worktrees.layout.main} - lines.keys(), key=self._main_first):
                repairs += self._find_again(line)
                lines[line] = self.head(line)
        behind = {line: head for line, head in lines.items() if head is not None and not self._is_current(line, head)}
        noted = [line for line in self._notes.branches() if branch in (None, line)]
        if behind or noted or self._lock.writer_died():
            with self.lock():
                for line in behind:
                    head = self.head(line)
                    if head is not None and not self._is_current(line, head):
                        repairs += self._finish(line, head)
                for line in noted:
                    repairs += self._finish_retiring(line)
        self.mended = self.mended or bool(behind or noted or repairs)
        for repair in repairs:
            self._tell(repair)
        return repairs

    def _main_first(self, branch: str) -> tuple[bool, str]:
        return branch != self.worktrees.layout.main, branch

    def _find_again(self, branch: str) -> list[Repair]:
        """Write a branch anew that is missing or damaged, at the commit that all that is known of it leads to."""
        try:
            found = self.seek(branch)
        except VaultError as error:
            if branch == self.worktrees.layout.main:
                raise
            # told with every command, and no reason to refuse work on other lines
            return [Repair(branch, f"could not be: {error.message}")]
        if found is None:
            return []
        with self.lock():
            if self.head(branch) is None:
                self._ready()
                lost.put_back(self, branch, found)
        return [Repair(branch, f"its branch was missing or damaged, and stands at {found[:12]} again")]

    def _is_current(self, branch: str, head: str) -> bool:
        return self.marks.get(branch) == head and self.worktrees.is_linked(branch)

    def _finish(self, branch: str, head: str) -> list[Repair]:
        """Bring one line's files from its mark to its head."""
        folder, mark = self.folder(branch), self.marks.get(branch)
        self._ready()
        gone = folder is not None and not folder.is_dir()
        if mark == head and not gone:
            self.worktrees.link(branch, synced=False)
            return [Repair(branch, "its folder was tied to the record again, as the vault has moved or was incomplete")]
        if mark is not None and not gone and not self._descends(mark, head) and not self._succeeded(branch, mark, head):
            self.worktrees.link(branch)
            self.marks.set(branch, head)
            return [Repair(branch, "was moved back outside vaultcli; its working files were left as they are")]
        touched = self._bring(branch, None if gone else mark, head, self.marks.seen(branch, head))
        if gone or (mark is None and touched):
            return [Repair(branch, f"its folder was missing files; {len(touched)} were written from the record")]
        if touched:
            return [Repair(branch, f"an interrupted save was completed: {', '.join(touched)}")]
        return []

    def _finish_retiring(self, branch: str) -> list[Repair]:
        try:
            gone = self._retire(branch)
        except GitTrouble as error:
            # told with every command until it is seen to, and no reason to refuse other work
            return [Repair(branch, f"the old commits of a succession are still in this copy: {error.message}")]
        return [Repair(branch, f"an interrupted succession was completed: {gone} old objects were removed")] if gone else []

    def _succeeded(self, branch: str, mark: str, head: str) -> bool:
        """Whether a succession that was under way explains that the head does not follow the mark."""
        note = self._notes.get(branch)
        return note is not None and note.old == mark and self._descends(note.new, head)

    def _descends(self, mark: str, head: str) -> bool:
        if mark == head:
            return True
        return self.objects.find(mark) is not None and self.git.is_ancestor(mark, head)

    def _after_crash(self) -> None:
        since = self._lock.after_crash
        assert since is not None
        if recovery.plain_git_at_work(self.path):
            return
        gone = recovery.sweep(self.directory, since)
        packs.finish(self.directory)
        self._lock.cleaned()
        if gone:
            self._tell(Repair("", f"what an interrupted command left was removed (temporary files: {len(gone)})"))

    def _after_fetch(self) -> list[Repair]:
        gone: list[Path] = []
        # who fetches now looks after it; and whoever packs has files of the same names
        with contextlib.suppress(Conflict), self.lock(), self._fetching.hold(patience=0):
            since = self._fetching.after_crash
            if since is not None and not recovery.plain_git_at_work(self.path):
                gone = recovery.sweep_packs(self.directory, since)
                self._fetching.cleaned()
        return [Repair("", f"what an interrupted fetch left was removed (temporary files: {len(gone)})")] if gone else []
