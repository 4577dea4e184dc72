"""Front matter: what is read, what is refused, and that an edit changes the lines of its field only."""

import json
import time

import frontmatter as python_frontmatter
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests import everyday
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import (
    insert_block,
    parse,
    remove_block,
    remove_field,
    scalar,
    set_field,
    split,
)
from vaultcli.ground.frontmatter.handler import StrictHandler

BOM = b"\xef\xbb\xbf"
NOTE = b"""---
format: dap     # the usual
date: 2026-11-22
time: 14:00-14:53
cpt: 90834
# codes
diagnoses: [F33.1, 6E20]
goals:
  - g1
  - g2  # new
plain: |
  two
  lines

telehealth:
  method: video
id: 7n5tq2m8wkc4xe9r
---

## Data
---
body
"""


def changed(before: bytes, after: bytes) -> tuple[list[bytes], list[bytes]]:
    """The lines that went and the lines that came, with the common head and tail cut off."""
    a, b = before.splitlines(keepends=True), after.splitlines(keepends=True)
    while a and b and a[0] == b[0]:
        del a[0], b[0]
    while a and b and a[-1] == b[-1]:
        del a[-1], b[-1]
    return a, b


@pytest.mark.parametrize(
    ("raw", "yaml_lines", "body"),
    [
        (b"---\na: 1\n---\nbody", b"a: 1\n", b"body"),
        (b"---\r\na: 1\r\n---\r\nbody\r\n", b"a: 1\r\n", b"body\r\n"),
        (b"---\r\na: 1\nb: 2\r\n---\nbody", b"a: 1\nb: 2\r\n", b"body"),
        (BOM + b"---\na: 1\n---\n", b"a: 1\n", b""),
        (b"---\na: 1\n---", b"a: 1\n", b""),
        (b"---\n---\n", b"", b""),
        (b"--- \t\na: 1\n---  \nx", b"a: 1\n", b"x"),
        (b"---\na: 1\n---\n---\nx\n---\n", b"a: 1\n", b"---\nx\n---\n"),
        (b"---\na: |\n  ---\n ---\n---\nx", b"a: |\n  ---\n ---\n", b"x"),
    ],
)
def test_split(raw, yaml_lines, body):
    parts = split(raw)
    assert (parts.yaml, parts.body, parts.present) == (yaml_lines, body, True)
    assert bytes(parts) == raw
    assert raw[parts.body_offset :] == body
    assert parts.body_line == raw.count(b"\n", 0, parts.body_offset) + 1


@pytest.mark.parametrize(
    "raw", [b"", b"\n---\na: 1\n---\n", b"text\n---\n", b" ---\na: 1\n---\n", b"----\na\n----\n", BOM]
)
def test_no_front_matter(raw):
    parts = split(raw)
    assert not parts.present
    assert bytes(parts) == raw
    assert dict(parse(raw)) == {}


def test_empty_is_not_none():
    assert parse(b"---\n---\n").parts.present
    assert parse(b"---\n# only a comment\n---\n").parts.present


@pytest.mark.parametrize("raw", [b"---\na: 1\n", b"---", b"---\r\na: 1\n----\n", BOM + b"---\n --- \n"])
def test_unterminated(raw):
    with pytest.raises(BadInput, match=r"n\.md:1: the front matter that starts here has no closing line"):
        split(raw, "n.md")


@pytest.mark.parametrize(
    "text",
    [
        "14:00",
        "12:30",
        "0012345",
        "010",
        "NO",
        "no",
        "on",
        "y",
        "6E20",
        "6e20",
        "1.10",
        "~",
        "null",
        "1_000",
        "0x1F",
        ".inf",
        "=",
        "2024-13-45",
        "2026-11-22",
        "+4915112345",
    ],
)
def test_values_stay_as_typed(text):
    assert parse(f"---\na: {text}\nb: [{text}, x]\n---\n".encode())["a"] == text
    assert parse(f"---\na: {text}\nb: [{text}, x]\n---\n".encode())["b"] == [text, "x"]


