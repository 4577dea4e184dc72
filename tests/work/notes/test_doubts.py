"""What is asked about a draft beside other notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import vaults
from tests.vaults import NOTE, World
from vaultcli.work.notes import doubts, draft, lookup


@pytest.fixture
def world(tmp_path: Path) -> World:
    return vaults.make(tmp_path / "practice")


def asked(world: World, raw: bytes) -> list[tuple[str, str]]:
    note = world.write("ada", raw)
    with world.chart() as chart:
        client = chart.register(world.clients["ada"])
        entry = next(one for one in lookup.entries_of(chart, client) if one.path.endswith(note.name))
        return [(one.field, one.message) for one in doubts.of(chart, draft.reopen(chart, entry), note.read_bytes())]


def test_a_session_that_overlaps_is_asked_about(world: World) -> None:
    assert asked(world, NOTE) == []
    ((field, said),) = asked(world, NOTE.replace(b"09:00-09:53", b"09:52-10:40"))
    assert field == "time"
    assert said.startswith("overlaps 09:00-09:53 (draft, ")
    assert said.endswith("is it the same session?")


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"09:00-09:53", b"09:53-10:40"), (b"2026-11-20", b"2026-11-21"), (b"format: dap", b"type: contact")],
)
def test_what_follows_or_is_no_session_is_not(world: World, old: bytes, new: bytes) -> None:
    world.write("ada", NOTE)
    world.write("bo", NOTE)
    assert asked(world, NOTE.replace(old, new)) == []
