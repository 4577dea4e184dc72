"""What a complete, well-signed other history cannot pass: this machine's pins."""

from __future__ import annotations

from pathlib import Path

from tests.world import NOW, ClientLine, World
from vaultcli.places.machine import pins


def test_without_a_pin_nothing_is_trusted(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.client("ada")
    world.save(pin=False)
    assert world.verify().exit_code == 11
    assert world.verify().exit_code == 11, "a verdict must not pin by itself"


def test_a_rollback(world: World, ada: ClientLine) -> None:
    old = ada.commits[-2]
    world.git("update-ref", f"refs/heads/{ada.branch}", old)
    assert "rollback" in world.rules()


def test_a_rewritten_line(world: World, ada: ClientLine) -> None:
    path = next(path for path in reversed(ada.texts) if path.endswith(".md"))
    line = world.branches[ada.branch]
    line.commits.pop()
    line.files.pop(path)
    ada.draft("Something else at the end.")
    world.save(pin=False)
    assert "rewritten" in world.rules()


def test_a_line_that_is_gone(world: World, ada: ClientLine) -> None:
    world.git("update-ref", "-d", f"refs/heads/{ada.branch}")
    assert "vanished-line" in world.rules()


def test_another_vault_in_its_place(world: World, ada: ClientLine, tmp_path: Path) -> None:
    with world.repository as repository:
        clone = repository.clone_id
    (tmp_path / "other").mkdir()
    other = World(tmp_path / "other")
    other.clock = NOW.replace(day=3)
    other.branches.clear()
    other.genesis = other._genesis()
    other.client("eve")
    other.save(pin=False)
    other.git("config", "vaultcli.clone", clone)
    verdict = other.verify()
    assert "genesis" in {one.rule for one in verdict.findings}
    assert verdict.exit_code == 1


def test_pins_move_forward_only_over_what_is_clean(world: World, ada: ClientLine) -> None:
    ada.draft("Next.")
    world.save(pin=False)
    with world.repository as repository:
        clone = repository.clone_id
    known = pins.load(world.genesis, clone)
    assert known is not None
    ada.draft("Unsigned commit.", unsigned=True)
    world.save(pin=False)
    assert world.rules() == ["commit-signature"]
    assert pins.load(world.genesis, clone) == known
    ada.excuse(ada.commits[-1], "commit-signature")
    world.save(pin=False)
    assert world.rules() == ["(commit-signature)"]
    moved = pins.load(world.genesis, clone)
    assert moved is not None
    assert moved.heads[ada.branch] == ada.commits[-1]


def test_damaged_pins_are_no_pins(world: World, ada: ClientLine) -> None:
    file = next(pins.folder().rglob("*.json"))
    file.write_text(file.read_text().replace('"init"', '"adopt"  '))
    assert [one.rule for one in world.verify().findings] == ["pins"]
