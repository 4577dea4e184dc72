"""One reading of front matter: each way to hide a second `signed`, to swallow the block, or to show one that nobody signed."""

from __future__ import annotations

import pytest

from tests.record.world import Client, World, ident, key, rules
from vaultcli.record.notes import block


@pytest.fixture
def line() -> Client:
    return World.founded().line()


def signed(line: Client, above: str, *, below: str = "", **changes: object) -> dict[str, bytes]:
    """A note of Lee's with these lines above its block, well signed."""
    path = f"notes/{line.stem()}.md"
    said = line.block(path, **changes)
    raw = ("---\n" + above.format(id=said.id) + "".join(f"{row}\n" for row in said.lines()) + below + "---\nText.\n").encode()
    return {path: raw, f"{path}.sig": key("lee").sign(raw, "note@vaultcli.v1").encode()}


OWN = "format: dap\nid: {id}\n"
HIDDEN = {
    "an escape": ('"sig\\u006eed": none\n', "front-matter"),
    "an anchor": ("a: &x b\nsigned: *x\n", "front-matter"),
    "a tag": ("!!str signed: none\n", "front-matter"),
    "a question mark": ("? signed\n: none\n", "front-matter"),
    "a carriage return alone": ("a: b\rsigned: none\n", "front-matter"),
    "NEL": ("a: b\x85signed: none\n", "front-matter"),
    "U+2028": ("a: b\u2028signed: none\n", "front-matter"),
    "U+2029": ("a: b\u2029signed: none\n", "front-matter"),
    "a merge key": ("<<: none\n", "front-matter"),
    "the end of a document": ("...\n", "front-matter"),
    "a directive": ("%YAML 1.1\n", "front-matter"),
    "an open quote": ('a: "b\n', "front-matter"),
    "an open bracket": ("a: [b\n", "front-matter"),
    "a mapping in braces": ("{{signed: none}}\n", "front-matter"),
    "a key twice": ("a: b\na: c\n", "front-matter"),
    "a key that is no text": ("yes: b\n", "front-matter"),
    "the plain word": ("signed: none\n", "front-matter"),
    "quotes": ("'signed': none\n", "front-matter"),
    "BOM": ("a: \ufeffb\n", "front-matter"),
    "a control character": ("a: b\x01\n", "front-matter"),
    "a key over lines": ('"sig\\\n  ned": none\n', "front-matter"),
}


@pytest.mark.parametrize("way", HIDDEN)
def test_nothing_hides_beside_the_block(line: Client, way: str) -> None:
    above, rule = HIDDEN[way]
    for text in (OWN + above, above + OWN):
        put = signed(line, text)
        assert all(block.parse(raw) is None for path, raw in put.items() if path.endswith(".md"))
        assert rules(line.commit("sign", put)) == {rule}
    assert line.line.signed == {}


@pytest.mark.parametrize(
    "above",
    [
        OWN,
        OWN.replace("\n", "\r\n"),
        "# signed: not yet\n" + OWN,
        OWN + "a: 'it''s \"so\"'\n",
        OWN + "a:\n  signed: by hand\n",
        OWN + "a: {{b: c, signed: d}}\n",
        OWN + "a: |\n  signed:\n    version: 1\n",
        OWN + "a: |\n  x\n\n",
        OWN + '"signed ": x\n',
        OWN + "unsigned: x\n",
        OWN + "a: [b,\n  c]\n",
        OWN + "part2: true\n",
        OWN + "a: \"\\u00e4\\n\"\n",
    ],
)
def test_honest_lines_above_the_block(line: Client, above: str) -> None:
    assert line.commit("sign", signed(line, above)) == []


def test_a_block_that_is_not_the_last(line: Client) -> None:
    assert rules(line.commit("sign", signed(line, OWN, below="a: b\n"))) == {"block"}
    assert rules(line.commit("sign", signed(line, OWN, below="...\n"))) == {"front-matter"}


def test_a_literal_text_swallows_the_block(line: Client) -> None:
    """Indented by one more than its first line, the block would be words of the field above."""
    put = signed(line, OWN + "a: |\n")
    assert line.commit("sign", put) == []
    path, raw = next((path, raw) for path, raw in signed(line, OWN).items() if path.endswith(".md"))
    raw = raw.replace(b"signed:\n", b"a: |\n signed:\n").replace(b"\n  ", b"\n   ")
    put = {path: raw, f"{path}.sig": key("lee").sign(raw, "note@vaultcli.v1").encode()}
    assert rules(line.commit("sign", put)) == {"block"}


