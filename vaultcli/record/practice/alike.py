"""People whom a reader cannot tell apart: what their names and degrees look like. `docs/spec/practice.md`, 13 to 15."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from vaultcli.ground.patterns import pattern
from vaultcli.record.practice.practice import Person

LETTERS = (
    "0410=A 0430=a 0412=B 0415=E 0435=e 0417=3 0406=I 0456=i 0408=J 0458=j 041A=K 043A=k 041C=M 041D=H 041E=O 043E=o "
    "0420=P 0440=p 0421=C 0441=c 0422=T 0423=Y 0443=y 0425=X 0445=x 0405=S 0455=s 0500=D 0501=d 04BA=H 04BB=h 051A=Q "
    "051B=q 051C=W 051D=w 04C0=l 04CF=l 0391=A 0392=B 0395=E 0396=Z 0397=H 0399=I 039A=K 039C=M 039D=N 039F=O 03BF=o "
    "03A1=P 03A4=T 03A5=Y 03A7=X 03BD=v 03B9=i 03B1=a 03C1=p 0049=l 0031=l 007C=l 0030=O"
)
"""Code points of letters and digits that many types show alike, and the letter that stands for each."""
_FOLD = {int(code, 16): letter for code, _, letter in (row.partition("=") for row in LETTERS.split())}
_UNSEEN = pattern(
    "[\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\uffa0]"
)
_BLANKS = pattern("[ \\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000]+")


class Alike(NamedTuple):
    """Two people of one look: their ids, and whether the letters are others, so that somebody may be deceived."""

    one: str
    other: str
    deceives: bool


@lru_cache(maxsize=256)
def look(text: str) -> str:
    """What a name or a degree looks like: two texts of one look cannot be told apart."""
    text = unicodedata.normalize("NFKC", text)
    folded = text.translate(_FOLD)
    while folded != text:
        text, folded = folded, folded.translate(_FOLD)
    return _BLANKS.sub(" ", _UNSEEN.sub("", folded.casefold())).strip()


@lru_cache(maxsize=256)
def _plainly(text: str) -> str:
    return re.sub(" +", " ", unicodedata.normalize("NFC", text).casefold())


def pairs(people: Sequence[Person]) -> Iterator[Alike]:
    """Every two people of one look; whoever has ended deceives nobody any more."""
    for one, other in combinations(people, 2):
        if (look(one.name), look(one.credentials)) == (look(other.name), look(other.credentials)):
            same = (_plainly(one.name), _plainly(one.credentials)) == (_plainly(other.name), _plainly(other.credentials))
            yield Alike(one.id, other.id, not (same or one.until or other.until))
