"""A text from elsewhere as a new note."""

from __future__ import annotations

from dataclasses import replace
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


@pytest.mark.parametrize("text", [b"One line", b"a\r\nb\r\n", b"caf\xc3\xa9\n\n\n", b"--- a rule\n", b"\n***\nA rule\n", b""])
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
    made, front = composed(world, Wanted(TODAY, "14:00-14:53", dated=False, text=text))
    assert (front["mood"], front["date"], front["time"], front["id"]) == ("7", "2026-11-19", "14:00-14:53", made.id)
    raw = made.raw
    assert b"mood: 7 # of 10\r\n" in raw
    assert raw.endswith(b"---\r\nCame late.\r\n")
    assert len(made.told) == 2


OWN = b"---\ndate: 2026-11-19\ntime: 08:00-08:50\ntype: intake\n---\nCame late.\n"


def test_a_day_that_nobody_typed_gives_way_to_the_texts_own(world: World) -> None:
    made, front = composed(world, Wanted(TODAY, dated=False, text=OWN))
    assert (front["date"], front["time"], front["type"]) == ("2026-11-19", "08:00-08:50", "intake")
    assert (made.date, made.type) == ("2026-11-19", "intake")
    assert made.told == ("its own front matter was kept; lines that it lacks were added",)


def test_what_was_typed_wins_and_both_values_are_told(world: World) -> None:
    made, front = composed(world, Wanted(TODAY, "14:00-14:53", "crisis", place="field", text=OWN))
    assert (front["date"], front["time"], front["type"], front["place"]) == (TODAY, "14:00-14:53", "crisis", "field")
    assert made.raw.endswith(b"---\nCame late.\n")
    assert (made.date, made.type) == (TODAY, "crisis")
    assert set(made.told[1:]) == {
        f"date is {TODAY}, as you typed it; the text said 2026-11-19 (line 2)",
        "time is 14:00-14:53, as you typed it; the text said 08:00-08:50 (line 3)",
        "type is crisis, as you typed it; the text said intake (line 4)",
    }


def test_a_text_does_not_take_protection_away(world: World) -> None:
    text = b"---\npart2: false\ngoals: [g2]\n---\nCame late.\n"
    with world.chart() as chart:
        ada = chart.client("ada")
        made = compose(chart, replace(ada, fields={**ada.fields, "part2": "true"}), Wanted(TODAY, text=text, goals=("g1",)))
    front = frontmatter.parse(made.raw)
    assert (front["part2"], front["goals"]) == ("true", ["g1"])
    assert "part2 is true, as the register has it; the text said false (line 2)" in made.told
    assert "goals is g1, as you typed it; the text said g2 (line 3)" in made.told


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"---\nnot closed\n", 1),
        (b"---\ndate: 2024-02-08\n...\nSlept.\n", 1),
        (b"---\ndate: 2024-02-08\n: a: b\n---\nSlept.\n", 3),
        (b"---\ndate: 2024-02-08\ndate: 2024-02-09\n---\nSlept.\n", 3),
        (b"---\n{date: 2024-02-08}\n---\nSlept.\n", 2),
        (b"\n---\ndate: 2024-02-08\n---\nSlept.\n", 2),
        (b"+++\ndate = 2024-02-08\n+++\nSlept.\n", 1),
        (b"---\nmood: 7\nDate: 2024-02-08\n---\nSlept.\n", 3),
    ],
)
def test_front_matter_that_cannot_be_read_is_told_with_its_line(world: World, text: bytes, line: int) -> None:
    made, front = composed(world, Wanted(TODAY, text=text, called="old.md"))
    assert made.doubt.startswith(f"old.md:{line}: ")
    assert made.told == (f"{made.doubt}; it stands in the note as text",)
    assert made.raw.endswith(b"\n" + text)
    assert front["date"] == TODAY


@pytest.mark.parametrize("text", [b"\nSlept.\n---\ndate: kept\n---\n", b"\n---\n\nSlept well.\n\n---\n", b"Date: 3 May\n"])
def test_what_is_no_front_matter_is_in_no_doubt(world: World, text: bytes) -> None:
    made, _ = composed(world, Wanted(TODAY, text=text))
    assert not made.doubt
