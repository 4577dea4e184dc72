"""A git repository of several lines of history, and the one way in which anything is recorded in it.

Commit first: the objects are built and synced, the branch moves (the one commit point), its folders are synced, and
only then do the working files and the index follow. `docs/spec/repository.md` numbers the steps and says what a crash
at each leaves. Used by the chart and by the psychotherapy notes alike; neither is derived from it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType

from vaultcli.ground import files, gitconfig, ids, recovery, retirement, trees
from vaultcli.ground.checkout import Checkout, Working, look, place
from vaultcli.ground.errors import BadInput, Conflict, DiskTrouble, GitTrouble, VaultError
from vaultcli.ground.git import MOVE, UNPACK, Git
from vaultcli.ground.gitobject import Commit, Ident, add_signature, format_commit, name_object, parse_commit
from vaultcli.ground.lock import fetch_lock, lock_of
from vaultcli.ground.objects import Objects
from vaultcli.ground.recovery import Marks, Repair
from vaultcli.ground.retirement import Retirement
from vaultcli.ground.trees import Change
from vaultcli.ground.worktrees import Layout, Worktrees

__all__ = ["Change", "Layout", "Repair", "Repository", "Working"]

ATTRIBUTES = "* -filter !diff !merge -ident -working-tree-encoding -text\n"
"""`info/attributes`, which win over every `.gitattributes`: for people who use plain git, bytes stay what they are."""

_FOREIGN = ("shallow", "info/grafts", "objects/info/alternates", "refs/replace", "config.worktree", "modules")

MANY = 2000
"""Loose objects from which `tidy` packs them."""


class Repository:
    """One repository; a context manager. Made by `open` and `create`.

    Args:
        path: its top folder.
        layout: which branch has its files where.
        settings: its own configuration, checked.
        tell: receives what was mended, as it happens.
        waiting: called once when another command holds the lock.
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
        self.path = path
        self.directory = path / ".git"
        self.settings = settings
        self.object_format = settings.object_format
        self.scratch = self.directory / "vaultcli" / "tmp"
        self.worktrees = Worktrees(path, layout, self.scratch)
        self.marks = Marks(self.directory)
        self._notes = retirement.Notes(self.directory)
        self._tell = tell
        self._waiting = waiting
        self._lock = lock_of(self.directory)
        self._fetching = fetch_lock(self.directory)
        self.git = Git(self.directory, object_format=self.object_format, scratch=self.scratch, held=self._lock.held)
        self.objects = Objects(self.git)

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
        from vaultcli.ground import gitsetup

        path = Path(os.path.abspath(path))  # noqa: PTH100
        if not _half_made(path):
            gitsetup.init(path, object_format=object_format, branch=layout.main)
        prepare(path, config or {})
        return cls.open(path, layout)

    def __enter__(self) -> Repository:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the reading process."""
        self.objects.close()

    @property
    def clone_id(self) -> str:
        """The random id of this copy of the repository, which pins are kept by."""
        return self.settings.values["vaultcli.clone"]

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

    # lines

    def lines(self) -> dict[str, str]:
        """Every line with its head: branch (without `refs/heads/`) to commit id, in order of name."""
        return {ref.removeprefix("refs/heads/"): oid for ref, oid in self.git.refs("refs/heads/").items()}

    def folder(self, branch: str) -> Path | None:
        """The folder of a line's working files; None when it has none."""
        return self.worktrees.folder(branch)

    def head(self, branch: str) -> str | None:
        """The newest commit of a line; None when there is no such line."""
        found = self.objects.find(_ref(branch))
        return None if found is None else found.oid

    # reading

    def commit(self, oid: str) -> Commit:
        """A commit."""
        return self.objects.commit(oid)

    def history(self, branch: str, without: Sequence[str] = ()) -> list[Commit]:
        """The commits of a line, oldest first.

        Args:
            branch: the line.
            without: commits whose past is left out.
        """
        oids = self.git.rev_list(_ref(branch), without=without)
        return [parse_commit(found.oid, found.data) for found in self.objects.read_many(oids)]

    def read(self, commit: str, path: str) -> bytes | None:
        """A file as a commit has it; None when it does not."""
        oid = trees.lookup(self.objects, self.objects.commit(commit).tree, path)
        return None if oid is None else self.objects.blob(oid)

    def files(self, commit: str) -> dict[str, tuple[str, str]]:
        """Every file of a commit: path to (mode, blob id)."""
        return trees.flatten(self.objects, self.objects.commit(commit).tree)

    def changes(self, parent: str | None, commit: str) -> list[Change]:
        """What a commit changed against another; against nothing when that is None."""
        before = None if parent is None else self.objects.commit(parent).tree
        return trees.compare(self.objects, before, self.objects.commit(commit).tree)

    def working(self, branch: str) -> Working:
        """How the line's working files differ from its head; found by reading them, never from cached times."""
        checkout, head = self._checkout(branch), self.head(branch)
        if checkout is None:
            return Working()
        recorded = {path: oid for path, (_, oid) in self.files(head).items()} if head else {}
        apart = self.worktrees.layout.apart if branch == self.worktrees.layout.main else frozenset()
        return checkout.compare(recorded, apart)

    # writing

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
            with self.git.ahead(UNPACK, MOVE) as (unpack, move):
                oid, raw = self._sign(edit.tree, parents, message, ident, when, sign)
                self.git.write_objects({**edit.objects, oid: ("commit", raw)}, unpack)
                self.marks.note_seen(branch, oid, seen or {})
                self.git.update_ref(_ref(branch), oid, head, move)
            self._follow(branch, head, oid, seen)
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
            self.git.update_ref(_ref(branch), to, expecting)
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
            self.git.update_ref(_ref(branch), to, expecting)
            self._follow(branch, expecting, to, None)
            return self._retire(branch)

    def _retire(self, branch: str) -> int:
        """Finish what the note of a line says, if its branch has moved; the caller holds the lock."""
        note, head = self._notes.get(branch), self.head(branch)
        gone = 0
        if note is not None and note.objects and head is not None and self._descends(note.new, head):
            gone = retirement.retire(self.git, self.objects, note, self.worktrees.admin(branch))
        self._notes.forget(branch)
        return gone

    def _follow(self, branch: str, old: str | None, new: str, seen: Mapping[str, str | None] | None) -> None:
        """Bring files, index and mark to a head that has just been recorded."""
        try:
            self._bring(branch, old, new, seen)
        except VaultError as error:
            message = f"{branch} is recorded, but its working files are not up to date: {error.message}"
            raise DiskTrouble(message, hint="the next command completes them") from error

    def _bring(self, branch: str, old: str | None, new: str, seen: Mapping[str, str | None] | None = None) -> list[str]:
        touched: list[str] = []
        checkout = self._checkout(branch)
        if checkout is not None:
            self.worktrees.link(branch)
            touched = checkout.bring(self.changes(old, new), self.objects.blob, seen)
        self.marks.set(branch, new)
        return touched

    def _checkout(self, branch: str) -> Checkout | None:
        top = self.folder(branch)
        return None if top is None else Checkout(self.git, top, self.worktrees.admin(branch), self.scratch)

    def _ready(self) -> None:
        with files.trouble(self.scratch, "create"):
            self.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)

    # mending

    def recover(self, branch: str | None = None) -> list[Repair]:
        """Complete what a killed command left, and mend folders of a vault that has moved.

        Args:
            branch: one line; all of them when None.

        Returns:
            What was mended; also told as it happens. A file that somebody edited is never touched.
        """
        repairs = self._after_fetch() if self._fetching.writer_died() else []
        lines = {branch: self.head(branch)} if branch is not None else dict(self.lines())
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
        for repair in repairs:
            self._tell(repair)
        return repairs

    def _is_current(self, branch: str, head: str) -> bool:
        return self.marks.get(branch) == head and self.worktrees.is_linked(branch)

    def _finish(self, branch: str, head: str) -> list[Repair]:
        """Bring one line's files from its mark to its head."""
        folder, mark = self.folder(branch), self.marks.get(branch)
        self._ready()
        gone = folder is not None and not folder.is_dir()
        if mark == head and not gone:
            self.worktrees.link(branch)
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

    def tidy(self, many: int = MANY) -> bool:
        """Pack loose objects when there are many; True when that was done. Nothing reachable or not is ever dropped."""
        if self.git.loose() < many:
            return False
        with self.lock():
            self._ready()
            self.objects.close()
            self.git.pack_loose()
        return True

    def oddities(self) -> tuple[str, ...]:
        """What is in this git directory that we do not put there: each a short sentence, for `verify`."""
        found = [f"unknown configuration key {key}" for key in self.settings.unknown]
        found += [f".git/{name} exists" for name in _FOREIGN if (self.directory / name).exists()]
        attributes = self.directory / "info" / "attributes"
        if not attributes.is_file() or attributes.read_text(errors="replace") != ATTRIBUTES:
            found.append(".git/info/attributes is not ours")
        exclude = self.directory / "info" / "exclude"
        if exclude.is_file() and any(
            line.strip() and not line.startswith("#") for line in exclude.read_text(errors="replace").splitlines()
        ):
            found.append(".git/info/exclude hides files")
        return tuple(found)


def prepare(path: Path, config: Mapping[str, str]) -> None:
    """Give a repository that was just made or cloned our configuration, attributes and a clone id of its own."""
    from vaultcli.ground import gitsetup

    directory = path / ".git"
    files.make_dirs(directory / "vaultcli" / "tmp")
    for left in (directory / "vaultcli" / "tmp").iterdir():
        left.unlink()
    files.make_dirs(directory / "info")
    files.put(directory / "info" / "attributes", ATTRIBUTES.encode(), scratch=directory / "vaultcli" / "tmp")
    # the clone id comes last: a repository that has it is complete
    gitsetup.configure(path, {**gitconfig.OURS, **config})
    gitsetup.configure(path, {"vaultcli.clone": ids.new()})


def _half_made(path: Path) -> bool:
    """Whether a repository is there that has no clone id and no history: our own `create`, interrupted."""
    directory = path / ".git"
    if not (directory / "config").is_file():
        return False
    settings = gitconfig.read_settings(directory)
    return "vaultcli.clone" not in settings.values and not Git(directory, object_format=settings.object_format).refs()


def _ref(branch: str) -> str:
    return f"refs/heads/{branch}"
