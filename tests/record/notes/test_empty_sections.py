"""Headings of a template with nothing below them go before a signature; whatever a person typed keeps its heading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultcli.record.notes import empty_sections, template

HEAD = b"---\nformat: dap\nid: 7n5tq2m8wkc4xe9r\n---\n"
SHAPE = b"---\ntemplate: 1\nformat: dap\nid:\n---\n\n## Data\n\n<!-- a? -->\n\n## Assessment\n\n<!-- b? -->\n\n"
SHAPE += b"### Risk\n\n## Plan\n\n<!-- c? -->\n"
HEADS = empty_sections.given(SHAPE)


def without(body: bytes) -> tuple[bytes, tuple[str, ...]]:
    raw, titles = empty_sections.without(HEAD + body, HEADS)
    assert raw.startswith(HEAD)
    return raw.removeprefix(HEAD), titles


@pytest.mark.parametrize(
    ("body", "left", "titles"),
    [
        (b"\n## Data\n\nx\n\n## Plan\n\n", b"\n## Data\n\nx\n", ("Plan",)),
        (b"\n## Data\n\n\n## Plan\n\ny\n", b"\n## Plan\n\ny\n", ("Data",)),
        (b"## Data\n## Assessment\n## Plan\ny\n", b"## Plan\ny\n", ("Data", "Assessment")),
        (b"## Data\r\n\r\n## Plan\r\n\r\ny\r\n", b"## Plan\r\n\r\ny\r\n", ("Data",)),
        (b"## Data\nx\n## Plan", b"## Data\nx\n", ("Plan",)),
        (b"## Assessment\n\n### Risk\n\n## Plan\n\ny\n", b"## Plan\n\ny\n", ("Assessment", "Risk")),
        (b"## Assessment\n\n### Risk\n\nlow\n", b"## Assessment\n\n### Risk\n\nlow\n", ()),
        (b"x\n## Data\n\nmine\n===\n", b"x\n## Data\n\nmine\n===\n", ()),
        (b"x\n\n## Data\nmine\n===\n", b"x\n\nmine\n===\n", ("Data",)),
        (b"## Assessment\n\nx\n\n### Risk\n", b"## Assessment\n\nx\n", ("Risk",)),
    ],
)
def test_a_heading_with_nothing_below_it_goes(body, left, titles):
    assert without(body) == (left, titles)


@pytest.mark.parametrize(
    "body",
    [
        b"## Data\n\n<!-- mine -->\n",
        b"## Data\n\n-\n",
        b"## Data\n\n&nbsp;\n",
        b"## Data\n\n### Mine\n",
        b"## Mine\n\nx\n\n## Also mine\n",
        b"# Data\n",
        b"## data\n",
        b"## Data today\n",
        b"Data\n----\n",
        b"## Plan\n\nx\n\n## Plan\n",
        b"```\n## Data\n```\n",
        b"- ## Data\n",
        b"words alone\n",
        b"",
    ],
)
def test_what_a_person_typed_stays(body):
    assert without(body) == (body, ())


TEXTS = st.lists(
    st.sampled_from(["## Data", "## Plan", "### Risk", "## Mine", "## Assessment", "", "words", "<!-- mine -->", "```", "-"]),
    max_size=14,
).map(lambda rows: "\n".join(rows).encode())


@given(TEXTS)
def test_nothing_but_blanks_and_headings_of_the_template_ever_goes(body):
    left, titles = without(body)
    gone = body.decode().split("\n")
    for row in left.decode().split("\n"):
        if row.strip():
            gone.remove(row)
    assert sorted(filter(str.strip, gone)) == sorted({"Risk": "### Risk"}.get(title, f"## {title}") for title in titles)
    assert without(left) == (left, ())


def test_a_heading_above_a_prompt_came_with_a_template_whatever_the_notes_format_is_now():
    raw = HEAD + b"## Subjective\n\n<!-- s? -->\n\n## Mine\n\n<!-- mine -->\n"
    assert empty_sections.prompted(raw, {b"<!-- s? -->"}) == {(2, "Subjective")}


def test_a_file_that_is_no_template_brings_none():
    assert empty_sections.given(b"---\nnever closed") == frozenset()
    assert empty_sections.given(b"---\nid:\n---\n\xff") == frozenset()
    assert template.read(SHAPE).headings == ("Data", "Assessment", "Risk", "Plan")


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (b"\n## Data\n\n<!-- a? -->\n\n## Plan\n\n<!-- c? -->\n", 7),
        (b"\n## Data\n\nx\n\n<!-- a? -->\n\n## Plan\n\n<!-- c? -->\n", 13),
        (b"\n## Data\n\n<!-- a? mine -->\n\n## Plan\n", 11),
        (b"\n## Mine\n\n## Plan\n\ny\n", 0),
        (b"Prose.\n", 0),
        (b"\n## Assessment\n\n<!-- b? -->\n\n### Risk\n\nlow\n\n## Plan\n", 15),
        (b"\n## Data\n\n<!-- two\nlines -->\n\n## Plan\n", 12),
    ],
)
def test_writing_begins_at_the_first_empty_section(body: bytes, line: int) -> None:
    assert empty_sections.first(HEAD + body, HEADS, template.prompts_of(SHAPE)) == line
