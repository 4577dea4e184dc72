"""Questions and answers over a local socket: a line of JSON with the length of what follows it, then those bytes.

Both ends are the same user's, and each asks the kernel whether that is so.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any

from vaultcli.ground.errors import KeyTrouble

LIMIT = 64 * 1024
MOST = 32 * 1024 * 1024
_SIZE = "size"


class Broken(Exception):
    """The other side ended, or says what is no frame."""


def send(connection: socket.socket, head: dict[str, Any], data: bytes = b"") -> None:
    """Send one frame."""
    line = json.dumps(head | {_SIZE: len(data)}).encode() + b"\n"
    connection.sendall(line + data)


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes]:
    """The next frame.

    Raises:
        Broken: there is none, or it is too long.
    """
    line = _line(connection)
    try:
        head = json.loads(line)
        size = head[_SIZE]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Broken from None
    if not isinstance(size, int) or not 0 <= size <= MOST:
        raise Broken
    data = bytearray()
    while len(data) < size:
        part = connection.recv(min(1 << 20, size - len(data)))
        if not part:
            raise Broken
        data += part
    return head, bytes(data)


def _line(connection: socket.socket) -> bytes:
    """The next line with its end, and nothing of what follows it."""
    line = b""
    while not line.endswith(b"\n"):
        seen = connection.recv(LIMIT, socket.MSG_PEEK)
        part = connection.recv(seen.find(b"\n") + 1 or len(seen)) if seen else b""
        line += part
        if not part or len(line) > LIMIT:
            raise Broken
    return line


def is_own(connection: socket.socket) -> bool:
    """Whether the process at the other end is this user's: Linux tells; elsewhere the folder's mode does."""
    if not sys.platform.startswith("linux"):
        return True
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", raw)
    return bool(user == os.getuid())


def process_of(connection: socket.socket) -> int:
    """The process at the other end; 0 where it cannot be told."""
    if not sys.platform.startswith("linux"):
        return 0
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", raw)[0])


def listen(place: Path) -> socket.socket:
    """A socket in a folder of ours; an old one of a process that ended is replaced."""
    place.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _Short(place) as name:
        server.bind(name)
    place.chmod(0o600)
    server.listen(8)
    return server


def connect(place: Path, seconds: float = 60.0) -> socket.socket:
    """The other end of it.

    Raises:
        KeyTrouble: nobody listens there, or somebody else does.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(seconds)
    try:
        with _Short(place) as name:
            connection.connect(name)
    except OSError:
        connection.close()
        raise KeyTrouble("no agent is unlocked") from None
    if not is_own(connection):
        connection.close()
        raise KeyTrouble("the agent's socket belongs to somebody else")
    return connection


class _Short:
    """A name for a socket that is short enough for the kernel (108 bytes), wherever its folder is."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._handle = -1

    def __enter__(self) -> str:
        if len(os.fsencode(self._place)) < 100 or not sys.platform.startswith("linux"):
            return str(self._place)
        self._handle = os.open(self._place.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return f"/proc/self/fd/{self._handle}/{self._place.name}"

    def __exit__(self, *_: object) -> None:
        if self._handle >= 0:
            os.close(self._handle)
