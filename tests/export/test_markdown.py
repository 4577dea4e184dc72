"""Markdown as it is written: fields escaped, notes as they were typed, corrections marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from vaultcli.export import markdown
from vaultcli.export.document import (
    INSERTED,
    STRUCK,
    Document,
    Fields,
    Figure,
    Heading,
    Part,
    Prose,
    Span,
    Statement,
    Table,
)
from vaultcli.export.prose import visible


def written(*blocks) -> str:
    return markdown.write(Document("t", "en", "2026-11-22T10:00:00-05:00", (), (Part(tuple(blocks)),))).decode()


def shown(text: str) -> str:
    """The words that a reader of the rendered Markdown sees."""
    tokens = MarkdownIt("commonmark").parse(text)
    return "".join(child.content for token in tokens for child in token.children or ())


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60))
def test_a_name_is_shown_as_it_is_whatever_it_holds(name):
    plain = visible.line("x" + name)
    assert shown(written(Statement("signature", "x" + name))) == plain


def test_a_name_cannot_bring_markup_or_links():
    text = written(Fields((("client", "<script>alert(1)</script> [x](http://example.org) `a` | b"),)))
    html = MarkdownIt("commonmark").render(text)
    assert "<script" not in html
    assert "<a " not in html
    assert "<code" not in html


def test_struck_and_inserted_words_are_marked_within_their_lines():
    spans = (Span("Mood is "), Span("lifting\n\nToday", STRUCK), Span("lifted", INSERTED), Span(".\n"))
    assert written(Prose(spans)) == "Mood is <del>lifting</del>\n\n<del>Today</del><ins>lifted</ins>.\n"


def test_a_notes_headings_move_below_ours_and_code_stays():
    note = "## One\n\n```\n# not a heading\n```\n\n###### Six\n"
    assert written(Heading(2, "Note"), Prose((Span(note),), level=2)) == (
        "## Note\n\n### One\n\n````\n```\n# not a heading\n```\n````\n\n#### Six: nothing written\n"
    )


def test_a_tables_cells_stay_in_their_cells():
    html = MarkdownIt("commonmark").enable("table").render(written(Table(("a", "b"), (("x | y", "z"),))))
    assert html.count("<td>") == 2
    assert "<td>x | y</td>" in html


def test_the_same_document_gives_the_same_bytes():
    assert written(Heading(1, "A")) == written(Heading(1, "A"))


def test_a_line_stays_a_line_and_a_sign_a_sign():
    assert written(Prose((Span("Mood: low\nAffect: flat\n\n- HI\n> 14 before\n-----"),))) == (
        "Mood: low  \nAffect: flat\n\n\u00a0- HI\n\n\u00a0> 14 before  \n\u00a0-----\n"
    )


def test_a_block_that_markdown_would_change_is_verbatim_by_itself():
    assert written(Prose((Span("One.\n\nSertraline 25*2 then 50*2 daily.\n\nThree."),))) == (
        "One.\n\n```\nSertraline 25*2 then 50*2 daily.\n```\n\nThree.\n"
    )


@pytest.mark.parametrize(
    "opened",
    ["<!-- a thought", "```", "~~~", "<!--", "<div>", "<script>", "<?php", "<![CDATA[", "`", "**", "[x](", "- a\n\n  ```"],
)
def test_what_one_note_leaves_open_takes_nothing_of_what_follows(opened):
    text = written(
        Heading(2, "First"), Prose((Span(f"Words.\n{opened}\nmore"),)), Statement("signature", "Signed by Lee."),
        Heading(2, "Second"), Prose((Span("Its words."),)), Heading(2, "How to check"),
    )  # fmt: skip
    tokens = MarkdownIt("commonmark", {"html": True}).parse(text)
    titles = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    assert titles == ["First", "Second", "How to check"]
    assert any(token.type == "inline" and token.content == "Its words." for token in tokens)
    assert any(token.type == "blockquote_open" for token in tokens)


def test_a_correction_within_verbatim_lines_is_told_in_words():
    spans = (Span("25*2 or 5*3, then "), Span("50", STRUCK, 1), Span("75", INSERTED, 1))
    assert written(Prose(spans)) == "```\n25*2 or 5*3, then [struck 1: 50][inserted 1: 75]\n```\n"


def test_a_heading_that_markdown_would_change_is_code():
    assert written(Prose((Span("## 25*2 and 50*2\nx"),))) == "### `25*2 and 50*2`\n\nx\n"


def test_a_table_stays_one_unless_a_cell_would_change():
    table = "| a | b |\n|---|--:|\n| 1 | *x* |"
    assert written(Prose((Span(table),))) == "| a | b |\n| --- | ---: |\n| 1 | *x* |\n"
    assert written(Prose((Span(table.replace("1", "25*2 and 5*3")),))).startswith("```\n| a | b |\n|---|--:|\n")


def test_a_picture_is_shown_from_the_folder_of_attached_files():
    assert written(Figure(b"", "image/png", "Scan: [x].png", "attachments/a.png")) == "![Scan: \\[x\\].png](attachments/a.png)\n"
