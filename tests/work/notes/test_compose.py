"""What a new note begins with: template, register, and what was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import vaults
from tests.vaults import World
from vaultcli.ground import frontmatter
from vaultcli.ground.errors import NotFound
from vaultcli.work.notes.compose import Composed, Wanted, compose

TODAY = "2026-11-22"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return vaults.make(tmp_path / "practice")


def composed(world: World, wanted: Wanted) -> tuple[Composed, frontmatter.FrontMatter]:
    with world.chart() as chart:
        made = compose(chart, chart.client("ada"), wanted)
    return made, frontmatter.parse(made.raw)


def test_what_was_asked_for_wins(world: World) -> None:
    _, front = composed(world, Wanted(TODAY, "14:00-14:53", format="soap", place="video", cpt="90837"))
    assert (front["format"], front["time"], front["place"], front["cpt"]) == ("soap", "14:00-14:53", "video", "90837")


def test_a_missed_session_has_no_code(world: World) -> None:
    _, front = composed(world, Wanted(TODAY, type="no-show"))
    assert front["type"] == "no-show"
    assert "cpt" not in front


def test_a_type_without_a_template_gets_a_plain_one(world: World) -> None:
    _, front = composed(world, Wanted(TODAY, type="consent"))
    assert front["type"] == "consent"


def test_an_unknown_format_names_the_known_ones(world: World) -> None:
    with pytest.raises(NotFound) as error:
        composed(world, Wanted(TODAY, format="haiku"))
    assert "soap" in error.value.hint
