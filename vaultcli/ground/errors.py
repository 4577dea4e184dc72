"""The one family of errors that a user meets, each class with its exit code.

Two kinds of trouble exist. *We cannot go on* is a `VaultError`: raised, told on standard error, and the process ends
with the code of its class. *The record has a problem* is a `Finding`: returned and printed, exit code 1. Anything else
that escapes is a bug of ours and ends with 70. `docs/errors.md` lists the codes; a test holds the two together.
"""

from __future__ import annotations

OK = 0
FINDINGS = 1
USAGE = 2
BUG = 70
INTERRUPTED = 130


class VaultError(Exception):
    """What stops a command.

    Args:
        message: what happened; lower case, no full stop, file and line where there are any, never a note's words.
        hint: what to try next, in the same manner; may be empty.
    """

    exit_code = FINDINGS

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFound(VaultError):
    """No such vault, client, note, person, key or template; or more than one that fits."""

    exit_code = 3


class Refused(VaultError):
    """The rules of the record say no: not the author, a signed note, a role that may not, an open file."""

    exit_code = 4


class BadInput(VaultError):
    """A file or text that cannot be read as what it should be: YAML, TOML, a time, an encoding."""

    exit_code = 5


class Conflict(VaultError):
    """Somebody else was here: the file changed since it was read, another process holds the vault, lines diverged."""

    exit_code = 6


class KeyTrouble(VaultError):
    """No signing key, a wrong passphrase, an agent or a token that does not answer, a key that is not admitted."""

    exit_code = 7


class GitTrouble(VaultError):
    """git is missing or too old, refused the work, or the repository is damaged or not ours."""

    exit_code = 8


class DiskTrouble(VaultError):
    """The disk is full, failing, read-only or not permitted; what was typed stays where the message says."""

    exit_code = 9


class Unfinished(DiskTrouble):
    """What was asked for is signed and recorded, durably; something that follows could not be written, and is named."""

    exit_code = 14


class NotVerified(VaultError):
    """One note, or what an export needs, did not verify."""

    exit_code = 10


class Unpinned(VaultError):
    """This machine has no pin for the record, so nothing can be said about whose record it is."""

    exit_code = 11


class EditorTrouble(VaultError):
    """The editor could not be started or failed; the file stays as it is."""

    exit_code = 13


EXCEPTED = 12
"""Verified, but only because a signed exception excuses a finding; printed with every verdict."""
