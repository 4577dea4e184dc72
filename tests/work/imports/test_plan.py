"""Importing: the plan tells everything before anything is written, and what is written is the source, byte for byte."""

import hashlib
import os
from pathlib import Path

import pytest

from tests import vaults
from vaultcli.ground import frontmatter
from vaultcli.ground.errors import NotFound, Refused
from vaultcli.record.notes import imported
from vaultcli.work.imports import files
from vaultcli.work.imports import plan as import_plan
from vaultcli.work.imports.plan import Rules


@pytest.fixture
def world(tmp_path):
    return vaults.make(tmp_path / "vault")


@pytest.fixture
def old(tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    return folder


def write(folder: Path, name: str, data: bytes = b"Text.\n") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def planned(
    world, *places: Path, client: str = "ada", rules: Rules | None = None, usual: str = "", **values: str
) -> import_plan.Plan:
    with world.chart() as chart:
        whose = chart.register(world.clients[client])
        found = files.find(chart, places, whose, values, usual)
        return import_plan.plan(chart, found, import_plan.rules_for(chart, rules or Rules()))


def carried_out(world, plan: import_plan.Plan, rules: Rules | None = None) -> list[import_plan.Done]:
    with world.chart() as chart, chart.recorder() as by:
        return list(import_plan.carry_out(chart, plan, import_plan.rules_for(chart, rules or Rules()), world.tick, by))


def told(rows) -> list[str]:
    return [f"{one.name} {one.message}" for one in rows]


def test_a_folder(world, old):
    write(old, "2024-03-08 b.md", b"# Second\r\n")
    write(old, "sub/2024-03-01.txt", b"First.")
    write(old, "2024-03-15.markdown")
    for name in (".hidden/2024-03-01.md", ".DS_Store", "sub/.x.md"):
        write(old, name)
    plan = planned(world, old)
    assert [(one.date, one.date_from, one.asked.name) for one in plan.items] == [
        ("2024-03-01", "name", "sub/2024-03-01.txt"),
        ("2024-03-08", "name", "2024-03-08 b.md"),
        ("2024-03-15", "name", "2024-03-15.markdown"),
    ]
    assert (plan.problems, plan.left_out, plan.hidden) == ((), (), 3)
    assert world.notes("ada") == []
    (done,) = carried_out(world, plan)
    bodies = [frontmatter.split(note.read_bytes()).body for note in world.notes("ada")]
    assert bodies == [b"First.", b"# Second\r\n", b"Text.\n"]
    assert [path for path, _ in done.notes] == [f"notes/{note.name}" for note in world.notes("ada")]


def test_what_is_left_out(world, old, tmp_path):
    write(old, "2024-03-01.pdf")
    write(old, "2024-03-02.jpg")
    os.mkfifo(old / "2024-03-03.txt")
    (old / "2024-03-04.txt").symlink_to(write(tmp_path, "elsewhere.txt"))
    (old / "link").symlink_to(tmp_path)
    plan = planned(world, old)
    assert plan.items == ()
    assert told(plan.left_out) == [
        "2024-03-01.pdf is a document and no text",
        "2024-03-02.jpg is no text by its name (.txt, .text, .md, .markdown)",
        "2024-03-04.txt is a symbolic link",
        "link is a symbolic link",
    ]
    assert told(plan.problems) == ["2024-03-03.txt is no regular file"]


def test_a_named_file_is_a_text_whatever_its_name(world, old):
    plan = planned(world, write(old, "2024-03-01"), write(old, "2024-03-02.org", b"x"))
    assert [one.asked.name for one in plan.items] == ["2024-03-01", "2024-03-02.org"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"a\0", "holds a zero byte (line 1)"),
        (b"a\n\xe9", "is not UTF-8 (line 2)"),
        (b"x" * (imported.LIMIT + 1), "is larger than 1 MiB, which no note is"),
        (b"x" * (imported.LIMIT + 9), "is larger than 1 MiB, which no note is"),
        (b"%PDF-1.4", "is a PDF and no text"),
    ],
)
def test_what_is_no_text(world, old, data, says):
    plan = planned(world, write(old, "2024-03-01.txt", data))
    assert (plan.items, told(plan.problems)) == ((), [f"2024-03-01.txt {says}"])


