"""Asking for a new passphrase: twice on a terminal, or the first line of a file; what is weak is asked about and not refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TextIO

from vaultcli.cli.ui import terminal

_SHORT, _FEW = 14, 5
"""Characters below which a passphrase is short, and different characters below which it is monotonous."""


def asker(file: TextIO | None) -> Callable[[], str]:
    """How a new passphrase is got.

    Args:
        file: whose first line it is; None to ask at the terminal.
    """

    def ask() -> str:
        return _told(file.readline().rstrip("\r\n")) if file is not None else _asked()

    return ask


def _asked() -> str:
    from vaultcli.cli.ui import passphrase, prompt
    from vaultcli.ground.errors import KeyTrouble

    hidden = passphrase.asker()
    if hidden is None:
        raise KeyTrouble("a new passphrase can be asked for on a terminal only", hint="--passphrase-file FILE, a file in memory")
    terminal.warn("the passphrase for these notes: six words that nobody would guess, on no list and in no other use")
    while True:
        words = normal(hidden("new passphrase"))
        if not words:
            terminal.warn("there has to be one")
        elif (said := weakness(words)) and not prompt.confirm(f"{said}: take it all the same?", default=False):
            continue
        elif normal(hidden("again")) != words:
            terminal.warn("the two differ")
        else:
            return words


def normal(words: str) -> str:
    """In Unicode's form NFC, so that two keyboards agree."""
    return unicodedata.normalize("NFC", words)


def _told(words: str) -> str:
    """A file's, where nobody can be asked."""
    if said := weakness(words):
        terminal.warn(f"{terminal.paint('note:', 'yellow', err=True)} {said}; `vaultcli keys rotate` takes another one")
    return words


def weakness(words: str) -> str:
    """Why whoever has the key store might guess it; empty where nothing is plain to see."""
    if len(words) < _SHORT:
        return f"the passphrase has {len(words)} characters, which a thief's computer can try through"
    if len(set(words.lower())) < _FEW:
        return "the passphrase repeats a few characters"
    if words.isdecimal():
        return "the passphrase is a number"
    return ""
