"""A running editor as we see it: its keeper in another process, what it says, and our own end when somebody wants it.

A signal that would end us (hang-up, termination, interrupt) ends the editor first: what was saved last still arrives
and is handed on, the private folder is emptied, and then the signal has its way.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Self

from vaultcli.ground.editor import jail, supervisor
from vaultcli.ground.editor.jobcontrol import Terminal
from vaultcli.ground.editor.supervisor import Order
from vaultcli.ground.errors import EditorTrouble

_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_CHUNK = 1 << 16
_PATIENCE = 1.0


class Interrupts:
    """Signals that would end us, held while an editor is open; a context manager for the main thread."""

    def __init__(self) -> None:
        self.came = 0
        self.pipe, self._bell = os.pipe()
        os.set_blocking(self._bell, False)
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        with contextlib.suppress(ValueError):  # another thread: signals are not ours to hold
            for number in _SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        os.close(self.pipe)
        os.close(self._bell)

    def _note(self, number: int, _: FrameType | None) -> None:
        self.came = self.came or number
        with contextlib.suppress(OSError):
            os.write(self._bell, b"!")

    def again(self) -> None:
        """Let the signal that came have its way, now that nothing is held any more."""
        if self.came:
            os.kill(os.getpid(), self.came)


@dataclass(frozen=True)
class Ended:
    """How an editor ended.

    Args:
        how: "" when it ended well, else `code 1` or `signal 9`.
        seconds: how long it ran.
        cut: whether the last text that it wrote was cut off for want of room, and not taken.
    """

    how: str = ""
    seconds: float = 0.0
    cut: bool = False


class Guest:
    """An editor that runs under a keeper; a context manager, whose end leaves no process of either.

    Args:
        order: what is edited, with what, where.
        interrupts: the signals that are held meanwhile.

    Attributes:
        ended: how it ended, once `saved` is exhausted.
        unheld: whether nothing keeps the editor from writing elsewhere, although that was expected.
    """

    def __init__(self, order: Order, interrupts: Interrupts) -> None:
        self._order = order
        self._interrupts = interrupts
        self._terminal = Terminal()
        self.ended = Ended()
        self.unheld = False
        self._cut = False
        self._group = 0
        self._in, self._orders, self._keeper = -1, -1, 0

    def __enter__(self) -> Self:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        self._in, theirs = os.pipe()
        orders, self._orders = os.pipe()
        self._keeper = os.fork()
        if not self._keeper:
            # only these two ends: the pipe of orders must end when the process that gave them does
            for handle in (self._in, self._orders, self._interrupts.pipe):
                os.close(handle)
            supervisor.keep(self._order, theirs, orders)
        os.close(theirs)
        os.close(orders)
        jail.no_peeking()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for handle in (self._orders, self._in):
            with contextlib.suppress(OSError):
                os.close(handle)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._keeper, 0)
        self._terminal.close()

    def saved(self) -> Iterator[bytes]:
        """Every state of the file that was saved, as it comes, until the editor has ended; the last one too.

        Raises:
            EditorTrouble: the editor could not be started.
        """
        whole = False
        for kind, payload in self._messages():
            if kind == supervisor.BEGUN:
                self._group = int(payload)
            elif kind == supervisor.SAVED:
                yield payload
            elif kind == supervisor.TOLD:
                self._cut = self._cut or payload == supervisor.FULL
                self.unheld = self.unheld or payload == supervisor.OPEN
            elif kind == supervisor.FAILED:
                raise self._no_start(int(payload))
            elif kind == supervisor.ENDED:
                status, seconds = payload.decode("ascii").split()
                self.ended, whole = Ended(_how(int(status)), float(seconds), self._cut), True
        if not whole:
            self._keeper_died()

    def _no_start(self, number: int) -> EditorTrouble:
        return EditorTrouble(f"cannot start the editor {self._order.argv[0]}: {os.strerror(number).lower()}")

    def _keeper_died(self) -> None:
        """Somebody killed it; the kernel then killed the editor, and what is left of its group we do."""
        self.ended = Ended("signal 9", cut=self._cut)
        if self._group:
            with contextlib.suppress(OSError):
                os.killpg(self._group, signal.SIGKILL)
        limit = time.monotonic() + _PATIENCE
        while not self._terminal.take_back(self._group) and time.monotonic() < limit:
            time.sleep(0.01)
        self._terminal.reset()

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        buffer = bytearray()
        while part := self._part():
            buffer += part
            while len(buffer) >= 9 and len(buffer) >= (end := 9 + int.from_bytes(buffer[1:9], "big")):
                yield bytes(buffer[:1]), bytes(buffer[9:end])
                del buffer[:end]

    def _part(self) -> bytes:
        """The next bytes from the keeper; a signal that came meanwhile is passed on as the word to end."""
        waited = [self._in, self._interrupts.pipe]
        while self._in not in (ready := select.select(waited, [], [])[0]):
            os.read(self._interrupts.pipe, 1)
            waited = [self._in]
            with contextlib.suppress(OSError):
                os.write(self._orders, supervisor.END)
        if self._interrupts.pipe in ready:
            with contextlib.suppress(OSError):
                os.write(self._orders, supervisor.END)
        return os.read(self._in, _CHUNK)


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return "" if not code else f"code {code}" if code > 0 else f"signal {-code}"
