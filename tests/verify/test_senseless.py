"""No input ends verification without a verdict, and no reading command with a fault: other clients are read on.

Commits without sense, well signed by whoever has a machine here (`senseless.py`), from seeds: some every day, many in the long
suite. What was found so has its own test below.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests import everyday
from tests.helpers import run_here
from tests.verify import senseless
from tests.world import World
from vaultcli.ground.errors import EXCEPTED, FINDINGS, OK, NotVerified, Unpinned

VERDICTS = {OK, FINDINGS, EXCEPTED, Unpinned.exit_code, NotVerified.exit_code}
OTHER = ("list bo", "show bo", "log bo", "verify bo", "client show bo", "export bo --jsonl --stdout")
EVERYBODY = ("list", "client list", "status", "search came")
THE_CLIENT = (
    *("list ada", "show ada", "show ada --json", "log ada", "diff ada", "client show ada", "verify ada", "status --json"),
    *("export ada --jsonl --stdout", "export ada --csv --stdout", "export --all --jsonl -o out", "export ada --html -o out.html"),
)
FAULTS = {70, 141}


def read(world: World, words: str) -> tuple[int, str]:
    done = run_here(words.split(), cwd=world.folder)
    assert done.code not in FAULTS, (words, done)
    return done.code, done.out + done.err


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULTCLI_CLOCK", "2026-12-24T10:00:00-05:00")


@pytest.mark.parametrize("seed", everyday.some(range(120), 40))
def test_every_command_goes_on(tmp_path: Path, seed: int) -> None:
    world = senseless.made(tmp_path / "vault", seed)
    world.settings()
    for words in ("verify --cold", "verify"):
        assert read(world, words)[0] in VERDICTS
    for words in EVERYBODY:
        assert read(world, words)[0] == OK, words
    for words in OTHER:
        assert read(world, words)[0] in VERDICTS - {FINDINGS}, words
    for words in THE_CLIENT:
        read(world, words)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path / "vault", trainee=True)
    for handle in ("ada", "bo"):
        line = made.client(handle)
        path, raw = line.note("She came on time.")
        line.sign(path, raw=raw)
    return made


def saved(world: World) -> World:
    world.save()
    world.settings()
    return world


def test_a_signed_addition_that_was_deleted_is_still_shown(world: World) -> None:
    ada = world.client("dee")
    path, raw = ada.note("She came.")
    ada.sign(path, raw=raw)
    added = ada.addendum(path, "A word more.")
    ada.commit("draft", {added: None, f"{added}.sig": None})
    saved(world)
    for words in EVERYBODY:
        assert read(world, words)[0] == OK
    code, said = read(world, "show dee")
    assert code == OK
    assert "A word more." in said
    assert "was deleted or changed after it was signed" in said
    assert read(world, "verify --cold")[0] == FINDINGS


def test_a_signed_note_that_was_exchanged_is_shown_as_it_was_signed(world: World) -> None:
    dee = world.client("dee")
    path, raw = dee.note("She came.")
    dee.sign(path, raw=raw)
    dee.commit("draft", {path: dee.texts[path].replace(b"She came", b"She never came")})
    saved(world)
    assert "She came." in read(world, "show dee")[1]
    assert "never" not in read(world, "search never")[1]
    assert read(world, "verify --cold")[0] == FINDINGS


@pytest.mark.parametrize("entry", senseless.ENTRIES)
def test_an_entry_that_is_none_stops_nobody(world: World, entry: bytes) -> None:
    dee = world.client("dee")
    dee.commit("register", {"client.md": entry.replace(b"ID", dee.id.encode())})
    saved(world)
    listed = json.loads(run_here(["client", "list", "--json"], cwd=world.folder).out)
    assert {row["handle"] for row in listed} == {"ada", "bo", "dee"}
    code, said = read(world, "list dee")
    assert code == OK
    assert "the entry before it is used" in said
    code, said = read(world, "verify --cold")
    assert code == FINDINGS
    assert "client.md: register:" in said


def test_a_line_without_any_entry_is_called_by_its_id(world: World) -> None:
    dee = world.client("dee", open_line=False)
    dee.commit("open", {".gitattributes": b"* -text\n", "client.md": b"\xff"})
    path, raw = dee.note("She came.")
    dee.sign(path, raw=raw)
    saved(world)
    listed = json.loads(run_here(["client", "list", "--json"], cwd=world.folder).out)
    assert {row["handle"] for row in listed} == {"ada", "bo", dee.id}
    assert read(world, f"show {dee.id}")[0] == OK


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "\x1b[31m", "\x7f", "n" * 120])
def test_a_path_that_is_none_is_a_finding_and_stops_nobody(world: World, name: str) -> None:
    dee = world.client("dee")
    dee.commit("draft", {f"notes/{name}.md": b"---\n---\nx"})
    saved(world)
    assert read(world, "list")[0] == OK
    code, said = read(world, "verify --cold")
    assert code == FINDINGS
    assert ": path: " in said
    assert "\x1b[31m" not in said


def test_a_folder_to_look_at_a_commit_is_a_remark(world: World) -> None:
    """As the page on hooks recommends; inside the chart, or with a branch, it stays a finding."""
    saved(world)
    look = world.folder.parent / "look"
    subprocess.run(["git", "worktree", "add", "-q", "--detach", look, "practice"], cwd=world.chart, check=True)
    code, said = read(world, "verify --cold")
    assert code == OK
    assert f"remark: {look}: look: " in said
    for words in EVERYBODY:
        assert read(world, words)[0] == OK
    subprocess.run(["git", "worktree", "move", look, world.chart / "look"], cwd=world.chart, check=True)
    assert read(world, "verify --cold")[0] == FINDINGS
