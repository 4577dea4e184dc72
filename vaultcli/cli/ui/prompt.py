"""Questions to the person at the terminal, or to whatever feeds standard input.

On a terminal a choice is one key press; keys pressed before the question appeared are thrown away, so that what was
typed at an editor signs nothing. In a pipe an answer is one line. Questions go to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from vaultcli.cli.ui import terminal
from vaultcli.ground.errors import BadInput
from vaultcli.ground.patterns import pattern

_MARKED = pattern(r"\[(.)\]")
_END_OF_INPUT = ("", "\x04")


def ask(question: str, choices: Sequence[str], *, default: str = "") -> str:
    """Ask for one of several choices.

    Args:
        question: put before the choices; may be empty.
        choices: each with its key in brackets: `["[s]ign", "[d]raft", "[e]dit", "[x]discard"]`.
        default: the key that Enter or an empty line stands for; "" for none.

    Returns:
        The key chosen, one character as it stands in the brackets.

    Raises:
        BadInput: the input ended before an answer.
        click.Abort: end of input at a terminal (Ctrl-D).
    """
    keys = [_key(choice) for choice in choices]
    between = ", " if any(" " in choice for choice in choices) else " "
    usual = [f"(Enter: {default})"] if default else []
    line = " ".join([*filter(None, [question]), between.join(choices), *usual]) + " "
    while True:
        typed = _one_key(line) if terminal.is_interactive() else _one_line(line)
        answer = typed.strip()[:1].lower() or default
        if answer in keys:
            return answer
        terminal.warn(f"press one of {' '.join(keys)}")


def confirm(question: str, *, default: bool | None = None) -> bool:
    """Ask yes or no.

    Args:
        question: ends with a question mark.
        default: what Enter means; None asks again.

    Raises:
        BadInput: the input ended before an answer.
    """
    key = "" if default is None else "ny"[default]
    return ask(question, ["[y]es", "[n]o"], default=key) == "y"


def ask_line(question: str, *, default: str = "") -> str:
    """Ask for a line of text; an empty one is the default, shown in brackets.

    Raises:
        BadInput: the input ended before an answer.
    """
    shown = f"{question} [{terminal.escape(default, keep='')}]: " if default else f"{question}: "
    return _one_line(shown).strip() or default


def _key(choice: str) -> str:
    marked = _MARKED.search(choice)
    assert marked is not None, choice
    return marked[1]


def _one_line(question: str) -> str:
    """One line of standard input, without its end."""
    _show(question)
    line = sys.stdin.readline()
    if not line.endswith("\n") or not sys.stdin.isatty():
        terminal.warn("")
    if line:
        return line.rstrip("\r\n")
    if sys.stdin.isatty():
        raise click.Abort
    raise BadInput(
        f"no answer to “{question.strip().rstrip(':')}”: the input ended",
        hint="answer at a terminal, or give the answer as an option",
    )


def _one_key(question: str) -> str:
    """One key press, echoed; Ctrl-C interrupts as everywhere."""
    import termios
    import tty

    stream = sys.stdin.fileno()
    before = termios.tcgetattr(stream)
    try:
        tty.setcbreak(stream, termios.TCSAFLUSH)
        _show(question)
        key = _character(stream)
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)
    if key in _END_OF_INPUT:
        terminal.warn("")
        raise click.Abort
    terminal.warn(key.strip() if key.isprintable() else "")
    return key


def _character(stream: int) -> str:
    """One whole character of the terminal's input; the rest of an arrow key's sequence is thrown away later."""
    data = os.read(stream, 1)
    while data and len(data) < 4:
        try:
            return data.decode()
        except UnicodeDecodeError:
            data += os.read(stream, 1)
    return data.decode(errors="replace")


def _show(question: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(question)
    sys.stderr.flush()
