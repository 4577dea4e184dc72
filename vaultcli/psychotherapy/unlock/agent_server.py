"""The agent from inside: a process that holds the epoch identity and answers one question at a time.

`agent.start` starts it as `python -m vaultcli.psychotherapy.unlock.agent_server ROOT IDLE`, the epoch's text on standard input.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vaultcli.ground.errors import BadInput, KeyTrouble, NotFound, VaultError
from vaultcli.ground.process import daemon, frames, presence
from vaultcli.places.sealed import settings
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.unlock import agent
from vaultcli.psychotherapy.unlock.keys import Keys, check_epoch
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.sealed import drawer

_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_WAIT = 5.0
_LOOKS = 15.0
"""Seconds after which an agent that nobody asks looks whether it may still know what it knows, keys or names."""


def _seconds() -> float:
    """A clock that also counts while the computer sleeps."""
    return time.clock_gettime(_BOOT)


class Server:
    """One vault's agent.

    Args:
        store: the sealed files.
        keys: what opens them; forgotten after `idle` seconds without an opening.
        idle: seconds.
        forgotten: called when no key is known any more.

    Attributes:
        missing: what could not be done to keep this process's memory to itself.
    """

    def __init__(self, store: Store, keys: Keys, idle: int, forgotten: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._forgotten = forgotten
        self._folder = _place_of(store)
        self._gone = ""
        self._over = False
        self._keys: Keys | None = keys
        self._idle = idle
        self.missing: list[str] = []
        self._map: dict[str, Known] = dict(keys.drawers())
        self._until = _seconds() + idle

    def serve(self, server: socket.socket, leave: Callable[[], None]) -> None:
        """Answer until `lock`, or until this may know nothing any more.

        Args:
            server: where questions come.
            leave: called before `lock` is answered, so that nobody finds an agent that was told to go.
        """
        while True:
            wait = self._until - _seconds() if self._keys else _LOOKS
            ready, _, _ = select.select([server], [], [], max(0.0, min(wait, _LOOKS)))
            self._expire()
            self._look()
            if self._over:
                # who asks just now is told why
                if ready:
                    self._meet(server, leave)
                leave()
                return
            if ready and not self._meet(server, leave):
                return

    def _expire(self) -> None:
        if self._keys is not None and _seconds() >= self._until:
            with contextlib.suppress(VaultError):
                self._map = dict(self._keys.drawers())
            self._forget("nothing was opened for a while")

    def _look(self) -> None:
        """Forget everything where a newer epoch is in force, or the repository is not what it was when this began.

        Where the keys are forgotten already, the names of drawers are not; they go with the repository.
        """
        try:
            if _place_of(self._store) != self._folder:
                raise NotFound("the repository is out of sight")
            if self._keys is not None:
                check_epoch(self._store, self._keys.epoch)
        except (VaultError, OSError) as error:
            self._over = True
            self._forget(error.message if isinstance(error, VaultError) else str(error))

    def _forget(self, why: str) -> None:
        self._keys, self._gone = None, why
        self._forgotten()

    def _meet(self, server: socket.socket, leave: Callable[[], None]) -> bool:
        """One question; False for `lock`. An agent that goes is gone before it answers."""
        connection, _ = server.accept()
        if self._over:
            leave()
        with connection:
            connection.settimeout(_WAIT)
            if not frames.is_own(connection):
                return True
            try:
                question, data = frames.receive(connection)
                said, answer = self._answer(question, data)
            except VaultError as error:
                said, answer = {"error": type(error).__name__, "message": error.message, "hint": error.hint}, b""
            except (frames.Broken, OSError):
                return True
            goes = question.get("do") == "lock"
            if goes:
                leave()
            with contextlib.suppress(OSError):
                frames.send(connection, said, answer)
            return not goes

    def _answer(self, question: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        if self._over:
            raise self._reads_no_more()
        match question.get("do"):
            case "state":
                left = max(0, int(self._until - _seconds())) if self._keys else 0
                return {"reading": self._keys is not None, "left": left, "missing": self.missing}, b""
            case "drawers":
                if self._keys is not None:
                    self._map = dict(self._keys.drawers())
                return {"drawers": [list(one) for one in self._map.values()]}, b""
            case "open":
                if self._keys is None:
                    raise self._reads_no_more()
                token = str(question.get("token"))
                if token not in self._keys.store.drawers():
                    raise NotFound("there is no such drawer")
                plain = self._keys.open(token, data)
                self._until = _seconds() + self._idle
                return {}, plain
            case "open-many":
                return self._many(str(question.get("token")), question.get("sizes"), data)
            case "lock":
                self._forget("it was locked")
                return {}, b""
        raise KeyTrouble("the agent does not know this question", hint="`vaultcli lock`, then `vaultcli unlock`")

    def _reads_no_more(self) -> KeyTrouble:
        return KeyTrouble(f"the agent reads no more: {self._gone}", hint="`vaultcli unlock`")

    def _many(self, token: str, sizes: Any, data: bytes) -> tuple[dict[str, Any], bytes]:  # noqa: ANN401 - from outside
        """Several files of a drawer at once; -1 in the place of the length of each that does not open."""
        if self._keys is None:
            raise self._reads_no_more()
        if token not in self._keys.store.drawers():
            raise NotFound("there is no such drawer")
        if not isinstance(sizes, list) or not all(isinstance(size, int) and size >= 0 for size in sizes):
            raise KeyTrouble("the agent does not know this question")
        lengths, plains, at = [], [], 0
        for size in sizes:
            try:
                plains.append(self._keys.open(token, data[at : at + size]))
                lengths.append(len(plains[-1]))
            except (BadInput, KeyTrouble):
                lengths.append(-1)
            at += size
        self._until = _seconds() + self._idle
        return {"sizes": lengths}, b"".join(plains)


def _place_of(store: Store) -> tuple[int, int]:
    """Which folder the repository is, by device and number; zeros where it is out of sight."""
    try:
        found = store.repository.directory.lstat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def main() -> int:
    """Serve one vault until it is locked."""
    daemon.harden()
    epoch = drawer.parse_epoch(sys.stdin.buffer.read())
    root, idle = Path(sys.argv[1]), int(sys.argv[2])
    os.umask(0o077)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Store(settings.load(root)) as store:
        place = agent.place(store.vault)
        held = [presence.enter(agent.presence_file(store))]

        def forgotten() -> None:
            while held:
                os.close(held.pop())

        serving = Server(store, Keys(store, epoch), idle, forgotten)
        serving.missing = daemon.harden()
        server = frames.listen(place)
        inode = place.lstat().st_ino

        def leave() -> None:
            server.close()
            with contextlib.suppress(OSError):
                if place.lstat().st_ino == inode:
                    place.unlink()

        daemon.let_go()
        try:
            serving.serve(server, leave)
        finally:
            leave()
    return 0


if __name__ == "__main__":
    sys.exit(main())