def test_the_largest_source(world, old):
    data = b"x" * imported.LIMIT
    carried_out(world, planned(world, write(old, "2024-03-01.txt", data)))
    assert world.notes("ada")[0].read_bytes().endswith(data)


def test_dates(world, old):
    write(old, "none.txt", b"1")
    write(old, "2024-03-01 2024-03-02.txt", b"2")
    write(old, "03-01-2024.txt", b"3")
    write(old, "field.md", b"---\ndate: 2024-03-04\n---\nx")
    write(old, "2024-03-05.md", b"---\ndate: 2024-03-06\n---\nx")
    write(old, "2024-03-07.md", b"---\ndate: 2024-03-07\n---\nx")
    plan = planned(world, old)
    assert [(one.asked.name, one.date_from) for one in plan.items] == [("field.md", "field"), ("2024-03-07.md", "name")]
    assert told(plan.problems) == [
        "03-01-2024.txt has no date that can be told",
        "2024-03-01 2024-03-02.txt has several dates: its name says 2024-03-01 and 2024-03-02",
        "2024-03-05.md has several dates: its name and its own field say 2024-03-05 and 2024-03-06",
        "none.txt has no date that can be told",
    ]
    assert plan.problems[0].hint.startswith("--dates mdy or --dates dmy")
    assert [one.name for one in plan.dayless] == [one.name for one in plan.problems]
    assert plan.problems[-1].hint == "--date is for all files without one; a map says a day for each"
    filled = planned(world, old, usual="2024-05-05")
    assert {one.asked.name: one.date for one in filled.items if one.date_from == "--date"} == {"none.txt": "2024-05-05"}
    assert [one.name for one in filled.problems] == [one.name for one in plan.problems][:3]
    settled = planned(world, old / "2024-03-05.md", usual="2024-03-06")
    assert [(one.date, one.date_from) for one in settled.items] == [("2024-03-06", "--date")]
    read = planned(world, old / "03-01-2024.txt", rules=Rules(order="dmy"))
    assert [one.date for one in read.items] == ["2024-01-03"]


@pytest.mark.parametrize(
    "field", ["20240208", "2024/02/08", "2024-02-08 09:00:00 -0500", "2024-02-08T09:00", '"2024-02-08"']
)
def test_a_day_in_a_field_as_other_programs_write_it(world, old, field):
    for name, closing in (("a.md", "---"), ("b.md", "...")):
        write(old, name, f"---\ndate: {field}\n{closing}\nText of {name}.\n".encode())
    assert [(one.date, one.date_from) for one in planned(world, old).items] == [("2024-02-08", "field")] * 2


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE html>\n<p>Text", b"<html><body>x", b"\xef\xbb\xbf <div class='n'>x</div>", b"<p>Slept well.</p>"]
)
def test_a_web_page_is_no_text_whatever_its_name(world, old, page):
    write(old, "2024-03-01.txt", page)
    assert told(planned(world, old).problems) == ["2024-03-01.txt is a web page (HTML) and no text"]


def test_a_text_with_signs_of_a_page_in_it_is_a_text(world, old):
    write(old, "2024-03-01.txt", b"<3 her cat. Mood < last week; <b> is a grade.\n")
    assert len(planned(world, old).items) == 1


def test_nothing_is_taken_from_the_register_or_the_text(world, old):
    """Ada has a usual place, format, code and diagnosis, and the text fields of its own."""
    write(old, "2024-03-01.md", b"---\nplace: video\ntime: 14:00-14:50\ncpt: 90837\nsigned: no\nid: x\n---\nText.\n")
    plan = planned(world, old)
    assert plan.items[0].untaken == ("time", "place", "cpt")
    carried_out(world, plan)
    front = frontmatter.parse(world.notes("ada")[0].read_bytes())
    assert list(front) == ["date", "id", "imported"]


