"""A note's Markdown taken apart: nothing acts, nothing is lost, corrections stay where they are."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.hostile import TEXTS
from vaultcli.export import rich, visible
from vaultcli.export.document import INSERTED, STRUCK, Span
from vaultcli.export.rich import Code, Grid, Items, Run, Text, Title

SNIPPETS = st.sampled_from(
    ["# ", "## Plan", "- ", "1. ", "7. ", "> ", "\n", "\n\n", "    ", "```", "~~~x", "| a | b |", "|---|---|", "| 1 | 2 | 3 |",
     "**", "*", "_", "~~", "`", "[x](y)", "[Plan]: none", "<b>", "&amp;", "\\", "---", "===", "word", "Mood", "14:00", "!", " "]
)  # fmt: skip


def words(nodes):
    return Counter(char for text in rich._words(nodes) for char in text if char.isalnum())


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_no_letter_of_a_hostile_note_is_lost(text):
    shown = Counter(filter(str.isalnum, visible.show(text)))
    assert shown <= words(rich.parse([Span(text)]))


@given(st.lists(SNIPPETS, max_size=25).map("".join))
def test_no_letter_of_any_markdown_is_lost(text):
    assert Counter(filter(str.isalnum, text)) <= words(rich.parse([Span(text)]))


@given(st.lists(st.tuples(SNIPPETS, st.sampled_from(["same", STRUCK, INSERTED])), max_size=20))
def test_no_letter_of_a_corrected_text_is_lost(pieces):
    spans = [Span(text, kind, 1) for text, kind in pieces]
    assert Counter(char for text, _ in pieces for char in text if char.isalnum()) <= words(rich.parse(spans))


def test_a_definition_is_a_line_of_the_note_and_not_of_markdown():
    assert rich.parse([Span("[Plan]: none")]) == (Text((Run("[Plan]: none"),)),)


def test_numbers_stay_as_typed():
    assert rich.parse([Span("5. a\n7. b")]) == (Items((5, 7), ((Text((Run("a"),)),), (Text((Run("b"),)),))),)


def test_a_cell_beyond_the_last_column_makes_the_text_verbatim():
    text = "| a | b |\n|---|---|\n| 1 | 2 | lost |"
    assert rich.parse([Span(text)]) == (Code((Run(text),)),)


def test_a_link_is_its_words_and_its_address():
    (node,) = rich.parse([Span("[the sheet](https://example.org/a b 'c') <https://example.org>".replace("a b", "ab"))])
    assert "".join(run.text for run in node.runs) == "the sheet (https://example.org/ab c) https://example.org"


def test_headings_never_skip_a_rank():
    nodes = rich.parse([Span("###### six\n\n# one\n\n### three\n\n#### four\n\n## two")])
    assert [node.depth for node in nodes if isinstance(node, Title)] == [1, 1, 2, 3, 2]


def test_a_struck_item_stays_an_item_and_a_struck_heading_a_heading():
    spans = [Span("a\n\n"), Span("- old\n", STRUCK), Span("- new\n", INSERTED), Span("\n"), Span("## Gone\n", STRUCK), Span("b")]
    _, items, title, _ = rich.parse(spans)
    assert [item[0].runs for item in items.items] == [(Run("old", kind=STRUCK),), (Run("new", kind=INSERTED),)]
    assert title == Title(1, (Run("Gone", kind=STRUCK),))


def test_a_change_across_cells_is_marked_in_each():
    spans = [Span("| a | b |\n|---|---|\n| x "), Span("| y |", INSERTED), Span("\n")]
    (grid,) = rich.parse(spans)
    assert isinstance(grid, Grid)
    assert grid.rows == (((Run("x"),), (Run("y", kind=INSERTED),)),)


def test_marks_do_not_run_on_into_the_next_line():
    (node,) = rich.parse([Span("one "), Span("two\nthree", STRUCK), Span(" four")])
    assert node.runs == (Run("one "), Run("two", kind=STRUCK), Run(" "), Run("three", kind=STRUCK), Run(" four"))


def test_a_note_cannot_bring_the_marks_itself():
    (node,) = rich.parse([Span("\U00100000gone\U0010fffd &#x100000;x"), Span(" y", STRUCK)])
    assert [run.kind for run in node.runs] == ["same", STRUCK]
    assert "[U+100000]gone[U+10FFFD] &#x100000;x" in node.runs[0].text
