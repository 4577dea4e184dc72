"""Markdown as it is written: fields escaped, notes as they were typed, corrections marked."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from vaultcli.export import markdown
from vaultcli.export.document import (
    INSERTED,
    STRUCK,
    Document,
    Fields,
    Heading,
    Part,
    Prose,
    Span,
    Statement,
    Table,
)


def written(*blocks) -> str:
    return markdown.write(Document("t", "en", "2026-11-22T10:00:00-05:00", (), (Part(tuple(blocks)),))).decode()


def shown(text: str) -> str:
    """The words that a reader of the rendered Markdown sees."""
    tokens = MarkdownIt("commonmark").parse(text)
    return "".join(child.content for token in tokens for child in token.children or ())


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=60))
def test_a_name_is_shown_as_it_is_whatever_it_holds(name):
    plain = " ".join(name.split())
    if plain:
        assert shown(written(Statement("signature", "x" + name))) == "x" + plain if not name[0].isspace() else True


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
    note = "# One\n\n```\n# not a heading\n```\n\n###### Six\n"
    assert written(Heading(2, "Note"), Prose((Span(note),), level=2)) == (
        "## Note\n\n## One\n\n```\n# not a heading\n```\n\n###### Six\n"
    )


def test_a_tables_cells_stay_in_their_cells():
    html = MarkdownIt("commonmark").enable("table").render(written(Table(("a", "b"), (("x | y", "z"),))))
    assert html.count("<td>") == 2
    assert "<td>x | y</td>" in html


def test_the_same_document_gives_the_same_bytes():
    assert written(Heading(1, "A")) == written(Heading(1, "A"))
