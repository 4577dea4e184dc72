"""Waiting for a process that waits for somebody itself, an agent, a token, a person: a word after two seconds, and an end."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen

WORD = 2.0
"""Seconds of silence after which a word is said."""
AGENT = 10.0
"""Seconds for an answer that no person has to be asked for."""
PERSON = 180.0
"""Seconds for one that a person may have to touch, type or confirm something for."""

_say: list[Callable[[str], None]] = []


class OutOfPatience(Exception):
    """Nobody answered in time; the process was ended."""


def tell_by(say: Callable[[str], None]) -> None:
    """How a word is said while somebody is waited for; nobody says any before this was called."""
    _say[:] = [say]


def finish(process: Popen[bytes], data: bytes, what: str, limit: float, *, word: bool = True) -> tuple[bytes, bytes]:
    """Feed a process and wait for its end.

    Args:
        process: with three pipes, in a session of its own.
        data: its standard input.
        what: who is waited for, as in "waiting for the ssh-agent".
        limit: seconds.
        word: whether a word is said after two seconds; not while a person is typing an answer.

    Returns:
        Its standard output and its standard error.

    Raises:
        OutOfPatience: it did not end in time, and was ended with all its children.
    """
    from subprocess import TimeoutExpired

    try:
        with contextlib.suppress(TimeoutExpired):
            return process.communicate(data, timeout=min(WORD, limit))
        for say in _say if word else ():
            say(f"waiting for {what}, {limit:.0f} seconds at most; Ctrl-C gives up")
        try:
            return process.communicate(timeout=max(limit - WORD, 0.1))
        except TimeoutExpired:
            raise OutOfPatience(what) from None
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
