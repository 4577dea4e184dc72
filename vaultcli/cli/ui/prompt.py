"""Questions to the person at the terminal, or to whatever feeds standard input.

On a terminal a choice is one key press; keys pressed before the question appeared are thrown away, so that what was
typed at an editor signs nothing. Who is used to answering by lines presses Enter behind the key: that Enter is thrown away,
too, whatever comes next, a question, a hidden one or an editor. In a pipe an answer is one line. Questions go to standard error.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

import click

from vaultcli.cli.ui import terminal
from vaultcli.ground.errors import BadInput
from vaultcli.ground.patterns import pattern

_MARKED = pattern(r"\[(.)\]")
_END_OF_INPUT = ("", "\x04")
_ENTER = ("\r", "\n")

_STRAY = 0.7
"""Seconds after a one-key answer in which an Enter belongs to it and answers nothing."""
_SETTLED = 0.3
"""Seconds that `settle` waits for such an Enter: whoever presses it at all has done so by then."""

_answered = 0.0
"""When a key last answered a question, by the clock that only runs forward; 0 where no Enter is due."""


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
    typed = _one_line(shown).strip()
    if not typed and sys.stdin.isatty() and _is_stray():
        typed = _one_line(shown).strip()
    return typed or default


def ask_hidden(question: str) -> str:
    """Ask for a line that is not shown, on the terminal; it may be empty.

    Raises:
        click.Abort: end of input, or an interrupt.
    """
    shown = terminal.escape(question, keep="").rstrip(": ")

    def ask_once() -> str:
        answer: str = click.prompt(shown, hide_input=True, err=True, default="", show_default=False)
        return answer

    typed = ask_once()
    return ask_once() if not typed and _is_stray() else typed


def settle() -> None:
    """Before another program gets the terminal: wait a moment for the Enter behind a one-key answer, and throw it away."""
    import select
    import termios
    import tty

    if not _answered or not sys.stdin.isatty():
        return
    stream = sys.stdin.fileno()
    before = termios.tcgetattr(stream)
    try:
        tty.setcbreak(stream, termios.TCSADRAIN)
        left = _answered + _SETTLED - time.monotonic()
        if select.select([stream], [], [], max(left, 0))[0]:
            termios.tcflush(stream, termios.TCIFLUSH)
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)
    _is_stray()


def _is_stray() -> bool:
    """Whether an Enter now is the one behind a one-key answer; there is one at most."""
    global _answered
    since, _answered = time.monotonic() - _answered, 0.0
    return since < _STRAY


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

    global _answered
    stream = sys.stdin.fileno()
    before = termios.tcgetattr(stream)
    try:
        tty.setcbreak(stream, termios.TCSAFLUSH)
        _show(question)
        key = _character(stream)
        if key in _ENTER and _is_stray():
            key = _character(stream)
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)
    _answered = 0.0 if key in _ENTER else time.monotonic()
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