def test_fields_are_taken_when_that_is_said(world, old):
    write(old, "2024-03-01.md", b"---\ntime: 14:00-14:50\ndiagnoses: [F33.1]\ncpt: 90837\ntype: intake\n---\nText.\n")
    plan = planned(world, old, rules=Rules(take=("time", "type", "cpt", "diagnoses")))
    carried_out(world, plan)
    (note,) = world.notes("ada")
    front = frontmatter.parse(note.read_bytes())
    assert (front["time"], front["type"], front["cpt"], front["diagnoses"]) == ("14:00-14:50", "intake", "90837", ["F33.1"])
    assert "-intake-" in note.name
    given = planned(world, old, client="bo", rules=Rules(take=("type",)), type="contact")
    assert (given.items[0].type, given.items[0].untaken) == ("contact", ("type", "time", "cpt", "diagnoses"))


@pytest.mark.parametrize(("field", "says"), [("time: 2pm", "time is not"), ("type: session", "type is not one of")])
def test_a_field_that_no_note_can_have_is_a_problem(world, old, field, says):
    write(old, "2024-03-01.md", f"---\n{field}\n---\nText.\n".encode())
    plan = planned(world, old, rules=Rules(take=("time", "type")))
    assert plan.problems[0].message.startswith(says)
    assert "2pm" not in plan.problems[0].message


def test_protected_records_stay_protected(world, old):
    from vaultcli.work.people import register

    with world.chart() as chart:
        register.change(chart, chart.register(world.clients["ada"]), {"part2": "true"}, world.tick())
    carried_out(world, planned(world, write(old, "2024-03-01.md")))
    assert frontmatter.parse(world.notes("ada")[0].read_bytes())["part2"] == "true"


def test_the_same_bytes_are_imported_once(world, old):
    write(old, "2024-03-01.md", b"same")
    write(old, "2024-03-02.md", b"same")
    first = planned(world, old)
    assert told(first.already) == ["2024-03-02.md has the same bytes as 2024-03-01.md"]
    carried_out(world, first)
    second = planned(world, old)
    path = f"notes/{world.notes('ada')[0].name}"
    assert second.items == ()
    assert told(second.already) == [f"{name} was imported before, as {path}" for name in ("2024-03-01.md", "2024-03-02.md")]
    assert len(planned(world, old, client="bo").items) == 1


def test_what_was_imported_before_needs_no_date(world, old):
    write(old, "x.md", b"same")
    carried_out(world, planned(world, old, date="2024-03-01"))
    plan = planned(world, old)
    assert (plan.problems, len(plan.already)) == ((), 1)


def test_a_draft_that_was_edited_still_names_its_source(world, old):
    write(old, "2024-03-01.md", b"Text.\n")
    carried_out(world, planned(world, old))
    (note,) = world.notes("ada")
    note.write_bytes(note.read_bytes() + b"More.\n")
    assert len(planned(world, old).already) == 1


def test_another_terminal_was_quicker(world, old):
    """Two plans of the same folder: the second to be carried out finds nothing left, and says so."""
    write(old, "2024-03-01.md", b"one")
    write(old, "2024-03-02.md", b"two")
    first, second = planned(world, old), planned(world, old)
    carried_out(world, first)
    (done,) = carried_out(world, second)
    assert (done.commit, done.notes, len(done.told)) == ("", (), 2)
    assert len(world.notes("ada")) == 2


def test_a_file_that_changed_since_the_plan_is_not_recorded(world, old):
    file = write(old, "2024-03-01.md", b"one")
    gone = write(old, "2024-03-02.md", b"two")
    write(old, "2024-03-03.md", b"three")
    plan = planned(world, old)
    file.write_bytes(b"other")
    gone.unlink()
    (done,) = carried_out(world, plan)
    assert [item.asked.name for _, item in done.notes] == ["2024-03-03.md"]
    assert [one.message.partition(":")[0] for one in done.told] == ["not imported", "not imported"]
    assert "has changed since it was looked at" in done.told[0].message


