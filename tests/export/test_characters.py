"""Every character that was typed is seen in every export, in its order: the rule of docs/exports.md, held over hostile texts."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export import reading
from tests.export.characters import unseen
from tests.export.hostile import LINES, TEXTS
from vaultcli.export import html, markdown
from vaultcli.export.document import INSERTED, STRUCK, Document, Heading, Paragraph, Part, Prose, Span
from vaultcli.export.paper import glyphs, pdf
from vaultcli.export.prose import nodes, visible
from vaultcli.export.prose import reading as prose

EXAMPLES = os.environ.get("COMMONMARK_EXAMPLES", "")
"""The examples of the CommonMark specification as JSON, such as `commonmark.json` in the source of markdown-it-py."""
needs_examples = pytest.mark.skipif(
    not EXAMPLES, reason="COMMONMARK_EXAMPLES names no file: the 652 examples of CommonMark were not tried (docs/contributing.md)"
)
OURS = [*LINES, *TEXTS.values()]
NOT_BY_POPPLER = {
    TEXTS["marks"]: "pdftotext composes the marks of a letter in an order of its own",
    TEXTS["huge-cell"]: "a cell longer than a page: pdftotext reads the page, and so the cell beside it in between",
    TEXTS["right"]: "from right to left: pdftotext gives words in the order of the page (see paper/test_direction.py)",
    "لا تأخذ Prozac 20 mg": "the same",
}
SNIPPETS = st.sampled_from(
    ["# ", "## Plan", "###", "- ", "+ ", "* ", "1. ", "7) ", "> ", "\n", "\n\n", "    ", "\t", "```", "~~~x", "~~~", "| a | b |",
     "|---|---|", "| 1 | 2 | 3 |", "|", "**", "*", "_", "__", "~~", "`", "[x](y)", "[Plan]: none", "<b>", "<!--", "-->", "&amp;",
     "\\", "---", "===", "word", "Mood", "25", "14:00", "!", " ", "  ", ".", "\u202e", "é"]
)  # fmt: skip


def document(texts: Sequence[str]) -> Document:
    """Many notes in one document, each between words that find it again."""
    notes = [
        Part((Heading(2, f"BEGINS{number}"), Prose((Span(text),)), Paragraph(f"ENDS{number}")))
        for number, text in enumerate(texts)
    ]
    return Document("x", "en", "", ("P", "c"), (Part((Heading(1, "Exports"),)), *notes))


def departures(texts: Sequence[str], read: str, missing: frozenset[str] = frozenset()) -> list[str]:
    """Where what was read off an export departs from what was typed."""
    found = []
    for number, text in enumerate(texts):
        piece = re.search(rf"BEGINS\s*{number}\b(.*?)ENDS\s*{number}\b", read, re.DOTALL)
        assert piece is not None, text
        typed = str(glyphs.replaced(visible.show(text), set(missing)))
        # what we say behind an empty heading is no part of the note, unless somebody typed it
        seen = [piece[1], piece[1].replace(nodes.NOTHING, "").replace(": nothing\nwritten", "")]
        problem = [unseen(typed, one) for one in seen]
        found += [problem[-1]] if all(problem) else []
    return found


def examples() -> list[str]:
    return [one["markdown"] for one in json.loads(Path(EXAMPLES).read_text(encoding="utf-8"))]


@pytest.fixture(params=["ours", pytest.param("CommonMark", marks=needs_examples)])
def texts(request: pytest.FixtureRequest) -> list[str]:
    return OURS if request.param == "ours" else examples()


def test_the_reading_holds_them(texts: list[str]) -> None:
    for text in texts:
        found = prose.read([Span(text)])
        assert unseen(visible.show(text), nodes.seen(found)) == ""
        assert nodes.typed(found) == "".join(visible.show(text).split())
        assert nodes.seen(prose.read([Span(text)], plain=True)) == "".join(visible.show(text).split())


def test_the_html_page_shows_them(texts: list[str]) -> None:
    assert departures(texts, reading.text_of_html(html.write(document(texts)))) == []


def test_the_markdown_file_shows_them_when_it_is_rendered(texts: list[str]) -> None:
    assert departures(texts, reading.text_of_markdown(markdown.write(document(texts)))) == []


def test_the_markdown_file_holds_them_as_they_were_typed(texts: list[str]) -> None:
    """Whoever looks at the file itself sees the text with our blanks, fences and ranks of headings, and with nothing escaped."""
    for text in (text for text in texts if nodes.NOTHING not in text):
        raw = markdown.write(Document("x", "en", "", (), (Part((Prose((Span(text),)),)),))).decode()
        bare = "".join(re.sub(rf"{nodes.NOTHING}$|^(?:`{{3,}}|#+)|`|[|:-]+", "", raw, flags=re.MULTILINE).split())
        wanted = "".join(re.sub(r"^ {0,3}#+(?=[ \t])|`|[|:-]+", "", visible.show(text), flags=re.MULTILINE).split())
        assert bare == wanted or bare.replace("#", "") == wanted.replace("#", ""), text


@pytest.mark.skipif(not reading.POPPLER, reason="poppler-utils is not installed")
@pytest.mark.parametrize("size", ["letter", "a4"])
def test_the_pdf_shows_them(texts: list[str], size: str, tmp_path: Path) -> None:
    asked = [text for text in texts if text not in NOT_BY_POPPLER]
    ready = pdf.prepare(document(asked), None, size)
    (tmp_path / "x.pdf").write_bytes(ready.write())
    assert departures(asked, reading.text_of_pdf(tmp_path / "x.pdf", size), ready.missing) == []


@given(st.lists(SNIPPETS, max_size=25).map("".join))
def test_any_text_is_read_whole(text: str) -> None:
    found = prose.read([Span(text)])
    assert unseen(visible.show(text), nodes.seen(found)) == ""
    assert nodes.typed(found) == "".join(visible.show(text).split())


@given(st.lists(SNIPPETS, max_size=25).map("".join))
def test_any_text_is_shown_whole_by_the_markdown_file(text: str) -> None:
    assert departures([text, "after it"], reading.text_of_markdown(markdown.write(document([text, "after it"])))) == []


@given(st.lists(st.tuples(SNIPPETS, st.sampled_from(["same", STRUCK, INSERTED])), max_size=20))
def test_any_corrected_text_is_read_whole(pieces: list[tuple[str, str]]) -> None:
    spans = [Span(text, kind, 1) for text, kind in pieces]
    wanted = "".join("".join(visible.show(text) for text, _ in pieces).split())
    assert nodes.typed(prose.read(spans)) == wanted


@given(st.lists(st.tuples(SNIPPETS, st.sampled_from(["same", STRUCK, INSERTED])), max_size=12))
def test_a_sign_that_a_correction_changed_alone_is_seen(pieces: list[tuple[str, str]]) -> None:
    """A mark of emphasis that was struck or inserted changes what stands there, and would show as nothing."""
    found = prose.read([Span(text, kind, 1) for text, kind in pieces])
    for node in found:
        runs = [run for run in nodes.runs_of([node]) if nodes.MARK in run.style and run.kind != "same"]
        for run in runs:
            assert {one.kind for one in nodes.runs_of([node]) if one.text.strip()} >= {run.kind}


def test_the_measure_sees_what_is_lost_and_what_is_added() -> None:
    assert unseen("Sertraline 25*2 then 50*2 daily.", "Sertraline 252 then 502 daily.")
    assert unseen("> 14 before", "14 before")
    assert unseen("+ SI\n- HI", "• SI\n• HI")
    assert unseen("a\n-----", "a")
    assert unseen("\\\\server", "\\server")
    assert unseen("3~~4~~5", "345")
    assert unseen("[Plan]: none", "")
    assert unseen("| a | b |\n|---|---|\n| 1 | 2 | lost |", "a b 1 2")
    assert unseen("SI | HI\n- | +", "SI HI")
    assert unseen("# 14 tablets", "14 tablets")
    assert unseen("one", "one two")
    assert unseen("ab", "ba")
    assert unseen("**not** *so*\n## Plan\n| a | b |\n|---|---|\n| 1 | 2 |", "not so Plan a b 1 2") == ""
