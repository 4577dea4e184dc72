"""Folding a line by the shared rules: every commit judged by what came before it, every signature checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vaultcli.ground.git.catfile import (
    Answer,
    Reader,
    Trouble,
    Weight,
)
from vaultcli.ground.git.objects import Commit
from vaultcli.ground.git.tree import Change
from vaultcli.ground.ssh import sshsig
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.commit import Facts
from vaultcli.record.history.line import Line
from vaultcli.record.notes import attachment
from vaultcli.record.rules import admission, policy_commit
from vaultcli.record.rules.policy import Policies
from vaultcli.verify import commits
from vaultcli.verify.commits import Forest, History


class Unreadable(Exception):
    """A file that the rules asked for and that cannot be had."""


@dataclass
class Folded:
    """A line after folding.

    Args:
        history: its commits.
        findings: everything found on it.
        line: a client's line as it stands at the last commit that could be judged.
        files: path to blob id at that commit.
        blobs: the files' bytes, by blob id, without those of attachments.
        weights: size and SHA-256 of attachments, by blob id.
        policy_at: position of each judged commit to the index of the policy in force there.
        first: path to the commit (bare id) that first had it.
    """

    history: History
    findings: list[Finding]
    line: Line
    files: dict[str, str] = field(default_factory=dict)
    blobs: dict[str, Answer] = field(default_factory=dict)
    weights: dict[str, Weight | Trouble] = field(default_factory=dict)
    policy_at: list[int] = field(default_factory=list)
    first: dict[str, str] = field(default_factory=dict)

    @property
    def branch(self) -> str:
        """The line's name."""
        return self.history.branch

    @property
    def complete(self) -> bool:
        """Whether every commit could be judged."""
        return not self.history.findings and len(self.policy_at) == len(self.history.commits)

    @property
    def head(self) -> str:
        """The newest commit's bare id; empty where not even that could be read."""
        return self.history.commits[-1][0] if self.history.commits else ""

    def read(self, oid: str) -> bytes:
        """A file of this line by its blob id.

        Raises:
            Unreadable: it is missing or damaged.
        """
        found = self.blobs.get(oid, Trouble("missing"))
        if isinstance(found, Trouble):
            raise Unreadable(f"{commits.WORDS[found.why]}: {oid}")
        return found

    def weigh(self, oid: str) -> Weight:
        """The size and SHA-256 of a file of this line by its blob id.

        Raises:
            Unreadable: it is missing or damaged.
        """
        found = self.weights.get(oid, Trouble("missing"))
        if isinstance(found, Trouble):
            raise Unreadable(f"{commits.WORDS[found.why]}: {oid}")
        return found


Admit = Callable[[Facts, Folded], list[Finding]]
"""Judges one commit and takes it in."""


def client(reader: Reader, history: History, policies: Policies, now: int) -> Folded:
    """Fold a client's line.

    Args:
        reader: gives objects.
        history: the line's commits.
        policies: every policy of the vault, already judged.
        now: the verifier's clock, seconds since 1970.
    """

    def admit(facts: Facts, folded: Folded) -> list[Finding]:
        return admission.admit(facts, folded.line, policies, folded.read, sshsig.verify, now, folded.weigh)

    folded = _fold(reader, history, admit)
    folded.findings += admission.close(folded.line, policies)
    return folded


def practice(reader: Reader, history: History, now: int) -> tuple[Folded, Policies]:
    """Fold the practice line: every policy, each judged by the one before it."""
    policies = Policies()

    def admit(facts: Facts, folded: Folded) -> list[Finding]:
        texts = {path: folded.read(oid) for path, oid in folded.files.items()}
        return policy_commit.admit(policies, facts, texts, sshsig.verify, now)

    return _fold(reader, history, admit), policies


def _fold(reader: Reader, history: History, admit: Admit) -> Folded:
    folded = Folded(history, list(history.findings), Line(history.branch))
    plan = _plan(reader, folded)
    every = [change for _, changes in plan for change in changes]
    folded.blobs = reader.many(commits.blobs(change for change in every if not attachment.id_of(change.path)), "blob")
    folded.weights = reader.weigh(commits.blobs(change for change in every if attachment.id_of(change.path)))
    for commit, changes in plan:
        if not _take(folded, commit, changes, admit):
            break
    return folded


def _plan(reader: Reader, folded: Folded) -> list[tuple[Commit, list[Change]]]:
    """Every commit with what it changes, up to the first that cannot be read."""
    parsed: list[Commit] = []
    for oid, raw in folded.history.commits:
        commit = commits.read(oid, raw)
        if isinstance(commit, str):
            _stop(folded, oid, "bad-commit", commit)
            break
        parsed.append(commit)
    forest = Forest(reader)
    forest.fetch(commit.tree for commit in parsed)
    plan: list[tuple[Commit, list[Change]]] = []
    before: str | None = None
    for commit in parsed:
        changes = forest.changes(before, commit.tree)
        if isinstance(changes, str):
            _stop(folded, commit.oid, "bad-tree", changes)
            break
        plan.append((commit, changes))
        before = commit.tree
    return plan


def _take(folded: Folded, commit: Commit, changes: list[Change], admit: Admit) -> bool:
    """Judge one commit; False when nothing after it can be judged."""
    for change in changes:
        if change.after is None:
            folded.files.pop(change.path, None)
        else:
            folded.files[change.path] = change.after
            folded.first.setdefault(change.path, commit.oid)
    try:
        folded.findings += admit(commits.facts(commit, folded.branch, changes), folded)
    except Unreadable as error:
        _stop(folded, commit.oid, "missing-object", str(error))
        return False
    except (ValueError, OverflowError):
        # a date or number in the record that no clock or counter shows: hostile, and not worth a rule of its own
        _stop(folded, commit.oid, "unreadable", "holds a value that cannot be")
        return False
    folded.policy_at.append(folded.line.policy)
    return True


def _stop(folded: Folded, oid: str, rule: str, text: str) -> None:
    where = messages.trailer(oid)
    folded.findings.append(
        Finding(folded.branch, rule, f"{text}; nothing after it can be judged", commit=where, branch=folded.branch)
    )

