"""Once a note is recorded, nothing says that it still has to be saved, and giving the command again makes no second one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import shelf, vaults
from tests.helpers import run_here
from tests.vaults import World
from vaultcli.ground.errors import DiskTrouble
from vaultcli.places.machine import pins

NEW = ("new", "ada", "09:00-09:53", "--place", "office", "-m", "She came on time.", "--sign")


@shelf.made_once
def world(tmp_path: Path) -> World:
    made = vaults.make(tmp_path / "vault", clients=("ada", "bo"))
    made.write("ada", vaults.NOTE)
    return made


def _notes(world: World) -> int:
    with world.chart() as chart:
        return sum(path.startswith("notes/") and path.endswith(".md") for path in chart.line(world.clients["ada"]).files)


@pytest.mark.parametrize("what", ["pins", "index"])
def test_what_could_not_be_written_is_named_and_the_note_is_not_made_twice(world, what, monkeypatch):
    before = _notes(world)
    lock = world.vault.chart / ".git" / "worktrees" / f"client-{world.clients['ada']}" / "index.lock"
    with monkeypatch.context() as patch:
        if what == "index":
            lock.touch()
            os.utime(lock, (1, 1))
        else:
            patch.setattr(pins, "advance", _unwritable)
        done = run_here(["--vault", str(world.vault.root), *NEW])
    assert done.code == 14
    assert "recorded" in done.err
    assert "save" not in done.err
    assert _notes(world) == before + 1
    lock.unlink(missing_ok=True)
    again = run_here(["--vault", str(world.vault.root), *NEW])
    assert (again.code, again.out.split()[:2]) == (0, ["recorded", "already"])
    assert _notes(world) == before + 1
    assert run_here(["--vault", str(world.vault.root), "verify"]).code == 0
    assert run_here(["--vault", str(world.vault.root), *NEW]).code == 0
    assert _notes(world) == before + 2, "the same text another time is another note"


def _unwritable(*_: object, **__: object) -> None:
    raise DiskTrouble("cannot write it: the disk is read-only")


def test_a_closed_pipe_is_no_reason_to_save_again(world):
    before = _notes(world)
    command = [sys.executable, "-m", "vaultcli", "--vault", str(world.vault.root), *NEW]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        # the text's length; the signature takes longer than closing does
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read().decode()
    assert process.returncode == 141
    assert "save" not in said
    assert "only the answer could not be given" in said
    again = run_here(["--vault", str(world.vault.root), *NEW])
    assert again.out.startswith("recorded already")
    assert _notes(world) == before + 1


def test_a_program_of_ours_that_dies_is_no_reader_that_went_away(world, monkeypatch):
    from vaultcli.ground.git.catfile import Reader

    def broken(*_: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(Reader, "_ask", broken)
    done = run_here(["--vault", str(world.vault.root), "list", "ada"])
    assert done.code == 8
    assert "ended before its time" in done.err
