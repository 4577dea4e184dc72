from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from vaultcli.record.view.worddiff import (
    IN,
    MOST,
    OUT,
    SAME,
    Piece,
    hunks,
    words,
)

TEXT = st.text(st.sampled_from("ab \t\n\r.é\u2028\x0b漢-"), max_size=60)


@given(TEXT, TEXT)
def test_pieces_give_both_texts_back_to_the_character(old: str, new: str) -> None:
    pieces = words(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != IN) == old
    assert "".join(piece.text for piece in pieces if piece.kind != OUT) == new
    assert all(piece.text for piece in pieces)
    assert all(one.kind != two.kind for one, two in itertools.pairwise(pieces))


@given(TEXT)
def test_a_text_is_like_itself(text: str) -> None:
    assert words(text, text) == ([Piece(SAME, text)] if text else [])


def test_one_word_changes_and_its_neighbours_stay() -> None:
    assert words("She slept badly again.\n", "She slept well again.\n") == [
        Piece(SAME, "She slept "),
        Piece(OUT, "badly"),
        Piece(IN, "well"),
        Piece(SAME, " again.\n"),
    ]


def test_a_line_that_is_only_added_is_one_piece() -> None:
    assert words("a\nc\n", "a\nb b\nc\n") == [Piece(SAME, "a\n"), Piece(IN, "b b\n"), Piece(SAME, "c\n")]


def test_a_huge_change_is_shown_whole_instead_of_costing_minutes() -> None:
    old, new = "x y " * MOST, "y z " * MOST
    assert words(old, new) == [Piece(OUT, old), Piece(IN, new)]


@given(TEXT, TEXT)
def test_hunks_keep_every_change(old: str, new: str) -> None:
    pieces = words(old, new)
    shown = [piece for hunk in hunks(pieces, 1) for piece in hunk if piece.kind != SAME]
    assert shown == [piece for piece in pieces if piece.kind != SAME]


def test_hunks_leave_out_what_is_far_from_a_change() -> None:
    lines = [f"line {number}\n" for number in range(40)]
    changed = [*lines]
    changed[3], changed[30] = "other 3\n", "other 30\n"
    found = hunks(words("".join(lines), "".join(changed)), 2)
    text = ["".join(piece.text for piece in hunk if piece.kind != OUT) for hunk in found]
    assert len(found) == 2
    assert text[0].startswith("line 1\nline 2\nother 3\n")
    assert "line 20" not in "".join(text)
    assert hunks(words("a\n", "a\n")) == []
