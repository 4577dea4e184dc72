"""The reader of sentences: places in the file, and what is no text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vaultcli.psychotherapy import advice
from vaultcli.psychotherapy.advice.reading import Reading
from vaultcli.psychotherapy.advice.rule import Context
from vaultcli.record.sealed.text import LABEL

NOTE = f"""---
date: 2026-11-22
context: individual
---

{LABEL}

## Focus

<!-- Prognosis: good. -->

She came in wet and sat down. Then she
said that the clinic
started sertraline 50 mg. I said nothing.

- Prognosis: poor
"""


def test_line_and_column_are_those_of_the_file() -> None:
    found = advice.look(NOTE)
    places = [(one.rule, one.line, one.column, one.words) for one in found]
    lines = NOTE.splitlines()
    dose, prognosis = lines.index("started sertraline 50 mg. I said nothing.") + 1, lines.index("- Prognosis: poor") + 1
    assert [(rule, line) for rule, line, _, _ in places] == [("P-A", dose), ("P-I", prognosis)]
    for _, line, column, words in places:
        assert lines[line - 1][column - 1 :].startswith(words.splitlines()[0])


def test_label_front_matter_and_comments_are_no_text() -> None:
    told = " ".join(one.text for one in Reading(NOTE).sentences)
    assert "164.501" not in told
    assert "2026" not in told
    assert "good" not in told


def test_quotations_are_blanked_and_kept_apart() -> None:
    reading = Reading('She said: "I take 20 mg, Dr. No." Then silence.\n\n> started lithium 300 mg\n')
    assert not list(advice.look('She said: "I take 20 mg, Dr. No." Then silence.\n'))[1:]
    assert [one.words for one in reading.quotations] == [6, 4]
    assert "20 mg" not in reading.low


def test_an_apostrophe_is_no_quotation() -> None:
    assert not Reading("Her mother’s house, and the brothers’ room.").quotations


def test_a_title_ends_no_sentence() -> None:
    assert len(Reading("Dr. A. came. She left.").sentences) == 2


def test_line_endings_of_other_systems() -> None:
    assert advice.look(NOTE.replace("\n", "\r\n")) == advice.look(NOTE)


def test_a_dream_a_wish_and_somebody_else() -> None:
    for text in ("In the dream she was taking lithium.", "He wonders about stopping the Zoloft.", "Her aunt takes lithium."):
        assert not advice.look(text), text


def test_one_line_for_after_the_editor() -> None:
    assert advice.one_line([]) == ""
    assert advice.one_line(advice.look("Started sertraline 50 mg.")).startswith("check: 1 thing that")


def test_strict_and_chart_are_asked_for() -> None:
    text = '"I want to die," she said. She wants to die.'
    assert not advice.look(text)
    assert {one.rule for one in advice.look(text, Context(strict=True))} == {"P12"}
    assert {one.rule for one in advice.look(text, Context(chart=("Denies suicidal ideation.",)))} == {"P13"}


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_no_text_is_refused(text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for one in advice.look(text, Context(strict=True, chart=(text,))):
        assert 0 <= one.line <= len(lines)
