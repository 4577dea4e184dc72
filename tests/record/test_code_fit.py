"""Whether a procedure code fits minutes and type."""

from __future__ import annotations

import pytest

from vaultcli.record import code_fit


@pytest.mark.parametrize(
    ("kind", "minutes", "codes", "said"),
    [
        ("progress", 53, ["90837"], []),
        ("progress", 52, ["90834"], []),
        ("progress", 53, ["90834"], ["90834 is for 38 to 52 minutes, and the session has 53"]),
        ("progress", 37, ["90834-95"], ["90834 is for 38 to 52 minutes, and the session has 37"]),
        ("progress", 52, ["90837"], ["90837 is for 53 minutes and more, and the session has 52"]),
        ("progress", None, ["90837"], []),
        ("progress", 10, ["99213"], []),
        ("progress", 75, [], []),
        ("intake", 75, ["90834"], ["is 90834; the usual code of intake is 90791 or 90792"]),
        ("intake", 75, ["90791"], []),
        ("intake", 75, ["H0031"], []),
        ("group", 90, ["90853"], []),
        ("group", 90, ["90834"], ["is 90834; the usual code of group is 90853"]),
        ("crisis", 60, ["90839", "90840"], []),
    ],
)
def test_what_does_not_fit_is_told(kind: str, minutes: int | None, codes: list[str], said: list[str]) -> None:
    assert list(code_fit.questions(kind, minutes, codes)) == said
