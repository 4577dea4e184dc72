"""Sessions as CSV: the vectors, cells that are no formulas and come back, rows that a stock reader reads."""

import csv
import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export import records
from vaultcli.export import sessions

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "tests" / "vectors" / "export-csv"
RECORD = VECTORS / "record.csv"
CELLS = json.loads((VECTORS / "cells.json").read_text(encoding="utf-8"))
ANY = st.text(st.characters(exclude_categories=["Cs"]))


def rows(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode(), newline=""), strict=True))


def test_the_small_record_becomes_its_file():
    made = sessions.write(records.small())
    if os.environ.get("VAULTCLI_UPDATE") == "1" or not RECORD.exists():
        RECORD.write_bytes(made)
    assert made == RECORD.read_bytes()
    assert made == sessions.HEAD + b"".join(sessions.lines(records.small()))


def test_only_sessions_that_stand_have_a_row():
    found = rows(sessions.write(records.small()))
    assert [row["type"] for row in found].count("no-show") == 1
    assert {row["type"] for row in found} == {"progress", "no-show"}
    assert not {row["state"] for row in found} & {"withdrawn"}
    assert b"Somebody" not in sessions.write(records.small())


def test_values_are_those_of_the_text_that_stands():
    by_note = {row["note"]: row for row in rows(sessions.write(records.small()))}
    late = by_note["6n5tq2m8wkc4xe9r"]
    assert (late["start"], late["stop"], late["zone"], late["minutes"]) == ("23:30", "00:20", "America/New_York", "50")
    assert (late["state"], late["signer"], late["signed"], late["lateness"]) == ("draft", "", "", "")
    missed = by_note["5n5tq2m8wkc4xe9r"]
    assert (missed["minutes"], missed["cpt"], missed["lateness"]) == ("", "", "2")
    assert by_note["2n5tq2m8wkc4xe9r"]["corrections"] == "1"
    assert by_note["4n5tq2m8wkc4xe9r"]["waits-for"] == "lee-example"
    assert by_note["bn5tq2m8wkc4xe9r"]["date"] == "2026-11-22"
    assert by_note["1n5tq2m8wkc4xe9r"]["participants"] == "'=cmd(); partner"


def test_the_example_of_the_page_has_the_columns():
    page = (ROOT / "docs/spec/export-csv.md").read_text()
    head, row = page.split("```csv\n")[1].split("\n```")[0].splitlines()
    assert tuple(head.split(",")) == sessions.COLUMNS
    assert len(next(csv.reader([row]))) == len(sessions.COLUMNS)
    for name in sessions.COLUMNS:
        assert f"`{name}`" in page
    for kind in sessions.TYPES:
        assert f"`{kind}`" in page


def plainly(cell: str) -> str:
    """The text of a cell, as docs/spec/export-csv.md tells a reader to get it back."""
    return cell.removeprefix("'")


@pytest.mark.parametrize(("text", "cell"), CELLS)
def test_cell(text, cell):
    assert sessions.guarded(text) == cell
    assert plainly(cell) == text


@given(ANY)
def test_any_text_comes_back_and_is_no_formula(text):
    cell = sessions.guarded(text)
    assert plainly(cell) == text
    assert not cell.startswith(tuple("\t\r\n"))
    assert not cell.lstrip().startswith(tuple("=+-@＝＋－＠"))


@given(st.lists(ANY, min_size=1, max_size=6))
def test_any_row_is_read_back_by_a_stock_reader(texts):
    line = sessions._row(map(sessions.guarded, texts)).decode()
    assert line.endswith("\r\n")
    found = list(csv.reader(io.StringIO(line, newline=""), strict=True))
    assert [[plainly(cell) for cell in row] for row in found] == [texts]


def test_numbers_are_numbers():
    for row in rows(sessions.write(records.small())):
        for name in sessions.NUMBERS:
            assert row[name] == "" or str(int(row[name])) == row[name]
