"""A text from elsewhere as a new note."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import vaults
from tests.vaults import World
from vaultcli.ground import frontmatter
from vaultcli.work.notes.compose import Composed, Wanted, compose

TODAY = "2026-11-22"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return vaults.make(tmp_path / "practice")


def composed(world: World, wanted: Wanted) -> tuple[Composed, frontmatter.FrontMatter]:
    with world.chart() as chart:
        made = compose(chart, chart.client("ada"), wanted)
    return made, frontmatter.parse(made.raw)


@pytest.mark.parametrize("text", [b"One line", b"a\r\nb\r\n", b"caf\xc3\xa9\n\n\n", b"--- a rule\n", b"---\nnot closed\n", b""])
def test_a_pasted_text_keeps_its_bytes(world: World, text: bytes) -> None:
    made, front = composed(world, Wanted(TODAY, "14:00-14:53", text=text))
    raw = made.raw
    assert raw.endswith(text)
    assert raw[: len(raw) - len(text)].rstrip().endswith(b"---")
    assert front["id"] == made.id
    assert (b"\r\n---\r\n" in raw) == (b"\r" in text)


def test_a_byte_order_mark_goes_and_is_said(world: World) -> None:
    made, _ = composed(world, Wanted(TODAY, text=b"\xef\xbb\xbfText\n"))
    assert made.raw.endswith(b"---\n\nText\n")
    assert made.told == ("a byte order mark was taken off",)


def test_front_matter_of_its_own_is_kept_and_completed(world: World) -> None:
    text = b"---\r\nmood: 7 # of 10\r\ndate: 2026-11-19\r\nid: theirs\r\n---\r\nCame late.\r\n"
    made, front = composed(world, Wanted(TODAY, "14:00-14:53", text=text))
    assert (front["mood"], front["date"], front["time"], front["id"]) == ("7", "2026-11-19", "14:00-14:53", made.id)
    raw = made.raw
    assert b"mood: 7 # of 10\r\n" in raw
    assert raw.endswith(b"---\r\nCame late.\r\n")
    assert len(made.told) == 2
