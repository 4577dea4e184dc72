"""One rule for whom a word means; each caller says what it accepts."""

from __future__ import annotations

import pytest

from vaultcli.ground.errors import NotFound
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.find_client import Accept, Several, find, fitting

ADA = Client("7n5tq2m8wkc4xe9r", "Ada Example", "ada")
ADAM = Client("7n5t000000000000", "Adam Öst", "adam-o")
BO = Client("b0b0b0b0b0b0b0b0", "Bo Example", "bo")
EVERYONE = (ADA, ADAM, BO)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("ada", [ADA]),  # a whole handle is nobody's part
        ("7n5tq2m8wkc4xe9r", [ADA]),
        ("ad", [ADA, ADAM]),
        ("7n5t", [ADA, ADAM]),
        ("7N5TQ", [ADA]),
        ("7n5", []),  # too short for an id
        ("example", [ADA, BO]),
        ("ÖST", [ADAM]),
        ("m-o", [ADAM]),
        ("zed", []),
    ],
)
def test_whole_then_the_beginning_of_an_id_then_a_part(word: str, found: list[Client]) -> None:
    assert fitting(EVERYONE, word, Accept.ANY) == found


def test_what_is_not_accepted_does_not_count() -> None:
    assert fitting(EVERYONE, "ad", Accept.WHOLE) == []
    assert fitting(EVERYONE, "ada", Accept.WHOLE) == [ADA]
    assert fitting(EVERYONE, "7n5tq", Accept.WHOLE | Accept.PART) == []
    assert fitting(EVERYONE, "ada", Accept.PART) == [ADA, ADAM]
    assert fitting(EVERYONE, "b0b0", Accept.ID_START) == [BO]


def test_an_empty_word_is_nobodys_name() -> None:
    nameless = Client("", "Nobody", "")
    assert fitting([nameless, ADA], "", Accept.WHOLE) == []


def test_the_one_or_why_not() -> None:
    assert find(EVERYONE, "bo", Accept.ANY) is BO
    with pytest.raises(NotFound, match=r"^no client is called zed$"):
        find(EVERYONE, "zed", Accept.ANY)
    with pytest.raises(Several, match=r"^2 clients fit example:\n  ada  Ada Example\n  bo  Bo Example$"):
        find(EVERYONE, "example", Accept.ANY)


def test_accents_are_folded_and_slips_are_told() -> None:
    lukasz = Client("c0c0c0c0c0c0c0c0", "Łukasz Öst", "lukasz")
    assert fitting([lukasz, BO], "ost", Accept.ANY) == [lukasz]
    with pytest.raises(NotFound, match="no client is called lukazs") as told:
        find([lukasz, ADA], "lukazs", Accept.ANY)
    assert told.value.hint == "did you mean lukasz?"
    with pytest.raises(NotFound) as told:
        find([lukasz, ADA], "zed", Accept.ANY)
    assert "client list" in told.value.hint
