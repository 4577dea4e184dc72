"""Notes: the vectors, the specification's own example, and what a note says of itself."""

import importlib.util
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests import everyday
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import parse, set_field, split
from vaultcli.record.notes import client, fields
from vaultcli.record.notes.fields import FIELDS, FORMATS, TYPES
from vaultcli.record.notes.note import Carried, Note

ROOT = Path(__file__).parents[3]
SPEC = ROOT / "docs" / "spec"
VECTORS = sorted((ROOT / "tests" / "vectors" / "note").glob("*.md"))
SCHEMA = json.loads((SPEC / "note.schema.json").read_text())
PATH = "notes/2026-11-22-progress-7n5tq2m8wkc4xe9r.md"


def vector(name):
    head, raw = (ROOT / "tests" / "vectors" / "note" / f"{name}.md").read_bytes().split(b"\n\n", 1)
    says = dict(line.split(": ", 1) for line in head.decode().splitlines())
    return says, raw


GOOD = vector("good")[1]


def test_there_are_vectors():
    assert len(VECTORS) >= 40


@pytest.mark.parametrize("name", [path.stem for path in VECTORS])
def test_vector(name):
    says, raw = vector(name)
    verdict, _, rest = says["expect"].partition(" ")
    if verdict == "refused":
        line, _, message = rest.partition(" ")
        with pytest.raises(BadInput) as caught:
            Note.parse(raw, says["path"])
        assert caught.value.message.startswith(f"{says['path']}:{line}: ")
        assert message in caught.value.message
        return
    note = Note.parse(raw, says["path"])
    problems = [f"{p.line} {p.field} {p.message}" for p in note.problems]
    if verdict == "ok":
        assert problems == []
    else:
        assert verdict == "problem"
        assert len(problems) == 1
        assert problems[0].startswith(rest)


@pytest.mark.parametrize("name", [path.stem for path in VECTORS])
def test_schema_agrees(name):
    """Schema and program agree on single fields; on how fields and file name go together only the program judges."""
    says, raw = vector(name)
    if says["expect"].startswith("refused"):
        return
    beyond = ("is missing", "in the file name", "no place", "same minute", "no day", "begins and ends", "format is not")
    expected = says["expect"] == "ok" or any(text in says["expect"] for text in beyond)
    if name == "no-id":
        expected = False
    validator = Draft202012Validator(SCHEMA)
    assert validator.is_valid(dict(parse(raw))) is expected
    if name not in ("flag-in-words", "bad-date"):  # PyYAML makes `yes` true, and fails on a 30th of February
        stock = yaml.safe_load(split(raw).yaml)
        stock["date"] = str(stock.get("date") or "")
        assert validator.is_valid(stock) is expected


def test_schema_is_the_generated_one():
    module = importlib.util.spec_from_file_location("make_schema", SPEC / "make_schema.py")
    maker = importlib.util.module_from_spec(module)
    module.loader.exec_module(maker)
    assert (SPEC / "note.schema.json").read_text(encoding="utf-8") == maker.text()
    Draft202012Validator.check_schema(SCHEMA)


def test_specification_and_table_agree():
    page = (SPEC / "note.md").read_text(encoding="utf-8")
    example = page.split("```markdown\n", 1)[1].split("```", 1)[0].encode()
    assert Note.parse(example, PATH).problems == ()
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| `")]
    named = [row.strip("`") for row in rows]
    assert [field.name for field in FIELDS] == [name for name in named if name in fields.TABLE]
    for word in (*FORMATS, *TYPES):
        assert f"`{word}`" in page


def test_a_whole_note():
    note = Note.parse(GOOD, PATH)
    assert (note.id, note.type, note.format, note.date) == ("7n5tq2m8wkc4xe9r", "progress", "dap", "2026-11-22")
    assert (note.cpt, note.diagnoses, note.goals) == (("90834",), ("F33.1",), ("g1",))
    assert (note.minutes, note.start, note.end, note.zone, note.crosses_midnight) == (53, "14:00", "14:53", "", False)
    assert [(s.title, s.line) for s in note.sections] == [("Data", 12)]
    assert note.section("data").text == "\nText.\n"
    assert note.words == 1
    assert note.signed is None
    assert GOOD.decode().splitlines()[note.body_line - 1] == ""


def test_the_other_fields():
    raw = set_field(GOOD, "telehealth", {"method": "video", "client-location": "home"})
    raw = set_field(raw, "carried-from", ["0c1x8k5vd2mhq7tz Plan for now"])
    raw = set_field(raw, "part2", "true")
    raw = set_field(raw, "drafted-with", ["Scribe 2"])
    raw = set_field(raw, "x-room", "12")
    raw = set_field(raw, "signed", {"version": "1"})
    note = Note.parse(raw, PATH)
    assert note.problems == ()
    assert note.telehealth == {"method": "video", "client-location": "home"}
    assert note.carried_from == (Carried("0c1x8k5vd2mhq7tz", "Plan for now"),)
    assert (note.part2, note.off_plan, note.self_pay_restricted) == (True, False, False)
    assert note.drafted_with == ("Scribe 2",)
    assert note.unknown == ("x-room",)
    assert note.signed == {"version": "1"}


def test_minutes():
    def minutes(text):
        return Note.parse(set_field(GOOD, "time", text), PATH).minutes

    assert minutes("23:30-00:20") == 50
    assert minutes("14:00-14:53 +01:00") == 53
    assert minutes("14:00") is None
    assert minutes("") is None
    says, raw = vector("good-no-show")
    assert Note.parse(raw, says["path"]).minutes is None


def test_a_wrong_field_is_empty_and_the_draft_is_shown():
    note = Note.parse(GOOD.replace(b"office", b"moon").replace(b"[F33.1]", b"{a: b}"), PATH)
    assert (note.place, note.diagnoses) == ("", ())
    assert [problem.field for problem in note.problems] == ["place", "diagnoses"]
    assert note.problems[0].finding(PATH).text().startswith(f"{PATH}:5: note-field: place is not one of office")
    assert "moon" not in note.problems[0].message


def test_formats_of_the_practice():
    raw = GOOD.replace(b"dap", b"emdr")
    assert Note.parse(raw, PATH).problems != ()
    assert Note.parse(raw, PATH, formats=["emdr"]).problems == ()


@everyday.examples(400)
@given(
    st.sampled_from([field.name for field in FIELDS]),
    st.text(max_size=20) | st.lists(st.text(max_size=10), max_size=3) | st.sampled_from(["14:00-", "true", "g1"]),
)
def test_any_value_is_judged_or_refused(key, value):
    try:
        note = Note.parse(set_field(GOOD, key, value), PATH)
    except BadInput:
        return
    for problem in note.problems:
        assert "\n" not in problem.message
        assert 1 <= problem.line <= note.body_line


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_that_an_editor_saved_as_utf_16_is_told_as_that(encoding):
    with pytest.raises(BadInput, match=r"n\.md:1: the file is UTF-16, not UTF-8") as told:
        Note.parse("---\ndate: 2026-11-22\n---\nText.\n".encode(encoding), "n.md")
    assert "every word is still in it" in told.value.hint
    with pytest.raises(BadInput, match="UTF-16"):
        client.parse("---\nname: Ada\n---\n".encode(encoding))
