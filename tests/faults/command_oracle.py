"""What must hold after any fault in any command: the oracle of `commands.py`.

What a command said was done is done; what was typed is somewhere; the next command mends, says so, and leaves nothing lying
about; git and `vaultcli verify` find nothing; the same command can be run again to its end; and the words are for people.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import isolation
from tests.faults.preloaded import Preloaded
from tests.faults.shim import Outcome
from vaultcli.ground import files
from vaultcli.ground.repository.repository import Repository
from vaultcli.places.chart.chart import LAYOUT

EXPECTED = "expected.json"
"""The heads before the command, by branch, written by the setup."""
GENESIS = "genesis"
"""Holds the vault's first commit, where a command has to name it; in a command's words it stands for that."""
TYPED = "typed"
"""Exists once the editor has written its text."""
WORDS = "She spoke of the lighthouse"
"""What is typed."""

_ACKNOWLEDGED = re.compile(
    r"^(signed|attached|draft|saved|imported|co-signed|withdrawn|opened|recorded|begun|put back) (\S+?)"
    r"(?:,.*| \(.*\)|(?: \w[\w-]*)? ((?:notes/|client\.md)[^\s;]*).*)?$",
    re.MULTILINE,
)
_LOCK = re.compile(r"if no other git is running, delete (\S+/usb/\S+\.lock)")
"""What is said of a lock that a push left in the other repository, where we take nothing away."""
_BLUNDERS = ("Traceback", "fault in vaultcli", "Errno", "Exception")


def environment(world: Path, hour: int = 15) -> dict[str, str]:
    """What a command sees: a home of its own, our editor, and a clock that is set."""
    home = world / "home"
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "PATH": os.environ["PATH"],
        "TZ": "America/New_York",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "EDITOR": str(world / "editor"),
        **isolation.plain(),
        **isolation.at(f"2026-11-20T{hour:02}:00:00-05:00"),
    }


@dataclass(frozen=True)
class Oracle:
    """Looks at a world after a command that may have been disturbed.

    Args:
        python: runs the commands.
        argv: the command, to be run again; `stdin` its answers.
        done: how many things the command says it did when it comes to its end.
        again: exit codes with which it may end when it is run again.
        folder: where it is run, relative to the world.
        extra: more environment.
        typing: whether its text is typed in an editor.
        flawed: whether a signed file was written over before, which `verify` tells until it is put back.
        check: what else must hold once the command has come to its end; names what is wrong.
        makes: beginnings of the paths that the command makes, whose remnants are its own to mend when it is run again.
    """

    python: Preloaded
    argv: tuple[str, ...]
    stdin: str
    done: int
    again: tuple[int, ...]
    folder: str
    extra: Mapping[str, str]
    typing: bool
    flawed: bool = False
    check: Callable[[Path], list[str]] = lambda _: []
    makes: tuple[str, ...] = ()

    def __call__(self, world: Path, outcome: Outcome) -> list[str]:
        """Everything that is wrong."""
        wrong = _words(outcome)
        if outcome.code not in (-9, 0) and not outcome.err.strip():
            wrong.append(f"exit code {outcome.code} without a word")
        said = acknowledged(outcome.out)
        if outcome.code == 0 and len(said) < self.done and "nothing " not in outcome.out:
            wrong.append(f"exit code 0, and only {len(said)} of {self.done} are done: {outcome.out!r}")
        if outcome.code == 0:
            wrong += self.check(world)
        if _founded(world):
            wrong += self._mended(world, outcome, said)
        code, out, err = self._run(world, *self.argv, hour=17, stdin=self.stdin, folder=self.folder)
        if lock := _LOCK.search(err):
            Path(lock[1]).unlink()
            code, out, err = self._run(world, *self.argv, hour=17, stdin=self.stdin, folder=self.folder)
        wrong += [f"again: {text}" for text in _words(Outcome(code, 0, out, err))]
        if code not in self.again:
            wrong.append(f"again: exit code {code}: {err.strip()} (after: {outcome.err.strip()})")
            return wrong
        # git only warns when it cannot delete its temporary copy of an object that is stored: whole, and harmless
        wrong += [f"again: {text}" for text in self.check(world)]
        wrong += [f"left behind at the end: {path}" for path in leftovers(world) if outcome.code or "tmp_obj" not in path]
        return wrong + self._sound(world, acknowledged(out), "after it was run again", hour=18)

    def _mended(self, world: Path, outcome: Outcome, said: list[tuple[str, str, str]]) -> list[str]:
        wrong = [f"said, and not so: {text}" for text in untrue(world, said)]
        left = self._left(world) if outcome.code else []
        behind = _behind(world)
        code, _, err = self._run(world, "status", hour=16)
        if code or any(word in err for word in _BLUNDERS):
            wrong.append(f"status afterwards: exit code {code}: {err.strip()}")
        if (behind or any(_is_gits(path) for path in left)) and "mended" not in err:
            wrong.append(f"mended without a word: {left or behind}")
        wrong += [f"left behind: {path}" for path in self._left(world)] if outcome.code and self.folder else []
        wrong += self._sound(world, said, "afterwards", hour=16, flawed=self.flawed)
        code, _, err = self._run(world, "status", hour=16)
        if "mended" in err:
            wrong.append(f"mended twice: {err.strip()}")
        if self.typing and (world / TYPED).exists() and not _kept(world):
            wrong.append("what was typed is lost")
        return wrong

    def _left(self, world: Path) -> list[str]:
        return [path for path in leftovers(world) if not path.startswith(self.makes)]

    def _sound(self, world: Path, said: list[tuple[str, str, str]], when: str, *, hour: int, flawed: bool = False) -> list[str]:
        wrong = [f"{when}: said, and not so: {text}" for text in untrue(world, said)]
        with Repository.open(world / "vault/chart", LAYOUT) as repo:
            wrong += [f"{when}: {text}" for text in repo.git.fsck()]
            for branch, oid in _expected(world).items():
                head = repo.head(branch)
                if head is None or not repo.git.is_ancestor(oid, head):
                    wrong.append(f"{when}: {branch} lost history")
        code, out, err = self._run(world, "verify", hour=hour)
        if code and not (flawed and ": overwritten:" in out and "1 finding\n" in out):
            wrong.append(f"{when}: verify: exit code {code}: {out.strip()} {err.strip()}")
        return wrong

    def _run(self, world: Path, *argv: str, hour: int, stdin: str = "", folder: str = "vault") -> tuple[int, str, str]:
        env = {**environment(world, hour), **self.extra}
        argv = filled(argv, world)
        return self.python.run(argv, cwd=world / folder, env=env, stdin=stdin)


def filled(argv: Sequence[str], world: Path) -> tuple[str, ...]:
    """The words of a command, with the vault's first commit in the place of `GENESIS`."""
    return tuple((world / GENESIS).read_text() if word == GENESIS else word for word in argv)


