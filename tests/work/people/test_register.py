"""The register and the card."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests import vaults
from tests.work import lines
from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Conflict, Refused
from vaultcli.record.notes import client
from vaultcli.work.overview import card
from vaultcli.work.people import register


@pytest.fixture
def world(tmp_path) -> vaults.World:
    return vaults.make(tmp_path / "v")


def test_a_client_is_opened_with_a_line_of_its_own(world):
    with world.chart() as chart:
        made = register.add(chart, {"name": "Eve Example", "handle": "eve", "diagnoses": ["F33.1", "F41.1"]}, world.tick())
        line = chart.line(made.id)
        assert sorted(line.files) == [".gitattributes", "client.md"]
        assert chart.client("eve").items("diagnoses") == ["F33.1", "F41.1"]
        assert (chart.folder(made.id) / "client.md").is_file()


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"name": "X", "handle": "ada"}, Conflict),
        ({"name": "X", "handle": "A B"}, BadInput),
        ({"name": "", "handle": "x"}, BadInput),
        ({"name": "X", "handle": "x", "kind": "crowd"}, BadInput),
        ({"name": "X", "handle": "x", "born": "May"}, BadInput),
        ({"name": "X", "handle": "x", "cpt": "abc"}, BadInput),
        ({"name": "X", "handle": "x", "diagnoses": ["??"]}, BadInput),
    ],
)
def test_a_wrong_entry_opens_nothing(world, values, error):
    with world.chart() as chart:
        before = chart.repository.lines()
        with pytest.raises(error):
            register.add(chart, values, world.tick())
        assert chart.repository.lines() == before


def test_a_change_touches_its_line_and_no_other_byte(world):
    with world.chart() as chart:
        ada = chart.client("ada")
        before = chart.recorded(ada.id, client.PATH)
        register.change(chart, ada, {"phone": "0012345"}, world.tick())
        after = chart.recorded(ada.id, client.PATH)
        assert before is not None
        assert after is not None
        assert set(after.splitlines()) - set(before.splitlines()) <= {b"phone: 0012345", b'phone: "0012345"'}
        assert chart.client("ada").text("phone") == "0012345"
        assert register.change(chart, chart.client("ada"), {"phone": "0012345"}, world.tick()).id == ada.id


def test_an_entry_edited_elsewhere_is_not_overwritten(world):
    path = world.folder("ada") / "client.md"
    path.write_bytes(path.read_bytes() + b"\nMine.\n")
    with world.chart() as chart, pytest.raises(Conflict):
        register.change(chart, chart.client("ada"), {"phone": "1"}, world.tick())
    assert path.read_bytes().endswith(b"Mine.\n")


def test_an_entry_keeps_its_id(world):
    with world.chart() as chart:
        ada = chart.client("ada")
        raw = register.working(chart, ada).replace(ada.id.encode(), world.clients["bo"].encode())
        with pytest.raises(Refused):
            register.record(chart, ada, raw, world.tick(), seen=files.digest(raw))


def test_a_chart_is_closed_and_opened_again(world):
    with world.chart() as chart:
        register.close(chart, chart.client("bo"), world.tick())
        assert chart.client("bo").closed == "2026-11-20"
        with pytest.raises(Refused):
            register.close(chart, chart.client("bo"), world.tick())
        register.close(chart, chart.client("bo"), world.tick(), reopen=True)
        assert chart.client("bo").closed == ""


def test_the_card_shows_the_newest_plan_and_what_is_open(world):
    lines.sign(world, "ada", "She came on time.")
    world.write("ada", vaults.NOTE.replace(b"Next week, same time.", b"<!-- what next? -->"), day="2026-11-21")
    with world.chart() as chart:
        shown = card.card(chart, chart.client("ada"), world.tick())
    assert [(piece.title, piece.text) for piece in shown.sections] == [("Plan", "Next week, same time.")]
    assert shown.last is not None
    assert shown.last.state == "signed"
    assert len(shown.drafts) == 1
    assert shown.notes == 2


def test_the_card_shows_what_was_last_written_about_risk_and_the_goals(world):
    lines.sign(world, "ada", "She came on time. No thoughts of suicide were\nreported. She slept.\n\n## Risk\n\nLow risk.")
    lines.sign(world, "ada", "A high SIde, and a HInt; nothing else.")
    with world.chart() as chart:
        shown = card.card(chart, chart.client("ada"), world.tick())
    found = [piece.text for piece in shown.sections if piece.title.startswith("Risk")]
    assert found == ["No thoughts of suicide were reported. Low risk."]


def test_a_wrong_line_of_an_entry_says_what_belongs_there():
    with pytest.raises(BadInput, match=r"client\.md:2: handle is not up to 40 small letters"):
        client.parse(b"---\nhandle: A b\nname: X\nid: 7n5tq2m8wkc4xe9r\n---\n")
    with pytest.raises(BadInput, match=r"client\.md:1: name is missing; it is a name"):
        client.parse(b"---\nhandle: ada\nid: 7n5tq2m8wkc4xe9r\n---\n")


@pytest.mark.parametrize(
    ("slot", "next_"),
    [
        ("Tue 14:00-14:53", "2026-11-24 14:00"),
        ("Mon 15:00", "2026-11-23 15:00"),
        ("Mon 9:00", "2026-11-30 09:00"),
        ("monday 14:59", "2026-11-30 14:59"),
        ("Sun 08:00", "2026-11-29 08:00"),
        ("every other Tuesday", ""),
        ("", ""),
    ],
)
def test_the_next_usual_appointment(slot, next_):
    assert card.upcoming(slot, datetime.fromisoformat("2026-11-23T15:00:00-05:00")) == next_


def test_age_in_years():
    assert card.age_in_years("1990-11-23", date(2026, 11, 23)) == 36
    assert card.age_in_years("1990-11-24", date(2026, 11, 23)) == 35
    assert card.age_in_years("", date(2026, 11, 23)) is None
