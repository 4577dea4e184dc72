"""Finding a client by a word: the one rule for handles, ids, tokens and names, whoever asks. Callers say what they accept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Flag, auto
from typing import Protocol, TypeVar

from vaultcli.ground.errors import NotFound
from vaultcli.ground.fold import fold

LEAST = 4
"""The fewest characters of an id that stand for the whole."""


class Several(NotFound):
    """A word that fits more than one client."""


class Accept(Flag):
    """What of a client a word may be."""

    WHOLE = auto()
    """The whole handle or id, or the whole token of a drawer."""
    ID_START = auto()
    """The beginning of the id, at least `LEAST` characters."""
    PART = auto()
    """A part of the name or of the handle, whatever its case."""
    ANY = WHOLE | ID_START | PART


class Findable(Protocol):
    """Who can be found: an entry of the register, a drawer of psychotherapy notes, a line of the index."""

    @property
    def keys(self) -> tuple[str, ...]:
        """What names this one whole, the word for the user first; what there is none of is empty."""

    @property
    def id(self) -> str:
        """The id in the register; empty where there is none."""

    @property
    def handle(self) -> str:
        """The short name for the keyboard; empty where there is none."""

    @property
    def name(self) -> str:
        """The name as the clinician writes it."""


Who = TypeVar("Who", bound=Findable)


def fitting(everyone: Iterable[Who], word: str, accept: Accept) -> list[Who]:
    """Who may be meant: those whom the word names whole; else whose id begins so; else in whose name or handle it stands.

    Args:
        everyone: who there is.
        word: as typed.
        accept: which of the three count.
    """
    there = list(everyone)
    found: list[Who] = []
    if Accept.WHOLE in accept:
        found = [one for one in there if word and word in one.keys]
    if not found and Accept.ID_START in accept and len(word) >= LEAST:
        found = [one for one in there if one.id.startswith(word.casefold())]
    if not found and Accept.PART in accept and (low := fold(word)):
        found = [one for one in there if low in fold(one.name) or low in one.handle]
    return found


def alike(everyone: Iterable[Findable], word: str) -> list[str]:
    """The handles, three at most, of those who may have been meant by a word that fits nobody: a slip of the finger."""
    from difflib import get_close_matches

    called: dict[str, str] = {}
    for one in everyone:
        handle = next(filter(None, one.keys), "")
        for known in (one.handle, *fold(one.name).split()):
            called.setdefault(known, handle)
    return list(dict.fromkeys(called[known] for known in get_close_matches(fold(word), called, n=3, cutoff=0.6)))


def find(everyone: Sequence[Who], word: str, accept: Accept) -> Who:
    """The one client that a word means; arguments as for `fitting`.

    Raises:
        NotFound: nobody.
        Several: more than one; those who fit are listed.
    """
    found = fitting(everyone, word, accept)
    if len(found) == 1:
        return found[0]
    if not found:
        meant = alike(everyone, word)
        hint = f"did you mean {' or '.join(meant)}?" if meant else "`vaultcli client list` shows the register"
        raise NotFound(f"no client is called {word}", hint=hint)
    rows = "".join(f"\n  {next(filter(None, who.keys))}  {who.name}" for who in found)
    raise Several(f"{len(found)} clients fit {word}:{rows}", hint="use the handle")
