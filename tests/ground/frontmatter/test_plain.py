"""The quick way to read front matter says what the YAML parser says, or nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml

import vaultcli
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import parse, plain, read
from vaultcli.ground.frontmatter.parts import split
from vaultcli.ground.frontmatter.read import Builder, decode

PIECES = (
    *("a", "b9", "Z", "0", "12:30", "true", "~", " ", "  ", ":", ": ", "#", " #", "-", "- ", "[", "]", "F33.1"),
    *(", ", ",", "'", "'", "\\", "\n", "\n\n", "{", "}", "&", "*", "!", "|", "|\n  a", ">", "%", "@", "`", "é", "key: ", "no: "),
    *("k: ", "x-y:", "?", "<<: ", "=", ".", "...", "---", "+1", "1e5", "\t", "(", ")", "/", "_", ";", "[]"),
    *("[a, b]", '"', '"a b"', "\u2028", "\x85", "日"),
)


def by_yaml(text: str):
    parts = split(f"---\n{text}---\n".encode())
    try:
        built = Builder("x")
        built.read(decode(parts.yaml, "x"))
    except BadInput as error:
        return error.message
    return built.fields, built.lines, built.spans, built.flow


def agree(text: str) -> bool:
    """Whether the quick way took it; what it says is compared."""
    if split(f"---\n{text}---\n".encode()).yaml.decode() != text:
        return False
    found, fields = plain.read(text), plain.fields(text)
    if found is not None:
        assert by_yaml(text) == (*found, False), text
    assert (fields or None) == (found and found.fields), text
    return found is not None


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_agree(seed):
    chance = random.Random(seed)
    taken = 0
    for _ in range(2500):
        value = "".join(chance.choice(PIECES) for _ in range(chance.randint(0, 6)))
        text = f"k: {value}\n" if chance.random() < 0.8 else f"{value}\n"
        taken += agree(text + ("next: a\n" if chance.random() < 0.3 else ""))
    assert taken > 50


def test_what_we_write_ourselves_is_read_without_yaml(monkeypatch):
    templates = sorted((Path(vaultcli.__file__).parents[1] / "templates" / "notes").glob("*.md"))
    for file in templates:
        parts = split(file.read_bytes(), str(file))
        assert not parts.present or agree(parts.yaml.decode()), file.name
    monkeypatch.setattr(Builder, "read", None)
    raw = b'---\nname: "Ada Example"\nhandle: ada\ndiagnoses: [F33.1, Z63.0]\nborn:\n# a remark\nid: 7n5tq2m8wkc4xe9r\n---\n'
    assert dict(parse(raw)) == {
        "name": "Ada Example", "handle": "ada", "diagnoses": ["F33.1", "Z63.0"], "born": "", "id": "7n5tq2m8wkc4xe9r"
    }  # fmt: skip
    assert parse(raw).line("id") == 7


@pytest.mark.parametrize(
    "text",
    ["no: a\n", "a: 1\na: 2\n", "a: b: c\n", "a: b #c\n", "a: *b\n", "a: !b c\n", "a: |\n  b\n", "1: a\n", ""],
)
def test_what_is_not_plain_is_left_to_yaml(text):
    assert plain.read(text) is None


def test_what_is_certainly_a_text_is_one_to_yaml() -> None:
    rng, resolver = random.Random(5), yaml.resolver.Resolver()
    words = ["yes", "No", "TRUE", "off", "null", "y", "N", "~", "0x1f", "0b10", "017", "1e5", ".inf", "9:05", "2024-12-20", "="]
    told = 0
    for _ in range(20_000):
        signs = "".join(rng.choices("0123456789abefgntxyzTZ:.-+ _", k=rng.randint(1, 8)))
        ending = rng.choice(["", "\n", " ", "s", "g", ":30", "-10:15"])
        text = rng.choice([signs, rng.choice(words) + ending, f"{signs[:2]}:15-16:{signs[2:4]}"])
        if read._is_wording(text):
            told += 1
            tag = resolver.resolve(yaml.ScalarNode, text, (True, False))
            assert tag == "tag:yaml.org,2002:str", repr(text)
    assert told > 1000
    assert all(map(read._is_wording, ("office", "F33.1", "09:00-09:53", "7n5tq2m8wkc4xe9r", "ära")))
