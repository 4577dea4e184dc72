"""Where the story of the frozen world is played: machines with a HOME and a clock of their own, and somebody who types."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

VAULTCLI = Path(sys.executable).parent / "vaultcli"
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
NEW_YORK = ZoneInfo("America/New_York")

SECRETS = {
    "notes-first": "six quiet words behind one door",
    "notes-rotated": "another six words kept by nobody",
    "notes-laptop": "the laptop has words of its own",
    "notes-netbook": "small words for a small machine",
    "kims-key": "kim signs with this phrase",
}
"""Passphrases, made up for this world: whoever has the archive has everything in it."""


class StoryError(RuntimeError):
    """A command did not end as the story says."""


@dataclass
class Stage:
    """Where the story is played.

    Attributes:
        root: the world's folder.
        now: the true time, which no clock need agree with.
        told: every command with what it said.
    """

    root: Path
    now: datetime = datetime(2026, 8, 31, 8, 0, tzinfo=NEW_YORK)
    told: list[str] = field(default_factory=list)

    def at(self, when: str) -> None:
        """Set the true time, New York: `09-14 17:30`."""
        moment = datetime.strptime(f"2026-{when}", "%Y-%m-%d %H:%M").replace(tzinfo=NEW_YORK)
        if moment < self.now:
            raise StoryError(f"{when} is before {self.now}")
        self.now = moment

    def scene(self, title: str) -> None:
        """A heading in what is told."""
        self.told.append(f"\n## {title}\n")
        print(f"{title}  ({self.now:%m-%d %H:%M})", flush=True)

    def path(self, *parts: str) -> Path:
        """A path in the world; its folder is made."""
        found = self.root.joinpath(*parts)
        found.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return found


@dataclass
class Machine:
    """One computer: a HOME, a vault, a clock.

    Attributes:
        stage: where.
        name: of its folder.
        zone: its time zone.
        fast: by how many minutes its clock is ahead of the true time; below zero, behind.
        clock: `system`, or `set` where the program is told the time.
    """

    stage: Stage
    name: str
    zone: str = "America/New_York"
    fast: int = 0
    clock: str = "system"
    vault: str = "practice"
    said: str = ""

    @property
    def top(self) -> Path:
        """Its folder in the world."""
        return self.stage.root / self.name

    @property
    def home(self) -> Path:
        """Its HOME."""
        return self.top / "home"

    @property
    def root(self) -> Path:
        """Its vault."""
        return self.top / self.vault

    @property
    def chart(self) -> Path:
        """Its chart."""
        return self.root / "chart"

    def reads(self) -> datetime:
        """What its clock shows."""
        return (self.stage.now + timedelta(minutes=self.fast)).astimezone(ZoneInfo(self.zone))

    def env(self, edit: Sequence[tuple[str, str]] = (), ends: int = 0) -> dict[str, str]:
        """The environment of a command."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        shown = self.reads()
        world = {
            "HOME": str(self.home),
            "PATH": f"{VAULTCLI.parent}:/usr/local/bin:/usr/bin:/bin",
            "TZ": self.zone,
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "EDITOR": _editor(edit, ends),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        if self.clock == "set" or not FAKETIME.exists():
            return {**world, "VAULTCLI_TESTING": "1", "VAULTCLI_CLOCK": shown.isoformat(timespec="seconds")}
        faked = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": f"@{shown:%Y-%m-%d %H:%M:%S}", "NO_FAKE_STAT": "1"}
        return {**world, **faked, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def v(
        self,
        *args: str | Path,
        stdin: str | bytes = "",
        edit: Sequence[tuple[str, str]] = (),
        typed: Sequence[tuple[str, str]] = (),
        code: int = 0,
        where: Path | None = None,
        ends: int = 0,
    ) -> str:
        """One command of vaultcli; what it printed.

        Args:
            args: its words.
            stdin: what is piped into it.
            edit: what the editor does, each time the next: pairs of an old text and what it becomes.
            typed: at a terminal instead of a pipe: pairs of a pattern that is waited for and what is then typed.
            code: the exit code.
            where: the working folder; the vault's when left out.
            ends: the exit code of the editor, after it wrote.
        """
        words = [str(VAULTCLI), *map(str, args)]
        folder = where or (self.root if self.root.is_dir() else self.top)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        env = self.env(edit, ends)
        shown = f"{self.name} {self.reads().isoformat(timespec='minutes')} $ vaultcli {shlex.join(map(str, args))}"
        if typed:
            said, ended = _typed(words, env, folder, typed)
        else:
            raw = stdin.encode() if isinstance(stdin, str) else stdin
            done = subprocess.run(words, input=raw, env=env, cwd=folder, capture_output=True, timeout=120, check=False)
            said, ended = (done.stdout + done.stderr).decode("utf-8", "backslashreplace"), done.returncode
        self.said = said
        self.stage.told.append(f"{shown}\n{said}" + (f"? {ended}\n" if ended else ""))
        self.stage.now += timedelta(seconds=47)
        if ended != code:
            raise StoryError(f"{shown}\nended with {ended} and not {code}:\n{said}")
        return said

    def sh(self, command: str, *, where: Path | None = None, code: int = 0, env: Mapping[str, str] | None = None) -> str:
        """A stock command."""
        folder = where or self.root
        done = subprocess.run(
            ["sh", "-c", command], env={**self.env(), **(env or {})}, cwd=folder, capture_output=True, timeout=60, check=False
        )
        said = (done.stdout + done.stderr).decode("utf-8", "backslashreplace")
        self.stage.told.append(f"{self.name} $ {command}\n{said}" + (f"? {done.returncode}\n" if done.returncode else ""))
        if done.returncode != code:
            raise StoryError(f"{command}\nended with {done.returncode}:\n{said}")
        return said

    def json(self, *args: str | Path, code: int = 0) -> object:
        """What a command prints with --json."""
        words = [str(VAULTCLI), *map(str, args), "--json"]
        done = subprocess.run(words, env=self.env(), cwd=self.root, capture_output=True, timeout=120, check=False)
        if done.returncode != code:
            raise StoryError(f"{args}: {done.returncode} {done.stderr.decode()}")
        return json.loads(done.stdout)

    def folder(self, handle: str) -> Path:
        """A client's working folder."""
        for entry in sorted((self.chart / "clients").glob("*/client.md")):
            if f"\nhandle: {handle}\n" in entry.read_text(encoding="utf-8"):
                return entry.parent
        raise LookupError(handle)

    def newest(self, handle: str, pattern: str = "notes/*-progress-????????????????.md") -> Path:
        """The working file of a client that was written last."""
        return max(self.folder(handle).glob(pattern), key=lambda path: path.stat().st_mtime_ns)

    def note(self, handle: str, times: str, text: str, *more: str, how: str = "--sign") -> str:
        """A note whose text is piped in; gives its id."""
        self.v("new", handle, *filter(None, [times]), "--from", "-", *more, how, stdin=text)
        found = re.findall(r"-([0-9a-z]{16})\.md", self.said)
        if found:
            return found[0]
        return self.newest(handle, "notes/*-????????????????.md").stem.rpartition("-")[2]

    def edited(self, file: Path, *pairs: tuple[str, str]) -> None:
        """What a plain editor does to a file, outside vaultcli."""
        text = file.read_text(encoding="utf-8")
        for old, new in pairs:
            if old not in text:
                raise StoryError(f"{old!r} is not in {file}")
            text = text.replace(old, new, 1)
        file.write_text(text, encoding="utf-8")


_CODE = """import pathlib, sys
ends, *words, name = sys.argv[1:]
file = pathlib.Path(name)
text = file.read_text(encoding='utf-8')
for old, new in zip(words[::2], words[1::2]):
    if old and old not in text:
        sys.exit('not there: ' + old)
    text = text.replace(old, new, 1) if old else text + new
file.write_text(text, encoding='utf-8')
sys.exit(int(ends))"""


def _editor(edit: Sequence[tuple[str, str]], ends: int = 0) -> str:
    """A stand-in for somebody's editor: replaces texts by others; an empty old text adds at the end."""
    return shlex.join((sys.executable, "-IS", "-c", _CODE, str(ends), *(word for pair in edit for word in pair)))


def _typed(words: Sequence[str], env: Mapping[str, str], folder: Path, typed: Sequence[tuple[str, str]]) -> tuple[str, int]:
    """A command at a terminal of its own, with somebody who types."""
    pid, handle = pty.fork()
    if pid == 0:
        try:
            os.chdir(folder)
            os.execve(words[0], list(words), dict(env))
        finally:
            os._exit(127)
    said, answered, until = "", 0, time.monotonic() + 100
    seen = 0
    while True:
        ready, _, _ = select.select([handle], [], [], 1.0)
        if ready:
            try:
                piece = os.read(handle, 65536)
            except OSError:
                break
            if not piece:
                break
            said += piece.decode("utf-8", "replace")
        if answered < len(typed) and (found := re.search(typed[answered][0], said[seen:])):
            seen += found.end()
            text = typed[answered][1]
            time.sleep(0.05)
            os.write(handle, text.encode())
            answered += 1
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            break
    _, status = os.waitpid(pid, 0)
    os.close(handle)
    return said.replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)


PASS = r"Passphrase \(psychotherapy notes\): "


def answer(secret: str) -> tuple[tuple[str, str]]:
    """The passphrase of the sealed notes, typed."""
    return ((PASS, SECRETS[secret] + "\r"),)


@contextlib.contextmanager
def unlocked(machine: Machine, secret: str) -> Iterator[None]:
    """The agent of a machine, which is ended whatever happens."""
    machine.v("unlock", "--for", "1h", typed=answer(secret))
    try:
        yield
    finally:
        machine.v("lock")


def killed(words: Sequence[str], env: Mapping[str, str], folder: Path) -> None:
    """A command at a terminal that is killed, with all it started, once its editor says that it saved."""
    pid, handle = pty.fork()
    if pid == 0:
        try:
            os.chdir(folder)
            os.execve(words[0], list(words), dict(env))
        finally:
            os._exit(127)
    said, until = "", time.monotonic() + 30
    while "saved" not in said and time.monotonic() < until:
        if select.select([handle], [], [], 0.5)[0]:
            with contextlib.suppress(OSError):
                said += os.read(handle, 65536).decode("utf-8", "replace")
    time.sleep(1.5)  # the keeper seals what was saved
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    time.sleep(1.0)
    os.close(handle)
    if "saved" not in said:
        raise StoryError(f"the editor did not save: {said}")