def test_batches_and_going_on_after_an_interruption(world, old, monkeypatch):
    monkeypatch.setattr(import_plan, "BATCH_NOTES", 2)
    for day in range(1, 8):
        write(old, f"2024-03-{day:02}.md", b"%d" % day)
    plan = planned(world, old)
    with world.chart() as chart, chart.recorder() as by:
        running = import_plan.carry_out(chart, plan, Rules(), world.tick, by)
        next(running)
        next(running)
        running.close()
    assert len(world.notes("ada")) == 4
    rest = planned(world, old)
    assert (len(rest.items), len(rest.already)) == (3, 4)
    assert [len(done.notes) for done in carried_out(world, rest)] == [2, 1]
    assert len(world.notes("ada")) == 7


def test_a_batch_ends_before_it_is_too_large(world, old, monkeypatch):
    monkeypatch.setattr(import_plan, "BATCH_BYTES", 10)
    for day in range(1, 4):
        write(old, f"2024-03-{day:02}.md", b"x" * day * 4)
    assert [len(done.notes) for done in carried_out(world, planned(world, old))] == [1, 1, 1]


def test_the_vault_itself_is_not_imported(world):
    with pytest.raises(Refused):
        planned(world, world.folder("ada"))
    with pytest.raises(NotFound):
        planned(world, Path("nowhere"))


def test_a_name_that_no_text_can_hold(world, old):
    (old / os.fsdecode(b"2024-03-01 \xff.txt")).write_bytes(b"x")
    write(old, "2024-03-02\n.txt", b"y")
    plan = planned(world, old)
    assert plan.items == ()
    assert {one.message for one in plan.problems} == {"has a name with characters that no front matter can hold"}


def test_no_note_goes_to_a_group(world, old):
    from dataclasses import replace

    write(old, "2024-03-01.md")
    with world.chart() as chart:
        group = replace(chart.register(world.clients["ada"]), kind="group")
        found = files.find(chart, [old], group, {})
        plan = import_plan.plan(chart, found, Rules())
    assert [one.message for one in plan.problems] == ["would go to a group"]


MANY = (
    "Ada Example\n\n## Monday, 2024-03-01\r\nFirst.\n2024-03-05 begins a line, too.\n"
    "Date: 2024-03-08 14:00\nSecond. \ufeff\n**2024-03-15**\nThird"
)


def test_a_file_of_several_notes_is_split_and_joins_again(world, old):
    file = write(old, "all.txt", MANY.encode())
    assert planned(world, old).items == ()
    whole = planned(world, old, usual="2024-01-01")
    assert [(one.several, one.lines) for one in whole.items] == [(4, "")]
    rules = Rules(split="date")
    plan = planned(world, old, rules=rules)
    assert [(one.date, one.date_from, one.lines) for one in plan.items] == [
        ("2024-03-01", "line", "1-4"), ("2024-03-05", "line", "5-5"), ("2024-03-08", "line", "6-7"), ("2024-03-15", "line", "8-9")
    ]  # fmt: skip
    carried_out(world, plan, rules)
    notes = sorted(world.notes("ada"), key=lambda path: path.name)
    bodies = [frontmatter.split(path.read_bytes()).body for path in notes]
    assert b"".join(bodies) == file.read_bytes()
    for number, (path, body) in enumerate(zip(notes, bodies, strict=True), 1):
        said = frontmatter.parse(path.read_bytes())["imported"]
        assert (said["part"], said["whole"]) == (f"{number} of 4", hashlib.sha256(file.read_bytes()).hexdigest())
        assert said["sha256"] == hashlib.sha256(body).hexdigest()
    again = planned(world, old, rules=rules)
    assert (again.items, len(again.already)) == ((), 4)


def test_another_rule_and_lines_without_a_day(world, old):
    write(old, "all.txt", b"Session 03/01/2024\nFirst.\nSession x\nSecond.\n")
    assert told(planned(world, old, rules=Rules(split="Visit")).problems) == ["all.txt has no line that begins with Visit"]
    plan = planned(world, old, rules=Rules(split="Session", order="mdy"))
    assert [(one.date, one.lines) for one in plan.items] == [("2024-03-01", "1-2")]
    assert told(plan.problems) == ["all.txt, lines 3-4, has no day in its first line"]
