"""Notes as JSON Lines: the vectors, the schema, what is left out, and that it says what `show --json` says."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests import vaults
from tests.export import records
from vaultcli.export import jsonl

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/spec/export-jsonl.schema.json").read_text())
VECTORS = ROOT / "tests" / "vectors" / "export-jsonl"
JUDGE = Draft202012Validator(SCHEMA)
RECORD = VECTORS / "record.jsonl"


def objects(source) -> list[dict]:
    return [json.loads(line) for line in jsonl.write(source).splitlines()]


def test_the_small_record_becomes_its_file():
    made = jsonl.write(records.small())
    if os.environ.get("VAULTCLI_UPDATE") == "1" or not RECORD.exists():
        RECORD.write_bytes(made)
    assert made == RECORD.read_bytes()
    assert made == b"".join(jsonl.lines(records.small()))


def test_every_line_is_as_the_schema_says():
    Draft202012Validator.check_schema(SCHEMA)
    for one in objects(records.small()):
        assert [error.message for error in JUDGE.iter_errors(one)] == []
        assert list(one) == SCHEMA["required"]


def test_the_example_of_the_page_is_as_the_schema_says():
    page = (ROOT / "docs/spec/export-jsonl.md").read_text()
    example = json.loads(page.split("```json\n")[1].split("```")[0])
    assert [error.message for error in JUDGE.iter_errors(example)] == []
    assert list(example) == SCHEMA["required"]
    for key in SCHEMA["required"]:
        assert f"`{key}`" in page


def test_there_are_vectors():
    assert len(list(VECTORS.glob("wrong-*.json"))) >= 20


@pytest.mark.parametrize("path", sorted(VECTORS.glob("*-*.json")), ids=lambda path: path.stem)
def test_vector(path):
    assert JUDGE.is_valid(json.loads(path.read_text())) is path.name.startswith("good-")


def test_a_withdrawn_note_keeps_none_of_its_words_and_no_reason():
    one = next(one for one in objects(records.small()) if one["state"] == "withdrawn")
    line = json.dumps(one)
    for trace in ("Somebody", "16:00", "wrong-client", "5" * 64):
        assert trace not in line
    assert [said["kind"] for said in one["signatures"]] == ["withdrawal"]


def test_a_corrected_note_has_both_texts_and_every_addition_its_own():
    one = next(one for one in objects(records.small()) if one["original"] is not None)
    assert "four" in one["text"]
    assert "five" in one["original"]
    assert "corrects" not in one["text"]
    assert "corrects" not in one["fields"]
    kinds = [(added["kind"], added["reason"], added["text"]) for added in one["additions"]]
    assert kinds == [("correction", "misheard: four", one["text"]), ("addendum", "", "\nRang at noon.\n")]


def test_values_are_the_texts_that_were_typed():
    one = objects(records.small())[-1]
    assert one["time"] == "23:30-00:20 America/New_York"
    typed = next(one for one in objects(records.small()) if one["fields"] and "x-room" in one["fields"])
    assert typed["fields"]["x-room"] == "0012"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_stands_on_one_line_and_comes_back(text):
    line = jsonl.line({"text": text})
    assert line.decode().splitlines() == [line.decode()[:-1]]
    assert json.loads(line) == {"text": text}


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM))
    monkeypatch.chdir(made.vault.root)
    return made


def test_it_says_what_show_says(world, cli, editor):
    from tests.helpers import replace

    paths = [world.write("ada", vaults.NOTE) for _ in range(3)]
    ids = [path.name[-19:-3] for path in paths]
    assert cli("sign", *ids[:2], "--yes").code == 0
    editor.will(replace("came on time", "came late"))
    assert cli("amend", ids[0], "--reason", "yes: misheard").code == 0
    assert cli("amend", ids[0], "-m", "Rang at noon.").code == 0
    with world.chart() as chart:
        from vaultcli.work.notes import lookup

        client = chart.client("ada")
        made = {entry.id: jsonl.as_object(client, entry) for entry in lookup.entries_of(chart, client)}
    assert len(made) == 3
    for id_ in ids:
        shown = json.loads(cli("show", id_, "--json").out)
        shared = {key: made[id_][key] for key in shown}
        shared["additions"] = [
            {key: one[key] for key in ("kind", "id", "path", "by", "signed")} for one in shared["additions"]
        ]
        assert shared == shown
        assert [error.message for error in JUDGE.iter_errors(made[id_])] == []


def test_the_whole_practice_goes_out_client_by_client(world, cli, tmp_path):
    for handle in ("bo", "ada"):
        for _ in range(2):
            world.write(handle, vaults.NOTE)
    assert cli("sign", "--yes").code == 0
    out = tmp_path / "out"
    result = cli("export", "--all", "--jsonl", "--csv", "-o", str(out), "--json")
    assert result.code == 0, result.err
    assert json.loads(result.out)["files"] == ["notes.jsonl", "sessions.csv"]
    assert sorted(path.name for path in out.iterdir()) == ["notes.jsonl", "sessions.csv"]
    lines = (out / "notes.jsonl").read_text().splitlines()
    assert [json.loads(line)["client"] for line in lines] == sorted([*world.clients.values()] * 2)
    assert cli("export", "--all", "--jsonl", "--stdout").out == (out / "notes.jsonl").read_text()
    assert cli("export", "--all", "--csv", "--stdout").out.encode() == (out / "sessions.csv").read_bytes()
    parts = [cli("export", handle, "--jsonl", "--stdout").out for handle in ("ada", "bo")]
    assert sorted("".join(parts).splitlines()) == sorted(lines)


def test_what_stands_in_the_folder_is_not_written_over(world, cli, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.jsonl").write_text("mine")
    assert cli("export", "--all", "--jsonl", "-o", str(tmp_path / "out")).code == 6
    assert (tmp_path / "out" / "notes.jsonl").read_text() == "mine"


def test_half_an_export_never_has_the_name_of_a_whole_one(world, cli, tmp_path, monkeypatch):
    for handle in ("ada", "bo"):
        world.write(handle, vaults.NOTE)
    assert cli("sign", "--yes").code == 0
    from vaultcli.export import formats
    from vaultcli.ground.errors import Conflict

    made, seen = formats.Pouring.add, []

    def add(pouring, source):
        if seen:
            raise Conflict("something was recorded meanwhile")
        seen.append(source)
        made(pouring, source)

    monkeypatch.setattr(formats.Pouring, "add", add)
    out = tmp_path / "out"
    assert cli("export", "--all", "--jsonl", "-o", str(out)).code == 6
    assert not out.exists()
    out.mkdir()
    seen.clear()
    assert cli("export", "--all", "--jsonl", "-o", str(out)).code == 6
    assert list(out.iterdir()) == []
