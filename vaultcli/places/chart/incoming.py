"""Judging commits that come from elsewhere: offered to a hook by plain git, pushed, fetched, or found on a line of ours.

The rules are those of saving and of `verify`. What stands in the record already was judged when it came and is replayed;
every new commit is judged with its signature and those of its files checked. Exceptions excuse here what they excuse in
`verify`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from vaultcli.ground import ids
from vaultcli.ground.errors import VaultError
from vaultcli.ground.git.history import History
from vaultcli.ground.git.tree import PLAIN
from vaultcli.ground.patterns import pattern
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.ssh import sshsig
from vaultcli.places.chart import replay
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.commit import Facts
from vaultcli.record.history.line import BRANCH, Line
from vaultcli.record.notes import addition
from vaultcli.record.rules import admission, policy_commit
from vaultcli.record.rules.policy import Policies

_LINE = pattern(rf"{BRANCH}|client/{ids.PATTERN}")
ANOTHER = "begins with another first commit: it is the record of another vault"
SAME, AHEAD, BEHIND, APART = "same", "ahead", "behind", "apart"


def is_line(branch: str) -> bool:
    """Whether a branch of that name can be a line of the record: `practice`, `client/ID`."""
    return _LINE.fullmatch(branch) is not None


def relation(source: History, ours: str, theirs: str) -> str:
    """How another head lies to ours: `SAME`, `AHEAD` of it, `BEHIND` it, or `APART`."""
    if ours == theirs:
        return SAME
    if source.git.is_ancestor(ours, theirs):
        return AHEAD
    return BEHIND if source.git.is_ancestor(theirs, ours) else APART


@dataclass(frozen=True)
class Arrival:
    """What was found on the way from one head of a line to a newer one.

    Args:
        branch: the line.
        old: its head now (bare id), None where it is new here.
        new: the head that is offered.
        commits: how many commits come with it.
        findings: why it is not admitted; empty where it is.
        excused: findings that a signed exception excuses.
        succession: whether the new head begins the line anew and lists the old head.
    """

    branch: str
    old: str | None
    new: str
    commits: int
    findings: tuple[Finding, ...] = ()
    excused: tuple[Finding, ...] = ()
    succession: bool = False


class At(History):
    """The lines as they stand at these heads, over the objects of a repository: as a remote has them, or as they were."""

    def __init__(self, repository: Repository, heads: Mapping[str, str]) -> None:
        super().__init__(repository.git, repository.objects)
        self._heads = heads

    def head(self, branch: str) -> str | None:
        """The head of a line there; None where it has none."""
        return self._heads.get(branch)


class Gate:
    """Judges one line after the other, `practice` first: later lines are judged by what it has become.

    Args:
        source: where the lines are.
        now: the judge's clock, seconds since 1970.
        genesis: the bare id of the vault's first commit, where it is known.

    Attributes:
        policies: every policy, those of a `practice` that was admitted here included.
    """

    def __init__(self, source: History, now: int, genesis: str = "") -> None:
        self._source = source
        self._now = now
        self._genesis = genesis
        self.policies: Policies = replay.replay_practice(source)

    def judge(self, branch: str, new: str) -> Arrival:
        """What stands against moving a line from where it is to that commit."""
        return self._practice(new) if branch == BRANCH else self._client(branch, new)

    def _practice(self, new: str) -> Arrival:
        source, old = self._source, self._source.head(BRANCH)
        if old is not None and not source.git.is_ancestor(old, new):
            return self._apart(BRANCH, old, new)
        fresh = source.git.rev_list(new, without=[old] if old else [])
        found: list[Finding] = []
        if old is None and self._genesis and fresh[0] != self._genesis:
            found.append(_finding(BRANCH, "genesis", ANOTHER, fresh[0]))
        for facts in self._facts(BRANCH, old, fresh, found):
            texts = {
                path: source.objects.blob(oid)
                for path, (mode, oid) in source.files(facts.commit.oid).items()
                if int(mode, 8) == PLAIN
            }
            found += policy_commit.admit(self.policies, facts, texts, sshsig.verify, self._now)
        return self._divided(Arrival(BRANCH, old, new, len(fresh)), found, self.policies.line)

    def _client(self, branch: str, new: str) -> Arrival:
        source, old = self._source, self._source.head(branch)
        if not self.policies.items:
            return Arrival(branch, old, new, 0, (_finding(branch, "policy-unknown", "there is no policy to judge it by", new),))
        # the commits of a line that was succeeded may not be here any more
        follows = old is None or (source.objects.find(old) is not None and source.git.is_ancestor(old, new))
        line = replay.replay_line(source, branch, self.policies) if follows else Line(branch)
        first = len(line.oids)
        fresh = source.git.rev_list(new, without=[old] if old and follows else [])
        found: list[Finding] = []
        for facts in self._facts(branch, line.head or None, fresh, found):
            objects = source.objects
            found += admission.admit(facts, line, self.policies, objects.blob, sshsig.verify, self._now, objects.weigh)
        if not follows and old not in line.old_oids:
            assert old is not None
            return self._apart(branch, old, new)
        found += _revoked(line, self.policies, first)
        return self._divided(Arrival(branch, old, new, len(fresh), succession=not follows), found, line)

    def _apart(self, branch: str, old: str, new: str) -> Arrival:
        back = self._source.objects.find(old) is not None and self._source.git.is_ancestor(new, old)
        text = "would go back to an earlier commit" if back else "does not follow what is recorded here"
        return Arrival(branch, old, new, 0, (_finding(branch, "rewritten", text, new),))

    def _facts(self, branch: str, parent: str | None, fresh: list[str], found: list[Finding]) -> Iterator[Facts]:
        """The new commits as the rules see them, oldest first; what cannot be read is a finding and ends them."""
        for oid in fresh:
            try:
                commit = self._source.objects.commit(oid)
                changes = self._source.changes(parent, oid)
                yield Facts(commit, branch, *replay.checked(commit), tuple(changes))
            except (VaultError, ValueError, OverflowError, RecursionError):
                # hostile: a tree or a number that no program of ours writes
                found.append(_finding(branch, "unreadable", "holds what cannot be read; nothing after it can be judged", oid))
                return
            parent = oid

    def _divided(self, arrival: Arrival, found: list[Finding], line: Line) -> Arrival:
        """The arrival with what was found, less what a signed exception on its line excuses."""
        if not found:
            return arrival
        excuses = self._excuses(line, {finding.commit for finding in found})
        excused = tuple(finding for finding in found if (finding.commit, finding.rule) in excuses)
        standing = tuple(finding for finding in found if finding not in excused)
        return replace(arrival, findings=standing, excused=excused)

    def _excuses(self, line: Line, bad: set[str]) -> set[tuple[str, str]]:
        """(commit, rule) of the exceptions that count: signed by a key with the policy role, in a commit without findings."""
        found: set[tuple[str, str]] = set()
        for one in line.signed.values():
            entry = self.policies.head.keyring.by_fingerprint(one.fingerprint)
            counts = entry is not None and entry.policy and not entry.revoked and messages.trailer(one.commit) not in bad
            if one.block.kind == "exception" and counts:
                target = addition.target("exception", self._source.objects.blob(line.blob(one.path)))
                found.update({(target.commit, target.rule)} if target is not None else ())
        return found


def _revoked(line: Line, policies: Policies, first: int) -> Iterator[Finding]:
    """New commits by keys that are revoked by now, unless a settlement says that they still count."""
    for fingerprint, positions in sorted(line.used.items()):
        entry = policies.revoked(fingerprint)
        for at in sorted(set(positions)) if entry is not None else ():
            if at >= first and at > line.settled.get(fingerprint, -1):
                text = f"signed by a key of {entry.principal if entry else ''} that was revoked since"
                yield _finding(line.branch, "revoked-key", text, line.oids[at])


def _finding(branch: str, rule: str, text: str, oid: str) -> Finding:
    return Finding(branch, rule, text, commit=messages.trailer(oid), branch=branch)
