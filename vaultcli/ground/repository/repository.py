"""A git repository of several lines of history, and the one way in which anything is recorded in it.

Commit first: the objects are built and synced, the branch moves (the one commit point), its folders are synced, and
only then do the working files and the index follow. `docs/spec/repository.md` numbers the steps and says what a crash
at each leaves. Used by the chart and by the psychotherapy notes alike; neither is derived from it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.errors import BadInput, Conflict, GitTrouble, VaultError
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git import loose, packs, setup, trees
from vaultcli.ground.git.history import ref_of
from vaultcli.ground.git.objects import (
    Ident,
    add_signature,
    format_commit,
    name_object,
)
from vaultcli.ground.git.packs import MANY
from vaultcli.ground.git.plumbing import MOVE
from vaultcli.ground.git.tree import Change
from vaultcli.ground.repository.catchup import Following
from vaultcli.ground.repository.prune import Retirement
from vaultcli.ground.repository.recovery import Repair
from vaultcli.ground.repository.working import Working, look, place
from vaultcli.ground.repository.worktrees import Layout

__all__ = ["MANY", "Change", "Layout", "Repair", "Repository", "Working"]


class Repository(Following):
    """One repository; a context manager. Made by `open` and `create`."""

    @classmethod
    def open(
        cls,
        path: Path,
        layout: Layout,
        *,
        tell: Callable[[Repair], None] = lambda _: None,
        waiting: Callable[[], None] = lambda: None,
    ) -> Repository:
        """A repository of ours that exists.

        Args:
            path: its top folder.
            layout: which branch has its files where.
            tell: receives what was mended, as it happens.
            waiting: called once when another command holds the lock.

        Raises:
            GitTrouble: there is none, or its configuration could run programs.
        """
        path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links that the user chose to see
        if not (path / ".git").is_dir() or (path / ".git").is_symlink():
            raise GitTrouble(f"there is no git repository at {path}")
        settings = gitconfig.read_settings(path / ".git")
        if "vaultcli.clone" not in settings.values:
            raise GitTrouble(f"{path} was not made by vaultcli", hint="a vault from elsewhere is adopted by init --adopt")
        if not ids.is_id(settings.values["vaultcli.clone"]):
            # it names files in the machine's state folder
            raise GitTrouble(f"vaultcli.clone in the git configuration of {path} is no id of ours")
        if setup.mend_head(path / ".git", layout.main):
            tell(Repair("", "HEAD was empty or missing, and names its line again"))
        return cls(path, layout, settings, tell=tell, waiting=waiting)

    @classmethod
    def create(
        cls, path: Path, layout: Layout, *, object_format: str = "sha256", config: Mapping[str, str] | None = None
    ) -> Repository:
        """A new, empty repository with our configuration; one that was interrupted while being made is completed.

        Args:
            path: its top folder; may exist.
            layout: which branch has its files where.
            object_format: `sha256` or `sha1`.
            config: further keys to set.

        Raises:
            Conflict: there is a repository already.
        """
        path = Path(os.path.abspath(path))  # noqa: PTH100
        if not setup.half_made(path):
            setup.init(path, object_format=object_format, branch=layout.main)
        setup.prepare(path, config or {})
        return cls.open(path, layout)

    def record(
        self,
        branch: str,
        changes: Mapping[str, bytes | None],
        *,
        message: str,
        ident: Ident,
        when: datetime,
        sign: Callable[[bytes], str],
        expecting: str | None,
        seen: Mapping[str, str | None] | None = None,
        extra_parents: Sequence[str] = (),
    ) -> str:
        """Record files in a line, durably, and bring its working files along.

        Args:
            branch: the line, without `refs/heads/`.
            changes: path to new bytes, or to None to take the file out.
            message: of the commit.
            ident: author and committer.
            when: the commit's time, with a zone.
            sign: gives the armoured signature of the bytes it is handed; called under the lock.
            expecting: the head that the caller saw; None begins a line.
            seen: path to the digest of the working file that the caller saw (None: no file). These may be
                overwritten; any other working file only when it still is what the old head has.
            extra_parents: further parents, for a merge.

        Returns:
            The id of the new commit. Once this returns, commit and working files survive a power cut.

        Raises:
            Conflict: the line moved on, or a working file is neither what was recorded nor what was seen; nothing was
                recorded.
            DiskTrouble: as its message says, either nothing was recorded or only the working files are behind.
        """
        with self.lock():
            self.recover(branch)
            head = self.head(branch)
            if head != expecting:
                raise Conflict(f"{branch} has moved on since it was read", hint="look at it again, then repeat the command")
            self.worktrees.check(branch)
            base = self.objects.commit(head).tree if head else None
            edit = trees.edit(self.objects, base, changes, self.object_format)
            self._check_seen(branch, base, changes, seen or {})
            parents = (*((head,) if head else ()), *extra_parents)
            self._ready()
            with self.git.ahead(MOVE) as (move,):
                oid, raw = self._sign(edit.tree, parents, message, ident, when, sign)
                with self._index(branch) as index:
                    self.git.write_objects({**edit.objects, oid: ("commit", raw)})
                    self.marks.note_seen(branch, oid, seen or {})
                    self.git.update_ref(ref_of(branch), oid, head, move)
                    self._follow(branch, head, oid, seen, index)
            return oid

    def root(
        self,
        files_: Mapping[str, bytes],
        *,
        message: str,
        ident: Ident,
        when: datetime,
        sign: Callable[[bytes], str],
    ) -> str:
        """Store a commit without parents, durably, that no line leads to yet; its id.

        Args:
            files_: path to bytes.
            message: of the commit.
            ident: author and committer.
            when: the commit's time, with a zone.
            sign: gives the armoured signature of the bytes it is handed.
        """
        with self.lock():
            edit = trees.edit(self.objects, None, files_, self.object_format)
            oid, raw = self._sign(edit.tree, (), message, ident, when, sign)
            self._ready()
            self.git.write_objects({**edit.objects, oid: ("commit", raw)})
            return oid

    def _sign(
        self,
        tree: str,
        parents: Sequence[str],
        message: str,
        ident: Ident,
        when: datetime,
        sign: Callable[[bytes], str],
    ) -> tuple[str, bytes]:
        if when.tzinfo is None:
            raise BadInput("a commit's time needs a zone")
        payload = format_commit(
            tree=tree,
            parents=parents,
            author=ident,
            committer=ident,
            seconds=int(when.timestamp()),
            zone=when.strftime("%z")[:5],
            message=message,
        )
        raw = add_signature(payload, sign(payload), self.object_format)
        return name_object("commit", raw, self.object_format), raw

    def _check_seen(
        self, branch: str, base: str | None, changes: Mapping[str, bytes | None], seen: Mapping[str, str | None]
    ) -> None:
        """Refuse, before anything is recorded, to overwrite a working file that nobody has seen."""
        top = self.folder(branch)
        for path, data in changes.items() if top else ():
            assert top is not None
            file = place(top, path)
            if file is None:
                raise Conflict(f"a folder on the way to {top / path} is not a folder")
            found = look(file, self.object_format)
            if found is None:
                if seen.get(path) is not None:
                    raise Conflict(f"{file} has vanished since it was read")
                continue
            new = None if data is None else files.digest(data)
            recorded = trees.lookup(self.objects, base, path) if base else None
            allowed = found.digest == seen[path] if path in seen else found.blob == recorded
            if not allowed and found.digest != new:
                raise Conflict(f"{file} changed since it was read", hint="look at it again, then repeat the command")

    def create_file(self, file: Path, data: bytes) -> None:
        """Write a new file in these folders, not recorded, by way of the folder that is cleaned up after a kill.

        Raises:
            Conflict: something has that name already.
            DiskTrouble: it could not be written; nothing is left behind.
        """
        with self.lock():
            self._ready()
            files.make_dirs(file.parent)
            files.create(file, data, scratch=self.scratch)

    def advance(self, branch: str, to: str, *, expecting: str | None, succession: bool = False) -> None:
        """Move a line to a commit that is in the repository already (fetched, restored), durably, files included.

        Args:
            branch: the line.
            to: the commit.
            expecting: the head that the caller saw; None when the line is new.
            succession: whether the new head need not descend from the old one, because a recorded succession says so;
                the old commits stay in this copy.

        Raises:
            Conflict: the line is elsewhere, or has diverged.
        """
        with self.lock():
            self.recover(branch)
            self.worktrees.check(branch)
            if expecting is not None and not succession and not self.git.is_ancestor(expecting, to):
                raise Conflict(f"{branch} has diverged")
            self._ready()
            if succession and expecting is not None:
                self._notes.write(Retirement(branch, expecting, to))
            self.git.update_ref(ref_of(branch), to, expecting)
            self._follow(branch, expecting, to, None)
            self._notes.forget(branch)

    def supersede(self, branch: str, to: str, *, expecting: str, marks: Sequence[str]) -> int:
        """Put a new root in the place of a line's head, files included, and take the old commits out of this copy.

        The branch moves at one point; before it the old line stands, after it the new one does, and `recover` finishes
        what was killed.

        Args:
            branch: the line.
            to: the new root, in the repository already.
            expecting: the head that the caller saw.
            marks: words that tell stray objects of the old line from those of every other: ids of what is left out, and
                of old commits.

        Returns:
            How many objects were removed.

        Raises:
            Conflict: the line is elsewhere.
        """
        with self.lock():
            self.recover(branch)
            self.worktrees.check(branch)
            self._ready()
            old = tuple(sorted(self.git.leads_to(expecting)))
            self._notes.write(Retirement(branch, expecting, to, tuple(marks), old))
            self.git.update_ref(ref_of(branch), to, expecting)
            self._follow(branch, expecting, to, None)
            return self._retire(branch)

    def tidy(self, many: int = MANY) -> bool:
        """Pack loose objects when there are so many; whether that was done. Nothing is dropped, reachable or not."""
        if self.git.loose() < many:
            return False
        with self.lock():
            self._ready()
            packs.pack(self.git, self.directory)
        return True

    def keep_house(self) -> bool:
        """What a command does last that has recorded something: pack loose objects where many have come together.

        Never waits, and never fails: what could not be done now is done another time.
        """
        if not self._recorded or loose.about(self.directory) < MANY:
            return False
        with contextlib.suppress(VaultError, OSError), self._lock.hold(patience=0):
            return self.tidy()
        return False

    def keep_objects(self) -> bool:
        """Have stock git delete no object here; whether that was set now."""
        with self.lock():
            return setup.keep_objects(self.path, self.settings)

    def oddities(self) -> tuple[str, ...]:
        """What is in this git directory that we do not put there: each a short sentence, for `doctor`."""
        return setup.oddities(self.directory, self.settings)
