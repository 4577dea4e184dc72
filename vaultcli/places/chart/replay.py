"""The chart's lines of history as the rules see them: commits turned into facts, and folded.

Replaying trusts what was verified before: signatures are read for their key, not checked again. `vaultcli verify` checks.
"""

from __future__ import annotations

from vaultcli.ground.git.history import History
from vaultcli.ground.git.objects import Commit
from vaultcli.ground.ssh import sshsig
from vaultcli.ground.ssh.sshsig import BadSignature, PublicKey, Signature
from vaultcli.record.history.commit import Facts
from vaultcli.record.history.line import BRANCH, Line
from vaultcli.record.rules import policy_commit
from vaultcli.record.rules.policy import Policies
from vaultcli.record.times import FAR


def trusting(armour: str, _message: bytes, _namespace: str) -> Signature:
    """A signature read but not checked: for a history that was verified, or will be."""
    return sshsig.parse(armour)


def known(_oid: str) -> None:
    """In the place of weighing an attachment's bytes: they were judged when they came, and are not read again."""


def checked(commit: Commit) -> tuple[PublicKey | None, str]:
    """The key whose signature over the commit is good, or why there is none."""
    if commit.signature is None:
        return None, "the commit is not signed"
    try:
        return sshsig.verify(commit.signature, commit.payload, "git").key, ""
    except BadSignature as error:
        return None, f"the commit's signature does not verify ({error.reason})"


def _claimed(commit: Commit) -> tuple[PublicKey | None, str]:
    if commit.signature is None:
        return None, "the commit is not signed"
    try:
        return sshsig.parse(commit.signature).key, ""
    except BadSignature as error:
        return None, f"its signature cannot be read ({error.reason})"


def replay_practice(source: History) -> Policies:
    """Every policy of the chart, oldest first."""
    policies = Policies()
    parent: str | None = None
    for commit in _few(source, BRANCH) or source.history(BRANCH):
        key, problem = _claimed(commit)
        changes = source.changes(parent, commit.oid)
        files = {path: source.objects.blob(oid) for path, (_, oid) in source.files(commit.oid).items()}
        policy_commit.admit(policies, Facts(commit, BRANCH, key, problem, tuple(changes)), files, trusting, FAR)
        parent = commit.oid
    return policies


FEW = 64
"""Commits up to which a line is read through the process that is open anyway; asking git for their order takes two more."""


def _few(source: History, branch: str) -> list[Commit]:
    """The commits of a short line without merges, oldest first; empty where it is another."""
    found: list[Commit] = []
    oid = source.head(branch)
    while oid is not None and len(found) < FEW:
        found.append(source.objects.commit(oid))
        if len(found[-1].parents) > 1:
            return []
        oid = next(iter(found[-1].parents), None)
    return found[::-1] if oid is None else []


def replay_line(source: History, branch: str, policies: Policies) -> Line:
    """A client's line as it stands at its head; empty for a branch that is not there yet."""
    line = Line(branch)
    for commit in source.history(branch):
        _take(source, line, commit, policies)
    return line


def replay_on(source: History, line: Line, head: str, policies: Policies, most: int) -> Line | None:
    """A line brought from an earlier head to a later one by what came in between; changed in place.

    Args:
        source: the chart.
        line: as it stood then.
        head: the newer commit (bare id).
        policies: every policy.
        most: how many commits are looked at; None is returned where the earlier head is not among their parents.
    """
    later: list[Commit] = []
    while head != line.head:
        if len(later) == most:
            return None
        later.append(source.objects.commit(head))
        if not later[-1].parents:
            return None
        head = later[-1].parents[0]
    for commit in reversed(later):
        _take(source, line, commit, policies)
    return line


def _take(source: History, line: Line, commit: Commit, policies: Policies) -> None:
    key, problem = _claimed(commit)
    facts = Facts(commit, line.branch, key, problem, tuple(source.changes(line.head or None, commit.oid)))
    from vaultcli.record.rules import admission

    try:
        admission.admit(facts, line, policies, source.objects.blob, trusting, FAR, known)
    except (ValueError, OverflowError, RecursionError):
        # a value that no rule foresaw: a finding of verification, and here no reason to end
        for change in facts.changes:
            if change.after is None:
                line.files.pop(change.path, None)
            else:
                line.files[change.path] = change.after
        if line.head != commit.oid:
            line.grow(commit.oid, commit.committer_time)
