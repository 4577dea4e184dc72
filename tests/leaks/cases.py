"""One editor, one ending: typed, saved, typed on, ended; then everything that was left is searched."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pexpect

from tests import isolation
from tests.leaks import driver
from tests.leaks.keys import EDITORS, Keys, furnish
from tests.leaks.searching import Processes, Search, canary
from vaultcli.ground.editor import ram

ENDINGS = ("save", "discard", "kill-editor", "kill-us", "hang-up", "terminate", "full")
"""Saved and left; left without saving; `kill -9` of the editor, and of the process that lent it the text; the terminal
closed; `kill` of that process; no room left in the memory for files."""

PATIENCE = 15.0
PAUSE = 0.15
COMMON = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """What came of one case.

    Args:
        editor, ending: which.
        leaks: places where the text was found.
        left: processes of the editor and private folders that are still there.
        wrong: what was not as it should be otherwise: a saved text that did not arrive.
        looks: how many command lines and environments were looked at.
    """

    editor: str
    ending: str
    leaks: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    looks: int = 0

    @property
    def good(self) -> bool:
        """Whether nothing leaked, nothing is left, and nothing was lost."""
        return not (self.leaks or self.left or self.wrong)


@dataclass
class Site:
    """The folders of one case; on a small disk of their own where that is to be searched raw.

    Args:
        top: an empty folder.
        raw: the image of the disk that it is on.
        runtime: a folder in memory to be used instead of the machine's; for the full one.
    """

    top: Path
    raw: Path | None = None
    runtime: Path | None = None
    began: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        for folder in (self.home, self.temporary, self.work, self.vault):
            folder.mkdir(parents=True)

    @property
    def home(self) -> Path:
        return self.top / "home"

    @property
    def temporary(self) -> Path:
        return self.top / "tmp"

    @property
    def work(self) -> Path:
        return self.top / "work"

    @property
    def vault(self) -> Path:
        return self.top / "vault"

    def environment(self, program: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        return {
            **isolation.plain(), **kept, "HOME": str(self.home), "TMPDIR": str(self.temporary), "TERM": "xterm-256color",
            "LANG": "C.UTF-8", "EDITOR": program, "PYTHONPATH": f"{ROOT}{os.pathsep}{isolation.CHILD}", "SHELL": "/bin/bash",
            "USER": "lee", **({"XDG_RUNTIME_DIR": str(self.runtime)} if self.runtime else {}),
        }  # fmt: skip

    def search(self, search: Search) -> list[str]:
        found = search.folders([self.top], 0.0)
        found += search.folders([path for path in COMMON if path not in self.top.parents], self.began - 2)
        if self.runtime:
            found += search.folders([self.runtime])
        if self.raw:
            os.sync()
            found += [f"{self.raw.name} (raw)"] if search.raw(self.raw) else []
        return sorted(set(found))


class Case:
    """An editor at work on a text, in a terminal.

    Args:
        site: its folders.
        editor: a name in `EDITORS`.
        how: safeguards that are off (`tests.leaks.driver`); `plain`: without the settings in `EDITORS`.
    """

    def __init__(self, site: Site, editor: str, how: tuple[str, ...] = ()) -> None:
        self.site = site
        self.keys: Keys = EDITORS[editor]
        self.how = how
        self.old, self.saved, self.unsaved = canary("OLD"), canary("NEW"), canary("LOST")
        self.search = Search([self.old, self.saved, self.unsaved])
        if "plain" not in how:
            furnish(site.home, self.keys)
        (site.vault / "start").write_bytes(driver.veiled(f"first line\nthen {self.old}\n".encode()))
        program = shutil.which(self.keys.program)
        assert program
        self.child = pexpect.spawn(
            sys.executable, ["-m", "tests.leaks.driver", str(site.vault), *how],
            env=site.environment(program), cwd=site.work, timeout=PATIENCE, dimensions=(30, 100),
        )  # fmt: skip

        self.child.delaybeforesend = None
        # without our flags it may also want Enter for what it could not write as it ended
        self.enter = ("\r",) if "no-flags" in how else ()

    def open(self) -> None:
        """Wait until the text is on the screen; an editor without our flags may first want Enter for an error of its own."""
        patience = [2.0] * 4 if "no-flags" in self.how else []
        while patience and self.child.expect_exact([self.old, pexpect.TIMEOUT], timeout=patience.pop()):
            self.child.send("\r")
        if self.old.encode() != self.child.after:
            self.child.expect_exact(self.old)
        self.drain(0.4)

    def drain(self, seconds: float) -> None:
        limit = time.monotonic() + seconds
        while (rest := limit - time.monotonic()) > 0:
            with contextlib.suppress(pexpect.TIMEOUT):
                try:
                    self.child.read_nonblocking(100_000, rest)
                except pexpect.EOF:
                    return

    def press(self, parts: tuple[str, ...]) -> None:
        for part in parts:
            for key in part:
                self.child.send(key)
                self.drain(0.01)
            self.drain(PAUSE)

    def type(self, text: str) -> None:
        self.press((self.keys.before + text + self.keys.after,))

    def processes(self) -> list[int]:
        """The keeper and the editor."""
        keeper = children(self.child.pid)
        return [*keeper, *(process for one in keeper for process in children(one))]

    def states(self) -> list[bytes]:
        paths = sorted(self.site.vault.glob("saved-*"), key=lambda path: int(path.name[6:]))
        return [driver.veiled(path.read_bytes()) for path in paths]

    def wait_for(self, text: str) -> bool:
        """Whether a state with this text was handed on in time."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            if any(text.encode() in state for state in self.states()):
                return True
            self.drain(0.05)
        return False

    def result(self) -> tuple[bytes, dict[str, object]]:
        """What `edit` returned; waits for it."""
        limit = time.monotonic() + PATIENCE
        while not (self.site.vault / "result").exists() and time.monotonic() < limit:
            self.drain(0.05)
        self.drain(0.1)
        text, _, told = (self.site.vault / "result").read_bytes().rpartition(b"\n")
        return driver.veiled(text), json.loads(told)


