"""Ways to tamper with a vault: each a small function that does it to a good one, the rule that catches it, and where.

A case is a function of a `Site` that returns the place at which it has to be found: a path, or a path and a commit. Its
docstring says in one sentence what the attacker does. `stock` records what `git fsck --strict --full` and `git
verify-commit` on every commit say of the same vault, true where they find nothing wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from tests.verify.tampering.site import Site

Where = str | tuple[str, str]
"""A finding's path; or its path and the bare id of its commit."""
UNPINNED = "UNPINNED"
"""In the place of a rule: the verdict that names none, with its own exit code."""


@dataclass(frozen=True)
class Case:
    """One kind of tampering.

    Args:
        attack: does it, and says where it has to be found.
        rule: the rule that names it.
        also: every other rule that finds something.
        stock: whether `git fsck` and `git verify-commit` are content; None where that is not recorded.
    """

    attack: Callable[[Site], Where]
    rule: str
    also: tuple[str, ...]
    stock: tuple[bool, bool] | None

    @property
    def name(self) -> str:
        """The function's name."""
        return self.attack.__name__

    @property
    def sentence(self) -> str:
        """What the attacker does."""
        return (self.attack.__doc__ or "").strip()

    @property
    def part(self) -> str:
        """Its module's own name."""
        return self.attack.__module__.rpartition(".")[2]

    @property
    def subject(self) -> str:
        """The first line of its module's docstring: what is tampered with."""
        return (sys.modules[self.attack.__module__].__doc__ or "").partition(":")[0]


CASES: dict[str, Case] = {}
ORDER = ("history", "signatures", "attachments", "keys", "refs", "objects", "names", "folder", "memory", "exceptions")
"""The parts of the catalogue, as the page has them."""


def tampering(
    rule: str, *also: str, stock: tuple[bool, bool] | None = None
) -> Callable[[Callable[[Site], Where]], Callable[[Site], Where]]:
    """Enter a case: the rule that names it, and the others that find something too."""

    def enter(attack: Callable[[Site], Where]) -> Callable[[Site], Where]:
        assert attack.__name__ not in CASES, attack.__name__
        CASES[attack.__name__] = Case(attack, rule, also, stock)
        return attack

    return enter


def page() -> str:
    """`docs/what-git-misses.md`: every case of which it is recorded what git says."""
    cases = sorted((case for case in CASES.values() if case.stock is not None), key=lambda case: ORDER.index(case.part))
    missed = sum(case.stock == (True, True) for case in cases)
    rows = [HEAD.format(all=len(cases), missed=missed)]
    subject = ""
    for case in cases:
        if case.subject != subject:
            subject = case.subject
            rows.append(f"\n## {subject}\n\n{COLUMNS}\n| --- | --- | --- | --- |\n")
        words = case.sentence[0].lower() + " ".join(case.sentence[1:].split()).removesuffix(".")
        fsck, signed = ("ok" if fine else "**finds it**" for fine in case.stock or ())
        rows.append(f"| {words} | {fsck} | {signed} | {case.rule if case.rule == UNPINNED else f'`{case.rule}`'} |\n")
    return "".join(rows)


COLUMNS = "| somebody ... | `git fsck` | `git verify-commit` | vaultcli |"
HEAD = """# What git misses

Each row is a way to tamper with a good vault, done by a test to a real one. The second and third column say what stock git
finds: `git fsck --strict --full`, and `git verify-commit` of every commit with the list of signers from the chart's folder. The
last names the rule by which `vaultcli verify` finds it ([the rules](spec/verify.md#8-the-rules)); `UNPINNED` is the verdict
that this machine cannot know. Of these {all} ways, git's two checks together pass over {missed}. That is no fault of git's,
which does not know what a note, a person or a client is.

This page is written by the tests (`tests/verify/test_tampering.py`).
"""
