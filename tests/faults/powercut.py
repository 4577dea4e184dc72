"""The power fails right after "saved": what was acknowledged must be there when the machine starts again.

`python -m tests.faults.powercut [--rounds N]`. An ext4 file system in a file is mounted, a note is recorded on it, the file
system is shut down without flushing its journal (its shutdown call with NOLOGFLUSH: whatever was not yet asked onto the disk is
gone), mounted again, and looked at. The control does the same with stock git as it is installed, and must lose something:
otherwise the test would show nothing. Needs root and loop devices; says "not run" and ends with 3 where there are none.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import fcntl
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest.mock
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import vaults
from tests.faults.command_oracle import acknowledged, environment, untrue
from tests.ground.worlds import LAYOUT, LINE, PRACTICE, plain, save
from vaultcli.ground.repository.repository import Repository

SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2
SIZE = 96 << 20


@dataclass(frozen=True)
class Disk:
    """A file system in a file, which can lose its power."""

    image: Path
    mount: Path

    def make(self) -> None:
        self.mount.mkdir(exist_ok=True)
        with self.image.open("wb") as stream:
            stream.truncate(SIZE)
        _do("mkfs.ext4", "-q", "-F", str(self.image))
        self.attach()

    def attach(self) -> None:
        _do("mount", "-o", "loop", str(self.image), str(self.mount))

    def detach(self) -> None:
        for _ in range(100):
            if subprocess.run(["umount", self.mount], capture_output=True).returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError("the file system stays busy")

    def cut(self) -> None:
        """Lose the power, and start again."""
        handle = os.open(self.mount, os.O_RDONLY)
        fcntl.ioctl(handle, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        os.close(handle)
        self.detach()
        self.attach()


def _do(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)


@contextlib.contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """A fresh disk, mounted."""
    made = Disk(folder / "disk.img", folder / "disk")
    made.make()
    try:
        yield made
    finally:
        made.detach()


def why_not() -> str:
    """Why the power cannot be cut on this machine; empty when it can."""
    if os.geteuid() != 0:
        return "only root may mount file systems"
    if not shutil.which("mkfs.ext4"):
        return "there is no mkfs.ext4"
    with tempfile.TemporaryDirectory() as name:
        try:
            with disk(Path(name)) as made:
                made.cut()
        except (OSError, subprocess.SubprocessError) as error:
            return f"no loop file system that can be shut down: {error}"
    return ""


def ours(made: Disk) -> str:
    """Record, lose the power, look."""
    with Repository.create(made.mount / "chart", LAYOUT) as repo:
        save(repo, {"practice.toml": b"version = 1\n"}, line=PRACTICE)
        save(repo, {"notes/a.md": b"one\n"})
        os.sync()
        # a line that exists, and one that begins: both are acknowledged
        heads = {
            LINE: save(repo, {"notes/b.md": b"two\n"}),
            "client/new": save(repo, {"notes/c.md": b"three\n"}, line="client/new"),
        }
    made.cut()
    with Repository.open(made.mount / "chart", LAYOUT) as repo:
        kept = all(repo.head(line) == head for line, head in heads.items())
        sound = repo.git.fsck() == []
        at_once = [(repo.folder(line) / path).is_file() for line, path in ((LINE, "notes/b.md"), ("client/new", "notes/c.md"))]
        repo.recover()
        clean = all(repo.working(line).clean for line in heads)
        if kept:
            save(repo, {"notes/d.md": b"four\n"})
    return "kept" if kept and sound and clean and all(at_once) else f"LOST: {kept=} {sound=} {clean=} {at_once=}"


def at_commit_point(made: Disk) -> str:
    """The power fails as the branch has moved, before anything that follows could sync it by the way."""
    with Repository.create(made.mount / "chart", LAYOUT) as repo:
        save(repo, {"notes/a.md": b"one\n"})
        os.sync()
        with unittest.mock.patch.object(Repository, "_follow"):
            head = save(repo, {"notes/b.md": b"two\n"})
    made.cut()
    with Repository.open(made.mount / "chart", LAYOUT) as repo:
        kept, sound = repo.head(LINE) == head, repo.git.fsck() == []
        repo.recover()
        clean = repo.working(LINE).clean
    return "kept" if kept and sound and clean else f"LOST: {kept=} {sound=} {clean=}"


def commands(made: Disk) -> str:
    """The same with whole commands: a note signed by `new`, and one that an editor left, recorded by `save`."""
    world = made.mount / "world"
    (world / "home").mkdir(parents=True)
    with unittest.mock.patch.dict(os.environ, environment(world)):
        vault = vaults.make(world / "vault")
        left = vault.write("bo", vaults.NOTE, record=False)
        typed = left.read_bytes()
        left.unlink()
        os.sync()
        left.write_bytes(typed)  # as an editor does that asks for no sync
        said = _vaultcli(world, "new", "ada", "09:00-09:53", "-m", "She came on time.", "--sign")
        said += _vaultcli(world, "save", "bo")
    made.cut()
    with Repository.open(world / "vault" / "chart", LAYOUT) as repo:
        kept = not untrue(world, acknowledged(said)) and len(acknowledged(said)) == 2
        sound = repo.git.fsck() == []
    at_once = left.is_file() and left.read_bytes() == typed and len(vault.notes("ada")) == 1
    status = subprocess.run([*VAULTCLI, "status"], cwd=world / "vault", env=_env(world), capture_output=True).returncode == 0
    verified = "VERIFIED" in _vaultcli(world, "verify") and "draft" not in _vaultcli(world, "save")
    good = kept and sound and at_once and status and verified
    return "kept" if good else f"LOST: {kept=} {sound=} {at_once=} {status=} {verified=}"


_INIT = ("init", "vault", "--yes", "--name", "Lee Example", "--recovery-page", "page.txt", "--keys", "keys")
_UNSYNCED = (
    "import sys, vaultcli.ground.git.setup as setup; setup.sync_tree = lambda top: None; "
    "from vaultcli.cli import door; sys.exit(door.run(sys.argv[1:]))"
)


def made_by_init(made: Disk) -> str:
    """`init`, a place to sync through, and a vault that is adopted: each said to be made, and the power fails at once."""
    world = made.mount / "world"
    (world / "home").mkdir(parents=True)
    steps = [(".", _INIT), ("vault", ("sync", "init-bare", "../usb"))]
    steps += [("vault", ("sync", "add", "usb", "../usb", "--own-machine")), ("vault", ("sync", "now", "usb"))]
    for folder, words in steps:
        said = _run(world / folder, world, *words)
        made.cut()
        if said[0]:
            return f"LOST: {words[:2]} {said}"
        if wrong := _unusable(world, "vault"):
            return f"LOST after {words[:2]}: {wrong}"
    genesis = plain(world / "vault/chart", "rev-list", "--max-parents=0", "practice").strip()
    words = ("init", "other", "--adopt", "usb", "--genesis", f"sha256:{genesis}", "--yes", "--keys", "keys2")
    said = _run(world, world, *words, "--recovery-page", "page.txt")
    made.cut()
    wrong = [str(said)] if said[0] else _unusable(world, "other")
    return f"LOST after --adopt: {wrong}" if wrong else "kept"


def _unusable(world: Path, name: str) -> list[str]:
    """What is wrong with a vault by stock git alone, before a command of ours can mend it, and by `verify`."""
    wrong = []
    folders = [world / name / "chart"] + [world / "usb" for _ in range((world / "usb").exists())]
    for folder in folders:
        done = subprocess.run(["git", "-C", folder, "fsck", "--full"], capture_output=True, text=True, env=_env(world))
        wrong += [f"git in {folder.name}: {done.stderr.strip()}"] if done.returncode else []
    code, out, err = _run(world / name, world, "verify")
    return wrong + ([f"verify: {code} {out} {err}"] if code or "mended" in err else [])


def in_the_midst(made: Disk) -> str:
    """The power fails at some moment of `init`; the same command, given again, comes to its end."""
    world = made.mount / "world"
    (world / "home").mkdir(parents=True)
    os.sync()
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*VAULTCLI, *_INIT], cwd=world, env=_env(world), stdout=quiet, stderr=quiet) as init:
        time.sleep(random.uniform(0.1, 1.2))
        handle = os.open(made.mount, os.O_RDONLY)
        fcntl.ioctl(handle, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        os.close(handle)
        init.kill()
    made.detach()
    made.attach()
    (world / "home").mkdir(parents=True, exist_ok=True)
    code, out, err = _run(world, world, *_INIT)
    wrong = [f"{code} {out} {err}"] if code else _unusable(world, "vault")
    return f"LOST: {wrong}" if wrong else "kept"


def unsynced(made: Disk) -> str:
    """The control: `init` without its syncs of what git made."""
    world = made.mount / "world"
    (world / "home").mkdir(parents=True)
    subprocess.run([sys.executable, "-c", _UNSYNCED, *_INIT], cwd=world, env=_env(world), check=True, capture_output=True)
    made.cut()
    head = world / "vault/chart/.git/HEAD"
    return "kept" if head.is_file() and head.read_text().startswith("ref: ") else "lost"


VAULTCLI = (sys.executable, "-m", "vaultcli")


def _env(world: Path) -> dict[str, str]:
    return {**environment(world), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(Path(__file__).parents[2])}


def _run(folder: Path, world: Path, *args: str) -> tuple[int, str, str]:
    done = subprocess.run([*VAULTCLI, *args], cwd=folder, env=_env(world), capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def _vaultcli(world: Path, *args: str) -> str:
    done = subprocess.run([*VAULTCLI, *args], cwd=world / "vault", env=_env(world), capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else f"{done.returncode}: {done.stderr}"


def stock(made: Disk) -> str:
    """The same with git as it comes."""
    folder = made.mount / "chart"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", folder], check=True)
    who = ("-c", "user.name=x", "-c", "user.email=x@y.test")
    for number in range(2):
        (folder / f"{number}.md").write_text("one\n")
        plain(folder, "add", ".")
        plain(folder, *who, "commit", "-q", "-m", "first")
        if number == 0:
            os.sync()
    head = plain(folder, "rev-parse", "HEAD")
    made.cut()
    kept = plain(folder, "rev-parse", "HEAD", check=False) == head
    sound = subprocess.run(["git", "-C", folder, "fsck", "--full"], capture_output=True).returncode == 0
    return "kept" if kept and sound else "lost"


def tried(what: Callable[[Disk], str], rounds: int) -> collections.Counter[str]:
    """How often each verdict was reached."""
    found: collections.Counter[str] = collections.Counter()
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name, disk(Path(name)) as made:
            found[what(made)] += 1
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """0 when nothing acknowledged was lost and the control lost something, 1 otherwise, 3 when it could not be run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args(argv).rounds
    if reason := why_not():
        print(f"not run: {reason}")
        return 3
    us, early, whole = tried(ours, rounds), tried(at_commit_point, rounds), tried(commands, rounds)
    begun, midst = tried(made_by_init, max(rounds // 3, 3)), tried(in_the_midst, rounds)
    them, bare = tried(stock, max(rounds // 5, 3)), tried(unsynced, max(rounds // 5, 3))
    print(f"record: {dict(us)}")
    print(f"new --sign, and save: {dict(whole)}")
    print(f"record, cut at the commit point: {dict(early)}")
    print(f"init, sync init-bare, sync, init --adopt, cut after each: {dict(begun)}")
    print(f"init, cut at some moment, and given again: {dict(midst)}")
    print(f"control, stock git as installed: {dict(them)}")
    print(f"control, init without syncing what git made: {dict(bare)}")
    if not them["lost"] or not bare["lost"]:
        print("WRONG a control lost nothing: this run shows nothing")
    every = us["kept"] == early["kept"] == whole["kept"] == midst["kept"] == rounds and set(begun) == {"kept"}
    return 0 if every and them["lost"] and bare["lost"] else 1


if __name__ == "__main__":
    sys.exit(main())
