"""Which path in the psychotherapy repository names what; `docs/spec/psychotherapy/repository.md`, rules 1, 8 and 9."""

from __future__ import annotations

import re
from typing import NamedTuple

from vaultcli.ground import ids

README = "README.md"
ATTRIBUTES = ".gitattributes"
SIGNERS = "signers.toml"
ALLOWED = "allowed_signers"
EPOCHS = "epochs.toml"
PINNED = (README, ATTRIBUTES)
CLEAR = (README, ATTRIBUTES, SIGNERS, ALLOWED, EPOCHS)
"""The only files that are not sealed."""
IDENTITY = "identity"
SUFFIX = ".age"
_PATH = re.compile(rf"({ids.PATTERN})/(?:{IDENTITY}|({ids.PATTERN})(?:\.([0-9a-f]{{8}}))?){re.escape(SUFFIX)}")


class Sealed(NamedTuple):
    """A sealed file's place.

    Attributes:
        token: the drawer.
        id: the file's id; empty for the drawer's identity.
        beside: eight digits of its SHA-256 where it is the other text of a merge; else empty.
    """

    token: str
    id: str
    beside: str = ""

    @property
    def is_identity(self) -> bool:
        """Whether it is the drawer's identity."""
        return not self.id

    @property
    def path(self) -> str:
        """In the repository."""
        stem = self.id + (f".{self.beside}" if self.beside else "") if self.id else IDENTITY
        return f"{self.token}/{stem}{SUFFIX}"


def parse(path: str) -> Sealed | None:
    """What a path names, or None."""
    found = _PATH.fullmatch(path)
    return Sealed(found[1], found[2] or "", found[3] or "") if found else None


def identity(token: str) -> str:
    """The path of a drawer's identity."""
    return Sealed(token, "").path
