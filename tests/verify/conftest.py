"""A practice and a client for the tests of verification."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.world import ClientLine, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A practice of one, nothing recorded."""
    return World(tmp_path)


@pytest.fixture
def ada(world: World) -> ClientLine:
    """A client with two signed notes, an addendum and a draft, saved and pinned."""
    line = world.client("ada")
    line.sign(line.draft())
    second, raw = line.note("The second.")
    line.sign(second, raw=raw)
    line.addendum(second, "More of it.")
    line.draft("Still at it.")
    world.save()
    return line