def test_read_whole():
    read = parse(NOTE, "n.md")
    assert read == {
        "format": "dap",
        "date": "2026-11-22",
        "time": "14:00-14:53",
        "cpt": "90834",
        "diagnoses": ["F33.1", "6E20"],
        "goals": ["g1", "g2"],
        "plain": "two\nlines\n",
        "telehealth": {"method": "video"},
        "id": "7n5tq2m8wkc4xe9r",
    }
    assert read.line("format") == 2
    assert read.line("telehealth", "method") == 16
    assert NOTE.splitlines()[read.line("id") - 1].startswith(b"id:")
    assert read.text("goals") == ""


def test_empty_values_are_empty_text():
    assert parse(b"---\na:\nb: # c\nc: ''\nd: {e: }\n---\n") == {"a": "", "b": "", "c": "", "d": {"e": ""}}


BAD = {
    "too long": (b"a: " + b"x" * 65536 + b"\n", 1, "longer than 64 KiB"),
    "alias": (b"a: x\nb: *secret\n", 3, "anchors"),
    "anchor": (b"a: &secret x\n", 2, "anchors"),
    "alias bomb": (b"a: &a [x, x]\nb: &b [*a, *a]\n", 2, "anchors"),
    "tag": (b"a: !!python/object:os.system secret\n", 2, "tags"),
    "own tag": (b"a: !secret x\n", 2, "tags"),
    "tag on a list": (b"a: !!set [x]\n", 2, "tags"),
    "duplicate": (b"a: secret\nb: x\na: y\n", 4, "the key a stands here and in line 2"),
    "duplicate, nested": (b"a:\n  b: 1\n  b: 2\n", 4, "the key b stands here and in line 3"),
    "number key": (b"1: x\n", 2, "is no text"),
    "yes key": (b"no: x\n", 2, "the key no is no text"),
    "null key": (b"~: x\n", 2, "is no text"),
    "empty key": (b"? \n: x\n", 2, "the key (empty) is no text"),
    "date key": (b"2026-11-22: x\n", 2, "is no text"),
    "merge key": (b"<<: {a: secret}\n", 2, "is no text"),
    "list key": (b"? [a]\n: b\n", 2, "a key is a list"),
    "long key": (b"? " + b"k" * 129 + b"\n: b\n", 2, "a key is longer"),
    "deep flow": (b"a: [[[[[x]]]]]\n", 2, "deep"),
    "deep block": (b"a:\n  - - - - - x\n", 3, "deep"),
    "very deep": (b"a: " + b"[" * 60000 + b"\n", 2, ""),  # some releases of the library refuse it themselves, in their words
    "deep maps": (b"a: " + b"{a: " * 15000 + b"\n", 2, ""),
    "deep questions": (b"? " * 30000 + b"\n", 2, "a key is a list"),
    "not UTF-8": (b"a: x\nb: \xff\n", 3, "not UTF-8"),
    "lone surrogate": (b"a: \xed\xa0\x80\n", 2, "not UTF-8"),
    "NUL": (b"a: x\nb: \x00\n", 3, "U+0000"),
    "escape": (b"a: \x1b[2J\n", 2, "U+001B"),
    "C1": (b"a: \xc2\x85\n", 2, "U+0085"),
    "lone CR": (b"a: x\rb: secret\n", 2, "U+000D"),
    "line separator": ("a: x\u2028b: secret\n".encode(), 2, "U+2028"),
    "escaped NUL": (b'a: x\nb: "\\0"\n', 3, "U+0000"),
    "escaped bell": (b'a: "\\a"\n', 2, "U+0007"),
    "escaped surrogate": (b'a: "\\ud800"\n', 2, "not YAML"),
    "escape too large": (b'a: "\\UFFFFFFFF"\n', 2, "not YAML"),
    "tab indent": (b"a:\n\tb: secret\n", 3, "not YAML"),
    "no colon": (b"a: x\nsecret\nb: y\n", 4, "not YAML"),
    "open quote": (b"a: 'secret\n", 3, "not YAML"),
    "open list": (b"a: [secret\n", 3, "not YAML"),
    "two colons": (b"a: secret: x\n", 2, "not YAML"),
    "directive": (b"%YAML 1.1\n", 3, "not YAML"),
    "document end": (b"a: x\n...\n", 3, "document marker"),
    "second document": (b"a: x\n--- secret\n", 3, "document marker"),
    "list": (b"- secret\n", 2, "not made of"),
    "text": (b"secret\n", 2, "not made of"),
    "one item": (b"a: x\n- secret\n", 3, "not YAML"),
}


