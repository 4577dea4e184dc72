"""The recorded texts of a note, numbered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import vaults
from tests.vaults import NOTE, World
from vaultcli.work.notes import draft, lookup
from vaultcli.work.notes.versions import texts


@pytest.fixture
def world(tmp_path: Path) -> World:
    return vaults.make(tmp_path / "practice")


def test_every_recorded_text_is_numbered(world: World) -> None:
    note = world.write("ada", NOTE)
    with world.chart() as chart:
        entry = lookup.resolve(chart, "ada", world.now)
        first = entry.raw
        note.write_bytes(first + b"x\n")
        draft.record(chart, {entry.path: first + b"x\n"}, entry.client, world.tick())
        found = texts(chart, lookup.resolve(chart, "ada", world.now))
    assert [(one.number, one.raw) for one in found] == [(1, first), (2, first + b"x\n")]
