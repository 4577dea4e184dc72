"""Which characters the fonts lack, found by asking the typesetter, and those characters written out by their numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from vaultcli.export.prose import visible

_COMMON = re.compile("[^\t\n -~\u00a0-\u00ff\u2013\u2014\u2018-\u201d\u2022\u2026]")
"""What is not common; the fonts have the rest (a test holds them to it)."""
_PLAIN = re.compile("[\t\n -~\u00a0-\u00ff]+(?=[\t\n -~\u00a0-\u00ff])")
_MARKED = re.compile("[^\\W_][\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{1,4}(?![\u0300-\u036f])")
"""A letter or digit with marks that belong to no script of their own; more of them than people write are left to the fonts."""
_ABOVE = 230
"""Unicode's combining class of marks that stand above."""


def uncommon(texts: Iterable[str]) -> set[str]:
    """The characters, each with the marks that belong to it, of which it is not known that the fonts have them.

    Args:
        texts: everything that will be set.
    """
    found: set[str] = set()
    for text in texts:
        if not text.isascii():
            found |= {one for one in visible.clusters(_PLAIN.sub("", text)) if len(one) > 1 or _COMMON.search(one)}
    return found


def marked(texts: Iterable[str]) -> dict[str, list[tuple[str, bool]]]:
    """Letters with marks for which Unicode has no letter of one piece, such as the barred letters of "with" and "before".

    Args:
        texts: everything that will be set.

    Returns:
        By letter with marks, the longest first: each mark, and whether it stands above.
    """
    found = {one for text in texts if not text.isascii() for one in _MARKED.findall(text)}
    apart = sorted((one for one in found if len(unicodedata.normalize("NFC", one)) > 1), key=lambda one: (-len(one), one))
    return {one: [(mark, unicodedata.combining(mark) == _ABOVE) for mark in one[1:]] for one in apart}


def missing(asked: Iterable[str], shows: Callable[[list[str]], bool]) -> set[str]:
    """Those that the fonts cannot show.

    Args:
        asked: from `uncommon`.
        shows: whether all of some characters can be shown.
    """
    return set(_unshown(sorted(asked), shows))


def _unshown(clusters: list[str], shows: Callable[[list[str]], bool]) -> Iterable[str]:
    """By halves: a handful of questions where little is missing, two for each where much is."""
    if not clusters or shows(clusters):
        return
    if len(clusters) == 1:
        yield clusters[0]
        return
    half = len(clusters) // 2
    yield from _unshown(clusters[:half], shows)
    yield from _unshown(clusters[half:], shows)


def replaced(value: object, gone: set[str]) -> object:
    """A value of JSON with every one of these characters written out, in all of its texts."""
    if isinstance(value, str):
        if value.isascii():
            return value
        return "".join(_written(one) if one in gone else one for one in visible.clusters(value))
    if isinstance(value, list):
        return [replaced(one, gone) for one in value]
    if isinstance(value, dict):
        return {key: replaced(one, gone) for key, one in value.items()}
    return value


def _written(cluster: str) -> str:
    return "[" + " ".join(f"U+{ord(char):04X}" for char in cluster) + "]"
