"""Texts from elsewhere: what can be read, how it becomes a note, and what is told of it without guessing."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import everyday
from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.record.notes import block, imported
from vaultcli.record.notes.note import Note

ID = "7n5tq2m8wkc4xe9r"
PATH = f"notes/2009-03-14-progress-{ID}.md"
VALUES = {"date": "2009-03-14", "id": ID}
TEXT = b"Session 3. Arrived late, spoke of the move.\nPlan: sleep diary.\n"


def test_the_example_of_the_specification():
    page = (Path(__file__).parents[3] / "docs" / "spec" / "import.md").read_bytes()
    source = page.split(b"```text\n", 1)[1].split(b"```", 1)[0]
    note = page.split(b"```markdown\n", 1)[1].split(b"```", 1)[0]
    assert source == TEXT
    assert imported.compose(imported.read(source), "2009/2009-03-14 Session.txt", VALUES) == note


def test_all_lines_in_their_order():
    values = {
        **VALUES, "type": "intake", "format": "dap", "time": "14:00-14:53", "place": "office",
        "cpt": ["90791"], "diagnoses": ["F33.1"], "part2": "true",
    }  # fmt: skip
    raw = imported.compose(imported.read(TEXT), "a.txt", values)
    keys = ["format", "date", "time", "place", "cpt", "diagnoses", "type", "part2", "id", "imported"]
    assert list(frontmatter.parse(raw)) == keys
    note = Note.parse(raw, PATH.replace("progress", "intake"))
    assert (note.problems, note.cpt, note.diagnoses, note.part2) == ((), ("90791",), ("F33.1",), True)


@pytest.mark.parametrize("name", ["a: b.txt", "# 1.txt", "'quoted'.md", '"x"', "0012345", "日本/ノート.txt", "- a", "{x}", "yes"])
def test_any_name_stands_in_front_matter(name):
    raw = imported.compose(imported.read(TEXT), name, VALUES)
    assert Note.parse(raw, PATH).imported["from"] == name


HARD = [
    b"---\ndate: 2001-01-01\ntags: [x]\n---\n# Old\n",
    b"---\n",
    b"---\nsigned:\n  version: 1\n  kind: note\n---\nx",
    b"signed:\n  version: 1\n",
    b"\xef\xbb\xbf# With a mark\r\n\r\ntext\r\n",
    b"one\r\ntwo\nthree\rfour",
    b"  \n\t tabs and trailing   \n\n\n",
    b"<!-- What the client says and reports. -->\n\nText.\n",
    b"no end of line",
    b"imported:\n  from: x\n  sha256: " + b"0" * 64 + b"\n",
    b"\x0cpage\x1b[31m",
]


@pytest.mark.parametrize("text", HARD)
def test_hard_texts_stay_as_they_are(text):
    raw = imported.compose(imported.read(text), "x.md", VALUES)
    assert frontmatter.split(raw).body == text
    assert block.find(raw) is None
    assert imported.digest_of(raw) == hashlib.sha256(text).hexdigest()
    assert Note.parse(raw, PATH).problems == ()


@everyday.examples(300)
@given(st.text(max_size=300).map(str.encode) | st.binary(max_size=200))
def test_any_bytes_that_are_text_stay_as_they_are(data):
    try:
        source = imported.read(data)
    except BadInput:
        return
    raw = imported.compose(source, "x.md", VALUES)
    assert frontmatter.split(raw).body == data
    assert Note.parse(raw, PATH).problems == ()
    assert imported.digest_of(raw) == hashlib.sha256(data).hexdigest()


@everyday.examples(200)
@given(st.binary(min_size=1, max_size=200), st.sampled_from(sorted(imported.ENCODINGS)))
def test_any_bytes_in_any_encoding_are_decoded_or_refused(data, encoding):
    try:
        source = imported.read(data, encoding)
    except BadInput:
        return
    assert source.text.decode("utf-8").strip()
    if source.encoding:
        text = data.decode(imported.ENCODINGS[encoding])
        assert source.text.decode("utf-8") == (text.removeprefix("\ufeff") if "16" in encoding else text)
    else:
        assert source.text == data


def test_crlf_all_through():
    raw = imported.compose(imported.read(b"one\r\ntwo\r\n"), "x.txt", VALUES)
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert Note.parse(raw, PATH).problems == ()


@pytest.mark.parametrize(
    ("data", "encoding", "message"),
    [
        (b"", "", "is empty"),
        (b" \n\t\r\n", "", "is empty"),
        (b"\xef\xbb\xbf\n", "", "is empty"),
        (b"a\nb\0c", "", "holds a zero byte (line 2)"),
        (b"one\ntwo caf\xe9", "", "is not UTF-8 (line 2)"),
        ("Ünï\nx".encode("utf-16"), "", "is not UTF-8 (line 1)"),
        (b"%PDF-1.7\n", "", "is a PDF"),
        (b"{\\rtf1\\ansi", "", "is an RTF document"),
        (b"PK\x03\x04rest", "", "is a document or an archive"),
        (b"x" * (imported.LIMIT + 1), "", "is larger than 1 MiB"),
        (b"one\ntwo \x81", "windows-1252", "is not windows-1252 (line 2)"),
        (b"one\ntwo \x93x\x94", "iso-8859-1", "holds control characters in iso-8859-1 (line 2)"),
        ("Ünï\nx".encode("utf-16-le"), "utf-16", "has no byte order mark"),
        (b"a\xff\0\0\0", "iso-8859-15", "holds a zero in iso-8859-15"),
    ],
)
def test_what_is_no_text(data, encoding, message):
    with pytest.raises(BadInput) as caught:
        imported.read(data, encoding)
    assert caught.value.message.startswith(message)


def test_other_encodings():
    text = "“Fine,” she said — naïve.\n"
    assert imported.read(text.encode("cp1252"), "windows-1252").text == text.encode()
    for encoding in ("utf-16", "utf-16le", "utf-16be"):
        source = imported.read(("\ufeff" * (encoding != "utf-16") + text).encode(imported.ENCODINGS[encoding]), encoding)
        assert (source.text, source.encoding) == (text.encode(), encoding)
    plain = imported.read(text.encode(), "windows-1252")
    assert (plain.text, plain.encoding) == (text.encode(), "")
    note = Note.parse(imported.compose(imported.read(text.encode("cp1252"), "windows-1252"), "x.txt", VALUES), PATH)
    assert note.imported["encoding"] == "windows-1252"
    assert note.imported["sha256"] == hashlib.sha256(text.encode("cp1252")).hexdigest()


@pytest.mark.parametrize(
    ("name", "order", "days"),
    [
        ("2024-03-01.md", "", ["2024-03-01"]),
        ("ada 2024_03_01 second.txt", "", ["2024-03-01"]),
        ("20240301.txt", "", ["2024-03-01"]),
        ("2024.03.01-2024-03-01.txt", "", ["2024-03-01"]),
        ("2024-03-01 to 2024-03-08.txt", "", ["2024-03-01", "2024-03-08"]),
        ("2024-13-01.txt", "", []),
        ("2024-0301.txt", "", []),
        ("120240301.txt", "", []),
        ("03-01-2024.txt", "", []),
        ("03-01-2024.txt", "mdy", ["2024-03-01"]),
        ("03-01-2024.txt", "dmy", ["2024-01-03"]),
        ("3.1.2024 note.txt", "dmy", ["2024-01-03"]),
        ("25-12-2024.txt", "mdy", []),
        ("3-1-24.txt", "mdy", []),
    ],
)
def test_days_in_names(name, order, days):
    assert imported.days_in(name, order) == days


def test_days_in_cells():
    assert imported.day("2024-03-01") == "2024-03-01"
    assert imported.day("3/1/2024") == ""
    assert imported.day("3/1/2024", "mdy") == "2024-03-01"
    assert imported.day("3/1/2024", "dmy") == "2024-01-03"
    assert imported.day("31/12/2024", "mdy") == ""


def test_fields_of_its_own():
    text = b"---\ntitle: x\ndate: 2024-03-01 14:00:00 +0100\ntype: intake\ncpt: [90791]\n---\nText.\n"
    own = imported.own_fields(text)
    assert own == {"date": "2024-03-01 14:00:00 +0100", "type": "intake", "cpt": ("90791",)}
    assert imported.own_day(own) == "2024-03-01"
    assert imported.own_fields(b"\xef\xbb\xbf" + text) == own
    assert imported.own_fields(b"---\n{{ broken\n---\n") == {}
    assert imported.own_day({"date": "March"}) == ""


def test_a_note_that_was_not_imported_names_no_source():
    assert imported.digest_of(b"---\nid: x\n---\nimported:\n  sha256: " + b"0" * 64 + b"\n") == ""
    assert imported.digest_of(b"text") == ""