@pytest.mark.parametrize("name", BAD)
def test_refused(name):
    lines, line, message = BAD[name]
    start = time.process_time()
    with pytest.raises(BadInput) as caught:
        parse(b"---\n" + lines + b"---\nbody\n", "n.md")
    assert time.process_time() - start < 1
    assert caught.value.message.startswith(f"n.md:{line}: ")
    assert message in caught.value.message
    assert "secret" not in caught.value.message + caught.value.hint


def test_the_deepest_allowed():
    assert parse(b"---\na: [[[[x]]]]\n---\n") == {"a": [[[["x"]]]]}


@pytest.mark.parametrize(
    ("key", "value", "came"),
    [
        ("format", "soap", [b"format: soap     # the usual\n"]),
        ("date", "2026-11-23", [b"date: 2026-11-23\n"]),
        ("cpt", "", [b"cpt:\n"]),
        ("cpt", ["90839", "90840"], [b"cpt: [90839, 90840]\n"]),
        ("diagnoses", ["F41.1", "6E20"], [b'diagnoses: [F41.1, "6E20"]\n']),
        ("goals", ["g3"], [b"goals: [g3]\n"]),
        ("plain", "one: two", [b'plain: "one: two"\n']),
        ("telehealth", {"method": "audio", "who": ["a", "b"]}, [b"  method: audio\n", b"  who: [a, b]\n"]),
        ("telehealth", "no", [b'telehealth: "no"\n']),
        ("type", "crisis", [b"type: crisis\n"]),
        ("format", {"a": "b"}, [b"format:  # the usual\n", b"  a: b\n"]),
    ],
)
def test_set_field(key, value, came):
    after = set_field(NOTE, key, value)
    assert changed(NOTE, after)[1] == came
    assert parse(after)[key] == value
    assert set_field(after, key, value) == after


def test_set_after():
    after = set_field(NOTE, "type", "crisis", after="goals")
    assert changed(NOTE, after) == ([], [b"type: crisis\n"])
    assert list(parse(after))[6] == "type"
    assert list(parse(set_field(NOTE, "type", "crisis", after="plain")))[7] == "type"
    assert list(parse(set_field(NOTE, "type", "crisis", after="missing")))[-1] == "type"


@pytest.mark.parametrize(
    ("raw", "key", "value", "result"),
    [
        (b"---\r\na: 1\r\n---\r\nx", "a", "2", b"---\r\na: 2\r\n---\r\nx"),
        (b"---\r\na: 1\r\n---\r\nx", "b", "2", b"---\r\na: 1\r\nb: 2\r\n---\r\nx"),
        (BOM + b"---\n---", "a", "2", BOM + b"---\na: 2\n---"),
        (b"---\na:\n---\n", "a", "2", b"---\na: 2\n---\n"),
        (b"---\na: \r\n---\n", "a", "2", b"---\na: 2\r\n---\n"),
        (b"---\na:  # c\n---\n", "a", "2", b"---\na: 2  # c\n---\n"),
        (b"---\na: x # c\n---\n", "a", "", b"---\na: # c\n---\n"),
        (b"---\n  a: 1\n---\n", "b", "2", b"---\n  a: 1\n  b: 2\n---\n"),
        (b"---\na:\n  text\nb: 1\n---\n", "a", "2", b"---\na: 2\nb: 1\n---\n"),
        (b"---\na:\n- 1\n- 2\n# c\nb: 1\n---\n", "a", "2", b"---\na: 2\n# c\nb: 1\n---\n"),
        (b"---\na: |+\n  x\n\n\nb: 1\n---\n", "a", "2", b"---\na: 2\n\n\nb: 1\n---\n"),
        (b"---\na: # c\n  - 1\nb: 1\n---\n", "a", ["2"], b"---\na: [2]  # c\nb: 1\n---\n"),
        (b"---\na: 'x\n  y' # c\nb: 1\n---\n", "a", "2", b"---\na: 2 # c\nb: 1\n---\n"),
        (b'---\n"a" : x\n---\n', "a", "2", b'---\n"a" : 2\n---\n'),
        (b"---\n# c\n---\n", "a", "2", b"---\n# c\na: 2\n---\n"),
        (b"---\na: x\n---\n", "a", {}, b"---\na: {}\n---\n"),
        (b"---\na: x\n---\n", "a", [], b"---\na: []\n---\n"),
    ],
)
def test_set_field_shapes(raw, key, value, result):
    assert set_field(raw, key, value) == result


