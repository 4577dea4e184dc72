"""A home of somebody's own, with a vault and psychotherapy notes that the commands themselves begin; and ways to look into it."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pexpect

from tests import helpers, shelf
from tests.helpers import SCRIPTS, Result

PASSPHRASE = "correct horse battery staple"
PATIENCE = 60.0
_ID = re.compile(r"\b[0-9a-hjkmnp-tv-z]{16}\b")


@dataclass
class Desk:
    """One person at one machine.

    Args:
        top: an empty folder: the home, the vault and what lies around are in it.
        name: of the vault's folder.
        clock: when commands run; `now` is put into it.
    """

    top: Path
    name: str = "practice"
    clock: str = "2026-11-23T15:00:00-05:00"
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)

    @property
    def home(self) -> Path:
        return self.top / "home"

    @property
    def root(self) -> Path:
        return self.top / self.name

    @property
    def chart(self) -> Path:
        return self.root / "chart"

    @property
    def sealed(self) -> Path:
        return self.root / "psychotherapy"

    def environment(self) -> dict[str, str]:
        """What its commands see over the test's own."""
        home = self.home
        return {
            "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "XDG_DATA_HOME": str(home / ".local/share"),
            "XDG_STATE_HOME": str(home / ".local/state"), "XDG_CACHE_HOME": str(home / ".cache"),
            "VAULTCLI_CLOCK": self.clock, **self.env,
        }  # fmt: skip

    def run(self, *args: str | Path, stdin: str = "", code: int | None = 0, **env: str) -> Result:
        """A command to its end, without a terminal; None takes any exit code."""
        where = self.root if self.root.is_dir() else self.top
        done = helpers.run_here([str(arg) for arg in args], stdin=stdin, env={**self.environment(), **env}, cwd=where)
        assert code is None or done.code == code, (args, done)
        assert "Traceback" not in done.err, done.err
        return done

    def apart(self, *args: str | Path, stdin: str = "", code: int | None = 0, **env: str) -> Result:
        """`vaultcli psychotherapy ...`."""
        return self.run("psychotherapy", *args, stdin=stdin, code=code, **env)

    def typed(self, *args: str | Path, answers: Sequence[tuple[str, str]] = (), code: int | None = 0) -> str:
        """A command in a real terminal.

        Args:
            args: of vaultcli.
            answers: what is waited for, and what is typed then (with Enter; one key alone without).
            code: the exit code that it must end with.

        Returns:
            everything that was on the screen.
        """
        where = self.root if self.root.is_dir() else self.top
        environment = {**os.environ, **self.environment()}
        child = pexpect.spawn(
            str(SCRIPTS / "vaultcli"), [str(arg) for arg in args], env=environment, cwd=where, timeout=PATIENCE,
            dimensions=(40, 200), encoding="utf-8",
        )  # fmt: skip
        seen = ""
        for wanted, answer in answers:
            child.expect_exact(wanted)
            seen += child.before + wanted
            # a question with letters takes one key
            child.send(answer if len(answer) == 1 else f"{answer}\n")
        child.expect(pexpect.EOF)
        seen += child.before
        child.close()
        assert code is None or child.exitstatus == code, (args, child.exitstatus, seen)
        assert "Traceback" not in seen
        return seen.replace("\r\n", "\n")

    def unlocked(self, *args: str | Path, answers: Sequence[tuple[str, str]] = (), code: int | None = 0) -> str:
        """A command in a real terminal that asks for the passphrase first."""
        return self.typed(*args, answers=[("Passphrase (psychotherapy notes)", PASSPHRASE), *answers], code=code)

    def begin(self, *clients: str) -> None:
        """A vault with a chart and these clients, by their handles; a copy, see `tests/shelf.py`."""
        key = ("desk", self.name, self.clock, clients)
        shelf.of(key, self.top, lambda folder: Desk(folder, self.name, self.clock, self.env)._begin(*clients))

    def _begin(self, *clients: str) -> None:
        page = self.top / "chart.txt"
        self.run("init", self.root, "--yes", "--name", "Lee Example", "--credentials", "PhD", "--recovery-page", page)
        for handle in clients:
            self.run("client", "add", f"{handle.title()} Example", "--handle", handle)

    def begin_sealed(self, *more: str | Path) -> None:
        """Psychotherapy notes that an SSH key without a passphrase opens; the recovery page is `page.html`."""
        key = self.home / "id"
        if not key.exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lee", "-f", key], check=True)
        self.apart("init", "--page", self.top / "page.html", "--identity", f"ssh:{key}", *more)

    def new(self, handle: str, text: str, *more: str) -> str:
        """A note from standard input; its id."""
        return id_in(self.apart("new", handle, "-m", "-", *more, stdin=text).out)

    def listed(self, handle: str) -> list[dict[str, object]]:
        """What `list CLIENT --json` has."""
        return list(json.loads(self.apart("list", handle, "--json").out)["notes"])

    def people(self) -> list[dict[str, object]]:
        """What `list --json` has."""
        return list(json.loads(self.apart("list", "--json").out)["clients"])

    def state(self) -> Path:
        """What this machine remembers."""
        return self.home / ".local/state/vaultcli"

    def key_store(self) -> Path:
        """The key store of the sealed notes."""
        found = re.search(r'^keys = "(.*)"$', (self.root / "psychotherapy.toml").read_text(), re.MULTILINE)
        assert found
        return Path(found[1])

    def verify(self, *, code: int = 0) -> Result:
        """`psychotherapy verify --unlocked`."""
        return self.apart("verify", "--unlocked", code=code)


def id_in(text: str) -> str:
    """The first id in what a command said."""
    found = _ID.search(text)
    assert found, text
    return found[0]


def git(top: Path, *args: str | Path, data: bytes = b"", check: bool = True) -> str:
    """Plain git."""
    done = subprocess.run(["git", "-C", top, *args], input=data, capture_output=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.stdout.decode("utf-8", "replace").strip()


def objects(repository: Path) -> bytes:
    """Every object of a repository, unpacked, reachable or not."""
    command = ["git", "-C", repository, "cat-file", "--batch-all-objects", "--batch", "--unordered"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def below(*tops: Path) -> Iterator[Path]:
    """Every file and folder below, and the tops themselves."""
    for top in tops:
        yield top
        if top.is_dir():
            for folder, folders, names in os.walk(top):
                yield from (Path(folder, name) for name in (*folders, *names))


def holding(words: Iterable[str], *tops: Path) -> list[str]:
    """Files whose bytes or names have one of the words."""
    raws = [word.encode() for word in words]
    found = []
    for path in below(*tops):
        told = os.fsencode(path.name)
        if path.is_file() and not path.is_symlink():
            told += path.read_bytes()
        if any(raw in told for raw in raws):
            found.append(str(path))
    return found
