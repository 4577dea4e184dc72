"""The corpora of jots and of sealed lines are what their pages say, and the figures on those pages are theirs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

TESTS = Path(__file__).parent
JOTS = TESTS / "corpus-jots"
SEALED = TESTS / "corpus-sealed"

LETTERS = {
    "soap": "soap", "dap": "dap", "darp": "darp", "birp": "birp", "girp": "girp", "pirp": "pirn", "narrative": "n",
    "couple": "123456",
}  # fmt: skip
UNSEALED = {"risk", "med", "time", "score", "dx", "impair", "progress", "task", "next"}
"""Kinds that are never sealed: 45 CFR 164.501 excludes them, or they are risk."""


class Sentence(NamedTuple):
    """One sentence of a jot: the first and the second letter, the kind, the words behind it, the text."""

    first: str
    second: str
    kind: str
    words: str
    text: str


def read(path: Path) -> tuple[str, list[Sentence]]:
    """The format and the sentences of a `.list`."""
    head, _, body = path.read_bytes().decode().partition("\n\n")
    header = dict(line.split(": ", 1) for line in head.split("\n"))
    found: list[Sentence] = []
    for line in body.removesuffix("\n").split("\n"):
        if line[0] in " \t":
            found[-1] = found[-1]._replace(text=f"{found[-1].text}\n{line}")
            continue
        letter, kind, text = line.split("|", 2)
        assert text[0] == " "
        first, _, second = letter.partition("/")
        name, _, words = kind.partition(": ")
        found.append(Sentence(first, second or first, name, words, text[1:]))
    return header["format"], found


def lists() -> list[Path]:
    return sorted(path for half in ("seen", "held", "keys") for path in (JOTS / half).glob("*.list"))


def kinds() -> set[str]:
    table = (JOTS / "README.md").read_text().split("## Kinds")[1].split("## Splitting")[0]
    return {name.strip() for row in re.findall(r"^\| ([a-z, ]+) \|", table, re.M) if row != "kind" for name in row.split(",")}


@pytest.mark.parametrize("path", lists(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_jot_and_its_list_hold_the_same_words(path: Path) -> None:
    form, sentences = read(path)
    text = path.with_suffix(".txt").read_bytes().decode().replace("\r\n", "\n")
    place = 0
    for sentence in sentences:
        start = text.index(sentence.text, place)
        assert not text[place:start].strip()
        place = start + len(sentence.text)
        assert {sentence.first, sentence.second} <= {*LETTERS[form], "x", "-", "?"}
        assert sentence.kind in kinds()
    assert not text[place:].strip()


@pytest.mark.parametrize("path", lists(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_letter_seals_what_the_law_excludes(path: Path) -> None:
    for sentence in read(path)[1]:
        letters = {sentence.first, sentence.second}
        assert not (sentence.kind in UNSEALED and "x" in letters), sentence
        assert not (sentence.kind == "risk" and "-" in letters), sentence
        assert sentence.first != "?" or sentence.words or sentence.kind == "unclear", sentence


def kappa(pairs: list[tuple[str, str]]) -> float:
    """Cohen's kappa of two letterings."""
    same = sum(a == b for a, b in pairs) / len(pairs)
    left, right = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(count * right[letter] for letter, count in left.items()) / len(pairs) ** 2
    return (same - chance) / (1 - chance)


def test_the_page_tells_the_agreement_of_what_is_here() -> None:
    page = (JOTS / "README.md").read_text()
    for half in ("seen", "held"):
        paths = sorted((JOTS / half).glob("*.list"))
        if not paths:
            continue
        read_all = [read(path) for path in paths]
        pairs = [(form, s.first, s.second) for form, sentences in read_all for s in sentences]
        places = [(a if a in "x-?" else form + a, b if b in "x-?" else form + b) for form, a, b in pairs]
        four = [(a if a in "x-?" else "chart", b if b in "x-?" else "chart") for _, a, b in pairs]
        differ = sum(a != b for a, b in places)
        same = f"{100 * (len(pairs) - differ) / len(pairs):.1f} %"
        assert f"| {half} | {len(paths)} | {len(pairs)} | {differ} | {same} | {kappa(places):.3f} | {kappa(four):.3f} |" in page


def rows(path: Path) -> Iterator[list[str]]:
    head, *lines = path.read_bytes().decode().removesuffix("\n").split("\n")
    assert head == "hand\tkinds\tmay\tnear\twords\tline"
    for line in lines:
        yield line.split("\t")


@pytest.mark.parametrize("path", sorted(SEALED.glob("*.tsv")), ids=lambda path: path.stem)
def test_a_sealed_line_names_its_words_or_none(path: Path) -> None:
    """Every kind of the ten has a dozen lines and a dozen near misses."""
    found, near = Counter[str](), Counter[str]()
    for hand, named, may, close, words, line in rows(path):
        assert hand in {str(number) for number in range(1, 11)}
        wanted = [] if named == "-" else named.split(" ")
        spans = [] if words == "-" else words.split(" | ")
        assert len(wanted) == len(spans)
        assert all(span in line for span in spans)
        assert (close == "-") == bool(wanted)
        assert may == "-" or not set(may.split(" ")) & set(wanted)
        found.update(kind for either in wanted for kind in either.split("/"))
        near.update([] if close == "-" else [close])
    for letter in "ABCDEFGHIJ":
        assert found[f"P-{letter}"] >= 12
        assert near[f"P-{letter}"] >= 12
