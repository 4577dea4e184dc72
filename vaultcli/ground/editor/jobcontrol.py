"""The terminal, lent to a program that runs in a process group of its own, and taken back whatever became of it.

A shell does the same for its jobs (tcsetpgrp(3), `info libc "Implementing a Shell"`): so Ctrl-C is the editor's alone,
Ctrl-Z stops it and us, and `fg` brings both back.
"""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from collections.abc import Iterator

DEVICE = "/dev/tty"
RESET = b"\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1l\x1b>\x1b[0m\x1b[?25h\r\n"
"""What an editor that was killed could not say: back from the alternate screen, no mouse, no bracketed paste, plain keys
and colours, a visible cursor."""


class Terminal:
    """The controlling terminal, or none; every method does nothing without one."""

    def __init__(self) -> None:
        self.handle = -1
        self.name = ""
        with contextlib.suppress(OSError):
            self.handle = os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC)
            self.name = _name(self.handle)
        self._group = os.getpgrp()
        self._modes = self._read_modes()
        self._theirs: list[object] | None = None

    @property
    def there(self) -> bool:
        """Whether this process has a terminal."""
        return self.handle >= 0

    def ours(self) -> bool:
        """Whether our process group may read the terminal now."""
        return self.holder() == self._group

    def holder(self) -> int:
        """The process group in the foreground; -1 without a terminal."""
        with contextlib.suppress(OSError):
            return os.tcgetpgrp(self.handle) if self.there else -1
        return -1

    def lend(self, group: int) -> None:
        """Give the terminal to a group, with the modes that it had when it was taken back last."""
        self._hand(group, self._theirs)

    def take_back(self, group: int) -> bool:
        """Take it from a group that stopped or ended; from nobody else, such as a shell that goes on already.

        Returns:
            whether it is ours; also without a terminal.
        """
        holder = self.holder()
        if holder in (group, self._group) or (holder > 1 and _gone(holder)):
            self._theirs = self._read_modes()
            self._hand(self._group, self._modes)
        return not self.there or self.ours()

    def reset(self) -> None:
        """Undo what a program that was killed left on the screen."""
        if self.there and self.ours():
            with contextlib.suppress(OSError):
                os.write(self.handle, RESET)

    def close(self) -> None:
        """Let go of it."""
        if self.there:
            os.close(self.handle)
            self.handle = -1

    def _read_modes(self) -> list[object] | None:
        with contextlib.suppress(termios.error, OSError):
            return termios.tcgetattr(self.handle) if self.there else None
        return None

    def _hand(self, group: int, modes: list[object] | None) -> None:
        if not self.there:
            return
        with unstopped(), contextlib.suppress(OSError, termios.error):
            os.tcsetpgrp(self.handle, group)
            if modes is not None:
                termios.tcsetattr(self.handle, termios.TCSADRAIN, modes)  # type: ignore[arg-type]


def _gone(group: int) -> bool:
    """Whether nobody is left of a group: a shell inside the editor had the terminal, and was killed with it."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _name(handle: int) -> str:
    """The terminal's own name: `/dev/tty` is another file than the one that a program finds by `ttyname`."""
    for other in (0, 1, 2, handle):
        with contextlib.suppress(OSError):
            return os.ttyname(other)
    return DEVICE


@contextlib.contextmanager
def unstopped() -> Iterator[None]:
    """In the background a process that sets the terminal would be stopped; here it is not."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def stop_until_foreground(terminal: Terminal) -> None:
    """Stop our own group, as Ctrl-Z would, and return when it is in the foreground again.

    A group that no shell looks after cannot be stopped, and goes on at once.
    """
    os.killpg(os.getpgrp(), signal.SIGTSTP)
    while terminal.there and not terminal.ours() and terminal.holder() > 0:
        # continued by `bg`: reading would stop it, and so would writing to the screen
        os.killpg(os.getpgrp(), signal.SIGTTIN)
        if not _can_stop():
            return


def _can_stop() -> bool:
    """Whether a shell looks after our group: its parent is in another group of the same session."""
    with contextlib.suppress(OSError):
        parent = os.getppid()
        return os.getsid(parent) == os.getsid(0)
    return False
