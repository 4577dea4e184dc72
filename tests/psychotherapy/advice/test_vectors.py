"""Every rule of advice, by its sentences in `tests/vectors/psychotherapy-check`, and all of them by those written before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from vaultcli.psychotherapy.advice import table
from vaultcli.psychotherapy.advice.reading import Reading
from vaultcli.psychotherapy.advice.rule import Context, Rule

VECTORS = Path(__file__).parents[2] / "vectors" / "psychotherapy-check"
LEAST = 12
"""Sentences of each sort that a rule is tried with."""
NAMES = {
    "client's name": ("Ada", "Marlow"),
    "client's handle": ("marlow-a",),
    "client's telephone": ("555-0142",),
    "guardian's name": ("Ruth Ann Tilling",),
}


def sentences(rule: str) -> Iterator[tuple[bool, str]]:
    """(whether something is to be found, the text)."""
    for line in (VECTORS / f"{rule}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(("+ ", "- ")):
            yield line[0] == "+", line[2:].replace("\\n", "\n")


def found(rule: Rule, sentence: str) -> bool:
    chart: tuple[str, ...] = ()
    if rule.id == "P13":
        progress, _, sentence = sentence.partition(" ||| ")
        chart = (progress,)
    context = Context(NAMES if rule.id == "P11" else {}, strict=True, chart=chart)
    return bool(rule.places(Reading(sentence), context))


@pytest.mark.parametrize("rule", table.RULES, ids=lambda rule: rule.id)
def test_sentences(rule: Rule) -> None:
    wrong = [
        f"{rule.id}-{number}, {'not found' if wanted else 'found'}: {sentence}"
        for number, (wanted, sentence) in enumerate(sentences(rule.id))
        if found(rule, sentence) is not wanted
    ]
    assert wrong == []


@pytest.mark.parametrize("rule", table.RULES, ids=lambda rule: rule.id)
def test_each_rule_is_tried_with_enough_of_both_sorts(rule: Rule) -> None:
    count = Counter(wanted for wanted, _ in sentences(rule.id))
    assert min(count[True], count[False]) >= LEAST


def test_what_was_written_before_the_rules_is_found_and_little_else() -> None:
    count: Counter[str] = Counter()
    lines = (VECTORS / "held-out.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("#"):
            continue
        said, _, sentence = line.partition(" | ")
        wanted = set(said.split()) - {"-"}
        got = {rule.id for rule in table.RULES if rule.places(Reading(sentence), Context())}
        count += Counter(right=len(wanted & got), missed=len(wanted - got), wrong=len(got - wanted))
    precision, recall = count["right"] / (count["right"] + count["wrong"]), count["right"] / (count["right"] + count["missed"])
    assert precision >= 0.95
    assert recall >= 0.9


@pytest.mark.parametrize("rule", table.RULES, ids=lambda rule: rule.id)
def test_no_message_of_a_rule_holds_a_word_of_the_note(rule: Rule) -> None:
    marked = "zqxv"
    for wanted, sentence in sentences(rule.id):
        text = sentence.replace("Ada", marked.title()) if rule.id == "P11" else f"{sentence} {marked}"
        if wanted:
            context = Context({"client's name": (marked.title(),)}, strict=True)
            assert all(marked not in one.message.lower() for one in rule.advice(Reading(text), context))


def test_the_page_says_of_each_rule_what_the_program_says() -> None:
    page = " ".join((Path(__file__).parents[3] / "docs" / "psychotherapy" / "check.md").read_text(encoding="utf-8").split())
    for rule in table.RULES:
        assert f"## {rule.id} {rule.name}" in page
        for words in (rule.seeks, rule.why, rule.citation, rule.belongs, rule.sure):
            assert words in page, f"{rule.id}: {words}"


def test_the_ten_that_the_definition_excludes_are_there() -> None:
    assert [rule.id for rule in table.EXCLUDED] == [f"P-{letter}" for letter in "ABCDEFGHIJ"]
    assert all(rule.excluded and "164.501" in rule.citation for rule in table.EXCLUDED)


@pytest.mark.parametrize("typed", ["P-A", "p-a", "pa", "P11", "p-11"])
def test_a_rule_is_found_however_it_is_typed(typed: str) -> None:
    assert table.rule(typed) is not None


def test_no_rule_of_that_name() -> None:
    assert table.rule("P-Z") is None