@pytest.mark.parametrize(
    ("above", "fine"),
    [
        ("id: {id}\n", True),
        ("id: '{id}'\n", True),
        ("id: {id}\ntype:\n", True),
        ("id: {id}\ntype: progress\n", True),
        ("id: {id}\ntype: intake\n", False),
        ("id: {id}\ntype: [progress]\n", False),
        ("a: b\n", False),
        ("id: [{id}]\n", False),
        ("ID: {id}\n", False),
        (f"id: {ident(77)}\n", False),
    ],
)
def test_id_and_type_are_those_of_the_name(line: Client, above: str, fine: bool) -> None:
    assert rules(line.commit("sign", signed(line, above))) == (set() if fine else {"note-name"})


@pytest.mark.parametrize(
    "moment",
    ["2026-11-22T17:05:12+15:00", "2026-11-22T17:05:12-13:00", "2026-11-22T17:05:12-00:00", "2026-11-22T17:05:12+23:59"],
)
def test_offsets_are_those_that_a_commit_can_have(line: Client, moment: str) -> None:
    assert rules(line.commit("sign", signed(line, OWN, time=moment))) == {"block"}


@pytest.mark.parametrize("clock", ["gps", "synchronised", "System"])
def test_the_words_of_clock_are_a_closed_list(line: Client, clock: str) -> None:
    assert rules(line.commit("sign", signed(line, OWN, clock=clock))) == {"block"}


NEXT = {"version": 2}


@pytest.mark.parametrize(
    ("changes", "form"),
    [
        ({}, True),
        ({"clock": "synchronised"}, True),
        ({"before_end": "the client left early"}, True),
        ({"before_end": 'she said "enough"'}, True),
        ({"after": "a" * 64}, True),
        ({"lateness": 3}, False),
        ({"before_end": " a blank before"}, False),
        ({"before_end": "turned \u202e round"}, False),
        ({"before_end": "x" * 201}, False),
        ({"after": "A" * 64}, False),
        ({"follows": tuple(f"{n:064x}" for n in range(17))}, False),
    ],
)
def test_version_2_is_read_and_stands_under_no_policy_of_version_1(line: Client, changes: dict[str, object], form: bool) -> None:
    put = signed(line, OWN, **NEXT, **changes)
    (raw,) = (raw for path, raw in put.items() if path.endswith(".md"))
    said = block.parse(raw)
    assert (said is not None) == form
    unfounded = {"before-end"} if "before_end" in changes else set()
    assert rules(line.commit("sign", put)) == ({"policy-version"} | unfounded if form else {"block"})


DRAFTS = {
    "in the one form": "signed:\n  version: 1\n  by: lee-example\n",
    "in braces": "signed: {{version: 1, by: lee-example}}\n",
    "all in braces": "{{signed: {{version: 1}}}}\n",
    "in quotes": "'signed':\n  version: 1\n",
    "escaped": '"sig\\x6eed":\n  version: 1\n',
    "after a question mark": "? signed\n: version: 1\n",
    "with fields below": "signed:\n  version: 1\na: b\n",
    "further in": "signed:\n   by: x\n   version: 1\n",
    "above what no reader takes": "a: [\nsigned:\n  version: 1\n",
}


@pytest.mark.parametrize("way", DRAFTS)
def test_a_draft_shows_no_block(line: Client, way: str) -> None:
    raw = ("---\n" + DRAFTS[way].format() + "---\n").encode()
    assert rules(line.commit("draft", {f"notes/{line.stem()}.md": raw})) == {"block"}


@pytest.mark.parametrize("above", ["signed: by hand\n", "signed: [version]\n", "a: [\n", "a: b\r\n", "unsigned: x\n"])
def test_what_a_draft_may_have(line: Client, above: str) -> None:
    assert line.commit("draft", {f"notes/{line.stem()}.md": f"---\n{above}---\n".encode()}) == []


@pytest.mark.parametrize(
    "rows",
    [
        "corrects: {sha}\n'reas\\u006fn': x\n",
        "corrects: {sha}\n  and more\n",
        '"corr\\u0065cts": {sha}\n',
        "corrects:\n  {sha}\n",
        "a: |\ncorrects: {sha}\n? adds-to\n: x\n",
        "a: |\n  x\ncorrects: {sha}\n\"adds-to\": x\n",
    ],
)
def test_what_an_addition_is_about_stands_on_one_plain_line(line: Client, rows: str) -> None:
    stem = line.sign()
    put = line.signed(line.add(stem, "correction"), rows=rows.format(sha=line.sha(stem)))
    found = rules(line.commit("amend", put))
    assert found == ({"target"} if "reas" not in rows else set())


def test_a_reason_of_a_persons_own_may_go_on_below(line: Client) -> None:
    stem = line.sign()
    rows = f"corrects: {line.sha(stem)}\nreason: the wrong\n  day\n"
    assert line.commit("amend", line.signed(line.add(stem, "correction"), rows=rows)) == []
