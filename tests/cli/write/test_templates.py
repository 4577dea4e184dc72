"""Every template from `new` to every export; the practice's own; the plan's goals; what a session at a distance is asked."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests import everyday, vaults
from tests.export.reading import POPPLER, has, of_html, of_pdf, words
from tests.helpers import FakeEditor, replace, run_here, under
from tests.test_template_pages import TEMPLATES, example
from tests.vaults import World
from vaultcli.export import formats, sessions
from vaultcli.ground import frontmatter
from vaultcli.record.notes import template
from vaultcli.record.notes.note import Note

MEMBERS = ("ada", "bo", "cy", "dee")
NAMES = sorted(path.stem for path in TEMPLATES)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    fresh = vaults.make(tmp_path / "practice", clients=MEMBERS)
    monkeypatch.chdir(fresh.vault.root)
    return fresh


def ok(*args: str, **settings: object) -> str:
    done = run_here(args, **settings)  # type: ignore[arg-type]
    assert done.code == 0, done.err
    return done.out


def newest(world: World, handle: str, kind: str) -> Path:
    return max((path for path in world.notes(handle) if f"-{kind}-" in path.name), key=lambda path: path.stat().st_mtime_ns)


def filled(name: str) -> list[tuple[str | int, ...]]:
    """What a person types: the example's own words under each heading of the template."""
    note = Note.parse(example(name), name)
    return [under(f"## {one.title}", f"\n{one.text.strip()}\n") for one in note.sections if one.level == 2]


@pytest.mark.parametrize("name", everyday.some(NAMES, 3))
def test_from_new_to_every_export(name: str, world: World, editor: FakeEditor) -> None:
    shape = template.read(next(path for path in TEMPLATES if path.stem == name).read_bytes())
    note = Note.parse(example(name), name)
    editor.will(*filled(name))
    asked = ["--type", name] if shape.type else ["--format", name]
    time = [note.time] if note.time else []
    ok("new", "ada", *time, *asked, "--date", "2026-11-20", "--draft")
    assert editor.seen[-1].count("<!--") == len(shape.prompts) == len(shape.headings)
    path = newest(world, "ada", note.type)
    assert path.read_bytes().count(b"<!--") == len(shape.prompts)
    ok("sign", "ada", "--yes")
    raw = path.read_bytes()
    assert b"<!--" not in raw
    assert Note.parse(raw, f"notes/{path.name}").problems == ()
    ok("verify")
    folder = world.vault.root.parent / "out"
    ok("export", "ada", *(f"--{one}" for one in formats.TABLE), "-o", str(folder))
    assert {path.name for path in folder.iterdir()} == {*(one.file for one in formats.TABLE.values()), "signed", "SHA256SUMS"}
    pages = {"chart.md": words((folder / "chart.md").read_text()), "chart.html": of_html((folder / "chart.html").read_bytes())}
    if POPPLER:
        pages["chart.pdf"] = of_pdf(folder / "chart.pdf")
    for one in note.sections:
        for said in (one.title, *filter(words, one.text.splitlines())):
            assert [file for file, read in pages.items() if not has(read, said)] == [], said
    for prompt in shape.prompts:
        assert [file for file, read in pages.items() if has(read, prompt.decode())] == []
    (line,) = map(json.loads, (folder / "notes.jsonl").read_text().splitlines())
    assert (line["type"], line["format"], line["state"]) == (note.type, note.format, "signed")
    assert words(line["text"].partition("\n---\n")[2]) == words(note.body)
    rows = list(csv.DictReader(io.StringIO((folder / "sessions.csv").read_text())))
    assert [(row["type"], row["state"]) for row in rows] == [(note.type, "signed")] * (note.type in sessions.TYPES)
    for row in rows:
        assert row["words"] == str(note.words)
        assert (row["start"], row["stop"]) == (note.start, note.end)


