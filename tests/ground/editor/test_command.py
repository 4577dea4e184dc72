from __future__ import annotations

import os
import platform
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vaultcli.ground.editor import command as editor
from vaultcli.ground.editor.command import Editor
from vaultcli.ground.errors import EditorTrouble


def program(folder: Path, name: str, body: str = "exit 0") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_visual_comes_before_editor_and_is_split_as_a_shell_would(tmp_path: Path) -> None:
    program(tmp_path, "my editor")
    environ = {"VISUAL": f"'{tmp_path}/my editor' --flag 'two words'", "EDITOR": "false"}
    found = editor.chosen(environ)
    assert found.argv == (f"{tmp_path}/my editor", "--flag", "two words")


def test_without_a_setting_the_usual_editors_are_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EditorTrouble, match="no editor"):
        editor.chosen({})
    program(tmp_path, "vi")
    assert editor.chosen({}).argv == (f"{tmp_path}/vi",)
    program(tmp_path, "nano")
    assert editor.chosen({"EDITOR": "  "}).name == "nano"


def test_the_name_is_that_of_the_program_behind_the_links(tmp_path: Path) -> None:
    program(tmp_path, "vim.basic")
    (tmp_path / "vi").symlink_to("vim.basic")
    assert editor.chosen({"EDITOR": str(tmp_path / "vi")}).name == "vim"
    assert editor.chosen({"EDITOR": str(program(tmp_path, "emacs-nox"))}).name == "emacs"


@pytest.mark.parametrize("setting", ["no-such-editor-here", "nano 'open"])
def test_a_setting_that_cannot_work_is_said(setting: str) -> None:
    with pytest.raises(EditorTrouble):
        editor.chosen({"EDITOR": setting})


def test_the_file_is_edited_and_waited_for(tmp_path: Path) -> None:
    script = program(tmp_path, "ed", 'sleep 0.1; echo typed >> "$1"')
    note = tmp_path / "a note; rm -rf.md"
    note.write_text("")
    editor.edit(note, editor=Editor((str(script),), "ed"))
    assert note.read_text() == "typed\n"


@pytest.mark.parametrize(("body", "how"), [("exit 3", "code 3"), ("kill -9 $$", "signal 9")])
def test_an_editor_that_fails_is_trouble(tmp_path: Path, body: str, how: str) -> None:
    note = tmp_path / "note.md"
    note.write_text("kept")
    with pytest.raises(EditorTrouble, match=how):
        editor.edit(note, editor=Editor((str(program(tmp_path, "ed", body)),), "ed"))
    assert note.read_text() == "kept"


def test_an_editor_that_cannot_start_is_trouble(tmp_path: Path) -> None:
    script = program(tmp_path, "ed")
    script.write_text("no program")
    with pytest.raises(EditorTrouble, match="cannot start"):
        editor.edit(tmp_path / "note.md", editor=Editor((str(script),), "ed"))


def test_ctrl_c_is_the_editors_while_it_runs(tmp_path: Path) -> None:
    """The parent survives an interrupt sent to the whole group, and hears the next one again."""
    note = tmp_path / "note.md"
    note.write_text("")
    body = 'trap "echo saved >> $1; exit 0" INT; kill -INT $PPID; kill -INT $$; sleep 5'
    editor.edit(note, editor=Editor((str(program(tmp_path, "ed", body)),), "ed"))
    assert note.read_text() == "saved\n"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("name", sorted(editor.BESIDE))
def test_editors_that_show_two_files_name_both(name: str) -> None:
    command = Editor((name,), name).command(Path("/a/note.md"), Path('/b/"other".md'))
    assert command[0] == name
    assert "/a/note.md" in command
    assert any("other" in word for word in command[1:])


def test_emacs_gets_the_second_name_as_a_string() -> None:
    command = Editor(("emacs",), "emacs").command(Path("/a.md"), Path('/b/"x\\".md'))
    assert r'"/b/\"x\\\".md"' in command[-1]


def test_an_unknown_editor_gets_one_file() -> None:
    one = Editor(("ed", "-s"), "ed")
    assert not one.shows_two
    assert one.command(Path("/a.md"), Path("/b.md")) == ["ed", "-s", "/a.md"]


