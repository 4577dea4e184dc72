"""The process between us and the editor: it has the private memory, runs the editor in it, and tells us what was saved.

It is a copy of this process, made by `fork`, and three things end it: the editor's end, our word, and our death, which
it sees as the end of a pipe even after `kill -9`. Each time it kills what is left of the editor and all that the editor
started, reads the file once more, tells what it read if anybody listens, and empties the folder.

Messages in both directions are a letter, a length (8 bytes, big-endian) and that many bytes.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from vaultcli.ground import files
from vaultcli.ground.editor import jail, ram, ramfs
from vaultcli.ground.editor.jobcontrol import Terminal, stop_until_foreground
from vaultcli.ground.errors import VaultError
from vaultcli.ground.process import linux

NAME = "note.md"
STATE = ".state"
BEGUN, SAVED, ENDED, TOLD, FAILED, END = b"b", b"s", b"e", b"t", b"f", b"q"
OPEN, FULL = b"open", b"full"
"""What is told: nothing holds the editor after all; what was saved last was cut off, and not taken."""

TICK = 0.1
"""Seconds between two looks at the file."""

GRACE = 0.4
"""Seconds that an editor gets to end of its own accord when it is hung up."""


@dataclass(frozen=True)
class Order:
    """What the keeper is to do.

    Args:
        text: what the file holds at first.
        argv: the editor's whole command line.
        environ: the editor's variables; None for ours as they are.
        place: the private folder.
        jailed: whether the editor is held by a jail where the kernel has one.
        outside: whether it is a program with windows of its own, which may have other work in them and is let go on.
    """

    text: bytes
    argv: tuple[str, ...]
    environ: Mapping[str, str] | None
    place: ram.Ram
    jailed: bool
    outside: bool = False

    @property
    def file(self) -> Path:
        """What is edited."""
        return self.place.folder / NAME

    @property
    def state(self) -> Path:
        """Where the editor may leave things of its own."""
        return self.place.folder / STATE


def send(pipe: int, kind: bytes, payload: bytes = b"") -> None:
    """Write one message.

    Raises:
        OSError: nobody listens.
    """
    view = memoryview(kind + len(payload).to_bytes(8, "big") + payload)
    while view:
        view = view[os.write(pipe, view) :]


class Watch:
    """A file that is looked at again and again.

    Args:
        path: the file.
        seen: what it holds already.
    """

    def __init__(self, path: Path, seen: bytes) -> None:
        self.path = path
        self._good = seen
        self._sign: tuple[int, ...] = ()
        self._read: tuple[int, ...] = ()
        self.short = False

    def changed(self) -> bytes | None:
        """The file's bytes once they differ from the last ones and have stood still for one look."""
        sign = self._looked()
        still, self._sign = sign == self._sign, sign
        if not sign or not still or sign == self._read:
            return None
        return self.last()

    def last(self) -> bytes | None:
        """The file's bytes as they are now; None when there is nothing new."""
        sign = self._looked()
        try:
            raw = files.read(self.path)
        except VaultError:
            return None
        self._read = sign
        if raw == self._good:
            self.short = False
            return None
        if len(raw) < len(self._good) and ram.free_bytes(self.path.parent) < len(self._good):
            # an editor that found no room for the text has cut it off: what stood there before is the better one
            self.short = True
            return None
        self.short = False
        self._good = raw
        return raw

    def _looked(self) -> tuple[int, ...]:
        try:
            found = self.path.lstat()
        except OSError:
            return ()
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


