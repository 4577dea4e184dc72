"""Ways to fail: each function changes a good psychotherapy repository behind vaultcli, with real git and keys.

`@tampering(RULE)` names the rule of `docs/spec/psychotherapy/verify.md` that the verdict must break. Most are signed with the
machine's own key, so that only the rules can tell.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.psychotherapy.tampering.site import Site


class Case(NamedTuple):
    """One way to fail."""

    name: str
    rule: str
    tamper: Callable[[Site], None]
    unlocked: bool


CASES: list[Case] = []


def tampering(rule: str, *, unlocked: bool = False) -> Callable[[Callable[[Site], None]], Callable[[Site], None]]:
    """Register a way to fail.

    Args:
        rule: that must be found.
        unlocked: whether only opening everything tells.
    """

    def register(function: Callable[[Site], None]) -> Callable[[Site], None]:
        CASES.append(Case(function.__name__, rule, function, unlocked))
        return function

    return register


from tests.psychotherapy.tampering import around, commits, inside, merges, objects  # noqa: E402, F401 - they register
