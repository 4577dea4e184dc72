from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus import reading
from vaultcli.record.notes.note import Note

ROOT = Path(__file__).parent
CASES = reading.cases(ROOT / "cases")
COUNTED = [(case, one) for case in CASES for one in reading.expected((case / "expected.txt").read_text())]


def test_each_folder_is_a_case() -> None:
    assert sorted(path for path in (ROOT / "cases").iterdir() if path.is_dir()) == CASES


def test_expectations_point_at_their_words() -> None:
    for case, one in COUNTED:
        files = sorted(case.glob(one.path))
        assert files, (case.name, one)
        texts = [file.read_text().split("\n") for file in files]
        there = {line: {text[line - 1] for text in texts if len(text) >= line} for line in one.lines}
        for line in one.lines:
            assert any(word in text for word in one.words for text in there[line]), (case.name, one)
        for word in one.words:
            assert any(word in text for said in there.values() for text in said), (case.name, one)


def test_notes_can_be_read() -> None:
    without_end = {case / one.path for case, one in COUNTED if one.rule == "N21" and not one.silent}
    for path in [*ROOT.glob("cases/**/notes/*.md"), *ROOT.glob("cases/**/plan.md")]:
        if "." in path.stem:
            assert path.with_name(path.stem.split(".")[0] + ".md").exists(), "an addition stands beside its note"
            continue
        note = Note.parse(path.read_bytes(), path.name)
        wrong = {problem.field for problem in note.problems}
        assert wrong <= ({"time"} if path in without_end else set()), path
        assert not note.unknown, path


def test_each_rule_has_eight_of_each_kind() -> None:
    rules = {one.rule for _, one in COUNTED}
    assert len(rules) == 42
    for rule in rules:
        of_rule = [one for _, one in COUNTED if one.rule == rule]
        assert sum(one.counted for one in of_rule) >= 8, rule
        assert sum(one.silent for one in of_rule) >= 8, rule


def test_good_notes_have_no_expectation() -> None:
    named = {f"{case.name}/{one.path}" for case, one in COUNTED if not one.silent}
    rows = (ROOT / "good.tsv").read_text().splitlines()[1:]
    assert len(rows) >= 40
    for row in rows:
        note, *readings = row.split("\t")
        assert readings == ["nothing", "nothing"]
        assert (ROOT / "cases" / note).is_file()
        assert note not in named


def test_risk_lines_are_told_by_their_topics() -> None:
    lines = reading.risk_lines((ROOT / "risk/lines.tsv").read_text())
    assert len(lines) >= 110
    assert len({line.id for line in lines}) == len({line.text for line in lines}) == len(lines)
    for line in lines:
        assert line.label in reading.LABELS, line
        assert set(line.topics) <= set(reading.TOPICS), line
        assert _label(line.topics) == line.label, line


def _label(topics: dict[str, tuple[str, ...]]) -> str:
    answers = {answer for topic, said in topics.items() for answer in said if topic != "means" or set(topics) == {"means"}}
    own = answers - {"not about this client"}
    if not answers:
        return "no risk content"
    return "mixed" if len(own) > 1 else (own or answers).pop()


@pytest.mark.parametrize(
    "line",
    ['N05 notes/a.md:3 "one blank"', "N08  notes/a.md  whole", "N05  notes/a.md  somewhere", "N05  notes/a.md:3  whole", ""],
)
def test_a_line_without_form_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no "):
        reading._expected(line)
