"""Sessions of a group: one text for all, a note in each member's chart, and nothing in it that leads to another's."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests import everyday, shelf, vaults
from tests.helpers import SCRIPTS, FakeEditor, fail, replace, run_here, under
from tests.vaults import World
from vaultcli.record.notes.note import Note

MEMBERS = {"ada": "Ada Lovett", "bo": "Bo Winter", "cy": "Cyrus Okoye-Lund", "dee-q": "Deepa Quirk"}
SHARED = "Distress tolerance, step 3. Leaders: Lee Example, Sam Trainee. Four present. Taught STOP."


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = shelf.of(__name__, tmp_path, founded)
    monkeypatch.chdir(made.vault.root)
    return made


def founded(folder: Path) -> World:
    made = vaults.make(folder / "practice", clients=tuple(MEMBERS))
    for handle, name in MEMBERS.items():
        ok("client", "edit", handle, "--name", name, cwd=made.vault.root)
    ok("client", "add", "Tuesday skills", "--handle", "tuesday", "--kind", "group", "--members", ",".join(MEMBERS),
       "--cpt", "90853", "--place", "office", cwd=made.vault.root)  # fmt: skip
    with made.chart() as chart:
        made.clients["tuesday"] = chart.client("tuesday").id
    return made


def ok(*args: str, **settings: object) -> str:
    done = run_here(args, **settings)  # type: ignore[arg-type]
    assert done.code == 0, done.err
    return done.out


def sheets(world: World) -> list[Path]:
    folder = world.folder("tuesday") / "notes"
    return sorted(folder.glob("*.md")) if folder.is_dir() else []


def marks(world: World) -> list[Path]:
    return sorted((world.vault.chart / ".git" / "vaultcli" / "sheets").glob("*"))


def test_one_note_for_each_who_was_there(world: World) -> None:
    done = run_here(["new", "tuesday", "17:00-18:30", "--absent", "cy", "-m", SHARED])
    assert done.code == 0
    assert [line.split()[:2] for line in done.out.splitlines()[1:]] == [["draft", "ada"], ["draft", "bo"], ["draft", "dee-q"]]
    assert "not there: cy; `vaultcli new cy --type no-show`" in done.err
    assert (world.notes("cy"), sheets(world), marks(world)) == ([], [], [])
    for handle in ("ada", "bo", "dee-q"):
        (path,) = world.notes(handle)
        note = Note.parse(path.read_bytes(), f"notes/{path.name}")
        assert (note.type, note.time, note.place) == ("group", "17:00-18:30", "office")
        assert (note.cpt, note.diagnoses) == (("90853",), ("F33.1",))
        assert (note.problems, note.unknown) == ((), ())
        assert note.sections[0].text.strip() == SHARED
        assert [one.title for one in note.sections[1:]] == ["Participation", "Response", "Progress and risk", "Plan"]


def test_a_note_that_says_nothing_of_the_client_is_not_signed(world: World, editor: FakeEditor) -> None:
    ok("new", "tuesday", "17:00-18:30", "-m", SHARED)
    done = run_here(["sign", "ada", "--yes"])
    assert "says nothing of this client yet" in done.err
    editor.will(under("## Participation", "\nNinety minutes, spoke twice.\n"))
    ok("edit", "ada", "--sign")
    assert b"<!--" not in world.notes("ada")[0].read_bytes()


@pytest.mark.parametrize("how", everyday.these(["markdown", "html", "jsonl", "csv", "bundle"], ["html", "bundle"]))
def test_four_exports_share_no_name_id_hash_or_commit(world: World, editor: FakeEditor, tmp_path: Path, how: str) -> None:
    ok("new", "tuesday", "17:00-18:30", "-m", SHARED)
    for handle in MEMBERS:
        editor.will(under("## Participation", f"\nNinety minutes. Own words of {handle[::-1]}.\n"))
        ok("edit", handle, "--sign")
    ok("verify")
    given: dict[str, str] = {}
    for handle in MEMBERS:
        if how == "bundle":
            target = tmp_path / f"{handle}.bundle"
            ok("export", handle, "--bundle", str(target))
            clone = tmp_path / f"clone-{handle}"
            subprocess.run(["git", "clone", "-q", str(target), str(clone)], check=True, capture_output=True)
            given[handle] = subprocess.run(
                ["git", "log", "-p", "--all", "--format=raw"], cwd=clone, check=True, capture_output=True
            ).stdout.decode("utf-8", "replace")
        else:
            out = tmp_path / f"out-{handle}"
            ok("export", handle, f"--{how}" if how != "markdown" else "--markdown", "-o", str(out))
            given[handle] = "\n".join(file.read_text(errors="replace") for file in sorted(out.rglob("*")) if file.is_file())
    practice = subprocess.run(
        ["git", "-C", str(world.vault.chart), "log", "-p", "--format=raw", "practice"], check=True, capture_output=True
    ).stdout.decode()
    # the list of signers is the practice's, and goes along with every export
    practice += hashlib.sha256((world.vault.chart / "allowed_signers").read_bytes()).hexdigest()
    group = world.clients["tuesday"]
    for handle, text in given.items():
        assert group not in text
        assert "uesday" not in text
        for other, name in MEMBERS.items():
            if other == handle:
                continue
            words = [other, world.clients[other], *re.findall(r"\w{2,}", name)]
            assert [word for word in words if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)] == [], (handle, other)
            mine, theirs = marked(text), marked(given[other])
            shared = {token for token in mine & theirs if token not in practice}
            assert shared == set(), (handle, other)


def marked(text: str) -> set[str]:
    """Ids, hashes and fingerprints: what could join two releases."""
    tokens = re.findall(r"(?<![0-9a-zA-Z])(?:[0-9a-hjkmnp-tv-z]{16}|[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-zA-Z])", text)
    return {token for token in tokens if any(character.isdigit() for character in token)}


def test_a_name_in_the_text_for_all_is_told_and_refused_where_nobody_can_be_asked(world: World) -> None:
    for text, whose in (("Then Bo spoke.", "bo"), ("Okoye left.", "cy"), ("dee-q came late.", "dee-q")):
        done = run_here(["new", "tuesday", "17:00-18:30", "-m", text])
        assert done.code == 4
        assert re.search(rf"notes/[\w-]+\.md:\d+: names {whose},", done.err), done.err
        assert text not in done.err
        (sheet,) = sheets(world)
        assert sheet.read_text().endswith(f"{text}\n")
        assert [world.notes(handle) for handle in MEMBERS] == [[], [], [], []]
        sheet.unlink()
    ok("new", "tuesday", "17:00-18:30", "-m", "Then Bo spoke.", "--anyway")
    assert len(world.notes("ada")) == 1


def test_words_that_only_look_alike_are_no_names(world: World) -> None:
    ok("new", "tuesday", "17:00-18:30", "-m", "Lee Example taught. A bow, winter, and the cycle of the day.")


def test_who_is_present_can_be_changed_on_the_sheet(world: World, editor: FakeEditor) -> None:
    editor.will(replace("present: [ada, bo, cy, dee-q]", "present: [bo]"), under("## Group session", f"\n{SHARED}\n"))
    ok("new", "tuesday", "17:00-18:30")
    assert [len(world.notes(handle)) for handle in MEMBERS] == [0, 1, 0, 0]


def test_an_untouched_sheet_leaves_nothing(world: World, editor: FakeEditor) -> None:
    editor.will()
    assert ok("new", "tuesday", "17:00-18:30") == "nothing was written; nothing was recorded\n"
    assert (sheets(world), marks(world)) == ([], [])


def test_an_editor_that_fails_leaves_the_sheet_and_edit_goes_on(world: World, editor: FakeEditor) -> None:
    editor.will(under("## Group session", f"\n{SHARED}\n"), fail(1))
    assert run_here(["new", "tuesday", "17:00-18:30", "--absent", "ada"]).code != 0
    (sheet,) = sheets(world)
    assert SHARED in sheet.read_text()
    assert "tuesday" in ok("status")
    assert "not saved: it is the sheet of a group's session" in run_here(["save"]).err
    assert "nothing to sign" in ok("sign", "--yes")
    editor.will(replace("Taught", "Practiced"))
    ok("edit", "tuesday")
    assert [len(world.notes(handle)) for handle in MEMBERS] == [0, 1, 1, 1]
    assert "Practiced STOP" in world.notes("bo")[0].read_text()
    assert (sheets(world), marks(world)) == ([], [])


KILLER = """
import os, signal, sys
from vaultcli.ground import files
from vaultcli.ground.repository.repository import Repository
left = int(sys.argv.pop(1))
def counted(function):
    def wrapped(*args, **kwargs):
        global left
        if "sheets" in str(args) or "/notes/" in str(args):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        return result
    return wrapped
