"""One line of the access log; `docs/spec/psychotherapy/sealed-file.md`, rules 11 and 12."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput
from vaultcli.record.times import is_moment

EVENTS = (
    "show", "edit", "search", "check", "diff", "share", "accept", "revoke", "rotate", "emergency", "destroy", "copy",
    "test-recovery", "export",
)  # fmt: skip
_NAME = "log.jsonl"


@dataclass(frozen=True)
class Event:
    """One opening, or another act that the log keeps.

    Args:
        n: counts from 1 over all files of one machine's log.
        event: of `EVENTS`.
        time: RFC 3339.
        token: the drawer; empty for all of them.
        ids: the files.
        why: a reason or a basis, in the user's words; never a name or a word of a note.
    """

    n: int
    event: str
    time: str
    token: str = ""
    ids: tuple[str, ...] = ()
    why: str = ""

    @property
    def line(self) -> str:
        """Canonical JSON, with its line end."""
        row: dict[str, object] = {"event": self.event, "ids": list(self.ids), "n": self.n, "time": self.time, "token": self.token}
        row |= {"why": self.why} if self.why else {}
        return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"


def render(events: Iterable[Event]) -> bytes:
    """The lines of one file."""
    return "".join(event.line for event in events).encode()


def parse(raw: bytes) -> list[Event]:
    """Read the lines of one file; only the canonical form is accepted.

    Raises:
        BadInput: a line is none; it is named by its number.
    """
    found = []
    lines = raw.decode("utf-8", "replace").splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            event = Event(row["n"], row["event"], row["time"], row["token"], tuple(row["ids"]), row.get("why", ""))
            good = type(event.n) is int and event.event in EVENTS and is_moment(event.time) and all(map(ids.is_id, event.ids))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BadInput(f"{_NAME}:{number}: not a line of the access log") from None
        if not good or event.line != line or not (event.token == "" or ids.is_id(event.token)):
            raise BadInput(f"{_NAME}:{number}: not in its one form")
        found.append(event)
    return found
