"""A note written through the real commands, in a real terminal, ended in every way; then everything that was left is searched.

`cases.py` drives the library and can take safeguards away; here a home, a vault and its psychotherapy notes are begun by
`vaultcli` itself, `psychotherapy new` or `edit` opens the editor, and what was saved must come back by `psychotherapy recover`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time

import pexpect

from tests import shelf
from tests.helpers import SCRIPTS
from tests.leaks.cases import ENDINGS, PATIENCE, Case, Outcome, Site, fill, gone, killing, lives, ours
from tests.leaks.keys import EDITORS, ESCAPE, Keys, furnish
from tests.leaks.searching import Processes, Search, canary
from vaultcli.ground.editor import ram
from vaultcli.ground.errors import EditorTrouble

WAYS = ("new", "edit")
"""A first note of a client, which begins a drawer, and a note that is there already."""

LAST_LINE = {"nano": "\x1b/", "emacs": "\x1b>", "jed": "\x1b>", "mg": "\x1b>", "micro": "\x1b[1;5F", "joe": "\x0bv"}
"""What goes to the end of the text; below vim's kind of editors a line is opened there instead."""
OPENED_BELOW = {"vim": "Go", "nvim": "Go", "kak": "geo"}
TRIED = tuple(name for name in EDITORS if name in {*LAST_LINE, *OPENED_BELOW})

EXIT = EditorTrouble.exit_code
_FULL = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
"""Takes the file system of one's own away, so that the text is on a tmpfs, which can be full."""


