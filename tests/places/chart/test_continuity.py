"""Nothing is built on a line that this machine does not know: what came past the hooks is judged before the next note."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests import isolation, shelf, vaults
from tests.helpers import run_here
from tests.vaults import NOTE, World
from vaultcli.ground.errors import NotVerified
from vaultcli.places.chart.chart import Chart, Recording
from vaultcli.places.machine import pins
from vaultcli.places.remote import hooks

_LEE = {"NAME": "Lee Example", "EMAIL": "lee-example"}


@shelf.made_once
def world(tmp_path: Path) -> World:
    made = vaults.make(tmp_path / "vault", clients=("ada", "bo"))
    for _ in range(2):
        made.write("ada", NOTE)
    return made


def git(world: World, *words: str, folder: Path | None = None) -> str:
    """Plain git at the world's time, with the hooks switched off."""
    env = os.environ | {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in _LEE.items()}
    env |= isolation.at(world.now)
    command = ["git", "-c", "core.hooksPath=/dev/null", "-C", str(folder or world.vault.chart), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout.strip()


def line(world: World) -> str:
    return f"client/{world.clients['ada']}"


def pinned(world: World) -> str:
    with world.chart() as chart:
        found = pins.load(chart.policies.genesis, chart.repository.clone_id)
        assert found is not None
        return found.heads[line(world)]


def forge(world: World, message: str = "draft") -> str:
    """An unsigned commit over Ada's newest draft."""
    note = world.notes("ada")[-1]
    note.write_bytes(note.read_bytes() + b"\nSomebody else wrote this.\n")
    git(world, "commit", "-qam", message, folder=world.folder("ada"))
    return git(world, "rev-parse", line(world))


def test_a_line_moved_back_is_not_built_on_and_stays_a_finding(world: World) -> None:
    newest = pinned(world)
    git(world, "update-ref", f"refs/heads/{line(world)}", f"{newest}~1")
    with pytest.raises(NotVerified, match="newest commit that this machine has seen") as caught:
        world.write("ada", NOTE)
    assert f"update-ref refs/heads/{line(world)} {newest}" in caught.value.hint
    assert pinned(world) == newest
    said = run_here(["--vault", str(world.vault.root), "verify"])
    assert said.code == 1
    assert "rollback" in said.out
    world.write("bo", NOTE)
    way_back(world, caught.value.hint)
    world.write("ada", NOTE)


def way_back(world: World, hint: str) -> None:
    """Run the command that a refusal prints, with the hooks in place."""
    hooks.install(world.vault.chart / ".git", hooks.CHART)
    subprocess.run(["sh", "-c", hint.partition("`")[2].rstrip("`")], check=True, env=os.environ)


def test_a_line_written_anew_is_not_built_on(world: World) -> None:
    newest = pinned(world)
    git(world, "update-ref", f"refs/heads/{line(world)}", f"{newest}~1")
    forge(world)
    with pytest.raises(NotVerified) as caught:
        world.write("ada", NOTE)
    assert pinned(world) == newest
    way_back(world, caught.value.hint)
    world.write("ada", NOTE)


def test_a_forged_commit_is_not_built_on(world: World) -> None:
    newest, forged = pinned(world), forge(world)
    with pytest.raises(NotVerified, match="commit-signature"):
        world.write("ada", NOTE)
    assert git(world, "rev-parse", line(world)) == forged
    assert pinned(world) == newest


def test_a_forged_policy_is_not_built_on(world: World) -> None:
    (world.vault.chart / "practice.toml").write_text("vaultcli = 1\n")
    git(world, "commit", "-qam", "policy")
    with world.chart() as chart, pytest.raises(NotVerified):
        chart.record(world.clients["ada"], Recording("draft", ("0" * 16,), {}), world.tick())


def test_a_line_that_is_gone_is_not_begun_again(world: World) -> None:
    git(world, "worktree", "remove", "--force", str(world.folder("ada")))
    git(world, "update-ref", "-d", f"refs/heads/{line(world)}")
    id_ = world.clients["ada"]
    with pytest.raises(NotVerified, match="it is gone"), world.chart() as chart:
        chart.record(id_, Recording("open", (id_,), {}), world.tick())


def test_a_good_commit_by_another_way_is_built_on_and_pinned(world: World) -> None:
    """As after a kill between the commit and the pin, or a commit by plain git that the hook let through."""
    with world.chart() as chart:
        genesis, clone = chart.policies.genesis, chart.repository.clone_id
        old = git(world, "rev-parse", f"{line(world)}~1")
        pins.advance(genesis, clone, {line(world): old})
    world.write("ada", NOTE)
    assert pinned(world) == git(world, "rev-parse", line(world))


def test_an_exception_lets_a_line_go_on(world: World) -> None:
    newest, forged = pinned(world), forge(world, f"draft {world.notes('ada')[-1].stem[-16:]}")
    vault = ("--vault", str(world.vault.root))
    found = run_here([*vault, "verify"]).out
    for rule in [rule for rule in ("commit-signature", "message") if f" {rule}:" in found]:
        said = run_here(
            [*vault, "exception", "add", "ada", "--commit", forged, "--finding", rule, "--reason", "a script of ours", "--yes"]
        )
        assert said.code == 0, said
        assert pinned(world) == newest, "a pin never moves over what does not verify"
    world.write("ada", NOTE)
    assert pinned(world) == git(world, "rev-parse", line(world))
    assert run_here([*vault, "verify"]).code == 12


def test_a_chart_put_in_the_place_of_ours_is_not_built_on(world: World, tmp_path: Path) -> None:
    other = vaults.make(tmp_path / "other", clients=("ada",))
    clone = git(world, "config", "vaultcli.clone")
    git(other, "config", "vaultcli.clone", clone)
    with pytest.raises(NotVerified, match="begins with another"):
        other.write("ada", NOTE)


def test_a_copy_without_pins_records_and_stays_unpinned(world: World) -> None:
    with world.chart() as chart:
        where = pins.path(chart.policies.genesis, chart.repository.clone_id)
    where.unlink()
    world.write("ada", NOTE)
    assert not where.exists()
    assert run_here(["--vault", str(world.vault.root), "verify"]).code == 11


def test_save_tells_and_keeps_what_was_typed(world: World) -> None:
    forge(world)
    note = world.write("ada", NOTE, record=False)
    other = world.write("bo", NOTE, record=False)
    said = run_here(["--vault", str(world.vault.root), "save"])
    assert said.code == 1
    assert "commit-signature" in said.err
    assert note.read_bytes().startswith(b"---")
    assert f"saved bo notes/{other.name}" in said.out
    with Chart(world.vault) as chart:
        assert chart.recorded(world.clients["ada"], f"notes/{note.name}") is None