def acknowledged(out: str) -> list[tuple[str, str, str]]:
    """What a command said it did: verb, client's handle, path on the line (may be empty)."""
    return [(found[1], found[2], found[3] or "") for found in _ACKNOWLEDGED.finditer(out)]


def _words(outcome: Outcome) -> list[str]:
    wrong = [f"{word}: {outcome.err.strip()}" for word in _BLUNDERS if word in outcome.err + outcome.out]
    return [*wrong, f"a fault of ours: {outcome.err}"] if outcome.code == 70 else wrong


def _founded(world: Path) -> bool:
    return (world / "vault/chart/.git/refs/heads/practice").exists()


def _expected(world: Path) -> dict[str, str]:
    file = world / EXPECTED
    return dict(json.loads(file.read_text())) if file.exists() else {}


def untrue(world: Path, said: list[tuple[str, str, str]]) -> list[str]:
    """What was said to be recorded and is not in the head of its line."""
    with Repository.open(world / "vault/chart", LAYOUT) as repo:
        lines = {}
        for branch, head in repo.lines().items():
            if branch.startswith("client/"):
                entry = (repo.read(head, "client.md") or b"").decode()
                handle = re.search(r"^handle: (\S+)$", entry, re.MULTILINE)
                lines[handle[1] if handle else "?"] = repo.files(head)
    return [f"{verb} {handle} {path}" for verb, handle, path in said if not _holds(lines.get(handle), verb, path)]


def _holds(line: dict[str, tuple[str, str]] | None, verb: str, path: str) -> bool:
    if line is None:
        return False
    stem = path.removesuffix(".md")
    match verb:
        case "signed" | "attached":
            return path in line and f"{path}.sig" in line
        case "draft" | "saved" | "imported" | "put back":
            return path in line
        case "co-signed":
            return any(name.startswith(f"{stem}.cosignature-") and name.endswith(".sig") for name in line)
        case "withdrawn":
            return any(name.startswith(f"{stem}.withdrawal-") and name.endswith(".sig") for name in line)
    return True


def _behind(world: Path) -> list[str]:
    """Lines whose files were not brought along yet: missing ones, of heads that the mark does not name."""
    with Repository.open(world / "vault/chart", LAYOUT) as repo:
        return [line for line, head in repo.lines().items() if repo.marks.get(line) != head and repo.working(line).missing]


def _kept(world: Path) -> bool:
    """Whether what was typed is in a working file, put aside, or recorded."""
    top = world / "vault/chart"
    for folder, names, found in os.walk(top):
        inside = Path(folder)
        if inside == top / ".git":
            names[:] = [name for name in names if name == "vaultcli"]
        if any(WORDS.encode() in (inside / name).read_bytes() for name in found):
            return True
    with Repository.open(top, LAYOUT) as repo:
        return any(
            WORDS.encode() in repo.objects.blob(oid)
            for branch, head in repo.lines().items()
            if branch != LAYOUT.main
            for _, oid in repo.files(head).values()
        )


def _is_gits(path: str) -> bool:
    """Whether git left it; our own sign and scratch folder are cleared without a word."""
    return "/.git/" in path and "/.git/vaultcli/" not in path and files.SIDE not in path


def leftovers(world: Path) -> list[str]:
    """Locks and temporary files anywhere in the world."""
    names = ("*.lock", "tmp_*", f"*{files.SIDE}*", ".git_signing_buffer*", "writing", "fetching", ".new-key-*")
    found = [path for name in names for path in world.rglob(name) if path.name != "vaultcli.lock"]
    scratch = world / "vault/chart/.git/vaultcli/tmp"
    found += list(scratch.glob("*"))
    return sorted({str(path.relative_to(world)) for path in found if not _cleared_later(path)})


def _cleared_later(path: Path) -> bool:
    """Pins, settings and caches hold nothing of a note; what a kill leaves of one goes when it is written after a minute.

    A repository to sync through is git's, and what git left there is `git gc`'s to clear. What a killed backup left goes with
    the next one.
    """
    return any(part in str(path) for part in ("/.local/state/", "/.config/", "/usb/", "/vaultcli/backups"))
