"""What of a chart's git folder comes back because it is known, and where nobody chooses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import shelf, vaults
from tests.helpers import run_here
from tests.places.chart.test_continuity import git, line, pinned
from tests.vaults import NOTE, World
from vaultcli.places.machine import pins


@shelf.made_once
def world(tmp_path: Path) -> World:
    made = vaults.make(tmp_path / "vault", clients=("ada", "bo"))
    for _ in range(2):
        made.write("ada", NOTE)
    return made


def _run(world: World, *words: str) -> tuple[int, str, str]:
    done = run_here(["--vault", str(world.vault.root), *words])
    return done.code, done.out, done.err


def _state(world: World) -> dict[str, str]:
    with world.chart() as chart:
        return {"clone": chart.repository.clone_id, **chart.repository.lines()}


@pytest.mark.parametrize("how", ["empty", "missing", "zeros"])
@pytest.mark.parametrize("what", ["HEAD", "refs/heads/practice", "refs/heads/{ada}", "config"])
@pytest.mark.parametrize("command", ["status", "verify"])
def test_what_a_power_cut_leaves_is_mended_and_told(world, what, how, command):
    before = _state(world)
    file = world.vault.chart / ".git" / what.format(ada=line(world))
    _damage(file, how)
    code, _, err = _run(world, command)
    assert code == 0, err
    assert "mended" in err
    assert _state(world) == before
    assert "mended" not in _run(world, "status")[2]
    assert git(world, "fsck", "--full") == ""


def _damage(file: Path, how: str) -> None:
    match how:
        case "missing":
            file.unlink()
        case _:
            file.write_bytes(b"\0" * 40 if how == "zeros" else b"")


def test_a_head_that_somebody_set_stays(world):
    (world.vault.chart / ".git" / "HEAD").write_text("ref: refs/heads/elsewhere\n")
    _run(world, "status")
    assert (world.vault.chart / ".git" / "HEAD").read_text() == "ref: refs/heads/elsewhere\n"


def test_a_pin_that_is_one_behind_does_not_lead_the_line_back(world):
    older = pinned(world)
    world.write("ada", NOTE)
    newer = pinned(world)
    _pin(world, line(world), older)
    _damage(world.vault.chart / ".git" / "refs" / "heads" / line(world), "empty")
    assert _run(world, "status")[0] == 0
    assert _state(world)[line(world)] == newer


def test_nobody_chooses_between_two_that_disagree(world):
    ref = world.vault.chart / ".git" / "refs" / "heads" / line(world)
    tree = git(world, "rev-parse", f"{line(world)}^{{tree}}")
    other = git(world, "commit-tree", "-m", "other", tree)
    git(world, "update-ref", f"refs/remotes/usb/{line(world)}", other)
    _damage(ref, "empty")
    code, _, err = _run(world, "status")
    assert "the pin says" in err
    assert "the remote usb says" in err
    assert ref.read_text() == ""
    assert code in (0, 1)


def test_practice_is_not_led_behind_a_policy_that_a_line_names(world):
    """Pin, mark and reflog may all be one behind, and that one may be before a revocation."""
    directory = world.vault.chart / ".git"
    _damage(directory / "refs/heads/practice", "missing")
    (directory / "vaultcli/heads/practice").unlink()
    (directory / "logs/refs/heads/practice").unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        from vaultcli.places.chart import mend

        patch.setattr(mend, "_policies", lambda _: {"commit 123": "ab" * 32})
        code, _, err = _run(world, "status")
    assert code == 8
    assert "which is not here" in err
    assert _run(world, "status")[0] == 0


def test_what_does_not_verify_is_not_put_back(world):
    (tree, parent) = (git(world, "rev-parse", f"{line(world)}^{{tree}}"), pinned(world))
    forged = git(world, "commit-tree", "-p", parent, "-m", "draft", tree)
    ref = world.vault.chart / ".git" / "refs" / "heads" / line(world)
    git(world, "update-ref", f"refs/remotes/usb/{line(world)}", forged)
    _damage(ref, "empty")
    _, _, err = _run(world, "status")
    assert "does not verify" in err
    assert ref.read_text() == ""


def test_a_configuration_is_not_guessed_where_two_copies_fit(world):
    with world.chart() as chart:
        mine = pins.find(chart.repository.clone_id)[0]
    other = "a" * 16
    shutil.copy(pins.path(mine.genesis, mine.clone), pins.path(mine.genesis, other))
    file = pins.path(mine.genesis, other)
    file.write_text(file.read_text().replace(mine.clone, other))
    _damage(world.vault.chart / ".git" / "config", "empty")
    code, _, err = _run(world, "status")
    assert code == 8
    assert "2 pins of this machine fit" in err


def test_without_a_pin_nothing_is_put_back(world):
    with world.chart() as chart:
        mine = pins.find(chart.repository.clone_id)[0]
    pins.path(mine.genesis, mine.clone).unlink()
    _damage(world.vault.chart / ".git" / "refs" / "heads" / "practice", "missing")
    code, _, err = _run(world, "status")
    assert code == 8
    assert "no pin" in err


def _pin(world: World, branch: str, oid: str) -> None:
    with world.chart() as chart:
        mine = pins.find(chart.repository.clone_id)[0]
    pins.path(mine.genesis, mine.clone).write_text(mine.moved({branch: oid}).text())
