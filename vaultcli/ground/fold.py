"""Words as they are compared: without case, accents and vowel points, and apart where a script writes none between them.

Both sides of a search are folded here: what is searched, and what is searched for. Folded are compatibility forms (ligatures,
full-width letters: Unicode's NFKD), case, marks on letters of alphabets (accents, Hebrew points, Arabic vowels), letters that
Unicode does not take apart (`ł`, `ø`, `æ`), and what is not seen (soft hyphens, joiners). Marks that make another letter or
vowel in Indic scripts, Thai and kana stay. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from vaultcli.ground.patterns import pattern

_LETTERS = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i", "ŧ": "t", "ŋ": "n", "ĸ": "k",
        "ɨ": "i", "ɫ": "l", "ƀ": "b", "ɗ": "d", "ɓ": "b", "ƙ": "k", "ɖ": "d", "ƴ": "y", "ə": "e", "ǝ": "e", "ɛ": "e", "ɔ": "o",
        "ґ": "г", "ѓ": "г", "ќ": "к", "ӏ": "і",
        "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه", "ۀ": "ه", "ە": "ه",
    }
)  # fmt: skip
"""Letters that Unicode does not take apart, or that are typed in two ways; folded to small letters before."""
_UNSEEN = frozenset("\u00ad\u034f\u061c\u0640\u180e\u2060\ufeff")
"""What is not seen, or only stretches a word; and all of `_FORMAT`."""
_FORMAT = ("\u200b", "\u200f"), ("\u202a", "\u202e"), ("\u2061", "\u206f"), ("\ufe00", "\ufe0f")
SPACELESS = (
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
"""Thai, Lao, Tibetan, Burmese, Khmer, kana and Chinese characters, as a class of a pattern: no blanks between words."""
_FOREIGN = pattern(r"[^\x00-\x7f]+")
_VOICED = "\uff9e\uff9f"
"""Marks of half-width kana, which are letters to Unicode until they are decomposed."""
_JAMO = ("\u1100", "\u11ff")


def fold(text: str) -> str:
    """A text as it is compared."""
    if text.isascii():
        return text.lower()
    parts = _FOREIGN.split(text)
    runs = [_folded(found.group()) for found in _FOREIGN.finditer(text)]
    return "".join(plain.lower() + run for plain, run in zip(parts, [*runs, ""], strict=True))


def origin(text: str) -> list[tuple[int, int]]:
    """For each character of the folded text, where what it came from begins and ends in the text."""
    found: list[tuple[int, int]] = []
    at = 0
    for run in _FOREIGN.finditer(text):
        found += [(place, place + 1) for place in range(at, run.start())]
        at = run.start()
        for piece in _pieces(run.group()):
            found += [(at, at + len(piece))] * len(_folded_piece(piece))
            at += len(piece)
    return found + [(place, place + 1) for place in range(at, len(text))]


def apart(folded: str) -> str:
    """A folded text with a blank at each letter of a script that writes none between words, so that each is a word."""
    return folded if folded.isascii() else _FOREIGN.sub(lambda run: _run_apart(run.group()), folded)


def words(text: str) -> list[str]:
    """The words of a text, folded: letters, digits and their marks; of a script without blanks, its letters one by one."""
    return _word().findall(apart(fold(text)))


def spaceless(letter: str) -> bool:
    """Whether a letter's script writes no blanks between words."""
    return re.match(SPACELESS, letter) is not None


@lru_cache(maxsize=8192)
def _run_apart(run: str) -> str:
    return _apart().sub(r" \g<0> ", run)


@lru_cache(maxsize=8192)
def _folded(run: str) -> str:
    return "".join(map(_folded_piece, _pieces(run)))


def _pieces(run: str) -> Iterator[str]:
    """A letter with the marks on it, a syllable of Hangul's parts: what becomes one thing in the folded text."""
    piece = ""
    for char in run:
        joins = unicodedata.combining(char) or char in _VOICED or _is_unseen(char)
        if piece and not joins and not (_JAMO[0] <= char <= _JAMO[1] and _JAMO[0] <= piece[-1] <= _JAMO[1]):
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


@lru_cache(maxsize=8192)
def _folded_piece(piece: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", piece).casefold())
    kept = "".join(char for char in plain if not (_is_mark(char) or _is_unseen(char)))
    return unicodedata.normalize("NFC", kept.translate(_LETTERS))


def _is_mark(char: str) -> bool:
    """By its class: overlays, Hebrew, Arabic and Syriac points, and what stands above, below or beside a letter."""
    kind = unicodedata.combining(char)
    return kind == 1 or 10 <= kind <= 36 or kind >= 200


def _is_unseen(char: str) -> bool:
    return char in _UNSEEN or any(first <= char <= last for first, last in _FORMAT)


@lru_cache(maxsize=1)
def marks() -> str:
    """The marks that stay, as they stand in a class of a pattern: they belong to the word that they stand in."""
    blocks = (range(0x0900, 0x1B00), range(0x3000, 0x3100), range(0xA800, 0xAC00))
    return "".join(chr(code) for block in blocks for code in block if unicodedata.category(chr(code)) in ("Mn", "Mc"))


@lru_cache(maxsize=1)
def _word() -> re.Pattern[str]:
    return re.compile(rf"[^\W_](?:[^\W_]|[{marks()}])*")


@lru_cache(maxsize=1)
def _apart() -> re.Pattern[str]:
    return re.compile(rf"(?![{marks()}]){SPACELESS}[{marks()}]*")
