"""A release as whoever received it verifies it; one client; one note."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.world import NOW, ClientLine, World
from vaultcli.ground.errors import BadInput, NotFound
from vaultcli.record.message import trailer
from vaultcli.verify import note, offline, vault


@pytest.fixture
def release(world: World, ada: ClientLine, tmp_path: Path) -> Path:
    """Ada's line with the practice's policy, as a bundle."""
    bundle = tmp_path / "ada.bundle"
    world.git("symbolic-ref", "HEAD", f"refs/heads/{ada.branch}")
    world.git("bundle", "create", "-q", str(bundle), "HEAD", ada.branch, "practice")
    world.git("symbolic-ref", "HEAD", "refs/heads/practice")
    return bundle


def test_a_release_verifies_against_the_genesis_that_was_named(world: World, release: Path) -> None:
    verdict = offline.verify(release, now=NOW, genesis=trailer(world.genesis))
    assert (verdict.exit_code, verdict.findings, verdict.scope) == (0, (), "release")
    assert verdict.tally.counts.signed == 2
    assert offline.verify(release, now=NOW).exit_code == 11
    assert {one.rule for one in offline.verify(release, now=NOW, genesis="sha256:" + "0" * 64).findings} == {"genesis"}


def test_a_clone_of_a_release_verifies_as_well(
    world: World, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.git("clone", "-q", "--mirror", str(release), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path)
    for source in (tmp_path / "clone", Path("clone"), Path("ada.bundle")):
        assert offline.verify(source, now=NOW, genesis=trailer(world.genesis)).exit_code == 0


def test_a_tampered_release(world: World, ada: ClientLine, tmp_path: Path, release: Path) -> None:
    raw = bytearray(release.read_bytes())
    raw[len(raw) // 2] ^= 0x10
    release.write_bytes(raw)
    assert offline.verify(release, now=NOW, genesis=trailer(world.genesis)).exit_code == 1


def test_what_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        offline.verify(tmp_path / "nothing", now=NOW)
    (tmp_path / "x").write_text("x")
    with pytest.raises(BadInput):
        offline.verify(tmp_path / "x", now=NOW)
    with pytest.raises(BadInput):
        offline.verify(tmp_path, now=NOW)


def test_one_client(world: World, ada: ClientLine) -> None:
    bo = world.client("bo")
    bo.draft("Bad.", unsigned=True)
    world.save(pin=False)
    assert vault.verify(world.chart, now=NOW, only=ada.branch).exit_code == 0
    assert vault.verify(world.chart, now=NOW, only=bo.branch).exit_code == 1
    with pytest.raises(NotFound):
        note.verify(world.chart, "client/0000000000000099", "notes/x.md", now=NOW)


def test_one_note_and_the_stock_commands_agree(world: World, ada: ClientLine) -> None:
    noted = [path for path in ada.texts if path.endswith(".md.sig") and "." not in Path(path).name[:-7]][1].removesuffix(".sig")
    said = note.verify(world.chart, ada.branch, noted, now=NOW)
    assert said.exit_code == 0
    assert [one.kind for one in said.files] == ["note", "addendum"]
    for command in said.commands:
        subprocess.run(command, shell=True, cwd=ada.folder, check=True, capture_output=True)
    (ada.folder / noted).write_text("other")
    said = note.verify(world.chart, ada.branch, noted, now=NOW)
    assert (said.exit_code, [one.rule for one in said.here]) == (10, ["overwritten"])
    other = next(path for path in ada.texts if path.endswith(".sig")).removesuffix(".sig")
    said = note.verify(world.chart, ada.branch, other, now=NOW)
    assert (said.exit_code, said.elsewhere) == (0, 1)
