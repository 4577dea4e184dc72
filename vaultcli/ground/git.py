"""Everything we ask of git: one prefix, one environment, argument lists, and answers as values.

The repository is treated as foreign on every call: what its configuration, attributes, hooks, replace refs or grafts
ask for is switched off by `PREFIX` and `environment`. `docs/spec/repository.md` lists what each setting stands against.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vaultcli.ground.errors import Conflict, DiskTrouble, GitTrouble
from vaultcli.ground.gitobject import (
    FILE,
    FOLDER,
    Commit,
    Ident,
    TreeEntry,
    add_signature,
    format_commit,
    format_of,
    format_pack,
    format_tree,
    is_oid,
    name_object,
    parse_commit,
    parse_tree,
)

if TYPE_CHECKING:
    import subprocess

__all__ = [
    "FILE",
    "FOLDER",
    "Commit",
    "Git",
    "Ident",
    "TreeEntry",
    "add_signature",
    "environment",
    "format_commit",
    "format_of",
    "format_tree",
    "is_oid",
    "name_object",
    "parse_commit",
    "parse_tree",
    "version",
]

OLDEST = (2, 34)
"""The first git that signs and verifies with SSH keys."""

SETTINGS: Mapping[str, str] = {
    "core.fsmonitor": "false",
    "core.hooksPath": "/dev/null",
    "core.attributesFile": "/dev/null",
    "core.excludesFile": "/dev/null",
    "core.pager": "cat",
    "core.editor": "false",
    "core.sshCommand": "ssh",
    "core.askPass": "",
    "core.gitProxy": "",
    "core.commitGraph": "false",
    "core.multiPackIndex": "false",
    "core.autocrlf": "false",
    "core.safecrlf": "false",
    "core.untrackedCache": "false",
    "core.sparseCheckout": "false",
    "core.splitIndex": "false",
    "core.logAllRefUpdates": "true",
    "core.fsync": "all",
    "core.fsyncMethod": "fsync",
    "core.abbrev": "no",
    "credential.helper": "",
    "commit.gpgSign": "false",
    "gpg.format": "ssh",
    "gpg.program": "false",
    "gpg.ssh.program": "ssh-keygen",
    "gpg.ssh.allowedSignersFile": "/dev/null",
    "gpg.ssh.defaultKeyCommand": "",
    "log.mailmap": "false",
    "log.showSignature": "false",
    "protocol.allow": "never",
    "protocol.ext.allow": "never",
    "transfer.fsckObjects": "true",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.writeCommitGraph": "false",
    "push.recurseSubmodules": "no",
    "push.gpgSign": "false",
    "pack.writeReverseIndex": "false",
}
"""Settings that win over whatever a repository says of itself."""

PREFIX: tuple[str, ...] = (
    "git",
    "--no-replace-objects",
    "--literal-pathspecs",
    "--no-pager",
    *(word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")),
)

TRANSPORTS: tuple[str, ...] = (
    "-c",
    "protocol.file.allow=always",
    "-c",
    "protocol.ssh.allow=always",
    "-c",
    "protocol.https.allow=always",
)
"""What fetch and push may use; `ext::` and the unauthenticated transports stay off."""

_DISK = {
    "No space left on device": "the disk is full",
    "Disk quota exceeded": "the disk quota is used up",
    "Input/output error": "the disk failed",
    "Read-only file system": "the disk is read-only",
    "Too many open files": "too many open files",
    "Permission denied": "not permitted",
}


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our process environment without anything that steers git, plus what keeps git quiet, local and deterministic."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    kept.update(
        GIT_CONFIG_NOSYSTEM="1",
        GIT_CONFIG_GLOBAL="/dev/null",
        GIT_ATTR_NOSYSTEM="1",
        GIT_NO_REPLACE_OBJECTS="1",
        GIT_NO_LAZY_FETCH="1",
        GIT_GRAFT_FILE="/dev/null",
        GIT_SHALLOW_FILE="",
        GIT_OPTIONAL_LOCKS="0",
        GIT_TERMINAL_PROMPT="0",
        GIT_COMMITTER_NAME="vaultcli",
        GIT_COMMITTER_EMAIL="vaultcli@localhost",
        LC_ALL="C",
        LANGUAGE="",
    )
    kept.update(extra or {})
    return kept


@functools.cache
def version() -> tuple[int, ...]:
    """The version of the git on the path, as numbers.

    Raises:
        GitTrouble: git is missing, or older than `OLDEST`.
    """
    import subprocess

    hint = f"install git {'.'.join(map(str, OLDEST))} or newer"
    if shutil.which("git") is None:
        raise GitTrouble("git is not installed", hint=hint)
    said = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False, env=environment()).stdout
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
    numbers = tuple(int(part) for part in match.groups() if part) if match else ()
    if numbers < OLDEST:
        raise GitTrouble(f"git is too old: {said.strip() or 'no version'}", hint=hint)
    return numbers


UNPACK = ("unpack-objects", "-q")
"""Stores the objects of the pack that it is given."""
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


class Git:
    """git, asked about one repository.

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
        self, *args: str, pipe_in: bool = True, index_of: Path | None = None, inherit: bool = False
    ) -> subprocess.Popen[bytes]:
        """A running git with its pipes, for what streams.

        Args:
            args: the command and its arguments.
            pipe_in: whether it has a standard input.
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
                stderr=subprocess.PIPE,
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

    # objects

    def write_objects(self, objects: Mapping[str, tuple[str, bytes]], ahead: Ahead | None = None) -> None:
        """Store new objects, each a durable loose object when this returns, in one process.

        Args:
            objects: id to (kind, bytes); git computes every id itself, so a wrong one here is simply not found
                afterwards.
            ahead: an `UNPACK` that was started before.
        """
        if not objects:
            return
        data = format_pack(objects, self.object_format)
        if ahead is None:
            self.run(*UNPACK, data=data)
        else:
            ahead.run(data)
        folders = {self.directory / "objects" / oid[:2] for oid in objects}
        from vaultcli.ground.files import fsync_dir

        for folder in sorted(folders):
            # an object that is in a pack already is not written again
            if folder.is_dir():
                fsync_dir(folder)
        fsync_dir(self.directory / "objects")

    def hash_object(self, data: bytes, kind: str = "blob") -> str:
        """The id under which these bytes have been stored."""
        oid = name_object(kind, data, self.object_format)
        self.write_objects({oid: (kind, data)})
        return oid

    def make_tree(self, entries: Sequence[TreeEntry]) -> str:
        """The id of a stored tree with these entries."""
        return self.hash_object(format_tree(entries), "tree")

    def write_commit(self, raw: bytes) -> str:
        """The id of a stored commit."""
        return self.hash_object(raw, "commit")

    # refs

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Every ref below the prefix with its object, in order of name."""
        out = self.run("for-each-ref", "--format=%(objectname) %(refname)", prefix).decode("utf-8", "surrogateescape")
        return {name: oid for oid, _, name in (line.partition(" ") for line in out.splitlines())}

    def update_ref(self, ref: str, new: str | None, old: str | None, ahead: Ahead | None = None) -> None:
        """Move, create or delete a ref, only if it is where it was seen; durable with its folders when this returns.

        Args:
            ref: its full name.
            new: where it goes; None deletes it.
            old: where it was seen; None when it did not exist.
            ahead: a `MOVE` that was started before.

        Raises:
            Conflict: it is somewhere else.
        """
        nothing = "0" * (64 if self.object_format == "sha256" else 40)
        if ahead is None:
            self.run("update-ref", "--no-deref", "-m", "recorded", ref, new or nothing, old or nothing)
        else:
            ahead.run(f"update {ref}\0{new or nothing}\0{old or nothing}\0".encode())
        self.sync_ref(ref)

    def sync_ref(self, ref: str) -> None:
        """Make the folders that hold a ref durable, which git itself never does."""
        from vaultcli.ground.files import fsync_dir

        folder = (self.directory / ref).parent
        while folder != self.directory:
            if folder.is_dir():
                fsync_dir(folder)
            folder = folder.parent

    def rev_list(self, *names: str, without: Sequence[str] = ()) -> list[str]:
        """Commits reachable from the names and not from those in `without`, parents before children."""
        if not names:
            return []
        asked = "".join(f"{name}\n" for name in (*names, *(f"^{name}" for name in without)))
        out = self.run("rev-list", "--topo-order", "--reverse", "--stdin", data=asked.encode())
        return out.decode().split()

    def leads_to(self, *names: str) -> set[str]:
        """Every object that these names lead to: commits, folders and files."""
        if not names:
            return set()
        asked = "".join(f"{name}\n" for name in dict.fromkeys(names))
        out = self.run("rev-list", "--objects", "--no-object-names", "--stdin", data=asked.encode())
        return set(out.decode().split())

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether the older commit is the newer one or lies in its past."""
        process = self.start("merge-base", "--is-ancestor", older, newer, pipe_in=False)
        _, err = process.communicate()
        if process.returncode not in {0, 1}:
            raise failure("merge-base", process.returncode, err)
        return process.returncode == 0

    def fsck(self) -> list[str]:
        """What `git fsck --strict --full` complains of; empty when the repository is whole."""
        process = self.start("fsck", "--strict", "--full", "--no-dangling", "--no-progress", pipe_in=False)
        out, err = process.communicate()
        said = (out + err).decode("utf-8", "replace").splitlines()
        return said or [f"fsck ended with {process.returncode}"] if process.returncode else []

    # moving history

    def bundle(self, path: Path, refs: Sequence[str]) -> None:
        """Write the refs and all their history into a new bundle file, durable when this returns."""
        from vaultcli.ground.files import fsync_dir

        self.run(
            "bundle",
            "create",
            "--quiet",
            str(path.absolute()),
            "--stdin",
            data="".join(f"{ref}\n" for ref in refs).encode(),
        )
        fsync_dir(path.absolute().parent)

    def verify_bundle(self, path: Path) -> dict[str, str]:
        """The refs of a bundle, once git has found it complete."""
        self.run("bundle", "verify", "--quiet", str(path.absolute()))
        out = self.run("bundle", "list-heads", str(path.absolute())).decode("utf-8", "surrogateescape")
        return {name: oid for oid, _, name in (line.partition(" ") for line in out.splitlines())}

    def fetch(self, source: str, specs: Sequence[str], progress: Callable[[str], None] = lambda _: None) -> None:
        """Fetch refs by these refspecs; every object is checked on the way in, nothing is pruned, no tags come along.

        Args:
            source: a remote's name, a path, a bundle, or a URL over ssh or https.
            specs: for instance `refs/heads/*:refs/remotes/origin/*`.
            progress: receives git's own lines as they come.
        """
        words = (
            "--no-tags",
            "--no-auto-maintenance",
            "--no-write-fetch-head",
            "--progress",
            # a remote's configuration may name another program for the far end, and near ends run it too
            "--upload-pack=git-upload-pack",
            "--end-of-options",
            source,
            *specs,
        )
        self._transport(("fetch", *words), progress)

    def push(self, target: str, specs: Sequence[str], progress: Callable[[str], None] = lambda _: None) -> None:
        """Push refs, never by force, all or none."""
        words = ("--no-follow-tags", "--atomic", "--no-verify", "--progress", "--receive-pack=git-receive-pack")
        self._transport(("push", *words, "--end-of-options", target, *specs), progress)

    def _transport(self, args: Sequence[str], progress: Callable[[str], None]) -> None:
        process = self.start(*TRANSPORTS, *args, pipe_in=False)
        assert process.stderr is not None
        said: list[str] = []
        for line in _lines(process.stderr.fileno()):
            said.append(line)
            progress(line)
        process.communicate()
        if process.returncode:
            raise failure(args[0], process.returncode, "\n".join(said).encode())

    # upkeep

    def loose(self) -> int:
        """How many loose objects there are."""
        folders = (self.directory / "objects").glob("[0-9a-f][0-9a-f]")
        return sum(len(os.listdir(folder)) for folder in folders)  # noqa: PTH208 - counting names, no paths needed

    def pack_loose(self) -> None:
        """Move loose objects into a pack; the loose ones go only after the pack is durable."""
        from vaultcli.ground.files import fsync_dir

        packs = self.directory / "objects" / "pack"
        if len(list(packs.glob("*.pack"))) > 20:
            self.run("repack", "-a", "-d", "-l", "-q", "--keep-unreachable")
        else:
            self.run("repack", "-l", "-q")
        fsync_dir(packs)
        self.run("prune-packed", "-q")


def _lines(handle: int) -> Iterator[str]:
    """Lines of a progress stream, which git ends with a carriage return while they still change."""
    rest = b""
    while part := os.read(handle, 65536):
        *whole, rest = re.split(rb"[\r\n]", rest + part)
        yield from (line.decode("utf-8", "replace").rstrip() for line in whole if line.strip())
    if rest.strip():
        yield rest.decode("utf-8", "replace").rstrip()


def failure(command: str, code: int, err: bytes) -> GitTrouble | DiskTrouble | Conflict:
    """The error that a failed git command means, from what it said."""
    said = err.decode("utf-8", "replace").strip()
    for phrase, words in _DISK.items():
        if phrase in said:
            return DiskTrouble(f"git {command} failed: {words}")
    if ".lock': File exists" in said:
        lock = re.search(r"'([^'\n]+\.lock)': File exists", said)
        hint = f"if no other git is running, delete {lock.group(1)}" if lock else ""
        return Conflict("another git is at work in this repository", hint=hint)
    if command == "update-ref" and ("but expected" in said or "reference already exists" in said or "unable to resolve" in said):
        return Conflict("the line has moved since it was read")
    with contextlib.suppress(ValueError):
        if code < 0:
            return GitTrouble(f"git {command} was ended by signal {-code}")
    last = next((line for line in reversed(said.splitlines()) if not line.startswith("hint:")), "")
    version()
    return GitTrouble(f"git {command} failed: {last.removeprefix('fatal: ').removeprefix('error: ') or f'exit code {code}'}")


def feed(process: subprocess.Popen[bytes], lines: Iterable[str]) -> None:
    """Write lines to a process from a thread of their own, so that neither pipe can fill up and stop both."""
    import threading

    def write() -> None:
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            for line in lines:
                process.stdin.write(line.encode() + b"\n")
            process.stdin.close()

    threading.Thread(target=write, daemon=True).start()
