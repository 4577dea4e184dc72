"""Signed exceptions: one finding, at one commit, excused for a reason that every verdict prints.

An exception is a file on the line that it excuses, `exceptions/ID.md`, with a signature by a key with the policy role. It
changes nothing of what it excuses. Format: `docs/spec/exception.md`, version 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from vaultcli.ground import frontmatter, ids
from vaultcli.ground.errors import BadInput, NotFound, Refused
from vaultcli.ground.version import __version__
from vaultcli.places.chart import policy
from vaultcli.places.chart.chart import Chart, Recording
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history import stamp
from vaultcli.record.history.line import BRANCH
from vaultcli.record.history.stamp import Signing, Unsigned
from vaultcli.record.message import Message
from vaultcli.record.notes import addition, names
from vaultcli.work.people.authority import Authority

_LEAST = 7
"""Digits that a shortened commit id has at the least."""
_ID = re.compile(r"(?:sha(?:1|256):)?([0-9a-f]{7,64})")


@dataclass(frozen=True)
class Excepted:
    """A recorded exception: its line, its path there, the excused commit (`sha256:HEX`), and its own commit (bare id)."""

    branch: str
    path: str
    excuses: str
    commit: str


def choose(found: Iterable[Finding], branch: str, commit: str, rule: str) -> Finding:
    """The finding that is to be excused, among those that verification reports now.

    Args:
        found: every finding of the vault.
        branch: the line, `client/ID` or `practice`.
        commit: its id, with or without algorithm, or a beginning of seven digits or more.
        rule: the finding's rule.

    Raises:
        BadInput: that is no commit id.
        NotFound: verification reports no such finding there.
        Refused: the beginning fits more than one commit.
    """
    match = _ID.fullmatch(commit)
    if match is None:
        raise BadInput(f"{commit} is no commit id", hint=f"give {_LEAST} digits or more, as `vaultcli verify` prints them")
    here = [one for one in found if one.branch == branch and one.commit]
    at = [one for one in here if messages.oid_of(one.commit).startswith(match[1])]
    if len({one.commit for one in at}) > 1:
        raise Refused(f"{commit} is the beginning of more than one commit", hint="give more digits")
    fitting = [one for one in at if one.rule == rule]
    if not fitting:
        there = sorted({f"\n  {one.rule} at {one.commit}" for one in at or here})
        rows = f"; there are:{''.join(there)}" if there else ""
        raise NotFound(f"verification reports no finding {rule} at {commit} on {branch}{rows}")
    return fitting[0]


def add(chart: Chart, finding: Finding, reason: str, holder: Authority, now: datetime, clock: str) -> Excepted:
    """Sign and record an exception.

    Args:
        chart: the chart.
        finding: from `choose`.
        reason: one line, in the signer's words; printed with every verdict and release.
        holder: a key with the policy role.
        now: the clock.
        clock: what set it.

    Raises:
        BadInput: the reason is empty or more than a line.
        Refused: the rules do not admit it.
    """
    reason = reason.strip()
    if not reason or not reason.isprintable():
        raise BadInput("the reason is one line of text")
    unsigned = _unsigned(finding, reason)
    return holder.signer.outside(lambda: _add(chart, finding, unsigned, holder, now, clock))


def _add(chart: Chart, finding: Finding, unsigned: Unsigned, holder: Authority, now: datetime, clock: str) -> Excepted:
    with chart.repository.lock():
        line = chart.policies.line if finding.branch == BRANCH else chart.line(finding.branch.partition("/")[2])
        now = chart.signing_time(line, now)
        signing = Signing(chart.genesis, holder.person, now, clock, f"vaultcli {__version__}")
        ((_, block, raw),) = stamp.stamp([unsigned], signing, line)
        armour = holder.signer.sign(raw, block.namespace).encode()
        changes = {unsigned.path: raw, names.signature(unsigned.path): armour}
        if finding.branch == BRANCH:
            said = Message("exception", (unsigned.id,))
            commit = policy.record(chart, changes, now, holder.recorder, said, seen=dict.fromkeys(changes))
        else:
            commit = chart.record(line.client, Recording("exception", (unsigned.id,), changes), now, holder.recorder)
        return Excepted(finding.branch, unsigned.path, finding.commit, commit)


def _unsigned(finding: Finding, reason: str) -> Unsigned:
    id_ = ids.new()
    path = f"exceptions/{id_}.md"
    raw = f"---\nexcuses: {finding.commit}\nfinding: {finding.rule}\nid: {id_}\n---\n".encode()
    raw = frontmatter.set_field(raw, "reason", reason, after="finding", path=path)
    target = addition.target("exception", raw)
    if target is None or (target.commit, target.rule) != (finding.commit, finding.rule):
        raise Refused(f"the finding {finding.rule} cannot be named in an exception")
    return Unsigned(path, "exception", id_, "", raw, "policy")
