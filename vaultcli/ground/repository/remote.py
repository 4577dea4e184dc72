"""Another repository, over a disk, ssh or https, or in a bundle: what it has, getting it, sending ours.

For a repository on a disk git starts its other half on this machine, with that repository's configuration and hooks. It
is started here with our own settings, so that nothing a stick carries is ever run. Over ssh and https the other half runs
elsewhere, and only its answers are read. Nothing that arrives is believed: objects are checked by git as they come, and no
line of ours moves.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from vaultcli.ground.errors import BadInput, Conflict, GitTrouble, NotFound, Refused, VaultError
from vaultcli.ground.files import fsync_dir
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.objects import is_oid
from vaultcli.ground.git.plumbing import (
    PREFIX,
    TRANSPORTS,
    Git,
    failure,
)
from vaultcli.ground.patterns import pattern
from vaultcli.ground.repository.lock import fetch_lock

Progress = Callable[[str], None]

_THERE = (
    *PREFIX, "-c", "core.alternateRefsCommand=true", "-c", "core.logAllRefUpdates=always", "-c", "receive.autogc=false",
    "-c", "receive.denyDeletes=true", "-c", "receive.fsckObjects=true", "-c", "receive.denyCurrentBranch=refuse",
)  # fmt: skip
"""How the other half is started on this machine."""
_HOST = pattern(r"(?:[A-Za-z0-9._-]+@)?(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\])")
_SCP = pattern(rf"{_HOST.pattern}:(?!//)[^:].*")
_URL = pattern(rf"(?P<scheme>ssh|https)://{_HOST.pattern}(?::[0-9]{{1,5}})?/.+")
_MOVED = ("fetch first", "stale info", "non-fast-forward")
_MANY = 20
"""Lines of the other side that are repeated when it refuses."""


def address(text: str, base: Path) -> str:
    """The one form of a remote's address that we store and use: an absolute path, or a URL over ssh or https.

    Args:
        text: as typed, or as plain git stored it; a path may be relative, `file://` is a path, `host:path` is ssh.
        base: what a relative path is relative to.

    Raises:
        BadInput: any other kind, or a password in it.
    """
    if not text or not text.isprintable() or text.startswith("-") or "::" in text:
        raise BadInput("this is no address of a remote", hint="a folder, ssh://HOST/PATH, HOST:PATH or https://HOST/PATH")
    if text.startswith("file://"):
        text = text.removeprefix("file://")
        if not text.startswith("/"):
            raise BadInput("a file:// address begins with file:///")
    elif _URL.fullmatch(text) or (_SCP.fullmatch(text) and not (base / text).exists()):
        return text
    elif "://" in text:
        raise BadInput(
            "a remote is reached over a disk, ssh or https, and its address holds no password",
            hint="keys and passwords belong to ssh and to git's own helpers",
        )
    return os.path.abspath(base / Path(text).expanduser())  # noqa: PTH100 - resolve() would follow links that may change


def is_local(url: str) -> bool:
    """Whether the address is a folder on this machine."""
    return url.startswith("/")


class Remote:
    """One remote, as seen from one repository.

    Args:
        git: the repository here.
        url: its address, or the path of a bundle, which can only be fetched from. What is not in our form is brought into it, for
            only what is known to be a folder is started with our settings; a relative path begins where the `.git` is.
        hint: what to try where it cannot be reached.

    Raises:
        BadInput: as `address`.
    """

    def __init__(self, git: Git, url: str, hint: str = "vaultcli works on without it; sync again later") -> None:
        self._git = git
        self.url = url if is_local(url) else address(url, git.directory.parent)
        self._hint = hint

    def refs(self) -> dict[str, str]:
        """Every ref of the remote with its object, in order of name; lines that git would not write are left out.

        Raises:
            NotFound: there is nothing at that place.
            Refused: a folder whose repository is not bare.
            GitTrouble: it cannot be reached, or its configuration could run programs.
        """
        self._look()
        out = self._run("ls-remote", "--refs", *self._there("upload-pack"), "--end-of-options", self.url)
        rows = (line.partition("\t") for line in out.decode("utf-8", "surrogateescape").split("\n"))
        return dict(sorted((name, oid) for oid, tab, name in rows if tab and is_oid(oid)))

    def fetch(self, refs: Sequence[str], progress: Progress = lambda _: None) -> None:
        """Get what these refs of the remote hold; durable when this returns. Nothing is pruned, no tags come along.

        One fetch at a time. Others may write meanwhile: it can take long.

        Args:
            refs: full names, or `+refs/heads/*:refs/vaultcli/adopting/*` where a ref here is to hold what came.
            progress: receives git's own lines.

        Raises:
            Conflict: another command fetches.
            GitTrouble: the remote cannot be reached, or sends what git does not accept.
        """
        if not refs:
            return
        options = (
            "--no-tags", "--no-auto-maintenance", "--no-write-fetch-head", "--no-recurse-submodules", "--progress",
            *self._there("upload-pack"), "--stdin", "--end-of-options", self.url,
        )  # fmt: skip
        data = "".join(f"{ref}\n" for ref in refs).encode()
        with fetch_lock(self._git.directory).hold():
            self._run("-c", "fetch.unpackLimit=1", "fetch", *options, data=data, progress=progress)
        fsync_dir(self._git.directory / "objects" / "pack")

    def push(self, branches: Sequence[str], progress: Progress = lambda _: None, *, instead_of: str | None = None) -> None:
        """Send lines, all or none, never by force.

        Args:
            branches: in the order in which the other side is to judge them.
            progress: receives git's own lines.
            instead_of: for one line that succeeds another: the head that it replaces there.

        Raises:
            Refused: the other side refuses; its words are in the hint.
            Conflict: it has moved on, or another git holds a lock there, or held it when it was killed.
        """
        specs = [f"refs/heads/{branch}:refs/heads/{branch}" for branch in branches]
        lease = [f"--force-with-lease={specs[0].partition(':')[2]}:{instead_of}"] if instead_of else []
        other = self._there("receive-pack", succession=instead_of is not None)
        self._run(
            "push", "--atomic", "--no-verify", "--no-follow-tags", "--progress", "--porcelain", *lease, *other,
            "--end-of-options", self.url, *specs, progress=progress,
        )  # fmt: skip

    def _look(self) -> None:
        """What can be said of a folder before git opens it."""
        if not is_local(self.url):
            return
        path = Path(self.url)
        if not (path / "objects").is_dir():
            if (path / ".git").exists():
                hint = "`vaultcli sync init-bare DIR` makes a place to sync through"
                raise Refused(f"{path} is somebody's working folder", hint=hint)
            raise NotFound(f"no repository at {path}", hint="is the disk there? `vaultcli sync init-bare DIR` makes one")
        if gitconfig.read_settings(path).object_format != self._git.object_format:
            raise Refused(f"{path} has another object format than this vault")

    def _there(self, command: str, *, succession: bool = False) -> tuple[str, ...]:
        forward = f"receive.denyNonFastForwards={'false' if succession else 'true'}"
        if is_local(self.url):
            return (f"--{command}={shlex.join([*_THERE, '-c', forward, command])}",)
        return (f"--{command}=git -c {forward} {command}",) if succession and not self.url.startswith("https:") else ()

    def _run(self, *args: str, data: bytes = b"", progress: Progress = lambda _: None) -> bytes:
        process = self._git.start(*TRANSPORTS, *args)
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        answer: list[bytes] = []
        reader = threading.Thread(target=_drain, args=(process.stdout, answer), daemon=True)
        reader.start()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(data)
            process.stdin.close()
        said: list[str] = []
        for line in _lines(process.stderr):
            said = [*said[-200:], line]
            progress(line)
        reader.join()
        for pipe in (process.stdout, process.stderr):
            pipe.close()
        if process.wait():
            raise self._failure(args, process.returncode, said)
        return b"".join(answer)

    def _failure(self, args: Sequence[str], code: int, said: list[str]) -> VaultError:
        words = [line.removeprefix("remote: ").strip() for line in said if line.startswith("remote: ")][:_MANY]
        if "push" in args and any(".lock': File exists" in word for word in words):
            return failure("push", code, "\n".join(words).encode())
        if "push" in args and words:
            return Refused(f"{self.url} refuses what was sent", hint="\n".join(words))
        if "push" in args and any(word in line for line in said for word in _MOVED):
            return Conflict(f"{self.url} has moved on meanwhile", hint="repeat the command")
        command = next(word for word in args if word in {"ls-remote", "fetch", "push"})
        told = next((line for line in said if line.startswith("fatal: ")), said[-1] if said else "")
        if told and "Could not read from remote" not in told:
            return failure(command, code, told.encode())
        first = next((line for line in said if line.strip()), "")
        return GitTrouble(f"cannot reach {self.url}: {first}", hint=self._hint)


def _drain(stream: IO[bytes], answer: list[bytes]) -> None:
    answer.append(stream.read())


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """Lines of a progress stream, which git ends with a carriage return while they still change."""
    rest = b""
    while part := os.read(stream.fileno(), 65536):
        *whole, rest = re.split(rb"[\r\n]", rest + part)
        yield from (line.decode("utf-8", "replace").rstrip() for line in whole if line.strip())
    if rest.strip():
        yield rest.decode("utf-8", "replace").rstrip()
