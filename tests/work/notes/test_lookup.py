from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests import vaults
from tests.vaults import NOTE, World
from vaultcli.ground.errors import NotFound
from vaultcli.record.view.entry import DRAFT, UNRECORDED
from vaultcli.work.notes import lookup

NOW = datetime.fromisoformat("2026-11-22T17:00:00-05:00")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return vaults.make(tmp_path / "practice", clients=("ada", "bo", "adam-b"))


def at(day: str, time: str) -> bytes:
    return NOTE.replace(b"2026-11-20", day.encode()).replace(b"09:00-09:53", time.encode())


def resolve(world: World, word: str) -> str:
    with world.chart() as chart:
        return lookup.resolve(chart, word, NOW).id


def test_a_client_means_the_newest_draft_and_steps_back_from_there(world: World) -> None:
    first = world.write("ada", at("2026-11-20", "09:00-09:53"), day="2026-11-20")
    later = world.write("ada", at("2026-11-22", "10:00-10:53"), day="2026-11-22")
    between = world.write("ada", at("2026-11-21", "09:00-09:53"), day="2026-11-21")
    assert resolve(world, "ada") == later.stem[-16:]
    assert resolve(world, "ada~0") == later.stem[-16:]
    assert resolve(world, "ada~1") == between.stem[-16:]
    assert resolve(world, "ada~2") == first.stem[-16:]
    with pytest.raises(NotFound, match="so far back"):
        resolve(world, "ada~3")


def test_a_day_a_time_today_or_both(world: World) -> None:
    old = world.write("ada", at("2026-11-20", "09:00-09:53"), day="2026-11-20")
    new = world.write("ada", at("2026-11-22", "09:00-09:53"), day="2026-11-22")
    assert resolve(world, "ada@2026-11-20") == old.stem[-16:]
    assert resolve(world, "ada@09:00") == new.stem[-16:]
    assert resolve(world, "ada@2026-11-20T09:00") == old.stem[-16:]
    with pytest.raises(NotFound, match="no note fits"):
        resolve(world, "ada@10:00")
    with pytest.raises(NotFound, match="neither a date nor a time"):
        resolve(world, "ada@1-2-3")


def test_two_notes_on_a_day_are_listed(world: World) -> None:
    one = world.write("ada", at("2026-11-22", "09:00-09:53"), day="2026-11-22")
    two = world.write("ada", at("2026-11-22", "13:00-13:53"), day="2026-11-22")
    with pytest.raises(NotFound) as error:
        resolve(world, "ada@2026-11-22")
    assert one.stem[-16:] in error.value.message
    assert two.stem[-16:] in error.value.message
    assert "13:00-13:53  progress  draft" in error.value.message


def test_a_path_from_anywhere(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    note = world.write("ada", NOTE)
    assert resolve(world, str(note)) == note.stem[-16:]
    assert resolve(world, f"{note}.sig") == note.stem[-16:]
    monkeypatch.chdir(note.parent)
    assert resolve(world, note.name) == note.stem[-16:]
    with pytest.raises(NotFound):
        resolve(world, note.name.replace(note.stem[-16:], "0" * 16))


def test_a_part_of_an_id_of_four_characters_at_least(world: World) -> None:
    note = world.write("bo", NOTE)
    id_ = note.stem[-16:]
    assert resolve(world, id_) == id_
    assert resolve(world, id_[5:13]) == id_
    with pytest.raises(NotFound, match="no client"):
        resolve(world, id_[:3])


def test_a_handle_wins_over_an_id(world: World) -> None:
    world.write("bo", NOTE)
    mine = world.write("ada", NOTE)
    assert resolve(world, "ada") == mine.stem[-16:]


def test_a_name_in_part_must_fit_one_client(world: World) -> None:
    note = world.write("bo", NOTE)
    assert resolve(world, "Bo Ex") == note.stem[-16:]
    with pytest.raises(NotFound, match="3 clients fit"):
        resolve(world, "example")


def test_a_client_without_notes_is_said(world: World) -> None:
    with pytest.raises(NotFound, match="has no notes"):
        resolve(world, "ada")


def test_entries_show_drafts_as_they_are_on_disk(world: World) -> None:
    recorded = world.write("ada", NOTE)
    new = world.write("ada", NOTE, day="2026-11-21", record=False)
    recorded.write_bytes(recorded.read_bytes() + b"More.\n")
    (recorded.parent / "foo.md").write_text("none of ours")
    with world.chart() as chart:
        one, two = lookup.entries_of(chart, chart.client("ada"))
    assert (one.state, one.edited, one.raw[-6:]) == (DRAFT, True, b"More.\n")
    assert (two.state, two.raw) == (UNRECORDED, new.read_bytes())


def test_a_draft_that_is_missing_is_read_from_the_record(world: World) -> None:
    note = world.write("ada", NOTE)
    raw = note.read_bytes()
    note.unlink()
    with world.chart() as chart:
        (entry,) = lookup.entries_of(chart, chart.client("ada"))
    assert entry.raw == raw


def test_the_quick_fields_are_those_that_the_front_matter_has(world: World) -> None:
    raw = b"---\ndate: '2026-11-19'  # moved\ntime: 08:00-08:50\nformat: soap\nid: {id}\n---\ntime: 23:00-23:50\n"
    world.write("ada", raw)
    world.write("ada", b"no front matter\ndate: 2020-01-01\n", day="2026-11-21")
    with world.chart() as chart:
        one, two = (lookup.fields_of(entry) for entry in lookup.in_order(lookup.entries_of(chart, chart.client("ada"))))
    assert (one.date, one.time, one.format, one.type) == ("2026-11-19", "08:00-08:50", "soap", "progress")
    assert (two.date, two.time) == ("2026-11-21", "")


def test_a_handle_is_found_without_the_whole_register(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with world.chart() as chart:
        monkeypatch.setattr(type(chart), "clients", lambda _: pytest.fail("the whole register was read"))
        assert lookup.client_of(chart, "bo").handle == "bo"
        assert lookup.client_of(chart, world.clients["bo"]).handle == "bo"


def test_an_edited_handle_counts_only_once_it_is_recorded(world: World) -> None:
    page = world.folder("bo") / "client.md"
    page.write_text(page.read_text().replace("handle: bo", "handle: zed"))
    with world.chart() as chart:
        assert lookup.client_of(chart, "bo").id == world.clients["bo"]
        with pytest.raises(NotFound):
            lookup.client_of(chart, "zed")
