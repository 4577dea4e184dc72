"""The pages of `docs/templates`: one for each shipped template, with its sections and a filled example that is a clean note."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vaultcli.ground.markdown import words
from vaultcli.record.notes import fields, template
from vaultcli.record.notes.note import Note

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates" / "notes").glob("*.md"))
SESSIONS = {*fields.FORMATS, "group"}
SHORT, LONG = 150, 300
"""How many words a session's note has in the examples: enough for the five elements, and no more than is read."""
VAGUE = (
    "supportive therapy", "provided support", "processed feelings", "processed emotions", "effective", "went well",
    "made progress", "making progress", "continue therapy", "continue plan", "as needed", "within normal limits", "wnl",
    "doing better", "appropriate",
)  # fmt: skip
RISK = re.compile(r"\brisk\b", re.IGNORECASE)


def example(name: str) -> bytes:
    page = (ROOT / "docs" / "templates" / f"{name}.md").read_text(encoding="utf-8")
    return page.split("```markdown\n", 1)[1].rsplit("```", 1)[0].encode()


def note_of(name: str) -> Note:
    raw = example(name)
    first = Note.parse(raw, name)
    return Note.parse(raw, f"notes/{first.date}-{first.type}-{first.id}.md")


def test_every_template_has_a_page_and_every_page_a_template():
    pages = {path.stem for path in (ROOT / "docs" / "templates").glob("*.md")} - {"README"}
    assert pages == {path.stem for path in TEMPLATES}
    index = (ROOT / "docs" / "templates" / "README.md").read_text(encoding="utf-8")
    assert {name for name in pages if f"]({name}.md)" not in index} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_the_example_is_a_note_of_its_template(path: Path):
    shape, note = template.read(path.read_bytes()), note_of(path.stem)
    assert (note.problems, note.questions, note.unknown) == ((), (), ())
    assert (note.type, note.format) == (shape.type or "progress", shape.format)
    assert tuple(one.title for one in note.sections if one.level == 2) == shape.headings
    assert all(words(one.text) for one in note.sections)
    assert [key for key in shape.keys if key not in note.front_matter] == []
    assert b"<!--" not in example(path.stem)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_the_page_explains_each_section_as_the_template_asks_it(path: Path):
    page = (ROOT / "docs" / "templates" / f"{path.stem}.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", page, re.MULTILINE)[2:]
    asked = re.findall(r"^## (.+)\n\n<!-- (.+) -->$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == asked


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_the_example_says_what_happened_and_nothing_vague(path: Path):
    body = note_of(path.stem).body
    assert [phrase for phrase in VAGUE if re.search(rf"\b{re.escape(phrase)}\b", body, re.IGNORECASE)] == []
    assert body.count('"') % 2 == 0


@pytest.mark.parametrize("name", sorted(SESSIONS))
def test_the_example_of_a_session_has_the_five_elements(name: str):
    note = note_of(name)
    assert SHORT <= note.words <= LONG
    assert note.diagnoses
    assert note.goals
    assert note.cpt
    assert RISK.search(note.body)
    assert re.search(r"\bdenied\b", note.body)
    assert re.search(r"\b(?:reported|said|observed)\b", note.body)
    assert re.search(r"\b(?:Used|used|Built|Reviewed|practiced)\b", note.body)
    assert re.search(r"(?:Next contact|Next group): 20\d\d-\d\d-\d\d", note.body)


def test_minutes_and_codes_of_the_examples_agree():
    bands = {"90832": (16, 37), "90834": (38, 52), "90837": (53, 999), "90839": (30, 74), "90847": (26, 999)}
    for path in TEMPLATES:
        note = note_of(path.stem)
        for code in note.cpt:
            low, high = bands.get(code.partition("-")[0], (0, 9999))
            assert low <= (note.minutes or 0) <= high, path.stem
