"""What is read as a heading, a list, a table and emphasis, and what is left as it was typed. See also `test_characters.py`."""

from __future__ import annotations

import time

import pytest

from vaultcli.export.document import INSERTED, STRUCK, Span
from vaultcli.export.prose import nodes, reading
from vaultcli.export.prose.nodes import CODE, EM, MARK, STRIKE, STRONG, Grid, Items, Run, Text, Title, Verbatim

BOTH = f"{EM}+{STRONG}"


def read(text: str) -> tuple[nodes.Node, ...]:
    return reading.read([Span(text)])


def looks(text: str) -> list[tuple[str, str]]:
    """The runs of one line that have a look, with it."""
    (node,) = read(text)
    assert isinstance(node, Text)
    return [(run.text, "+".join(sorted(run.style))) for run in node.lines[0] if run.style]


@pytest.mark.parametrize(
    "text",
    [
        "25*2 then 50*2", "25 * 2 * 3", "*2 tablets*", "*two 2*", "a*b*c", "snake_case_name", "**PHQ-9: 14**", "3~~4~~5",
        "~~14~~", "x * two *", "*open", "closed*", "\\*escaped\\*", "Name: ____", "*²*", "non-*SI*", "*SI*-free", "** a **",
        "***", "*a\\*", "5`2 and 5`4",
    ],
)  # fmt: skip
def test_a_sign_beside_a_digit_a_blank_or_within_a_word_is_a_sign(text):
    assert looks(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("*not* now", [("*", MARK), ("not", EM), ("*", MARK)]),
        ("_not_ now", [("_", MARK), ("not", EM), ("_", MARK)]),
        ("**No** SI.", [("**", MARK), ("No", STRONG), ("**", MARK)]),
        ("__Mood:__ low", [("__", MARK), ("Mood:", STRONG), ("__", MARK)]),
        ("(*so*), “*so*”", [("*", MARK), ("so", EM), ("*", MARK)] * 2),
        ("*down 2 kg*", [("*", MARK), ("down 2 kg", EM), ("*", MARK)]),
        ("**a *b***", []),
        ("**a *b* c**", [("**", MARK), ("a ", STRONG), ("*", MARK), ("b", BOTH), ("*", MARK), (" c", STRONG), ("**", MARK)]),
        ("`a*b*c` *d*", [("`a*b*c`", CODE), ("*", MARK), ("d", EM), ("*", MARK)]),
        ("~~not this~~", [("~~not this~~", STRIKE)]),
    ],
)
def test_emphasis_stands_around_whole_words(text, found):
    assert looks(text) == found


def test_two_number_signs_are_a_headings_and_one_is_seen():
    first, second, third = read("# Talk\n## Plan\n# 14 tablets\n")
    assert first == Title(1, (Run("#"), Run(" Talk")))
    assert isinstance(second, Title)
    assert [(run.text, bool(run.style)) for run in second.runs] == [("##", True), ("Plan", False)]
    assert third == Text(((Run("# 14 tablets"),),))


def test_headings_never_skip_a_rank():
    found = read("###### six\n\n# One\n\n### three\n\n#### four\n\n## two")
    assert [node.depth for node in found if isinstance(node, Title)] == [1, 1, 2, 3, 2]


def test_a_heading_with_nothing_below_it_says_so():
    found = read("## Data\n\n### Mood\n\n## Assessment\n\nx\n\n## Plan\n")
    assert [node.empty for node in found if isinstance(node, Title)] == [False, True, False, True]
    assert not any(node.empty for node in read("## Plan\n<!-- a prompt -->") if isinstance(node, Title))


def test_a_line_is_no_heading_because_of_the_line_below_it():
    assert read("Mood: low\n-----\nAffect\n=====") == (
        Text(((Run("Mood: low"),), (Run("-----"),), (Run("Affect"),), (Run("====="),))),
    )


def test_markers_of_lists_are_as_they_were_typed():
    (found,) = read("+ SI passive\n- HI\n5. five\n7) seven\n• round")
    assert isinstance(found, Items)
    assert [item.marker[0].text for item in found.items] == ["+", "-", "5.", "7)", "•"]


@pytest.mark.parametrize("text", ["* * *", "- - -", "- - HI", "- + 3", "* 1. one"])
def test_an_item_stays_on_its_line_whatever_it_begins_with(text):
    (found,) = read(text)
    (item,) = found.items
    (words,) = item.nodes
    assert isinstance(words, Text)
    assert nodes.seen([found]) == text.replace(" ", "")


def test_what_stands_deeper_than_its_marker_belongs_to_an_item():
    (found, after) = read("- a\n  b\n\n  c\n  - d\n- e\nf")
    assert isinstance(found, Items)
    first, last = found.items
    assert [type(node) for node in first.nodes] == [Text, Text, Items]
    assert last.nodes == (Text(((Run("e"),),)),)
    assert after == Text(((Run("f"),),))