def test_a_template_is_data(world: World, tmp_path: Path) -> None:
    hostile = "{{7*7}} {% print(1) %} ${HOME} $(touch pwned) `touch pwned` %s {date} #{1} <%= 1 %>"
    own = f"---\ntemplate: 1\nformat: odd\ndate:\ntime:\nplace:\nid:\n---\n\n## {hostile}\n\n<!-- {hostile} -->\n"
    (tmp_path / "odd.md").write_text(own)
    ok("template", "add", str(tmp_path / "odd.md"))
    ok("new", "ada", "10:00-10:50", "--format", "odd", env={"EDITOR": "true"})
    assert world.notes("ada") == []  # untouched
    done = ok("template", "show", "odd")
    assert done == own
    editing = tmp_path / "ed"
    editing.write_text('#!/bin/sh\necho "A word." >> "$1"\n')
    editing.chmod(0o755)
    ok("new", "ada", "10:00-10:50", "--format", "odd", "--draft", env={"EDITOR": str(editing)})
    (note,) = world.notes("ada")
    assert f"## {hostile}\n\n<!-- {hostile} -->\nA word.\n" in note.read_text()
    ok("sign", "ada", "--yes")
    assert f"## {hostile}\n\nA word.\n" in note.read_text()
    assert not list(world.vault.root.rglob("pwned"))
    ok("verify")


def test_a_practices_own_template_and_what_becomes_of_older_drafts(world: World, tmp_path: Path, editor: FakeEditor) -> None:
    shipped = ok("template", "show", "dap")
    first = shipped.replace("## Data\n", "## Facts\n").replace("What it means:", "Our first question.")
    second = first.replace("Our first question.", "Our second question.")
    for handle, text in (("ada", shipped), ("bo", first), ("cy", second)):
        (tmp_path / "dap.md").write_text(text)
        ok("template", "add", str(tmp_path / "dap.md"))
        editor.will(under("## Plan", "\nRing on Tuesday. <!-- mine -->\n"))
        ok("new", handle, "10:00-10:50", "--draft")
        assert ("## Facts" in editor.seen[-1]) == (handle != "ada")
    listed = ok("template", "list")
    assert re.search(r"--format dap +practice +Facts, Assessment, Plan", listed)
    assert ok("template", "show", "dap", "--shipped") == shipped
    for handle in ("ada", "bo", "cy"):
        done = run_here(["sign", handle, "--yes"])
        assert done.code == 0
        assert "your comment stays in the signed text: <!-- mine -->" in done.err
        text = world.notes(handle)[0].read_text()
        assert re.findall("<!--.*?-->", text) == ["<!-- mine -->"]
    ok("verify")


def test_prompts_of_a_former_version_go_and_a_changed_format_keeps_none(world: World, editor: FakeEditor) -> None:
    former = "<!-- The appointment, and whether and how it was cancelled. -->"
    editor.will(under("## Missed session", f"\n{former}\nNo call.\n"))
    ok("new", "ada", "--type", "no-show", "--draft")
    editor.will(replace("format: dap", "format: soap"), under("## Data", "\nWords.\n"))
    ok("new", "bo", "10:00-10:50", "--draft")
    ok("sign", "ada", "bo", "--yes")
    assert "<!--" not in world.notes("ada")[0].read_text() + world.notes("bo")[0].read_text()


@pytest.mark.parametrize(
    ("text", "name", "code", "message"),
    [
        ("---\nformat: x\nid:\n---\n", "x", 5, "not a template of version 1"),
        ("---\ntemplate: 1\nformat: x\n---\n", "x", 5, "no line id"),
        ("---\ntemplate: 1\nformat: x\nid:\n---\n<!-- open\n", "x", 5, ":6: a comment is never closed"),
        ("---\ntemplate: 1\nformat: x\nid:\n---\n", "y", 5, "is for progress notes of format x"),
        ("---\ntemplate: 1\ntype: crisis\nid:\n---\n", "intake", 5, "is for notes of type crisis"),
        ("---\ntemplate: 1\ntype: poem\nid:\n---\n", "poem", 5, "is for notes of type poem"),
        ("---\ntemplate: 1\nformat: ../x\nid:\n---\n", "../x", 5, "cannot name a template"),
    ],
)
def test_what_is_no_template_is_refused(world: World, tmp_path: Path, text: str, name: str, code: int, message: str) -> None:
    (tmp_path / "t.md").write_text(text)
    done = run_here(["template", "add", str(tmp_path / "t.md"), "--name", name])
    assert (done.code, message in done.err) == (code, True), done.err
    with world.chart() as chart:
        assert len(list(chart.repository.history("practice"))) == 1