@pytest.mark.parametrize(
    ("raw", "key", "value"),
    [
        (b"text", "a", "1"),
        (b"---\n{a: 1}\n---\n", "a", "2"),
        (b"---\n? a\n: 1\n---\n", "a", "2"),
        (b"---\na: 1\n---\n", "b: c", "2"),
        (b"---\na: 1\n---\n", "no", "2"),
        (b"---\na: 1\n---\n", "a", "x\x00"),
        (b"---\na: 1\n---\n", "a", "\ud800"),
        (b"---\na: 1\n---\n", "b", "x" * 70000),
    ],
)
def test_set_field_refuses(raw, key, value):
    with pytest.raises(BadInput):
        set_field(raw, key, value)


def test_remove_field():
    for key in parse(NOTE):
        after = remove_field(NOTE, key)
        assert changed(NOTE, after)[1] == []
        assert dict(parse(after)) == {k: v for k, v in parse(NOTE).items() if k != key}
    assert remove_field(NOTE, "missing") == NOTE
    assert b"# codes\n" in remove_field(NOTE, "diagnoses")


BLOCK = ["signed:", "  version: 1", "  follows: []"]


@pytest.mark.parametrize(
    "raw",
    [
        NOTE,
        b"---\n---",
        b"---\r\na: 1\n---\r\nx",
        BOM + b"---\na: |+\n  x\n\n\n---\n",
        b"---\na:\n---\n",
        b"---\n# c\n---\n",
    ],
)
def test_block_is_added_and_taken_back(raw):
    signed = insert_block(raw, BLOCK)
    assert parse(signed)["signed"] == {"version": "1", "follows": []}
    assert changed(raw, signed)[0] == []
    assert remove_block(signed, "signed") == raw


def test_block_refusals():
    signed = insert_block(NOTE, BLOCK)
    with pytest.raises(BadInput, match="not the last"):
        remove_block(set_field(signed, "later", "x"), "signed")
    with pytest.raises(BadInput, match="not the last"):
        remove_block(signed.replace(b"follows: []\n", b"follows: []\n# more\n"), "signed")
    with pytest.raises(BadInput, match="no field"):
        remove_block(NOTE, "signed")
    for lines in (["a: 1", "b: 2"], ["  a: 1"], ["id: again"], ["# nothing"], ["---"], []):
        with pytest.raises(BadInput):
            insert_block(NOTE, lines)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("90834", "90834"),
        ("2026-11-22", "2026-11-22"),
        ("14:00-14:53", "14:00-14:53"),
        ("F33.1", "F33.1"),
        ("7n5tq2m8wkc4xe9r", "7n5tq2m8wkc4xe9r"),
        ("true", "true"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("client and partner", "client and partner"),
        ("", ""),
        ("6E20", '"6E20"'),
        ("NO", '"NO"'),
        ("y", '"y"'),
        ("~", '"~"'),
        ("null", '"null"'),
        ("0012345", '"0012345"'),
        ("1.10", '"1.10"'),
        ("14:00", '"14:00"'),
        ("1234567890123456", '"1234567890123456"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("a\nb", '"a\\nb"'),
        (" a", '" a"'),
        ("- a", '"- a"'),
    ],
)
def test_scalar(text, written):
    assert scalar(text) == written


TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"), max_size=30
)
TRICKY = st.sampled_from(
    [
        "NO",
        "~",
        "",
        "0o7",
        "1e5",
        "a: b",
        "x #",
        "#x",
        "[a]",
        "'",
        '"',
        "14:00",
        "---",
        "...",
        "\t",
        "a\tb",
        "? a",
        "é😀",
    ]
)
WORDS = TEXTS | TRICKY | st.from_regex(r"[-+.0-9eExXo_:TZ ]{1,12}", fullmatch=True)
VALUES = (
    WORDS
    | st.lists(WORDS, max_size=3)
    | st.dictionaries(st.sampled_from(["m", "n", "o"]), WORDS | st.lists(WORDS, max_size=2), max_size=3)
)


