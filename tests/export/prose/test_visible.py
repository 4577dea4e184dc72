"""What acts or shows as nothing is written out; what people write with stays."""

import pytest

from vaultcli.export.prose import visible

ACTIVE = "\x00\x07\x1b\x7f\x85\u00ad\u061c\u200b\u200e\u202e\u2028\u2060\u2066\ufeff\ue000\ufdd0\u3164\U000e0041"
WRITING = ["naïve ≥ ½\u00a0%", "Ελληνικά", "שָׁלוֹם", "السلام", "नमस्ते", "می\u200cخواهم", "क्\u200dष", "👩\u200d💻", "a\tb\nc", "漢字"]


@pytest.mark.parametrize("char", ACTIVE)
def test_an_active_or_invisible_character_is_shown_by_its_number(char):
    assert visible.show(f"a{char}b") == f"a[U+{ord(char):04X}]b"


@pytest.mark.parametrize("text", WRITING)
def test_what_people_write_with_stays(text):
    assert visible.show(text) == text


@pytest.mark.parametrize("text", ["pass\u200dword", "\u200dx", "x\u200c", "no\u200ct"])
def test_a_joiner_among_latin_letters_is_hidden_text(text):
    assert "[U+200" in visible.show(text)


def test_a_line_stays_on_its_line():
    assert visible.line("a\n b\u2028\x85\tc") == "a b c"


def test_clusters_join_to_the_text_and_keep_marks_with_their_base():
    text = "e\u0301a👩\u200d💻👍🏽x"
    assert visible.clusters(text) == ["e\u0301", "a", "👩\u200d💻", "👍🏽", "x"]
    assert "".join(visible.clusters(text)) == text