def test_check_tells_of_text_that_would_stand_in_every_note(world: World, tmp_path: Path) -> None:
    file = tmp_path / "t.md"
    file.write_text("---\ntemplate: 1\nformat: t\nid:\n---\n\n## A\n\n<!-- ask -->\n\nNo risk.\n")
    done = run_here(["template", "check", str(file)], cwd=tmp_path)
    assert done.code == 0
    assert f"{file}:11: this text will stand" in done.err
    assert f"{file}:1: there is no line date" in done.err


PLAN = """
## Goals

### g1 · Sleep

- g1.1 · Six hours, from four, by 2026-12-15

### g2 · Work

Status: met 2026-11-01

### g3 · Friends

"""


def plan(world: World, editor: FakeEditor, *, sign: bool = True) -> str:
    editor.will(replace("\n## Goals\n", PLAN.rstrip() + "\n"), replace("diagnoses: [F33.1]", "diagnoses: [F33.2]"))
    ok("new", "ada", "--type", "treatment-plan", "--draft")
    if sign:
        ok("sign", "ada", "--yes")
    return newest(world, "ada", "treatment-plan").stem.rpartition("-")[2]


def test_goals_and_diagnoses_come_from_the_signed_plan(world: World, editor: FakeEditor) -> None:
    plan(world, editor)
    done = run_here(["new", "ada", "10:00-10:50", "-m", "Words."])
    assert "goals from the plan of 2026-11-23: g1, g3; take out those that the session did not work on" in done.err
    assert "the register has other diagnoses than the plan of 2026-11-23" in done.err
    front = frontmatter.parse(newest(world, "ada", "progress").read_bytes())
    assert (front["goals"], front["diagnoses"]) == (["g1", "g3"], ["F33.2"])
    done = run_here(["new", "ada", "11:00-11:50", "--goals", "g1.1, g9", "-m", "Words."])
    assert "the plan of 2026-11-23 has no goal g9" in done.err
    assert frontmatter.parse(newest(world, "ada", "progress").read_bytes())["goals"] == ["g1.1", "g9"]
    shown = ok("client", "show", "ada")
    assert "g1 · Sleep" in shown
    assert "g2 · Work" not in shown


def test_a_goal_that_no_note_could_name_is_told(world: World, editor: FakeEditor) -> None:
    editor.will(replace("\n## Goals\n", "\n## Goals\n\n### Sleep through the night\n"))
    done = run_here(["new", "ada", "--type", "treatment-plan", "--draft"])
    assert re.search(r"treatment-plan-\w+\.md:15: goal has no short name", done.err), done.err


def test_a_draft_or_withdrawn_plan_is_none(world: World, editor: FakeEditor) -> None:
    plan(world, editor, sign=False)
    ok("new", "ada", "10:00-10:50", "-m", "Words.")
    assert frontmatter.parse(newest(world, "ada", "progress").read_bytes())["goals"] == ""
    id_ = newest(world, "ada", "treatment-plan").stem.rpartition("-")[2]
    ok("sign", id_, "--yes")
    ok("withdraw", id_, "--reason", "entered-in-error", stdin="y\n")
    ok("new", "ada", "11:00-11:50", "-m", "Words.")
    assert frontmatter.parse(newest(world, "ada", "progress").read_bytes())["goals"] == ""


