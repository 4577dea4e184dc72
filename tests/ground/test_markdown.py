"""The outline of a body: sections, comments, words; compared with a CommonMark parser."""

import time

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests import everyday
from vaultcli.ground.markdown import comments, sections, words

BODY = """
Before.

## Data
First line.

### Measures ##
PHQ-9: 14

```
## not a heading
<!-- not a comment -->
```

<!-- a prompt
## not a heading either
-->

Assessment
----------
Text.
## Plan
"""


def test_sections():
    found = sections(BODY, 10)
    assert [(s.level, s.title, s.line, s.end_line) for s in found] == [
        (2, "Data", 13, 27),
        (3, "Measures", 16, 27),
        (2, "Assessment", 28, 30),
        (2, "Plan", 31, 31),
    ]
    assert found[2].text == "Text.\n"
    assert found[3].text == ""
    assert found[0].text.startswith("First line.\n\n### Measures ##\n")


def test_windows_endings_and_no_last_ending():
    found = sections("## Data\r\nabc\r\n## Plan\r\nend")
    assert [(s.title, s.text) for s in found] == [("Data", "abc\r\n"), ("Plan", "end")]


def outline(text):
    tokens = MarkdownIt("commonmark").parse(text)
    return [
        (int(t.tag[1]), t.map[0], " ".join(tokens[i + 1].content.split()))
        for i, t in enumerate(tokens)
        if t.type == "heading_open" and t.level == 0
    ]


# Lines at the left margin. Two known differences are left out: an indented heading right after a list item belongs to
# the item for CommonMark, and a comment that is left open within a line ends a paragraph there only sometimes.
LINES = st.sampled_from(
    ["", "word", "## A", "# B #", "####### no", "#no", "### C", "---", "===", "***", "```", "~~~~",
     "``` x", "````", "~~~", "- item", "2. two", "1. one", "> quote", "  lazy", "<!-- c -->", "<!--", "-->",
     "a `<!--` b", "z --> q", "##", "\ttab", "a <!-- b --> c", "<!-- d --> e", "* * *", "## D \\#"]
)  # fmt: skip


@everyday.examples(3000)
@given(st.lists(LINES, max_size=8))
def test_same_outline_as_commonmark(lines):
    text = "\n".join(lines) + "\n"
    ours = [(s.level, s.line - 1, " ".join(s.title.split())) for s in sections(text)]
    assert ours == outline(text)


@given(
    st.lists(LINES, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([b"", b"---\na: '<!-- x -->'\n---\n"]),
)
def test_comments_are_where_they_say(lines, ending, head):
    raw = head + ending.join(["first", *lines]).encode()
    at = 0
    for comment in comments(raw):
        assert comment.start >= max(at, len(head))
        assert raw[comment.start : comment.end].decode() == comment.text
        assert comment.text.startswith("<!--")
        assert not comment.closed or comment.text.endswith("-->")
        assert comment.line == raw.count(b"\n", 0, comment.start) + 1
        at = comment.end


def test_comments():
    raw = "---\na: b\n---\né <!-- one --> b\n  <!-- two\n\nlines -->  \n"
    raw = (raw + "`<!-- code -->` <!--> x\n\n<!-- open\nmore").encode()
    found = [(c.text, c.line, c.alone, c.closed) for c in comments(raw)]
    assert found == [
        ("<!-- one -->", 4, False, True),
        ("<!-- two\n\nlines -->", 5, True, True),
        ("<!-->", 8, False, True),
        ("<!-- open\nmore", 10, True, False),
    ]


def test_words():
    assert words("") == 0
    assert words("## Data\nOne two, three.\n<!-- not these words -->\nFour's five-six 14:00 — !\n") == 6
    assert words("Heading words\n===\n") == 0


def test_long_bodies_are_quick():
    text = "## A\nword <!-- c --> `x`\n" * 40_000
    assert len(sections(text[:100_000])) > 100
    assert words(text) == 80_000


def test_hostile_bodies_are_quick():
    start = time.process_time()
    for text in ("`<!-- x " * 50_000, "<!-- x " * 50_000, "## a" + " #" * 50_000 + "b", "## a" + " " * 50_000 + "b"):
        comments(("x\n" + text).encode())
        sections(text)
    assert time.process_time() - start < 5


def test_indented_code_is_no_heading():
    assert sections("\n    ## code\n\ntext\n    ## more of it\n") == []
