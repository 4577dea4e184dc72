"""Two people whom a reader cannot tell apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.record.world import KIM, LEE, PRACTICE, World, rules
from vaultcli.record.practice import alike
from vaultcli.record.practice.alike import Alike


@pytest.mark.parametrize(
    "name",
    ["L\u0435e Example", "Lee  \u00a0Example", "\uff2c\uff45\uff45 Example", "LEE EXAMP1E", "Lee\u200d Example",
     "L\u00ade\u034fe Example", "Lee Examp\u04cfe"],
)  # fmt: skip
def test_one_look(name: str) -> None:
    assert alike.look(name) == alike.look("Lee Example")


@pytest.mark.parametrize("name", ["Lee Exampel", "L\u00e9e Example", "Lee-Example", "LeeExample", "Lee Example Jr"])
def test_another_look(name: str) -> None:
    assert alike.look(name) != alike.look("Lee Example")


def twin(**changes: str):
    return replace(LEE, id="lee-two", roles=("clinician",), **changes)


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (twin(), [Alike("lee-example", "lee-two", False)]),
        (twin(name="lee EXAMPLE"), [Alike("lee-example", "lee-two", False)]),
        (twin(name="L\u0435e Example"), [Alike("lee-example", "lee-two", True)]),
        (twin(credentials="\u0420hD"), [Alike("lee-example", "lee-two", True)]),
        (twin(name="L\u0435e Example", until="2026-12-01"), [Alike("lee-example", "lee-two", False)]),
        (twin(credentials="LPC"), []),
    ],
)
def test_who_is_alike(other, found: list[Alike]) -> None:
    assert list(alike.pairs((LEE, KIM, other))) == found


def test_it_is_said_where_they_come_together() -> None:
    world = World.founded()
    people = replace(PRACTICE, people=(*PRACTICE.people, twin(name="L\u0435e Example")))
    assert rules(world.policy(people=people)) == {"people-alike"}
    assert world.policy(people=replace(people, sign_within_hours=48)) == []
    world = World.founded()
    assert world.policy(people=replace(PRACTICE, people=(*PRACTICE.people, twin()))) == []
    assert {one.rule for one in world.policies.line.remarks.values()} == {"people-alike"}
