"""Notes typed by hand in real editors in a real terminal: what was typed is what is recorded, byte for byte."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import pexpect
import pytest

from tests import everyday, vaults
from tests.helpers import SCRIPTS
from tests.vaults import World
from vaultcli.record.notes import names

TYPED = "Zum Anfang: “gut” geschlafen, 5 h.\n- naïve point\n\ttab, and a trailing blank \nlast line"
"""Accents, curly quotes, a tab, a trailing blank: typed at the end of the draft."""

PLAIN = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
QUIET = {
    "vim": "vim -u NONE -N -i NONE",
    "nano": "nano --ignorercfiles",
    "emacs": "emacs -nw -Q --no-site-lisp",
    "micro": "micro -autosu off -backup off",
}
"""Each editor without anybody's settings; vim's swap file, emacs' lock and backups as they come."""
QUIETLY = 0.5
"""Seconds without a character after which a screen counts as drawn."""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return vaults.make(tmp_path / "practice")


def session(world: World, editor: str, *args: str) -> pexpect.spawn:
    environment = {**os.environ, **PLAIN, "EDITOR": QUIET[editor]}
    return pexpect.spawn(
        str(SCRIPTS / "vaultcli"), list(args), cwd=str(world.vault.root), env=environment, encoding="utf-8", timeout=90,
        dimensions=(40, 100),
    )  # fmt: skip


def settle(child: pexpect.spawn) -> None:
    """Wait until the editor draws no more: a screen that is still being drawn swallows keys."""
    with contextlib.suppress(pexpect.TIMEOUT):
        while True:
            child.read_nonblocking(65536, timeout=QUIETLY)


def type_at_end(child: pexpect.spawn, editor: str, text: str) -> None:
    """Go to the end of the file, open a line, type, save and leave."""
    child.expect("next contact|[Pp]lan|id: ")
    settle(child)
    if editor == "vim":
        child.send(":set paste\rGo" + text + "\x1b:wq\r")
    elif editor == "nano":
        child.send("\x1b/")  # Alt-/ is the end of the file
        settle(child)
        child.send("\x1b[200~" + text.replace("\n", "\r") + "\x1b[201~" if "\t" in text else text.replace("\n", "\r"))
        settle(child)
        child.send("\x0f")
        settle(child)
        child.send("\r")
        settle(child)
        child.send("\x18")
    elif editor == "emacs":
        child.send("\x1b>")
        settle(child)
        child.send("\x1b[200~" + text + "\x1b[201~")
        settle(child)
        child.send("\x18\x13")
        settle(child)
        child.send("\x18\x03")
    else:
        child.send("\x1b[1;5F")  # Ctrl-End
        settle(child)
        child.send("\x1b[200~" + text + "\x1b[201~")
        settle(child)
        child.send("\x13")
        settle(child)
        child.send("\x11")


@pytest.mark.parametrize("editor", everyday.these(sorted(QUIET), ["nano", "vim"]))
def test_what_was_typed_is_what_is_recorded(world: World, editor: str) -> None:
    if shutil.which(editor) is None:
        pytest.skip(f"SKIPPED: {editor} is not installed, so typing in it was NOT tried")
    child = session(world, editor, "new", "ada", "09:00-09:53")
    type_at_end(child, editor, TYPED)
    child.expect(r"\[d\]raft")
    child.send("d")
    child.expect("draft ada")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    (note,) = world.notes("ada")
    raw = note.read_bytes()
    assert recorded(world, note) == raw
    body = raw.decode().partition("## Plan\n")[2].partition("-->\n")[2]
    assert body.rstrip("\n") == TYPED, "the typed text is not what the file has"
    assert raw.startswith(b"---\nformat: dap\ndate: ")
    assert b"\r" not in raw
    left = [path.name for path in note.parent.iterdir() if names.parse(path.name) is None and not path.name.endswith("~")]
    assert left == []

    again = session(world, editor, "edit", "ada")
    type_at_end(again, editor, "One more line.")
    again.expect(r"\[d\]raft")
    again.send("d")
    again.expect("draft ada")
    again.expect(pexpect.EOF)
    after = recorded(world, note)
    assert after == note.read_bytes()
    # vim opens a line below; the others go on where the text ends, which is after the last line's end if it has one
    assert after.startswith(raw.rstrip(b"\n"))
    assert after[len(raw.rstrip(b"\n")) :].strip(b"\n") == b"One more line."


def recorded(world: World, note: Path) -> bytes:
    with world.chart() as chart:
        raw = chart.recorded(world.clients["ada"], f"notes/{note.name}")
    assert raw is not None
    return raw


def test_a_second_editor_on_the_same_note_is_refused(world: World) -> None:
    if shutil.which("nano") is None:
        pytest.skip("SKIPPED: nano is not installed, so two editors on one note were NOT tried")
    first = session(world, "nano", "new", "ada", "09:00-09:53")
    first.expect("Plan")
    second = session(world, "nano", "edit", "ada")
    second.expect("is open in another `vaultcli`")
    second.expect(pexpect.EOF)
    second.close()
    assert second.exitstatus == 6
    first.send("\x18")
    first.expect("nothing was written")
    first.expect(pexpect.EOF)
    assert world.notes("ada") == []


def test_a_killed_terminal_leaves_the_draft(world: World) -> None:
    """The window is closed while the menu waits: what was typed is on disk, unrecorded, and `edit` finds it."""
    if shutil.which("vim") is None:
        pytest.skip("SKIPPED: vim is not installed, so a closed window was NOT tried")
    child = session(world, "vim", "new", "ada", "09:00-09:53")
    type_at_end(child, "vim", "Half.")
    child.expect(r"\[d\]raft")
    child.close(force=True)
    (note,) = world.notes("ada")
    assert note.read_bytes().endswith(b"Half.\n")
    with world.chart() as chart:
        assert chart.recorded(world.clients["ada"], f"notes/{note.name}") is None
    from tests.helpers import run_process

    done = run_process(["edit", "ada", "--draft"], cwd=world.vault.root, env={"EDITOR": "true"})
    assert done.code == 0, done.err
    assert recorded(world, note) == note.read_bytes()