Repository.create_file = counted(Repository.create_file)
files.remove = counted(files.remove)
from vaultcli.__main__ import main
main()
"""


@pytest.mark.parametrize("steps", everyday.these(range(9), [0, 4, 8]))
def test_killed_at_any_step_nothing_is_lost_and_nothing_written_twice(world: World, steps: int) -> None:
    command = [sys.executable, "-c", KILLER, str(steps), "new", "tuesday", "17:00-18:30", "-m", SHARED]
    done = subprocess.run(command, capture_output=True, env=os.environ)
    if steps == 8:
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode == -9, done.stderr
    if steps == 0:  # before the sheet was there; the text is in the shell's history
        assert sheets(world) == []
        return
    again = run_here(["edit", "tuesday"], env={"EDITOR": "true"})
    assert again.code == 0 or steps == 8, again.err  # after the last step nothing is left to be edited
    if steps > 2:
        assert ("the notes of an interrupted session were made: ada, bo, cy, dee-q" in again.err) == (steps < 8)
    for handle in MEMBERS:
        (path,) = world.notes(handle)
        assert SHARED in path.read_text()
    assert (sheets(world), marks(world)) == ([], [])
    ok("save")
    ok("verify")


def test_at_a_terminal_the_editor_opens_for_each_in_turn(world: World, editor: FakeEditor) -> None:
    editor.will(under("## Group session", "\nTaught STOP. Bo asked.\n"))
    editor.will(replace(" Bo asked.", ""))
    editor.will(under("## Participation", "\nNinety minutes.\n"))
    editor.will(under("## Participation", "\nTen minutes.\n"))
    child = pexpect.spawn(str(SCRIPTS / "vaultcli"), ["new", "tuesday", "17:00-18:30", "--absent", "cy", "--absent", "dee-q"],
                          encoding="utf-8", timeout=90, dimensions=(40, 160), env=dict(os.environ))  # fmt: skip
    child.expect("names bo, and would stand in the others' charts")
    child.expect(r"\[m\]ake the notes \[e\]dit \[x\]discard|\[m\]ake the notes, \[e\]dit, \[x\]discard")
    child.send("e")
    child.expect(r"\[x\]discard")
    child.send("m")
    child.expect("1/2 ada")
    child.expect(r"\[x\]discard")
    child.send("s")
    child.expect("signed ada")
    child.expect("2/2 bo")
    child.expect(r"\[x\]discard")
    child.send("\x03")
    child.expect("the text stays in ")
    child.expect(pexpect.EOF)
    child.close()
    assert "Ten minutes." in world.notes("bo")[0].read_text()
    assert sheets(world) == []


def test_a_groups_own_line_holds_its_entry_and_nothing_else(world: World, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Words.\n")
    tries = (
        ("new", "tuesday", "--type", "contact", "-m", "Words."),
        ("new", "tuesday", "10:00-10:50", "--sign", "-m", "Words."),
        ("export", "tuesday", "--stdout"),
        ("export", "tuesday", "--bundle", str(tmp_path / "x")),
        ("attach", "tuesday", str(tmp_path / "a.txt"), "--kind", "consent"),
        ("client", "edit", "tuesday", "--kind", "individual"),
        ("client", "edit", "ada", "--kind", "group"),
        ("client", "edit", "ada", "--members", "bo"),
        ("client", "edit", "tuesday", "--members", "ada,ada"),
        ("client", "edit", "tuesday", "--members", "tuesday"),
        ("client", "edit", "tuesday", "--members", "nobody"),
    )
    for args in tries:
        assert run_here(args).code not in (0, 70), args
    assert not (tmp_path / "x").exists()
    with world.chart() as chart:
        assert set(chart.line(world.clients["tuesday"]).files) == {"client.md", ".gitattributes"}


def test_members_come_and_go_in_the_register(world: World) -> None:
    ok("client", "edit", "tuesday", "--members", "bo,ada")
    ok("client", "close", "ada")
    done = run_here(["new", "tuesday", "17:00-18:30", "-m", SHARED])
    assert "ada is left out: the chart was closed" in done.err
    assert [len(world.notes(handle)) for handle in MEMBERS] == [0, 1, 0, 0]
    shown = ok("client", "show", "tuesday")
    assert "Bo Winter" in shown
    assert re.search(r"ada +Ada Lovett +closed", shown)
