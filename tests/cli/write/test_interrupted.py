"""A terminal that closes, a machine that shuts down, a second terminal: what was typed stays where the editor wrote it."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from tests import vaults
from tests.helpers import SCRIPTS

WORDS = "She spoke of the lighthouse."


@pytest.fixture
def world(tmp_path):
    return vaults.make(tmp_path / "vault")


def editor(tmp_path, body: str) -> str:
    script = tmp_path / "typing"
    script.write_text(f"#!/bin/sh\nfor file; do :; done\n{body}\n")
    script.chmod(0o755)
    return str(script)


def start(world, *args: str, **env: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [str(SCRIPTS / "vaultcli"), *args]
    # a suite that nohup started would hand down that this signal is ignored
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        return subprocess.Popen(
            command, cwd=world.vault.root, env={**os.environ, **env}, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGHUP, before)


def goes_on(world, cli) -> None:
    """The draft is there, status names it, and it can be recorded."""
    (note,) = world.notes("ada")
    assert WORDS in note.read_text()
    status = cli("status", cwd=world.vault.root)
    assert (status.code, "mended" in status.err) == (0, False)
    assert "ada" in status.out
    assert cli("save", cwd=world.vault.root).code == 0
    assert cli("verify", cwd=world.vault.root).code == 0
    assert WORDS in note.read_text()
    assert list(note.parent.glob(".*")) == []


@pytest.mark.parametrize("name", ["TERM", "HUP", "INT"])
def test_a_signal_while_the_editor_is_open(name, world, tmp_path, cli):
    typing = editor(tmp_path, f"printf '\\n{WORDS}\\n' >> \"$file\"; kill -{name} $PPID")
    command = start(world, "new", "ada", EDITOR=typing)
    _, err = command.communicate(timeout=60)
    assert command.returncode not in (0, 70)
    assert "Traceback" not in err
    goes_on(world, cli)


@pytest.mark.parametrize("name", ["TERM", "HUP", "INT"])
def test_a_signal_while_the_question_waits(name, world, tmp_path, cli):
    command = start(world, "new", "ada", EDITOR=editor(tmp_path, f"printf '\\n{WORDS}\\n' >> \"$file\""))
    assert command.stderr is not None
    while "[d]raft" not in (shown := os.read(command.stderr.fileno(), 4096).decode()):
        assert shown, "the question never came"
    command.send_signal(getattr(signal, f"SIG{name}"))
    _, err = command.communicate(timeout=60)
    assert command.returncode == (130 if name == "INT" else -getattr(signal, f"SIG{name}"))
    assert "Traceback" not in err
    if name == "INT":
        assert "the text stays in" in err
    goes_on(world, cli)


def test_two_terminals_do_not_edit_the_same_note(world, tmp_path, cli):
    second = f"cd {world.vault.root}; EDITOR=false vaultcli edit ada 2> {tmp_path}/said; echo $? > {tmp_path}/code"
    typing = editor(tmp_path, f"printf '\\n{WORDS}\\n' >> \"$file\"\n{second}")
    command = start(world, "new", "ada", EDITOR=typing)
    _, err = command.communicate("d\n", timeout=60)
    assert command.returncode == 0, err
    assert (tmp_path / "code").read_text() == "6\n"
    assert "is open in another `vaultcli`" in (tmp_path / "said").read_text()
    (note,) = world.notes("ada")
    assert WORDS in note.read_text()
    assert cli("save", cwd=world.vault.root).out == "nothing to save\n"


def test_a_note_that_another_terminal_changed_meanwhile_is_not_recorded_as_something_else(world, tmp_path):
    """Between closing the editor and the answer another terminal writes: the answer is for what was shown."""
    command = start(world, "new", "ada", EDITOR=editor(tmp_path, f"printf '\\n{WORDS}\\n' >> \"$file\""))
    assert command.stderr is not None
    while "[d]raft" not in os.read(command.stderr.fileno(), 4096).decode():
        pass
    (note,) = world.notes("ada")
    note.write_text(note.read_text() + "\nAnd of the harbour.\n")
    _, err = command.communicate("d\n", timeout=60)
    assert command.returncode == 6, err
    assert "changed since it was read" in err
    assert WORDS in note.read_text()
    assert "harbour" in note.read_text()