def test_editors_with_windows_are_told_to_wait() -> None:
    assert Editor(("code",), "code").command(Path("/a")) == ["code", "--wait", "/a"]
    assert Editor(("code", "-w"), "code").command(Path("/a")) == ["code", "-w", "/a"]
    assert Editor(("kate", "--block"), "kate").command(Path("/a")) == ["kate", "--block", "/a"]


# open elsewhere


def swap(path: Path, version: bytes, process: int, host: str) -> None:
    head = b"b0" + version.ljust(10, b"\0") + bytes(12) + process.to_bytes(4, "little")
    head += b"lee".ljust(40, b"\0") + host.encode().ljust(40, b"\0") + b"note.md"
    path.write_bytes(head.ljust(1024, b"\0"))


@pytest.fixture
def gone() -> int:
    """The id of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_nothing_beside_a_file_means_closed(tmp_path: Path) -> None:
    assert editor.open_elsewhere(tmp_path / "note.md") is None


@pytest.mark.parametrize(("version", "name"), [(b"VIM 9.0", "vim"), (b"nano 7.2", "nano")])
def test_a_swap_file_counts_while_its_process_lives(tmp_path: Path, version: bytes, name: str, gone: int) -> None:
    note, here = tmp_path / "note.md", platform.node()
    swap(tmp_path / ".note.md.swp", version, os.getpid(), here)
    assert editor.open_elsewhere(note) == f"{name} (process {os.getpid()})"
    swap(tmp_path / ".note.md.swp", version, gone, here)
    assert editor.open_elsewhere(note) is None
    swap(tmp_path / ".note.md.swo", version, gone, "another-machine")
    assert editor.open_elsewhere(note) == f"{name} on another-machine"


def test_a_swap_file_that_cannot_be_read_counts(tmp_path: Path) -> None:
    (tmp_path / ".note.md.swp").write_bytes(b"?")
    assert editor.open_elsewhere(tmp_path / "note.md") == "an editor (says .note.md.swp)"


def test_emacs_and_joe_leave_a_link_to_nowhere(tmp_path: Path, gone: int) -> None:
    link, note = tmp_path / ".#note.md", tmp_path / "note.md"
    link.symlink_to(f"lee@{platform.node()}.{os.getpid()}:1700000000")
    assert editor.open_elsewhere(note) == f"emacs (process {os.getpid()})"
    link.unlink()
    link.symlink_to(f"lee@{platform.node()}.{gone}")
    assert editor.open_elsewhere(note) is None


@pytest.mark.parametrize(("sign", "name"), [(".note.md.kate-swp", "kate"), (".~lock.note.md#", "LibreOffice")])
def test_signs_without_a_process_count_while_they_are_there(tmp_path: Path, sign: str, name: str) -> None:
    (tmp_path / sign).touch()
    assert editor.open_elsewhere(tmp_path / "note.md") == f"{name} (says {sign})"


@pytest.mark.skipif(shutil.which("vim") is None, reason="SKIPPED: vim is not installed, so its real swap file was not tried")
def test_a_real_vim_is_seen(tmp_path: Path) -> None:
    import pexpect

    note = tmp_path / "note.md"
    note.write_text("text\n")
    plain = ["-u", "NONE", "--cmd", "set swapfile directory=. shortmess+=F"]
    child = pexpect.spawn("vim", [*plain, str(note)], env={**os.environ, "TERM": "xterm"}, dimensions=(24, 200))
    child.expect("text")
    assert editor.open_elsewhere(note) == f"vim (process {child.pid})"
    child.send(":q!\r")
    child.expect(pexpect.EOF)
    assert editor.open_elsewhere(note) is None


def test_editors_that_can_open_a_file_at_its_line() -> None:
    assert Editor(("vim",), "vim").command(Path("/a.md"), line=7) == ["vim", "+7", "/a.md"]
    assert Editor(("nano", "-w"), "nano").command(Path("/a.md"), line=7) == ["nano", "-w", "+7", "/a.md"]
    assert Editor(("vim",), "vim").command(Path("/a.md"), Path("/b.md"), line=7)[:4] == ["vim", "+7", "-O", "/a.md"]
    assert Editor(("vim",), "vim").command(Path("/a.md")) == ["vim", "/a.md"]
    assert Editor(("odd",), "odd").command(Path("/a.md"), line=7) == ["odd", "/a.md"]