def children(process: int) -> list[int]:
    """The processes that one has started."""
    with contextlib.suppress(OSError):
        return [int(part) for part in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return []


def lives(process: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def run(site: Site, editor: str, ending: str, how: tuple[str, ...] = ()) -> Outcome:
    """Type, save, type on, end, and search.

    Args:
        site: new folders.
        editor: a name in `EDITORS`.
        ending: one of `ENDINGS`; `full` needs a site with a runtime folder of its own.
        how: safeguards that are off.
    """
    if ending == "full":
        how = (*how, "no-space", "here-only")
    case = Case(site, editor, how)
    wrong: list[str] = []
    with killing(case.child), Processes(case.search) as watched:
        case.open()
        case.type(case.saved)
        case.press(case.keys.save)
        if not case.wait_for(case.saved):
            wrong.append("what was saved was not handed on")
        running = case.processes()
        case.type(case.unsaved)
        wrong += end(case, ending)
        left = [f"process {process}" for process in running if not gone(process)]
    folders = [path for parent in {*ram.parents(), site.temporary} for path in parent.glob(f"{ram.PREFIX}*")]
    left += [str(path) for path in folders if ours(path, site)]
    leaks = [*site.search(case.search), *watched.found]
    if not case.child.closed:
        case.child.close(force=True)
    return Outcome(editor, ending, tuple(leaks), tuple(left), tuple(wrong), watched.looks)


@contextlib.contextmanager
def killing(child: pexpect.spawn) -> Iterator[None]:
    """Kills the process afterwards, whatever came of it; its keeper and with it the editor end then."""
    try:
        yield
    finally:
        if lives(child.pid):
            os.kill(child.pid, signal.SIGKILL)


def ours(path: Path, site: Site) -> bool:
    """Whether a private folder was made since the case began, holds something, and is in nobody's use any more.

    An empty one, on which a file system of one's own was mounted, may wait for the next start.
    """
    with contextlib.suppress(OSError):
        return path.stat().st_ctime >= site.began and any(path.iterdir()) and bool(ram._swept(path))
    return False


def gone(process: int) -> bool:
    limit = time.monotonic() + 4
    while lives(process) and time.monotonic() < limit:
        time.sleep(0.02)
    return not lives(process)


def end(case: Case, ending: str) -> list[str]:
    """End it; what was not as it should be."""
    expected = [case.saved]
    if ending == "save":
        case.press(case.keys.save)
        expected.append(case.unsaved)
        if not case.wait_for(case.unsaved):
            return ["the second save was not handed on"]
        case.press((*case.keys.leave, *case.enter))
    elif ending == "discard":
        case.press((*case.keys.discard, *case.enter))
    elif ending == "kill-editor":
        os.kill(case.processes()[1], signal.SIGKILL)
    elif ending == "full":
        fill(case.site.runtime)
        case.press(case.keys.save)
        case.drain(0.3)
        os.kill(case.processes()[1], signal.SIGKILL)
    else:
        return cut_off(case, ending)
    return judge(case, ending, expected)


def judge(case: Case, ending: str, expected: list[str]) -> list[str]:
    text, told = case.result()
    wrong = [f"{word[:4]} is missing" for word in expected if word.encode() not in text]
    if ending == "discard" and case.unsaved.encode() in text:
        wrong.append("what was thrown away is in the text")
    if (ending in ("kill-editor", "full")) != bool(told["trouble"]):
        wrong.append(f"told to have ended so: {told['trouble']!r}")
    return wrong


def cut_off(case: Case, ending: str) -> list[str]:
    if ending == "kill-us":
        os.kill(case.child.pid, signal.SIGKILL)
    elif ending == "terminate":
        os.kill(case.child.pid, signal.SIGTERM)
    else:
        case.child.ptyproc.fileobj.close()
        case.child.ptyproc.closed = case.child.closed = True
    limit = time.monotonic() + PATIENCE
    while lives(case.child.pid) and time.monotonic() < limit:
        time.sleep(0.02)
    return [] if not lives(case.child.pid) else ["it did not end"]


def fill(folder: Path | None) -> None:
    """Leave no byte free on a small file system."""
    assert folder
    size = 1 << 20
    with (folder / "ballast").open("ab", buffering=0) as stream:
        while size:
            try:
                stream.write(b"\0" * size)
            except OSError:
                size //= 4


def unkept(site: Site, editor: str) -> bool:
    """The positive control: the editor as it is, on a plain file that is deleted after; whether the search finds it."""
    case = Case(site, editor, ("control",))
    case.open()
    case.type(case.saved)
    case.press(case.keys.save)
    case.press(case.keys.leave)
    case.child.expect(pexpect.EOF)
    case.child.close(force=True)
    found = site.search(case.search)
    return any(path.startswith(str(site.home)) for path in found) and (not site.raw or any("(raw)" in path for path in found))