def test_a_table_is_read_row_by_row():
    (found,) = read("| a | b |\n|:--|--:|\n| 1 | *x* |\n| 2")
    assert isinstance(found, Grid)
    assert found.align == ("left", "right")
    assert [["".join(run.text for run in nodes.shown(cell)) for cell in row] for row in found.rows] == [
        ["a", "b"], ["1", "x"], ["2", ""]
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n|---|---|\n| 1 | 2 | lost |",
        "|" + "|".join("abcdefghijklmnopqrstuvwxyz") + "|\n" + "|---" * 26 + "|",
    ],
)
def test_a_table_that_would_lose_a_cell_or_be_too_wide_is_verbatim_by_itself(text):
    assert [type(node) for node in read(f"before\n\n{text}\n\nafter")] == [Text, Verbatim, Text]


@pytest.mark.parametrize("text", ["SI | HI\n- | +", "SI | HI\n--|--", "a | b\n---", "|---|---|\n| a | b |"])
def test_rows_of_answers_are_no_table(text):
    assert not any(isinstance(node, Grid) for node in read(text))


def test_a_fence_that_is_closed_is_verbatim_and_an_open_one_is_a_line():
    assert [type(node) for node in read("```\n## Plan\n```\n## Plan\nx")] == [Verbatim, Title, Text]
    assert [type(node) for node in read("```\n## Plan\nx")] == [Text, Title, Text]


def test_columns_that_blanks_made_stay_below_one_another():
    assert [type(node) for node in read("Drug        Dose\nSertraline    50")] == [Verbatim]
    assert [type(node) for node in read("General:   well\nand so on.")] == [Text]


# corrections


def test_a_struck_item_stays_an_item_and_a_struck_heading_a_heading():
    spans = [Span("a\n\n"), Span("- old\n", STRUCK), Span("- new\n", INSERTED), Span("\n"), Span("## Gone\n", STRUCK), Span("b")]
    _, items, title, _ = reading.read(spans)
    assert isinstance(items, Items)
    assert [item.nodes for item in items.items] == [
        (Text(((Run("old", kind=STRUCK),),)),),
        (Text(((Run("new", kind=INSERTED),),)),),
    ]
    assert isinstance(title, Title)
    assert nodes.shown(title.runs) == (Run("Gone", kind=STRUCK),)


@pytest.mark.parametrize(
    "spans",
    [
        [Span("*", STRUCK), Span("not"), Span("*", STRUCK), Span(" now")],
        [Span("*"), Span("not*", STRUCK), Span("so*", INSERTED)],
        [Span("## ", INSERTED), Span("Plan")],
        [Span("| a | b |\n|---|---|\n| x "), Span("| y |", INSERTED), Span("\n")],
    ],
    ids=["signs struck", "one sign struck", "heading made", "bars inserted"],
)
def test_a_sign_that_a_correction_changed_is_seen(spans):
    found = reading.read(spans)
    changed = [run for run in nodes.runs_of(found) if run.kind != "same"]
    assert changed
    assert not any(MARK in run.style for run in changed)


def test_a_row_that_was_inserted_whole_is_a_row():
    (found,) = reading.read([Span("| a | b |\n|---|---|\n"), Span("| 1 | 2 |\n", INSERTED), Span("| 3 | 4 |")])
    assert isinstance(found, Grid)
    assert nodes.shown(found.rows[1][0]) == (Run("1", kind=INSERTED),)


def test_marks_of_corrections_stay_in_their_lines():
    (node,) = reading.read([Span("one "), Span("two\nthree", STRUCK), Span(" four")])
    assert isinstance(node, Text)
    assert node.lines == ((Run("one "), Run("two", kind=STRUCK)), (Run("three", kind=STRUCK), Run(" four")))


@pytest.mark.parametrize(
    "text",
    [
        "*" * 50_000, "*a " * 20_000, "**a " * 20_000, "`" * 50_000, "` " * 20_000, "~~a " * 20_000, "~~~x\n" * 5_000,
        "```x\n" * 5_000, "- " * 20_000, "> " * 20_000, "| a " * 20_000, "a | b\n" * 5_000, "- x\n" * 10_000,
        "\n".join(" " * depth + "- x" for depth in range(2_000)), "## x\n" * 10_000, "[" * 50_000, "<!--" * 10_000,
    ],
    ids=lambda text: repr(text[:8]),
)  # fmt: skip
def test_no_text_takes_long(text):
    began = time.process_time()
    assert nodes.typed(read(text)) == "".join(text.split())
    assert time.process_time() - began < 5
