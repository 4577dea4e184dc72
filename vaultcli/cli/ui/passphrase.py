"""Asking for a passphrase or PIN: on the terminal, without showing it; never in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.ground.ssh.askpass import AskPass
    from vaultcli.work.notes.sign import Pen


def asker() -> AskPass | None:
    """How to ask, or None where nobody sits at a terminal."""
    return _ask if terminal.is_interactive() else None


def behind() -> AskPass | None:
    """How to ask where standard input is a pipe and a person sits at the terminal all the same; None where nobody does."""
    import os
    import sys

    if not sys.stderr.isatty():
        return None
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return None
    return _ask_behind


def _ask_behind(question: str, /) -> str:
    import getpass

    shown = terminal.escape(question, keep="").rstrip(": ")
    return getpass.getpass(f"{shown}: ")


def _ask(question: str, /) -> str:
    from vaultcli.cli.ui import prompt

    return prompt.ask_hidden(question)


def announce_touches(pen: Pen, count: int) -> None:
    """Say how often a token will want to be touched, before the first time."""
    if pen.touches:
        times = "once" if count == 1 else f"{count} times, once for each signature"
        terminal.warn(f"your security key will blink: touch it {times}")
