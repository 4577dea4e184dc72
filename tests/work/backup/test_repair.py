"""What a disk has spoilt comes back from another copy: exactly that, and only what has the right hash."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests import shelf, vaults
from tests.helpers import run_here
from tests.places.chart.test_continuity import git, line
from tests.vaults import NOTE, World


@shelf.made_once
def world(tmp_path: Path) -> World:
    made = vaults.make(tmp_path / "vault", clients=("ada", "bo"))
    for _ in range(3):
        made.write("ada", NOTE)
    return made


def _objects(world: World) -> dict[str, str]:
    head = line(world)
    return {
        "commit": git(world, "rev-parse", f"{head}~1"),
        "tree": git(world, "rev-parse", f"{head}~1^{{tree}}"),
        "blob": git(world, "rev-parse", f"{head}:client.md"),
        "head": git(world, "rev-parse", head),
    }


def _copy(world: World, name: str = "copy") -> Path:
    target = world.vault.root.parent / name
    shutil.copytree(world.vault.chart, target)
    return target


def _spoil(world: World, oid: str, how: str) -> None:
    file = world.vault.chart / ".git" / "objects" / oid[:2] / oid[2:]
    file.chmod(0o600)
    if how == "missing":
        file.unlink()
    elif how == "empty":
        file.write_bytes(b"")
    else:
        raw = bytearray(file.read_bytes())
        raw[len(raw) // 2] ^= 1
        file.write_bytes(bytes(raw))


def _repair(world: World, *words: str) -> tuple[int, str, str]:
    done = run_here(["--vault", str(world.vault.root), "repair", *words])
    return done.code, done.out, done.err


@pytest.mark.parametrize("how", ["missing", "empty", "flipped"])
@pytest.mark.parametrize("what", ["commit", "tree", "blob", "head"])
def test_a_loose_object_comes_back(world, what, how):
    copy = _copy(world)
    before = git(world, "for-each-ref")
    _spoil(world, _objects(world)[what], how)
    assert run_here(["--vault", str(world.vault.root), "verify"]).code != 0
    code, out, err = _repair(world, "--from", str(copy))
    assert code == 0, err
    assert "brought back 1 object" in out
    assert git(world, "fsck", "--full") == ""
    assert git(world, "for-each-ref") == before
    assert run_here(["--vault", str(world.vault.root), "verify"]).code == 0
    assert "nothing is damaged" in _repair(world)[1]


def test_a_pack_is_written_anew_without_its_bad_part(world):
    with world.chart() as chart:
        assert chart.repository.tidy(many=1)
    copy = _copy(world)
    pack = next((world.vault.chart / ".git/objects/pack").glob("*.pack"))
    pack.chmod(0o600)
    raw = bytearray(pack.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    pack.write_bytes(bytes(raw))
    assert run_here(["--vault", str(world.vault.root), "verify"]).code != 0
    code, _, err = _repair(world, "--from", str(copy))
    assert code == 0, err
    assert git(world, "fsck", "--full") == ""


def test_what_no_copy_has_is_named(world):
    oid = _objects(world)["blob"]
    copy = _copy(world)
    _spoil(world, oid, "missing")
    shutil.rmtree(copy)
    shutil.copytree(world.vault.chart, copy)
    code, _, err = _repair(world)
    assert code == 1
    assert oid[:12] in err
    assert _repair(world, "--from", str(copy))[0] == 8


def test_other_bytes_of_that_name_are_not_taken(world):
    """A copy that holds another text under the object's name gives nothing."""
    oid = _objects(world)["blob"]
    other = git(world, "rev-parse", "practice:practice.toml")
    copy = _copy(world)
    place = copy / ".git" / "objects"
    file = place / oid[:2] / oid[2:]
    file.chmod(0o600)
    shutil.copy(place / other[:2] / other[2:], file)
    _spoil(world, oid, "missing")
    assert _repair(world, "--from", str(copy))[0] != 0
    assert not (world.vault.chart / ".git" / "objects" / oid[:2] / oid[2:]).exists()


def test_nothing_comes_along_that_no_line_leads_to(world):
    copy = _copy(world)
    git(world, "-C", str(copy), "update-ref", "refs/heads/old", git(world, "rev-parse", f"{line(world)}~1"))
    stray = git(world, "-C", str(copy), "commit-tree", "-m", "stray", git(world, "rev-parse", f"{line(world)}^{{tree}}"))
    git(world, "-C", str(copy), "update-ref", "refs/heads/stray", stray)
    _spoil(world, _objects(world)["blob"], "missing")
    assert _repair(world, "--from", str(copy))[0] == 0
    with world.chart() as chart:
        assert chart.repository.objects.find(stray) is None
