"""In which direction a text is set: as its first letter is written (Unicode Standard Annex 9, rules P2 and P3)."""

from __future__ import annotations

import re
import unicodedata

_ANY = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""Where the letters are that are written from right to left: a text without one need not be looked at."""


def from_right(text: str) -> bool:
    """Whether a text is set from right to left."""
    if text.isascii() or _ANY.search(text) is None:
        return False
    kinds = map(unicodedata.bidirectional, text)
    return next((kind != "L" for kind in kinds if kind in ("L", "R", "AL")), False)
