"""The cache can only save time."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.world import ClientLine, World
from vaultcli.places.machine import pins


def test_a_second_look_takes_what_has_not_moved(world: World, ada: ClientLine) -> None:
    assert world.verify(cold=False).cached == 0
    assert world.verify(cold=False).cached == 1
    assert world.verify().cached == 0
    bo = world.client("bo")
    bo.draft()
    world.save()
    again = world.verify(cold=False)
    assert (again.exit_code, again.cached, again.tally.counts.notes) == (0, 1, 4)


def test_deleting_the_cache_changes_nothing_but_time(world: World, ada: ClientLine) -> None:
    first = world.verify(cold=False).as_json()
    second = world.verify(cold=False).as_json()
    shutil.rmtree(pins.folder().with_name("verified"))
    third = world.verify(cold=False).as_json()
    for one in (first, second, third):
        one.pop("objects")
        for line in one["lines"]:
            line.pop("cached")
    assert first == second == third


def test_a_new_policy_makes_every_line_be_walked(world: World, ada: ClientLine) -> None:
    world.verify(cold=False)
    world.revoke(world.lee_machine)
    world.save()
    assert {one.rule for one in world.verify(cold=False).findings} >= {"unsettled"}


def _bad_head(world: World, ada: ClientLine) -> None:
    ada.draft("Unsigned.", unsigned=True)
    world.save()


def test_a_planted_cache_cannot_vouch_for_a_moved_head(world: World, ada: ClientLine) -> None:
    world.verify(cold=False)
    _bad_head(world, ada)
    assert {one.rule for one in world.verify(cold=False).findings} == {"commit-signature"}
    file = next(pins.folder().with_name("verified").rglob("*.json"))
    planted = json.loads(file.read_text())
    planted["value"]["lines"][ada.branch]["head"] = ada.commits[-1]
    planted["value"]["lines"][ada.branch]["stamp"] = "0" * 64
    file.write_text(json.dumps(planted))
    assert {one.rule for one in world.verify(cold=False).findings} == {"commit-signature"}
    assert {one.rule for one in world.verify(cold=True).findings} == {"commit-signature"}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"value": 1}', '{"value": {"packs": 1, "lines": 1, "practice": ""}}'])
def test_a_damaged_cache_is_no_cache(world: World, ada: ClientLine, text: str) -> None:
    world.verify(cold=False)
    file = next(pins.folder().with_name("verified").rglob("*.json"))
    kept = json.loads(file.read_text())
    file.write_text(json.dumps(kept | json.loads(text)) if text.startswith('{"') else text)
    assert world.verify(cold=False).exit_code == 0


def test_a_pack_that_was_touched_is_read_again(world: World, ada: ClientLine) -> None:
    world.git("config", "--unset", "extensions.preciousObjects")
    world.git("repack", "-adq")
    world.verify(cold=False)
    pack = next((world.git_dir / "objects" / "pack").glob("*.pack"))
    pack.chmod(0o600)
    raw = bytearray(pack.read_bytes())
    raw[len(raw) // 2] ^= 0x10
    pack.write_bytes(raw)
    assert world.verify(cold=False).exit_code == 1
