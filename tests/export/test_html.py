"""The HTML page: one file, nothing that acts or fetches, whatever a note, a name or a field holds."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from tests.export.hostile import SVG, TEXTS, document
from vaultcli.export import html
from vaultcli.export.document import INSERTED, STRUCK, Span, Statement
from vaultcli.export.prose import visible

VOID = {"meta", "br", "img"}
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "section", "article", "nav", "h1", "h2", "h3", "h4",
    "h5", "h6", "p", "ol", "ul", "li", "a", "dl", "div", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "pre",
    "code", "strong", "em", "s", "del", "ins", "span", "sup", "br", "figure", "img", "figcaption", "bdi",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "aria-label", "aria-labelledby", "dir", "scope",
    "alt", "src", "role",
}  # fmt: skip


class Page(HTMLParser):
    """The page as a browser takes it apart: tags, attributes, texts; and whether every tag is closed in order."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.style = ""
        self.wrong: list[str] = []
        self.feed(raw.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        if "style" in self.open:
            self.style += data
        else:
            self.text += data

    def handle_comment(self, data):
        self.wrong.append(f"comment {data}")


def page(text: str, **more) -> Page:
    return Page(html.write(document(text, **more)))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_nothing_in_a_note_a_name_or_a_field_can_act(text):
    made = page(text)
    assert made.wrong == []
    assert made.open == []
    assert {tag for tag, _ in made.tags} <= ALLOWED
    for tag, attributes in made.tags:
        assert set(attributes) <= ATTRIBUTES, tag
        assert attributes.get("href", "#part-0").startswith("#part-")
        assert re.fullmatch(r"data:image/svg\+xml;base64,[A-Za-z0-9+/=]+", attributes.get("src", "data:image/svg+xml;base64,A"))
    assert "url(" not in made.style.replace("\\", "")
    assert "@import" not in made.style
    assert sum(tag == "style" for tag, _ in made.tags) == 1


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_word_of_a_note_is_there_to_be_read(text):
    shown = re.findall(r"[^\W_]{3,}", visible.show(text))
    read = page(text).text
    assert [word for word in shown if word not in read] == []


def test_the_policy_names_the_one_style_sheet_and_forbids_the_rest():
    made = page("x")
    policy = next(attributes["content"] for tag, attributes in made.tags if attributes.get("http-equiv"))
    digest = base64.b64encode(hashlib.sha256(made.style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def test_the_policy_stands_before_all_that_it_governs():
    names = [tag for tag, attributes in page("x").tags if attributes.get("http-equiv") or tag in ("style", "title", "body")]
    assert names == ["meta", "title", "style", "body"]


def test_a_hidden_or_active_character_is_shown_by_its_number():
    raw = html.write(document(TEXTS["active"])).decode()
    assert re.search("[\x00-\x08\x0b-\x1f\x7f\u200b\u202a-\u202e\u2028\u2066-\u2069\ufeff\U000e0000-\U000e007f]", raw) is None
    assert "[U+202E]" in raw


def test_structure_for_those_who_listen():
    tags = page("# One\n\n### Three\n\n| a | c |\n|---|---|\n| b | d |").tags
    names = [tag for tag, _ in tags]
    assert names.count("h1") == 1
    assert names.count("main") == names.count("header") == names.count("nav") == 1
    assert [tag for tag in names if tag[0] == "h" and tag[1:].isdigit()] == ["h1", "h2", "h2", "h3", "h4", "h2"]
    assert all(attributes.get("scope") == "col" for tag, attributes in tags if tag == "th")
    assert dict(tags)["html"] == {"lang": "en"}
    ids = {attributes["id"] for _, attributes in tags if "id" in attributes}
    assert all(attributes["href"][1:] in ids for tag, attributes in tags if tag == "a")
    assert all(attributes["alt"] for tag, attributes in tags if tag == "img")


def test_corrections_are_told_in_words_too():
    spans = (Span("She came "), Span("late", STRUCK, 1), Span("early", INSERTED, 2))
    raw = html.write(document("x", spans=spans)).decode()
    assert '<del><span class="spoken">struck: </span>late<sup>1</sup></del>' in raw
    assert '<ins><span class="spoken">inserted: </span>early<sup>2</sup></ins>' in raw


def test_a_figure_is_a_picture_in_the_page_with_its_text():
    tags = dict(page("sums").tags)
    assert base64.b64decode(tags["img"]["src"].partition(",")[2]).decode() == SVG
    assert tags["img"]["alt"] == "A figure of sums"


def test_drafts_are_marked_at_the_top_of_every_note_and_on_every_printed_page():
    made = page("x", mark="DRAFT: this export holds notes that are not signed")
    assert made.text.count("DRAFT: this export holds") == 3
    assert '@top-center { content: "DRAFT"' in made.style


def test_names_stand_at_the_top_of_every_printed_page_as_text_of_css():
    style = page('";}*{x:url(http://e.org)}').style
    assert "P \\22 \\3b \\7d \\2a \\7b x\\3a url\\28 http" in style


def test_a_statements_kind_is_a_name_of_ours():
    assert 'class="said signature"' in html.write(document("x")).decode()
    assert "<script" not in html._statement(Statement('"><script>', "x"))


def test_the_same_document_gives_the_same_bytes():
    assert html.write(document("x")) == html.write(document("x"))
