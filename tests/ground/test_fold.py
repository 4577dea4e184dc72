"""What does not count when words are compared, and what does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultcli.ground import fold

ALIKE = [
    ("Straße", "STRASSE"),
    ("Łukasz", "lukasz"),
    ("Søren", "soren"),
    ("Đorđe", "dorde"),
    ("cœur", "coeur"),
    ("Æneas", "aeneas"),
    ("Þóra", "thora"),
    ("naïve", "nai\u0308ve"),
    ("Nguyễn", "nguyen"),
    ("İstanbul", "istanbul"),
    ("ışık", "isik"),
    ("всё", "все"),
    ("σοφός", "ΣΟΦΌΣ"),
    ("ther\u00adapy", "therapy"),
    ("sui\u200bcide", "suicide"),
    ("\ufeffrisk", "risk"),
    ("e\ufb03cacy", "efficacy"),
    ("ＰＨＱ－９", "phq-9"),
    ("שָׁלוֹם", "שלום"),
    ("مُحَمَّد", "محمد"),
    ("أحمد", "احمد"),
    ("ســلام", "سلام"),
    ("علی", "علي"),
    ("한글", "\u1112\u1161\u11ab\u1100\u1173\u11af"),
    ("ｶﾞｽ", "ガス"),
    ("か\u3099", "が"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_these_are_one_word(one: str, other: str) -> None:
    assert fold.words(one) == fold.words(other)


@pytest.mark.parametrize(("one", "other"), [("が", "か"), ("กิน", "กัน"), ("ट", "टि"), ("risk", "brisk"), ("失眠", "失")])
def test_these_are_not(one: str, other: str) -> None:
    assert fold.words(one) != fold.words(other)


def test_a_script_without_blanks_is_taken_letter_by_letter() -> None:
    assert fold.words("sertraline片失眠 ok_then") == ["sertraline", "片", "失", "眠", "ok", "then"]
    assert "".join(fold.words("นอนไม่หลับ")) == fold.fold("นอนไม่หลับ")


@given(st.text())
def test_each_folded_letter_knows_where_it_came_from(text: str) -> None:
    folded, origin = fold.fold(text), fold.origin(text)
    assert len(folded) == len(origin)
    assert all(0 <= begin < end <= len(text) for begin, end in origin)
    assert origin == sorted(origin)


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    once = fold.words(text)
    assert fold.words(" ".join(once)) == once
