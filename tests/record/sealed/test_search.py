"""Words are found as people mean them: no case, no accents, phrases over line ends, any ending after a star."""

from __future__ import annotations

import pytest

from vaultcli.ground.errors import BadInput
from vaultcli.record.sealed import search
from vaultcli.record.view.query import query

TEXT = """---
date: 2026-11-22
session: 14
id: 4r0q2m8wkc4xe9r7
---

## Focus

The résumé of the long
silence at home. ﬁnally, he spoke.

## Questions to hold

What if the RIVER is a river?
""".encode()


def found(*words: str) -> list[tuple[int, str, str]]:
    asked = query(words)
    places = search.places(asked, TEXT)
    # what is asked first is never stricter than what is asked last
    assert search.is_in(asked, TEXT) is bool(places)
    assert asked.may_be_in(TEXT) or not places
    return [(one.line, one.section, "|".join(text for text, hit in one.pieces if hit)) for one in places]


@pytest.mark.parametrize(
    ("words", "places"),
    [
        (("resume",), [(9, "Focus", "résumé")]),
        (("RÉSUMÉ",), [(9, "Focus", "résumé")]),
        (("long silence",), [(9, "Focus", "long silence")]),
        (("river",), [(14, "Questions to hold", "RIVER|river")]),
        (("finally",), [(10, "Focus", "ﬁnally")]),
        (("riv",), []),
        (("riv*",), [(14, "Questions to hold", "RIV|riv")]),
        (("ver",), []),
        (("silence", "river"), [(10, "Focus", "silence"), (14, "Questions to hold", "RIVER|river")]),
        (("silence", "nowhere"), []),
        (("14",), [(3, "", "14")]),
        (("4r0q2m8wkc4xe9r7",), []),
    ],
)
def test_what_is_found(words: tuple[str, ...], places: list[tuple[int, str, str]]) -> None:
    assert found(*words) == places


@pytest.mark.parametrize("words", [(), ("",), ("*",), ("...",), ("good", "?!")])
def test_what_cannot_be_looked_for(words: tuple[str, ...]) -> None:
    with pytest.raises(BadInput):
        query(words)


def test_a_passage_is_cut_between_words_and_within_its_paragraph() -> None:
    text = ("before " * 40 + "needle " + "after " * 40 + "\n\nanother paragraph\n").encode()
    (place,) = search.places(query(["needle"]), text)
    assert "another" not in place.passage
    assert len(place.passage) < 2 * search.AROUND + 20
    assert set(place.passage.split()) == {"before", "needle", "after"}


def test_bytes_that_are_no_text_are_looked_through() -> None:
    assert query(["needle"]).may_be_in(b"\xff\xfe needle")
    assert [one.line for one in search.places(query(["needle"]), b"\xff\n needle")] == [2]
