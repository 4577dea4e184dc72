"""The cases of the ground: recording in a line that exists, and beginning a line."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

from tests.faults.shim import Outcome
from tests.faults.sweep import Case
from tests.ground.worlds import LAYOUT, LINE, PRACTICE, plain, save
from tests.helpers import store_object
from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.ground.git.objects import name_object
from vaultcli.ground.repository.repository import Repository

OLD = {"client.md": b"client\n", "notes/a.md": b"old\n", "notes/c.md": b"withdrawn\n"}
NEW = {"client.md": b"client\n", "notes/a.md": b"draft, now recorded\n" * 300, "notes/b.md": b"second\n"}
DRAFT = b"draft\n"


def _setup(world: Path) -> None:
    with Repository.create(world / "chart", LAYOUT) as repo:
        save(repo, {"practice.toml": b"version = 1\n"}, line=PRACTICE)
        save(repo, OLD)
        (repo.folder(LINE) / "notes" / "a.md").write_bytes(DRAFT)


def _begin(world: Path) -> None:
    with Repository.create(world / "chart", LAYOUT) as repo:
        save(repo, {"practice.toml": b"version = 1\n"}, line=PRACTICE)


def write(world: Path, *, fresh: bool) -> None:
    """What the swept command does: record an edit, a new file and a removal; or begin a line."""
    with Repository.open(world / "chart", LAYOUT) as repo:
        if fresh:
            print(save(repo, NEW))
            return
        changes = {**dict.fromkeys(OLD.keys() - NEW.keys()), **NEW}
        print(save(repo, changes, seen={"notes/a.md": files.digest(DRAFT)}))


STRAY = b"nothing leads here\n"


def _setup_packs(world: Path) -> None:
    """Two packs that are to become one with what is loose, and an object that nothing leads to in each."""
    _setup(world)
    with Repository.open(world / "chart", LAYOUT) as repo:
        store_object(repo.git, STRAY)
        repo.tidy(many=1)
        save(repo, {"notes/c.md": b"more\n"})
        repo.tidy(many=1)
        save(repo, {"notes/c.md": OLD["notes/c.md"]})
        store_object(repo.git, STRAY * 2)


def _packs_oracle(world: Path, outcome: Outcome) -> list[str]:
    with Repository.open(world / "chart", LAYOUT) as repo:
        lost = [text for text in (STRAY, STRAY * 2) if repo.objects.find(name_object("blob", text, "sha256")) is None]
        loose = 0 if outcome.code else repo.git.loose()
    wrong = ["an object is lost"] if lost else ["something is still loose"] if loose else []
    return wrong + _tidy_oracle(world, outcome)


def tidy(world: Path) -> None:
    """Packs every loose object."""
    with Repository.open(world / "chart", LAYOUT) as repo:
        assert repo.tidy(many=1)


def _tidy_oracle(world: Path, outcome: Outcome) -> list[str]:
    # nothing is recorded: whatever its end, the old head stands
    return look(world, dataclasses.replace(outcome, code=outcome.code or 1), old=OLD, draft=DRAFT)


def _record_oracle(world: Path, outcome: Outcome) -> list[str]:
    return look(world, outcome, old=OLD, draft=DRAFT)


def _begin_oracle(world: Path, outcome: Outcome) -> list[str]:
    return look(world, outcome, old=None, draft=None)


def look(world: Path, outcome: Outcome, *, old: dict[str, bytes] | None, draft: bytes | None) -> list[str]:
    """What is wrong after a fault: the next command mends, then old or new, whole, and able to go on."""
    wrong: list[str] = []
    with Repository.open(world / "chart", LAYOUT) as repo:
        repo.recover()
        wrong += repo.git.fsck()
        head = repo.head(LINE)
        held = {path: repo.read(head, path) for path in repo.files(head)} if head else None
        if held not in (old, NEW):
            wrong.append(f"the head is neither old nor new: {sorted(held or {})}")
        if outcome.code == 0 and held != NEW:
            wrong.append("said to be recorded, and is not")
        wrong += _look_at_files(repo, held, NEW if held == NEW else old, draft if held != NEW else None)
        # git only warns when it cannot delete its temporary copy of an object that is stored: whole, and harmless
        left = [str(path.relative_to(world)) for path in leftovers(repo) if outcome.code or "tmp_obj" not in path.name]
        wrong += [f"left behind: {path}" for path in left]
        if repo.recover():
            wrong.append("mended twice")
    with Repository.open(world / "chart", LAYOUT) as repo:
        before = repo.history(LINE) if head else []
        save(repo, {"notes/next.md": b"next\n"})
        if [commit.oid for commit in repo.history(LINE)][:-1] != [commit.oid for commit in before]:
            wrong.append("the next record lost history")
        wrong += repo.git.fsck()
    return wrong


def _look_at_files(
    repo: Repository, held: dict[str, bytes | None] | None, expected: dict[str, bytes] | None, draft: bytes | None
) -> list[str]:
    folder = repo.folder(LINE)
    if held is None:
        return [f"files of a line that is not there: {path}" for path in folder.rglob("*.md")] if folder else []
    wanted = dict(expected or {})
    if draft is not None:
        wanted["notes/a.md"] = draft
    found = {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != ".git"
    }
    wrong = [] if found == wanted else [f"working files are {sorted(found)}, and not what they should be"]
    status = plain(folder, "status", "--porcelain")
    if status != ("" if draft is None else " M notes/a.md\n"):
        wrong.append(f"git status says {status!r}")
    return wrong


def leftovers(repo: Repository) -> list[Path]:
    """Locks and temporary files anywhere in the vault."""
    names = ("*.lock", "tmp_*", f"*{files.SIDE}*", ".git_signing_buffer*", "writing", "fetching")
    found = [path for name in names for path in repo.path.rglob(name) if path.name != "vaultcli.lock"]
    return found + list(repo.scratch.glob("*"))


CASES = {
    case.name: case
    for case in (
        Case("record", _setup, (sys.executable, "-m", "tests.faults.cases", "record"), _record_oracle),
        Case("begin", _begin, (sys.executable, "-m", "tests.faults.cases", "begin"), _begin_oracle),
        Case("packs", _setup_packs, (sys.executable, "-m", "tests.faults.cases", "tidy"), _packs_oracle),
        Case("tidy", _setup, (sys.executable, "-m", "tests.faults.cases", "tidy"), _tidy_oracle),
    )
}

if __name__ == "__main__":
    try:
        tidy(Path.cwd()) if sys.argv[1] == "tidy" else write(Path.cwd(), fresh=sys.argv[1] == "begin")
    except VaultError as error:
        print(f"{error.message} ({error.hint})", file=sys.stderr)
        sys.exit(error.exit_code)
    except subprocess.SubprocessError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