@everyday.examples(400)
@given(WORDS, st.booleans())
def test_every_reader_sees_the_text(text, flow):
    written = scalar(text, flow=flow)
    line = f"a: [{written}]\n" if flow else f"a: {written}\n"
    ours = parse(f"---\n{line}---\n".encode())["a"]
    assert ours == ([text] if flow else text)
    stock = yaml.load(line, Loader=yaml.CSafeLoader)["a"]
    stock = stock[0] if flow else stock
    assert stock == text or (stock is None and not text) or (json.dumps(stock, default=str).strip('"') == text)


ENDINGS = st.sampled_from(["\n", "\r\n"])
LINES = st.sampled_from(
    ["# a comment", "", "x-unknown: kept  # really", "list:\n  - a\n  - b", "text: |\n  l1\n\n  l2", "map:\n  k: v",
     "q: 'it''s'", "flow: [a, b]", "empty:", "n: 0012345", "uni: Zoë 😀", "tab:\tx", "long: word\n  word"]
)  # fmt: skip


@st.composite
def files(draw):
    chosen = draw(st.lists(LINES, max_size=8, unique=True))
    text = "".join(line.replace("\n", (end := draw(ENDINGS))) + end for line in chosen)
    bom = draw(st.sampled_from(["", "\ufeff"]))
    closing = draw(st.sampled_from(["---\n", "---\r\n", "--- \n", "---"]))
    body = (
        ""
        if closing == "---"
        else draw(st.sampled_from(["", "\n", "---\n", "a\n---\nb: c\n---\n", "\tx\r\ny", "\x00\x85", "no end"]))
    )
    return (bom + "---" + draw(ENDINGS) + text + closing + body).encode()


@everyday.examples(600)
@given(
    files(), st.sampled_from(["list", "text", "map", "q", "flow", "empty", "n", "uni", "tab", "long", "new"]), VALUES
)
def test_set_changes_its_own_lines_only(raw, key, value):
    before = parse(raw)
    after = parse(set_field(raw, key, value))
    assert dict(after) == {**before, key: value}
    old, new = before.parts, after.parts
    assert (old.bom, old.opening, old.closing, old.body) == (new.bom, new.opening, new.closing, new.body)
    gone, _ = changed(old.yaml, new.yaml)
    spans = before.spans
    if key not in spans:
        assert gone == []
    else:
        own = remove_field(raw, key)
        assert remove_field(bytes(new), key) == own
        assert changed(raw, own)[1] == []


@everyday.examples(300)
@given(files())
def test_block_round_trip(raw):
    signed = insert_block(raw, BLOCK)
    assert remove_block(signed, "signed") == raw
    assert list(parse(signed))[:-1] == list(parse(raw))


@everyday.examples(500)
@given(st.binary(max_size=200) | st.text("ab:-[]{}?&*!|>'\"%@`#, \t\n\r~<=01", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(lines):
    raw = b"---\n" + lines + b"\n---\nbody"
    try:
        read = parse(raw)
    except BadInput:
        return
    assert bytes(read.parts) == raw
    for key in read:
        try:
            removed = remove_field(raw, key)
        except BadInput:
            continue
        assert key not in parse(removed)


@everyday.examples(300)
@given(st.text("ab:-[]{}?|>'\"#, \t\n~01", max_size=60), st.sampled_from(["a", "b", "c"]), VALUES)
def test_set_proves_itself_on_odd_yaml(lines, key, value):
    raw = b"---\n" + lines.encode() + b"\n---\nbody"
    try:
        result = set_field(raw, key, value)
    except BadInput:
        return
    assert dict(parse(result)) == {**parse(raw), key: value}


def test_large_bodies_are_quick():
    raw = NOTE + b"x" * 70 + b"\n---\n" * 1_000_000
    start = time.process_time()
    after = set_field(raw, "cpt", "90837")
    assert time.process_time() - start < 1
    assert after == raw.replace(b"cpt: 90834", b"cpt: 90837", 1)


def test_python_frontmatter_reads_through_our_handler():
    post = python_frontmatter.loads(NOTE.decode(), handler=StrictHandler("n.md"))
    assert post.metadata == dict(parse(NOTE))
    with pytest.raises(BadInput, match="never written anew"):
        python_frontmatter.dumps(post, handler=StrictHandler())
    assert python_frontmatter.loads("no front matter", handler=StrictHandler()).metadata == {}
