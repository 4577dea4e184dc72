"""The fonts of paper: those that come with the typesetter, and where a text needs more, those of an installed package.

`pip install 'vaultcli[cjk]'` brings a font for Chinese, Japanese and Korean. It is looked for only where a character is
missing, so that every other chart is the same bytes with it and without.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

BASE = ("Libertinus Serif",)
PACKAGES = ("noto_cjk_sans_otc",)
"""Packages that hold fonts and nothing else; their code is not run."""
_FAMILIES = (
    ("Noto Sans CJK JP", "[\u3040-\u30ff\uff66-\uff9d]"),
    ("Noto Sans CJK KR", "[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"),
)
_OTHER = "Noto Sans CJK SC"


def installed() -> list[Path]:
    """The folders of font packages that are installed."""
    found = (find_spec(name) for name in PACKAGES)
    return [Path(place) for spec in found if spec is not None for place in spec.submodule_search_locations or ()]


def families(texts: Iterable[str]) -> tuple[str, ...]:
    """Which families are taken in which order: a Han character is drawn as the script beside it is used to."""
    whole = "".join(texts)
    first = [name for name, letters in _FAMILIES if re.search(letters, whole)]
    return (*BASE, *first, _OTHER)
