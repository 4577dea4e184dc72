"""A vault whose folder somebody could write to: nothing planted in it is believed, and nothing unverified leaves it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests import shelf, vaults
from tests.helpers import Result, run_here
from tests.vaults import LEE, NOTE, SAM, World
from vaultcli.ground import files


@shelf.made_once
def world(tmp_path: Path) -> World:
    made = vaults.make(tmp_path / "vault", people=(LEE, SAM), clients=("ada",))
    made.write("ada", NOTE)
    return made


def run(world: World, *words: str) -> Result:
    return run_here(["--vault", str(world.vault.root), *words])


def forge(world: World) -> None:
    """A commit past the hooks, without a signature."""
    note = world.notes("ada")[-1]
    note.write_bytes(note.read_bytes() + b"\nSomebody else wrote this.\n")
    who = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in (("NAME", "L"), ("EMAIL", "l"))}
    command = ["git", "-c", "core.hooksPath=/dev/null", "-C", str(world.folder("ada")), "commit", "-qam", "x"]
    subprocess.run(command, check=True, env=os.environ | who)


def test_a_line_that_does_not_verify_is_no_bundle(world: World, tmp_path: Path) -> None:
    forge(world)
    said = run(world, "export", "ada", "--bundle", str(tmp_path / "ada.bundle"))
    assert said.code == 10
    assert "commit-signature" in said.err
    assert not (tmp_path / "ada.bundle").exists()


def test_a_good_line_is_a_bundle(world: World, tmp_path: Path) -> None:
    assert run(world, "export", "ada", "--bundle", str(tmp_path / "ada.bundle")).code == 0
    assert (tmp_path / "ada.bundle").exists()


def test_the_id_of_a_copy_leads_to_no_file_elsewhere(world: World) -> None:
    config = world.vault.chart / ".git" / "config"
    config.write_text(config.read_text().replace("clone = ", "clone = ../../../planted"))
    said = run(world, "list", "ada")
    assert said.code == 8
    assert "is no id of ours" in said.err
    assert not list(Path(os.environ["HOME"]).rglob("planted*"))


def test_what_status_remembers_is_not_beside_the_chart(world: World) -> None:
    """Whoever hands over a folder must not be able to say in it what is open and what waits."""
    assert "1 draft" in run(world, "status").out
    state = Path(os.environ["XDG_STATE_HOME"]) / "vaultcli" / "glance"
    (kept,) = state.glob("*.json")
    value = json.loads(files.read(kept))
    for row in value["value"].values():
        row["open"] = []
    planted = world.vault.chart / ".git" / "vaultcli" / "glance.json"
    planted.write_text(json.dumps(value))
    shutil.rmtree(state)
    assert "1 draft" in run(world, "status").out
    assert kept.stat().st_mode & 0o077 == 0


def test_what_git_writes_is_the_owners_alone_wherever_the_folder_is_moved(world: World) -> None:
    """The chart's folder is 0700, but a copy of it may not be: an object holds a note's words."""
    world.vault.chart.chmod(0o755)
    world.write("ada", NOTE)
    objects = world.vault.chart / ".git" / "objects"
    open_to_others = [path for path in objects.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert open_to_others == []