def test_a_review_carries_the_goals_says_so_and_is_the_plan_from_then_on(world: World, editor: FakeEditor) -> None:
    id_ = plan(world, editor)
    editor.will(replace("### g3 · Friends", "### g3 · Friends\n\nStatus: closed, no longer wanted"))
    ok("new", "ada", "--type", "plan-review", "--draft")
    raw = newest(world, "ada", "plan-review").read_text()
    assert f"carried-from: [{id_} Goals]" in raw
    assert "## Goals\n\n### g1 · Sleep\n\n- g1.1" in raw
    assert raw.index("### g3") < raw.index("<!-- Each goal and objective")
    ok("sign", "ada", "--yes")
    ok("new", "ada", "10:00-10:50", "-m", "Words.")
    assert frontmatter.parse(newest(world, "ada", "progress").read_bytes())["goals"] == ["g1"]
    ok("new", "ada", "--type", "discharge", env={"EDITOR": "true"})
    # untouched: what was carried is not what was written
    assert [path for path in world.notes("ada") if "-discharge-" in path.name] == []
    ok("verify")


def test_nothing_of_an_earlier_session_is_taken_over(world: World) -> None:
    ok("new", "ada", "10:00-10:50", "--goals", "g1", "-m", "Yesterday's prose.")
    ok("sign", "ada", "--yes")
    ok("new", "ada", "11:00-11:50", "-m", "Today.")
    raw = newest(world, "ada", "progress").read_text()
    assert "Yesterday" not in raw
    assert "\ngoals:\n" in raw


@pytest.mark.parametrize(("place", "asks"), [("office", False), ("video", True), ("audio", True), ("field", False)])
def test_telehealth_is_asked_where_the_place_asks(world: World, place: str, asks: bool) -> None:
    ok("client", "edit", "ada", "--platform", "Example Meet", "--telehealth-consent", "written, 2026-11-02")
    ok("client", "edit", "ada", "--emergency", "Jo: 555 0101", "--address", "12 Sample Street")
    done = run_here(["new", "ada", "10:00-10:50", "--place", place, "-m", "Words."])
    front = frontmatter.parse(world.notes("ada")[0].read_bytes())
    assert ("telehealth" in front) == asks
    assert ("telehealth has no answer to client-location, clinician-location, identity, privacy" in done.err) == asks
    if asks:
        block = front["telehealth"]
        known = [block[key] for key in ("platform", "consent", "emergency")]
        assert known == ["Example Meet", "written, 2026-11-02", "Jo: 555 0101"]
        assert block["client-location"] == ""
    ok("sign", "ada", "--yes")  # a question stands in nobody's way
    ok("verify")


def test_a_contact_by_telephone_is_no_session_at_a_distance(world: World) -> None:
    done = run_here(["new", "ada", "13:05-13:12", "--type", "contact", "--place", "audio", "-m", "Words."])
    assert b"telehealth" not in world.notes("ada")[0].read_bytes()
    assert "telehealth" not in done.err


@pytest.mark.parametrize("kind", ["couple", "family"])
def test_a_couples_note_has_its_own_format_unless_another_is_named(world: World, kind: str, editor: FakeEditor) -> None:
    ok("client", "add", "Dee and Eli Example", "--handle", "dee-eli", "--kind", kind)
    editor.will(replace("participants:", "participants: [client, husband]"), under("## Present", "\nBoth.\n"))
    ok("new", "dee-eli", "18:00-18:50", "--place", "office", "--draft")
    assert "format: couple\n" in editor.seen[-1]
    ok("sign", "dee-eli", "--yes")
    ok("client", "edit", "dee-eli", "--format", "soap")
    editor.will(under("## Plan", "\nWords.\n"))
    ok("new", "dee-eli", "18:00-18:50", "--draft")
    assert "format: soap\n" in editor.seen[-1]
    editor.will(under("## Plan", "\nWords.\n"))
    ok("new", "dee-eli", "18:00-18:50", "--format", "dap", "--draft")
    assert "format: dap\n" in editor.seen[-1]
