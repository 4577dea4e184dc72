"""Signed exceptions: exactly this commit, exactly this rule, for this reason.

They are read from a line's head before findings are told. Format: `docs/spec/exception.md`, version 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vaultcli.record import addition
from vaultcli.record import message as messages
from vaultcli.record.facts import Read
from vaultcli.record.finding import Finding
from vaultcli.record.line import Line

NEVER = frozenset({"vanished-object", "object-changed", "genesis"})
"""Rules that no exception excuses: without the bytes, or on another vault, nobody can say what is excused."""


@dataclass(frozen=True)
class Excuse:
    """One exception as it stands on a line.

    Args:
        path: `exceptions/ID.md`.
        commit: the excused commit, `sha256:HEX`.
        rule: the excused rule.
        reason: as written.
        by: principal of the signer.
        at: the commit that recorded it, `sha256:HEX`.
    """

    path: str
    commit: str
    rule: str
    reason: str
    by: str
    at: str


def of(line: Line, read: Read) -> list[Excuse]:
    """The exceptions of a line (`Policies.line` for the practice's), in the order of the chain."""
    found = []
    for one in sorted(line.signed.values(), key=lambda f: f.block.number):
        target = addition.target("exception", read(line.files[one.path])) if one.block.kind == "exception" else None
        if target is not None and one.path.startswith("exceptions/"):
            at = messages.trailer(one.commit)
            found.append(Excuse(one.path, target.commit, target.rule, target.reason, one.block.by, at))
    return found


def divide(found: Iterable[Finding], excuses: Iterable[Excuse]) -> tuple[list[Finding], list[tuple[Finding, Excuse]]]:
    """The findings of one line that stand, and those that an exception excuses.

    An exception whose own commit has a finding excuses nothing, whatever excuses that finding.
    """
    listed = list(found)
    faulty = {finding.commit for finding in listed}
    good = {(one.commit, one.rule): one for one in excuses if one.at not in faulty and one.rule not in NEVER}
    standing, excused = [], []
    for finding in listed:
        excuse = good.get((finding.commit, finding.rule))
        if excuse is None:
            standing.append(finding)
        else:
            excused.append((finding, excuse))
    return standing, excused