class Desk:
    """A home with a vault and psychotherapy notes, begun by the commands; a copy, see `tests/shelf.py`.

    Args:
        site: its folders; the vault is below `site.vault`.
        begun: whether the notes are there.
    """

    def __init__(self, site: Site, *, begun: bool = True) -> None:
        self.site = site
        self.root = site.vault / "practice"
        self.sealed = self.root / "psychotherapy"
        self.state = site.home / ".local/state/vaultcli"
        if begun:
            shelf.of("desk of a sitting", site.top, lambda folder: Desk(Site(folder), begun=False)._begin())

    def _begin(self) -> None:
        site = self.site
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lee", "-f", site.home / "id"], check=True)
        self.run("init", str(self.root), "--yes", "--name", "Lee Example", "--recovery-page", str(site.home / "page.txt"))
        self.run("client", "add", "Ada Example", "--handle", "ada")
        identity = f"ssh:{site.home / 'id'}"
        self.run("psychotherapy", "init", "--page", str(site.home / "sealed-page.html"), "--identity", identity)

    def environment(self, program: str = "") -> dict[str, str]:
        """What a command sees."""
        found = self.site.environment(program)
        return {**found, "PATH": f"{SCRIPTS}{os.pathsep}{found['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, *args: str, stdin: str = "", code: int = 0) -> str:
        """Run a command to its end, without a terminal; what it said."""
        where = self.root if self.root.is_dir() else self.site.work
        done = subprocess.run(
            ["vaultcli", *args], input=stdin, cwd=where, env=self.environment(), capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def objects(self) -> bytes:
        """Every object of both repositories as git holds it, unpacked, whether anything leads to it or not."""
        command = ["git", "cat-file", "--batch-all-objects", "--batch", "--unordered"]
        tops = (self.root / "chart", self.sealed)
        return b"".join(subprocess.run(command, cwd=top, capture_output=True, check=True).stdout for top in tops)

    def copies(self) -> dict[str, int]:
        """The sealed recovery copies: path to time of change."""
        return {str(path): path.stat().st_mtime_ns for path in self.state.glob("autosaves/*/*-*.age")}


class Sitting(Case):
    """`psychotherapy new` or `edit` at work in a terminal.

    Args:
        site: its folders.
        editor: a name in `TRIED`.
        way: one of `WAYS`.
        roomy: whether the editor has a file system of its own; else it is on the site's small memory.
    """

    def __init__(self, site: Site, editor: str, way: str, *, roomy: bool = True) -> None:
        self.site = site
        self.editor = editor
        self.keys: Keys = EDITORS[editor]
        self.how, self.enter = (), ()
        self.old, self.saved, self.unsaved = canary("OLD"), canary("NEW"), canary("LOST")
        self.search = Search([self.old, self.saved, self.unsaved])
        self.desk = Desk(site)
        furnish(site.home, self.keys)
        if way == "edit":
            self.desk.run("psychotherapy", "new", "ada", "-m", "-", stdin=f"It began.\nThen {self.old}.\n")
        self.shown = self.old if way == "edit" else "context"
        program = shutil.which(self.keys.program)
        assert program
        argv = ["vaultcli", "psychotherapy", way, "ada"]
        argv = argv if roomy else ["unshare", "-Ur", "bash", "-c", _FULL, "bash", *argv]
        environment = self.desk.environment(program)
        argv[0] = shutil.which(argv[0], path=environment["PATH"]) or argv[0]
        self.child = pexpect.spawn(
            argv[0], argv[1:], env=environment, cwd=self.desk.root, timeout=PATIENCE, dimensions=(40, 120)
        )  # fmt: skip
        self.child.delaybeforesend = None

    def open(self) -> None:
        """Wait until the text is on the screen."""
        self.child.expect_exact(self.shown)
        self.drain(0.5)

    def type(self, text: str) -> None:
        """Write a line at the end of the text."""
        below = OPENED_BELOW.get(self.editor)
        if below:
            self.press((below + text + ESCAPE,))
            return
        self.child.send(LAST_LINE[self.editor])
        self.drain(0.2)
        self.press((f"\r{text}\r",))

    def save(self) -> bool:
        """Save in the editor; whether a new sealed copy came of it."""
        before = self.desk.copies()
        self.press(self.keys.save)
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            if self.desk.copies() != before:
                self.drain(0.2)
                return True
            self.drain(0.05)
        return False

    def ended(self) -> int | None:
        """The exit code, None after a signal; answers no to what is asked after an editor that failed."""
        if not self.child.closed:
            while self.child.expect([r"\[n\]o", pexpect.EOF], timeout=PATIENCE) == 0:
                self.child.send("\r")
            self.child.close()
        return int(self.child.exitstatus) if self.child.exitstatus is not None else None


def run(site: Site, editor: str, ending: str, way: str) -> Outcome:
    """Type, save, type on, end, search, and ask for what was saved.

    Args:
        site: new folders; `full` needs a runtime folder.
        editor: a name in `TRIED`.
        ending: one of `cases.ENDINGS`.
        way: one of `WAYS`.
    """
    sitting = Sitting(site, editor, way, roomy=ending != "full")
    wrong: list[str] = []
    with killing(sitting.child), Processes(sitting.search) as watched:
        sitting.open()
        sitting.type(sitting.saved)
        wrong += [] if sitting.save() else ["what was saved was not sealed"]
        running = sitting.processes()
        sitting.type(sitting.unsaved)
        wrong += _end(sitting, ending)
        left = [f"process {process}" for process in running if not gone(process)]
        leaks = site.search(sitting.search)
        leaks += ["an object"] if sitting.search.hits(sitting.desk.objects()) else []
        wrong += _came_back(sitting, ending, way)
        leaks += [f"{place} (afterwards)" for place in site.search(sitting.search)]
        leaks += ["an object (afterwards)"] if sitting.search.hits(sitting.desk.objects()) else []
    folders = [path for parent in {*ram.parents(), site.temporary} for path in parent.glob(f"{ram.PREFIX}*")]
    left += [str(path) for path in folders if ours(path, site)]
    if not sitting.child.closed:
        sitting.child.close(force=True)
    return Outcome(f"{editor}, {way}", ending, (*leaks, *watched.found), tuple(left), tuple(wrong), watched.looks)


def _end(sitting: Sitting, ending: str) -> list[str]:
    """End it; what was not as it should be."""
    assert ending in ENDINGS
    keeper = sitting.processes()
    if ending == "save":
        wrong = [] if sitting.save() else ["the second save was not sealed"]
        sitting.press(sitting.keys.leave)
        return [*wrong, *_code(sitting, 0)]
    if ending == "discard":
        sitting.press(sitting.keys.discard)
        return _code(sitting, 0)
    if ending == "full":
        fill(sitting.site.runtime)
        sitting.press(sitting.keys.save)
        sitting.drain(0.3)
    if ending in ("full", "kill-editor"):
        os.kill(keeper[1], signal.SIGKILL)
        return _code(sitting, EXIT)
    if ending == "hang-up":
        sitting.child.ptyproc.fileobj.close()
        sitting.child.ptyproc.closed = sitting.child.closed = True
    else:
        os.kill(sitting.child.pid, signal.SIGKILL if ending == "kill-us" else signal.SIGTERM)
    limit = time.monotonic() + PATIENCE
    while lives(sitting.child.pid) and time.monotonic() < limit:
        time.sleep(0.02)
    return [] if not lives(sitting.child.pid) else ["it did not end"]


def _code(sitting: Sitting, expected: int) -> list[str]:
    code = sitting.ended()
    return [] if code == expected else [f"exit code {code}: {(sitting.child.before or b'')[-300:]!r}"]


def _came_back(sitting: Sitting, ending: str, way: str) -> list[str]:
    """Whether everything that was saved can be read, after `recover` where the command did not come to its end."""
    desk = sitting.desk
    wrong = []
    if ending not in ("save", "discard"):
        if "psychotherapy recover" not in desk.run("psychotherapy", "list"):
            wrong.append("`list` does not offer the recovery copy")
        found = re.search(r"\b[0-9a-hjkmnp-tv-z]{16}\b", desk.run("psychotherapy", "recover"))
        if found is None:
            return [*wrong, "there is no recovery copy"]
        desk.run("psychotherapy", "recover", found[0])
        if desk.copies():
            wrong.append("a recovery copy stays after it was recorded")
    text = desk.run("psychotherapy", "show", "ada")
    wanted = [sitting.saved, *([sitting.old] if way == "edit" else []), *([sitting.unsaved] if ending == "save" else [])]
    wrong += [f"{word[:4]} is lost" for word in wanted if word not in text]
    if ending == "discard" and sitting.unsaved in text:
        wrong.append("what was thrown away is in the note")
    verdict = desk.run("psychotherapy", "verify", "--unlocked")
    return wrong if verdict.rstrip().splitlines()[-1].startswith("opened") else [*wrong, f"verify: {verdict}"]


def caught(site: Site) -> list[str]:
    """The positive control: a text that plain git was given; the places in which the search finds it."""
    desk = Desk(site)
    word = canary("OLD")
    search = Search([word])
    (site.work / "draft").write_text(word)
    subprocess.run(["git", "-C", desk.sealed, "hash-object", "-w", str(site.work / "draft")], check=True, capture_output=True)
    found = ["object"] if search.hits(desk.objects()) else []
    return found + site.search(search)


def there(editor: str) -> bool:
    """Whether an editor is installed."""
    return shutil.which(EDITORS[editor].program) is not None