class Keeper:
    """One editor, kept.

    Args:
        order: what to do.
        out: where messages go.
        orders: where word comes from; its end is the death of who gave the order.
    """

    def __init__(self, order: Order, out: int, orders: int) -> None:
        self.order = order
        self._out = out
        self._orders = orders
        self._parent = os.getppid()
        self._terminal = Terminal()
        self._watch = Watch(order.file, order.text)
        self._wakes, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        self._told_to_end = False

    def run(self) -> None:
        """Everything from the folder to its emptying.

        Raises:
            OSError: the private memory or the editor could not be had.
        """
        self._listen()
        if self.order.place.own and not ramfs.enter(self.order.place.folder) and not jail.can_jail():
            self._send(TOLD, OPEN)
        jail.no_peeking()
        if not self.order.outside:
            with contextlib.suppress(OSError):
                linux.prctl(linux.ADOPT_ORPHANS, 1)
        try:
            self._write()
            began = time.monotonic()
            editor = self._start()
            self._send(BEGUN, str(editor).encode())
            status = self._attend(editor)
            self._finish(editor, status, time.monotonic() - began)
        finally:
            self._clear_away()
            _empty(self.order.place.folder)
            with contextlib.suppress(OSError):  # a mount point stays for who made it, or for the next start
                self.order.place.folder.rmdir()

    def _listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, self._asked_to_end)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _asked_to_end(self, *_: object) -> None:
        self._told_to_end = True

    def _write(self) -> None:
        self.order.state.mkdir(mode=0o700)
        handle = os.open(self.order.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(self.order.text)

    def _start(self) -> int:
        """The editor's process, once it has really begun."""
        failed, failing = os.pipe()
        foreground = self._terminal.ours()
        process = os.fork()
        if not process:
            self._become(failing, foreground=foreground)
        os.close(failing)
        with contextlib.suppress(OSError):
            os.setpgid(process, process)
        problem = os.read(failed, 16)
        os.close(failed)
        if problem:
            self._terminal.take_back(process)
            number = int(problem)
            raise OSError(number, os.strerror(number))
        return process

    def _become(self, failing: int, *, foreground: bool) -> NoReturn:
        """In the editor's process: from a copy of ours to the editor."""
        try:
            keeper = os.getppid()
            os.setpgid(0, 0)
            if foreground:
                self._terminal.lend(os.getpid())
            if self._terminal.there:
                for number in range(3):
                    os.dup2(self._terminal.handle, number)
            os.chdir(self.order.place.folder)
            signal.set_wakeup_fd(-1)
            for name in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE, signal.SIGTERM, signal.SIGCHLD):
                signal.signal(name, signal.SIG_DFL)
            jail.no_core()
            jail.die_with(keeper)
            if self.order.place.own:
                jail.no_capabilities()
            if self.order.jailed:
                jail.lock_in(str(self.order.place.folder), [self._terminal.name] if self._terminal.there else [])
            environ = os.environ if self.order.environ is None else self.order.environ
            os.execve(self.order.argv[0], self.order.argv, environ)  # noqa: S606 - no shell is wanted
        except OSError as error:
            os.write(failing, str(error.errno).encode())
        finally:
            os._exit(127)

    def _attend(self, editor: int) -> int:
        """Watch until the editor has ended; its wait status."""
        while True:
            ready, _, _ = select.select([self._orders, self._wakes], [], [], TICK)
            if self._wakes in ready:
                os.read(self._wakes, 4096)
            if self._orders in ready or self._told_to_end or os.getppid() != self._parent:
                dead = self._orders in ready and not os.read(self._orders, 1)
                return self._hang_up(editor, at_once=dead)
            process, status = os.waitpid(editor, os.WNOHANG | os.WUNTRACED)
            if process and os.WIFSTOPPED(status):
                self._stopped(editor)
            elif process:
                return status
            self._tell(self._watch.changed())

    def _stopped(self, editor: int) -> None:
        self._tell(self._watch.last())
        self._terminal.take_back(editor)
        stop_until_foreground(self._terminal)
        if os.getppid() != self._parent:
            return  # who gave the order was killed meanwhile, and the terminal is somebody else's
        self._terminal.lend(editor)
        with contextlib.suppress(OSError):
            os.killpg(editor, signal.SIGCONT)

    def _hang_up(self, editor: int, *, at_once: bool) -> int:
        if not at_once:
            with contextlib.suppress(OSError):
                os.killpg(editor, signal.SIGHUP)
                os.killpg(editor, signal.SIGCONT)
            limit = time.monotonic() + GRACE
            while time.monotonic() < limit:
                process, status = os.waitpid(editor, os.WNOHANG)
                if process:
                    return status
                time.sleep(0.01)
        with contextlib.suppress(OSError):
            os.killpg(editor, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.kill(editor, signal.SIGKILL)
        return os.waitpid(editor, 0)[1]

    def _clear_away(self) -> None:
        if not self.order.outside:
            _kill_children()

    def _finish(self, editor: int, status: int, seconds: float) -> None:
        self._clear_away()
        self._terminal.take_back(editor)
        if os.WIFSIGNALED(status):
            self._terminal.reset()
        self._tell(self._watch.last())
        if self._watch.short:
            self._send(TOLD, FULL)
        self._send(ENDED, f"{status} {seconds:.3f}".encode())

    def _tell(self, raw: bytes | None) -> None:
        if raw is not None:
            self._send(SAVED, raw)

    def _send(self, kind: bytes, payload: bytes) -> None:
        with contextlib.suppress(OSError):
            send(self._out, kind, payload)


def keep(order: Order, out: int, orders: int) -> NoReturn:
    """In a copy of the process that gave the order: do it, and end."""
    try:
        Keeper(order, out, orders).run()
    except OSError as error:
        with contextlib.suppress(OSError):
            send(out, FAILED, str(error.errno or 0).encode())
    finally:
        os._exit(0)


def _empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()


def _kill_children() -> None:
    """Kill all that the editor started and left, also what went into the background: orphans become ours."""
    limit = time.monotonic() + 2
    while time.monotonic() < limit:
        for child in _children():
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.005)
        except ChildProcessError:
            return


def _children() -> list[int]:
    here = os.getpid()
    with contextlib.suppress(OSError):
        return [int(part) for part in Path(f"/proc/self/task/{here}/children").read_text(encoding="ascii").split()]
    # a kernel without that list (CONFIG_PROC_CHILDREN): every process is asked for its parent
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if _parent_of(path) == here]


def _parent_of(process: Path) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
    return -1
