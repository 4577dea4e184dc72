"""A cache in one JSON file of the machine's state folder: it can only save time, and may be deleted at any moment.

    {"rules": "0.1.0/4", "of": {"clone": "4t7qk2m9x3hd8v5c"}, "value": ...}

It lies beside the pins, as whoever can write there can move those as well: nothing more is trusted than before, and what comes
along with a chart is never believed. It is used only by the rules and for the very thing that it was kept under, and where it
cannot be read there is none. What else has to be the same before its value may be believed, its owner compares.
`docs/decisions/0102-one-cache-file.md`.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.ground.version import __version__

Value = TypeVar("Value")

_UNREADABLE = (VaultError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
"""What reading a file of any content comes to; a value of another shape than expected among it."""


class CacheFile(NamedTuple):
    """One cache.

    Args:
        path: its place in the state folder.
        number: of the rules by which values are made; another one, or another version of the program, makes them anew.
        of: what the values are of, by name: a copy's id, a branch, a head. Another thing's are not these.
    """

    path: Path
    number: int
    of: Mapping[str, str]

    @property
    def rules(self) -> str:
        """By which rules a value is made: the program's version, and a number for changes between versions."""
        return f"{__version__}/{self.number}"

    def load(self, made: Callable[[Any], Value]) -> Value | None:
        """What is remembered; None where that is nothing, damaged, by other rules or of something else.

        Args:
            made: makes it of the JSON value; may raise whatever a value of another shape leads to.
        """
        try:
            kept = json.loads(files.read(self.path))
            return made(kept["value"]) if (kept["rules"], kept["of"]) == (self.rules, self.of) else None
        except _UNREADABLE:
            return None

    def save(self, value: object, good: Callable[[Any], bool] = lambda _: True) -> None:
        """Remember a value of plain JSON types; a disk that refuses costs time next time and nothing else.

        Args:
            value: what to remember.
            good: asked with the value as it will be read back; what it does not accept is not kept.
        """
        text = json.dumps({"rules": self.rules, "of": self.of, "value": value}, separators=(",", ":"))
        if good(json.loads(text)["value"]):
            with contextlib.suppress(VaultError, OSError):
                files.make_dirs(self.path.parent)
                # not synced: a reader sees the old file or the new one, and what a power cut leaves of it is whole or no JSON
                files.put(self.path, text.encode(), synced=False)
