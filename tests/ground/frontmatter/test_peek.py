"""What a peek at the lines tells is what the strict reader says, or it tells nothing."""

from __future__ import annotations

import random

import pytest

from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import parse, scalar
from vaultcli.ground.frontmatter.peek import peek
from vaultcli.ground.frontmatter.read import Builder

KEYS = ("date", "k")
PIECES = (
    *(
        "date",
        "date:",
        "date: ",
        "k: ",
        "k:",
        "K: ",
        "key with: ",
        "<<: ",
        " ",
        "  ",
        "\t",
        "\n",
        "\n",
        "\n",
        "\n  ",
        "\n\n",
        "\r\n",
    ),
    *('"', "'", "[", "]", "{", "}", ",", "[a, b]", "'it''s'", '"q"', "\\", "x", "ab c", "é", "2026-11-22", "12:30", "no", "~"),
    *("#", " #", "\n# c\n", "\n  # c\n", "- ", "-", "\n- ", "? ", "?", ":", ": ", "|", "|-", ">", "...", "%", "*", "&", "!"),
)


def agree(raw: bytes) -> int:
    """How many fields were told; each is compared."""
    try:
        front = parse(raw)
    except BadInput:
        return 0
    told = peek(raw, KEYS)
    assert {key: front.text(key) for key in told} == told, raw
    assert told.keys() <= front.keys(), raw
    return len(told)


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_agree(seed: int) -> None:
    chance = random.Random(seed)
    told = 0
    for _ in range(8000):
        text = "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 14)))
        text = ("date: y\n" * (chance.random() < 0.3)) + text + ("\ndate: x\n" * (chance.random() < 0.6))
        told += agree(f"---\n{text}\n---\nbody\n".encode())
    assert told > 300


@pytest.mark.parametrize(
    "lines",
    [
        'k: "a\ndate: x"\n', "k: 'a\ndate: x'\n", "k: [\ndate: x]\n", "k: {\ndate: x}\n", "k: [it's, \"a', b\ndate: x\"]\n",
        "{\ndate: x\n}\n", "date: x\n  y\n", "date: x\n\n  y\n", "date:\n  x\n", "date:\n# c\n  x\n", "date: |\n  x\n",
        "date:\n|\n  x\n", 'date: "\\u0041"\n', "date: 'it''s'\n", "date: [x]\n", "date: {k: x}\n", "date:\n- x\n",
        "k: [#]\ndate: x]\ndate: z]\n", "? date\n: x\n", '"date": x\n',
    ],
)  # fmt: skip
def test_what_a_line_alone_does_not_tell_is_left_to_the_parser(lines: str) -> None:
    raw = f"---\n{lines}---\n".encode()
    assert peek(raw, ("date",)) == {}
    agree(raw)


@pytest.mark.parametrize(
    ("lines", "date"),
    [
        ("date: 2026-11-22\n", "2026-11-22"), ("date: '2026-11-22'  # moved\n", "2026-11-22"), ('date: "x y"\n', "x y"),
        ("date:\n", ""), ("date: # none\n", ""), ("date: a#b\n", "a#b"), ("date: it's\n", "it's"), ("date: 12:30\n", "12:30"),
        ("k:\n  - 'a'\n  - b: [c]\ndate: x\n", "x"), ("k: |\n  no \"end\n", None), ("Someone: else\ndate: x\r\n", "x"),
        ("date: x\nk: 'not closed\n---\n", "x"), ("date: a\ndate: b\n", "a"), ("k: it's\ndate: x \t\n", "x"),
    ],
)  # fmt: skip
def test_what_lines_tell(lines: str, date: str | None) -> None:
    raw = f"---\n{lines}---\ndate: 1999-01-01\n".encode()
    assert peek(raw, ("date",)).get("date") == date
    agree(raw)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("date: [dap\nk: x\n", {"date": "[dap", "k": "x"}), ('date: "dap # c\nk: x\n', {"date": "dap", "k": "x"}),
        ("K: {\ndate: x\n", {"date": "x"}), ("no colon\ndate: x\n", {"date": "x"}), ("date: x: y\nk: x\n", {"k": "x"}),
    ],
)  # fmt: skip
def test_of_what_no_parser_reads_the_lines_are_told_as_typed(lines: str, told: dict[str, str]) -> None:
    raw = f"---\n{lines}---\n".encode()
    with pytest.raises(BadInput):
        parse(raw)
    assert peek(raw, KEYS) == told


def test_what_we_write_is_told_without_a_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Builder, "read", None)
    words = ("ada", "2026-11-22", "09:00-09:53", "no", "007", "a: b", "F33.1, Z63.0", "#1", "Åsa", "")
    for word in words:
        assert peek(f'---\nname: "Ada Example"\ndate: {scalar(word)}\n---\n'.encode(), ("date",)) == {"date": word}


def test_no_front_matter_tells_nothing() -> None:
    for raw in (
        b"",
        b"date: x\n",
        b"text\ndate: x\n---\n",
        b"---\ndate: x\n",
        b"---\n---\ndate: x\n",
        b"--- a rule\ndate: x\n---\n",
    ):
        assert peek(raw, ("date",)) == {}
    long = b"---\ndate: x\nk: " + b"a" * 65536 + b"\n---\n"
    assert peek(long, ("date",)) == {}


def test_the_beginning_of_a_file_tells_its_whole_lines() -> None:
    raw = b"\xef\xbb\xbf---\r\ndate: x\r\nk: ab"
    assert peek(raw, KEYS, cut=True) == {"date": "x"}
    assert peek(raw + b"\r\n", KEYS, cut=True) == {"date": "x", "k": "ab"}
    assert peek(raw + b"\r\n---\r\ndate: y\r\n", ("date",), cut=True) == {"date": "x"}
    assert peek(b"", KEYS, cut=True) == {}
