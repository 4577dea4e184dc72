"""Questions, at a terminal and in a pipe."""

from __future__ import annotations

import os
import subprocess
import sys

import pexpect
import pytest

CHOOSE = "from vaultcli.cli.ui.prompt import *; print('got', ask('note:', ['[s]ign', '[d]raft'], default='d'))"
LINE = "from vaultcli.cli.ui.prompt import *; print('got', ask_line('reason', default='typo'))"
YES = "from vaultcli.cli.ui.prompt import *; print('got', confirm('sure?'))"


def piped(code: str, text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], input=text, capture_output=True, text=True)


def terminal(code: str) -> pexpect.spawn:
    return pexpect.spawn(sys.executable, ["-c", code], env=dict(os.environ), encoding="utf-8", timeout=60)


def test_a_pipe_answers_by_lines() -> None:
    done = piped(CHOOSE, "q\nSign\n")
    assert done.stdout == "got s\n"
    assert done.stderr == "note: [s]ign [d]raft (Enter: d) \npress one of s d\nnote: [s]ign [d]raft (Enter: d) \n"
    assert piped(CHOOSE, "\n").stdout == "got d\n"
    assert piped(YES, "y").stdout == "got True\n"
    assert piped(LINE, "\n").stdout == "got typo\n"
    assert piped(LINE, "wrong dose\n").stdout == "got wrong dose\n"


@pytest.mark.parametrize("code", [CHOOSE, YES, LINE])
def test_an_input_that_ends_is_an_error_and_no_answer(code: str) -> None:
    done = piped(code, "")
    assert done.stdout == ""
    assert "BadInput: no answer to" in done.stderr


def test_a_terminal_answers_by_one_key() -> None:
    child = terminal(CHOOSE)
    child.expect("raft ")
    child.send("s")
    child.expect("got s")


def test_enter_is_the_default() -> None:
    child = terminal(CHOOSE)
    child.expect("raft ")
    child.send("\r")
    child.expect("got d")


def test_keys_pressed_too_early_choose_nothing() -> None:
    waits = (
        "import select, termios, tty; before = termios.tcgetattr(0); tty.setcbreak(0); print('editor', flush=True); "
        "select.select([0], [], []); termios.tcsetattr(0, termios.TCSANOW, before)\n"
    )
    child = terminal(waits + CHOOSE)
    child.expect("editor")
    child.send("s")
    child.expect("raft ")
    child.send("d")
    child.expect("got d")


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_control_c_and_control_d_stop(key: str) -> None:
    child = terminal(CHOOSE)
    child.expect("raft ")
    child.send(key)
    child.expect("KeyboardInterrupt|Abort")


STRAY = "from vaultcli.cli.ui.prompt import *; print('first', ask('way:', ['[p]aper', '[s]tick'], default='s')); "
AFTER = {
    "a line": "print('got', repr(ask_line('file', default='none')))",
    "a hidden line": "print('got', repr(ask_hidden('passphrase')))",
    "a choice": "print('got', repr(ask('note:', ['[s]ign', '[d]raft'], default='d')))",
}


@pytest.mark.parametrize("after", AFTER, ids=str)
def test_the_enter_behind_a_key_answers_nothing(after: str) -> None:
    """Pressed when the next question is up already, as fingers do; the next one is an answer."""
    child = terminal(STRAY + AFTER[after])
    child.expect("tick ")
    child.send("p")
    child.expect("first p")
    child.expect("none|phrase: |raft")
    child.send("\r")
    if after != "a choice":
        child.expect("none|phrase: ")
    child.send("s" if after == "a choice" else "typed\r")
    child.expect("got '(typed|s)'")


def test_only_one_enter_belongs_to_a_key() -> None:
    child = terminal(STRAY + AFTER["a line"])
    child.expect("tick ")
    child.send("p")
    child.expect("none")
    child.send("\r")
    child.expect("none")
    child.send("\r")
    child.expect("got 'none'")


def test_the_enter_behind_a_key_does_not_reach_another_program() -> None:
    head = "print(subprocess.run(['head', '-n1'], capture_output=True).stdout)"
    read = f"settle(); import subprocess; print('ready', flush=True); {head}"
    child = terminal(STRAY + read)
    child.expect("tick ")
    child.send("p")
    child.send("\r")
    child.expect("ready")
    child.send("mine\r")
    child.expect("b'mine")
