"""What this machine remembers of its access log, with the sealed piece that waits to be recorded: one file beside the pins.

`docs/spec/psychotherapy/sealed-file.md`, rule 13. One file, so that piece and memory cannot differ after a power cut. No cache:
nothing else knows what is in it, so that damage stops the command.
"""

from __future__ import annotations

import base64
import binascii
import json
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.errors import BadInput
from vaultcli.ground.process import marks
from vaultcli.places.machine import state

VERSION = 1
_KEY = "vaultcli-access-log"


@dataclass(frozen=True)
class Memory:
    """What is remembered.

    Args:
        token: the log's drawer.
        number, n, header: of the newest recorded piece: its number, its last event's, SHA-256 of its header; 0, 0 and
            empty for none.
        waiting: id of the piece that waits; empty for none.
        last, head: of the piece that waits: its last event's number, SHA-256 of its header.
        piece: the piece that waits, as an age file.
    """

    token: str
    number: int = 0
    n: int = 0
    header: str = ""
    waiting: str = ""
    last: int = 0
    head: str = ""
    piece: bytes = b""

    @property
    def newest(self) -> int:
        """The number of the newest event."""
        return max(self.n, self.last)

    def recorded(self) -> Memory:
        """After the piece that waited was recorded."""
        return Memory(self.token, self.number + 1, self.last, self.head) if self.waiting else self

    def text(self) -> bytes:
        """The file's bytes."""
        row = asdict(self) | {"piece": base64.b64encode(self.piece).decode()}
        return (json.dumps({_KEY: VERSION, **row}, indent=1) + "\n").encode()


def place(clone: str) -> Path:
    """The file of one copy."""
    return state.folder("access-log") / clone / "log.json"


def turn(clone: str) -> AbstractContextManager[None]:
    """The turn to write it, waited for.

    Raises:
        Conflict: whoever has it does not finish.
    """
    return marks.turn(place(clone).with_name("turn"), "writing its access log")


def load(clone: str) -> Memory | None:
    """What is remembered; None where nothing is.

    Raises:
        BadInput: it is damaged.
    """
    path = place(clone)
    if not path.exists():
        return None
    raw = files.read(path)
    try:
        row = json.loads(raw)
        version = row.pop(_KEY)
        found = Memory(**row | {"piece": base64.b64decode(row["piece"], validate=True)})
        whole = version == VERSION and ids.is_id(found.token) and (ids.is_id(found.waiting) or not found.waiting)
        if not whole or found.text() != raw:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise BadInput(
            f"{path}: what this machine remembers of its access log is damaged",
            hint="`vaultcli psychotherapy log --access` tells what is left; move the file away to go on",
        ) from None
    return found


def put(clone: str, memory: Memory) -> None:
    """Write it, durably: bytes and name."""
    path = place(clone)
    files.make_dirs(path.parent)
    files.put(path, memory.text())
    files.fsync_dir(path.parent)
