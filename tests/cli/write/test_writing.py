"""`new`, `edit` and `save` at a terminal: what a person sees when something ends too early."""

from __future__ import annotations

import os
from pathlib import Path

import pexpect
import pytest

from tests import vaults
from tests.helpers import SCRIPTS, FakeEditor, append, run_here
from tests.vaults import NOTE, World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = vaults.make(tmp_path / "practice")
    monkeypatch.chdir(made.vault.root)
    return made


def at_terminal(*args: str) -> pexpect.spawn:
    command, environment = str(SCRIPTS / "vaultcli"), dict(os.environ)
    return pexpect.spawn(command, list(args), encoding="utf-8", timeout=90, dimensions=(40, 160), env=environment)


@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 130)])
def test_an_interrupt_at_the_question_records_nothing_and_says_where_the_text_is(
    world: World, editor: FakeEditor, key: str, code: int
) -> None:
    editor.will(append("Typed.\n"))
    child = at_terminal("new", "ada")
    child.expect(r"\[x\]discard ")
    child.send(key)
    child.expect("the text stays in ")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code
    (note,) = world.notes("ada")
    assert note.read_bytes().endswith(b"Typed.\n")
    with world.chart() as chart:
        assert chart.recorded(world.clients["ada"], f"notes/{note.name}") is None


def test_a_refused_signature_asks_again_and_the_draft_can_be_kept(world: World, editor: FakeEditor) -> None:
    editor.will(append("Typed.\n"))
    child = at_terminal("new", "ada")
    child.expect(r"\[x\]discard ")
    child.send("s")  # the time is missing
    child.expect("time is missing")
    child.expect(r"\[x\]discard ")
    child.send("d")
    child.expect("draft ada")
    child.expect(pexpect.EOF)


def test_text_piped_in_leaves_the_terminal_alone_and_is_recorded(world: World) -> None:
    done = run_here(["new", "ada", "--from", "-"], stdin="Piped.\n")
    assert done.code == 0
    (note,) = world.notes("ada")
    assert note.read_bytes().endswith(b"---\n\nPiped.\n")


def test_a_note_that_vanished_in_the_editor_is_no_fault(world: World, tmp_path: Path) -> None:
    script = tmp_path / "remover"
    script.write_text('#!/bin/sh\nrm "$1"\n')
    script.chmod(0o755)
    done = run_here(["new", "ada"], env={"EDITOR": str(script)})
    assert (done.code, done.out) == (0, "the file is gone; nothing was recorded\n")
    assert world.notes("ada") == []


def test_an_editor_that_changes_the_file_under_us_loses_nothing(world: World, tmp_path: Path) -> None:
    """Another window writes between the question and the answer: the answer is refused, both texts are on disk."""
    note = world.write("ada", NOTE)
    script = tmp_path / "late"
    script.write_text('#!/bin/sh\necho first >> "$1"\n')
    script.chmod(0o755)
    child = pexpect.spawn(
        str(SCRIPTS / "vaultcli"), ["edit", "ada"], encoding="utf-8", timeout=90, env={**os.environ, "EDITOR": str(script)}
    )
    child.expect(r"\[e\]dit ")
    note.write_bytes(note.read_bytes() + b"second\n")
    child.send("d")
    child.expect("changed since it was read")
    child.expect(r"\[e\]dit ")
    child.send("d")  # looked at again
    child.expect("draft ada")
    child.expect(pexpect.EOF)
    with world.chart() as chart:
        raw = chart.recorded(world.clients["ada"], f"notes/{note.name}")
    assert raw is not None
    assert raw.endswith(b"first\nsecond\n")


def test_beside_shows_the_newest_finished_note(world: World, tmp_path: Path) -> None:
    world.write("ada", NOTE)
    assert run_here(["sign", "--yes", "ada"]).code == 0
    seen = tmp_path / "seen"
    script = tmp_path / "nano"
    script.write_text(f'#!/bin/sh\nshift  # the line to open it at\ncat "$2" > {seen}; ls -l "$2" >> {seen}; echo text >> "$1"\n')
    script.chmod(0o755)
    assert run_here(["new", "ada", "--beside"], stdin="d\n", env={"EDITOR": str(script)}).code == 0
    assert "Mood is lifting." in seen.read_text()
    assert "-r--------" in seen.read_text()
    assert "signed:" not in seen.read_text()
    assert list((world.vault.chart / ".git" / "vaultcli" / "tmp").iterdir()) == []
    (tmp_path / "odd").write_text('#!/bin/sh\necho text >> "$1"\n')
    (tmp_path / "odd").chmod(0o755)
    done = run_here(["new", "ada", "--beside"], stdin="d\n", env={"EDITOR": str(tmp_path / "odd")})
    assert "beside it: " in done.err


def test_a_full_disk_is_said_and_the_text_stays(
    world: World, editor: FakeEditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from vaultcli.ground.git.plumbing import Git

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(Git, "write_objects", full)
    editor.will(append("Typed.\n"))
    done = run_here(["new", "ada"], stdin="d\n")
    assert done.code == 9
    assert "the text stays in " in done.err
    (note,) = world.notes("ada")
    assert note.read_bytes().endswith(b"Typed.\n")
