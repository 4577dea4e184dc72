"""Words are found as people mean them, by the index and in a text that is in memory alike."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from vaultcli.ground import fold
from vaultcli.places.index import LineRow, NoteRow, Store, TextRow, Wanted
from vaultcli.record.view.query import indexed, query

NOTE = """She said: Ich heiße Łukasz, and my naïve cœur was torn.
The ther\u00adapy is going well. \ufb01nally
睡眠：近两周失眠，服用sertraline片。カウンセリングを受けた。
นอนไม่หลับ กินข้าว
שָׁלוֹם and مُحَمَّد _spoke_ of the long
silence.
"""


@pytest.mark.parametrize(
    ("word", "there"),
    [
        ("heisse", "heiße"),
        ("LUKASZ", "Łukasz"),
        ("naive", "naïve"),
        ("coeur", "cœur"),
        ("therapy", "ther\u00adapy"),
        ("finally", "\ufb01nally"),
        ("失眠", "失眠"),
        ("眠", "眠"),
        ("两周失眠", "两周失眠"),
        ("sertraline", "sertraline"),
        ("セリング", "セリング"),
        ("หลับ", "หลับ"),
        ("กิน", "กิน"),
        ("שלום", "שָׁלוֹם"),
        ("محمد", "مُحَمَّد"),
        ("spoke", "spoke"),
        ("long silence", "long\nsilence"),
        ("sil*", "sil"),
        ("失眠 服用", "失眠，服用"),
    ],
)
def test_what_is_found(word: str, there: str) -> None:
    begin, end = query([word]).spans(NOTE)[0]
    assert NOTE[begin:end] == there
    assert by_index(word, NOTE)


@pytest.mark.parametrize("word", ["eisse", "sil", "眠失", "กัน", "ガウンセリング", "finall", "therap"])
def test_what_is_not(word: str) -> None:
    assert query([word]).spans(NOTE) == []
    assert not by_index(word, NOTE)


PIECES = [
    "a", "b", "ß", "ł", "é", "e\u0301", "\u00ad", " ", "_", "-", ".", "\n", "Ё", "е", "失", "眠", "カ", "か\u3099", "が",
    "ก", "กิ", "กั", "นุ", "ש\u05c1", "م\u064e", "ट", "टि", "क्", "\ufb01", "½", "٣", "Ⅷ", "한", "\uff76\uff9e",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES), max_size=24).map("".join)


@settings(deadline=None)
@given(TEXT.map(lambda text: text[:8]), TEXT, st.booleans())
@example("क", "क्", False)
def test_the_index_finds_what_the_text_shows(word: str, text: str, star: bool) -> None:
    assume(fold.words(word))
    asked = query([word + ("*" if star else "")])
    assert bool(asked.spans(text)) == by_index(word + ("*" if star else ""), text)
    assert not asked.spans(text) or asked.may_be_in(text.encode("utf-8", "replace"))


_DB = Store.in_memory()


def by_index(word: str, text: str) -> bool:
    """Whether the index finds a word, in a table as the index has it."""
    line = LineRow("c", "h", "p", "r", "ada", "Ada", "", {}, "", ())
    note = NoteRow("c", "n", "n", "2026-11-22", "", "progress", "", "draft", "lee", None, None, (), None)
    _DB.put(line, [note], [TextRow("n", "n", str(hash(text)), "note", indexed(text))], lambda _: _LAST[0])
    _LAST[0] = indexed(text)
    return bool(_DB.match(query([word]).asked, Wanted(), (), (), 0)[1])


_LAST = [""]
