"""The signed block: one form, in one place, found in time that grows with the front matter only."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vaultcli.ground import ids
from vaultcli.record.notes import block
from vaultcli.record.notes.block import Block

ID = "7n5tq2m8wkc4xe9r"
MADE = Block(
    kind="note", id=ID, target="", line=f"client/{ID}", genesis="sha256:" + "a" * 64, by="lee-example", name="Lee Example",
    credentials="PhD, \"licensed\" \\ psychologist", meaning="author", cosigner="", time="2026-11-22T17:05:12-05:00",
    clock="system", lateness=3, recorded="2026-11-22T09:58:00-05:00", tool="vaultcli 0.1.0", number=17, follows=("b" * 64,),
)  # fmt: skip
OWN = b"---\nformat: dap\nid: x\n---\n\n## Data\n"


def signed(said: Block = MADE, own: bytes = OWN, end: str = "\n") -> bytes:
    text = "".join(line + end for line in said.lines()).encode()
    at = own.index(b"\n---") + 1
    return own[:at] + text + own[at:]


NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=30)


@given(
    st.sampled_from(block.KINDS), st.text(ids.ALPHABET, min_size=16, max_size=16), NAMES, NAMES,
    st.none() | st.integers(-9_999_999, 9_999_999), st.integers(1, 999_999_999),
    st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), max_size=2).map(tuple), st.booleans(), st.booleans(),
)  # fmt: skip
def test_round_trip(kind, id_, name, credentials, lateness, number, follows, crlf, cosigned):
    said = MADE._replace(
        kind=kind, id=id_, target=ID if kind in block.ADDITIONS else "", name=name, credentials=credentials,
        lateness=lateness, number=number, follows=follows, cosigner="kim-demo" if cosigned else "",
    )  # fmt: skip
    raw = signed(said, end="\r\n" if crlf else "\n")
    assert block.parse(raw) == said
    assert block.without(raw) == OWN
    assert said.namespace == f"{kind}@vaultcli.v1"


@pytest.mark.parametrize("own", [b"---\n---", b"\xef\xbb\xbf---\nid: x\n---\n", b"---  \r\nid: x\r\n---\t\r\nbody"])
def test_where_it_stands(own: bytes):
    assert block.parse(signed(own=own)) == MADE
    assert block.without(signed(own=own)) == own


TEXT = "".join(line + "\n" for line in MADE.lines()).encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        TEXT,
        OWN,
        b"\n" + signed(),
        OWN + TEXT,
        OWN + signed(),
        b"---\nid: x\n---\n" + TEXT + b"---\n",
        signed().replace(b"  follows", b"extra: 1\n  follows"),
        signed(own=b"---\nid: x\n" + TEXT + b"---\n"),
        signed(own=b"---\nsigned: no\n---\n"),
        signed(own=b"---\n\"signed\": no\n---\n"),
        signed(own=b"---\n'signed' : no\n---\n"),
        signed(own=b"---\n? signed\n: no\n---\n").replace(b"? signed\n", b"? signed :\n"),
        signed().replace(TEXT, TEXT + b"after: 1\n"),
        signed().replace(b"version: 1", b"version: 2"),
        signed().replace(b"number: 17", b"number: 017"),
        signed().replace(b"lateness: 3 h", b"lateness: 03 h"),
        signed().replace(b"lateness: 3 h", b"lateness: -0 h"),
        signed().replace(b"2026-11-22T17", "２０２６-11-22T17".encode()),
        signed().replace(b"2026-11-22T17", b"2026-13-22T17"),
        signed().replace(b"-05:00\n  clock", b"-25:00\n  clock"),
        signed().replace(b"  clock: system\n", b"  clock: system\r\n"),
        signed().replace(b"  clock: system\n", b"  clock: system\n  clock: system\n"),
        signed().replace(b"Lee Example", b"Lee\\u0020Example"),
        signed().replace(b"Lee Example", b"Lee\xffExample"),
        signed().replace(b"kind: note", b"kind: addendum"),
        signed(MADE._replace(target=ID)),
        signed().replace(b"---\n\n## Data", b"\n## Data"),
        signed(own=b"---\n" + b"#" * 70_000 + b"\n---\n"),
    ],
)
def test_refused(raw: bytes):
    assert block.parse(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"---\n" + b"signed:\n" * 600_000,
        b"---\n" + b"signed:\n" + b"  x\n" * 1_200_000,
        b"---\n" + b"-" * 5_000_000,
        b"---\n" + b"---- \t" * 800_000,
        b"---\n" + b" " * 5_000_000 + b"x",
        b"---\n---\n" + b"signed:\n  x\n---\n" * 300_000,
    ],
)
def test_hostile_texts_take_no_time(raw: bytes):
    started = time.process_time()
    assert block.parse(raw) is None
    block.without(raw)
    assert time.process_time() - started < 1


@given(st.lists(st.sampled_from([b"---", b"--- ", b"signed:", b"signed: ", b"\n", b"\r\n", b"\r", b"-", b"\x0b"])).map(b"".join))
def test_the_search_for_a_word_finds_what_the_search_for_a_line_finds(text):
    for pattern, word in ((block._CLOSING, b"---"), (block._START, b"signed:")):
        raw = b"x\n" + text
        found, wanted = block._first(pattern, word, raw, 2, len(raw)), pattern.search(raw, 2)
        assert (found and found.span()) == (wanted and wanted.span())
