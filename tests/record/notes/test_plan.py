"""Treatment plans: which goals a program reads out of the prose."""

from pathlib import Path

import pytest

from vaultcli.record.notes import plan
from vaultcli.record.notes.note import Note

ROOT = Path(__file__).parents[3]
VECTORS = sorted((ROOT / "tests" / "vectors" / "plan").glob("*.md"))
PATH = "notes/2026-11-02-treatment-plan-0c1x8k5vd2mhq7tz.md"


def test_there_are_vectors():
    assert len(VECTORS) >= 8


@pytest.mark.parametrize("vector", VECTORS, ids=lambda path: path.stem)
def test_vector(vector):
    head, raw = vector.read_text(encoding="utf-8").split("\n\n", 1)
    expected = {key: value.split() for key, _, value in (line.partition(":") for line in head.splitlines())}
    read = plan.read(Note.parse(raw.encode(), PATH))
    assert {
        "open": [*read.open],
        "closed": [goal.name for goal in read.goals if not goal.open],
        "objectives": [one.name for goal in read.goals for one in goal.objectives],
        "unnamed": [*map(str, read.unnamed)],
    } == expected
    assert (read.id, read.date, read.review, read.diagnoses) == ("0c1x8k5vd2mhq7tz", "2026-11-02", "2027-02-01", ("F33.1",))
    assert [goal.line for goal in read.goals] == sorted(goal.line for goal in read.goals)


def test_the_specifications_example():
    page = (ROOT / "docs" / "spec" / "treatment-plan.md").read_text(encoding="utf-8")
    example = page.split("```markdown\n", 1)[1].split("```", 1)[0].encode()
    note = Note.parse(example, PATH)
    assert note.problems == ()
    read = plan.read(note)
    assert read.open == ("g1",)
    assert read.names == {"g1", "g1.1", "g1.2", "g2", "g2.1"}
    assert read.goals[0].title == "Sleep through the night"
    assert read.goals[0].objectives[1].text.startswith("In bed by 23:00")
    assert "### g2" in read.text
    assert "## Treatment" not in read.text
