"""Commits on the `practice` line: judged by the rules of trust before they are made, with real signatures checked.

One commit founds a vault; every later one changes its policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vaultcli.ground.git.objects import Ident, name_object
from vaultcli.ground.git.tree import Change
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.ssh import sshsig
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.places.chart import continuity, replay
from vaultcli.places.chart.chart import Chart, Recorder, refuse
from vaultcli.record.finding import Finding
from vaultcli.record.history.commit import coming
from vaultcli.record.history.line import BRANCH
from vaultcli.record.message import Message
from vaultcli.record.practice import keyring as keyrings
from vaultcli.record.practice import practice as practices
from vaultcli.record.practice.keyring import Keyring
from vaultcli.record.rules import policy_commit
from vaultcli.record.rules.policy import PINNED
from vaultcli.record.times import onward


@dataclass(frozen=True)
class Judged:
    """A commit that the rules looked at: its message, its time, and what they found."""

    message: str
    when: datetime
    found: list[Finding]


def contents(text: str, ring: Keyring) -> dict[str, bytes]:
    """The files of a policy: `practice.toml` as given, and both signer lists."""
    return {
        practices.PATH: text.encode(),
        keyrings.PATH: keyrings.render(ring).encode(),
        keyrings.ALLOWED_PATH: keyrings.render_allowed(ring).encode(),
    }


def genesis(text: str, ring: Keyring) -> dict[str, bytes]:
    """The files of a vault's first commit."""
    return {**PINNED, **contents(text, ring)}


POLICY = Message("policy")
"""The message of a change of policy; the first commit's is `genesis`."""


def judge(
    repository: Repository, changes: Mapping[str, bytes], ident: Ident, key: PublicKey, now: datetime, said: Message = POLICY
) -> Judged:  # fmt: skip
    """What the rules say of a commit on `practice` that is about to be made; endorsements and signatures are checked.

    Args:
        repository: the chart.
        changes: path to new bytes.
        ident: author and committer.
        key: that is to sign it.
        now: the clock; the commit is never dated before its parent.
        said: its message, where it is not the first.
    """
    policies = replay.replay_practice(repository)
    head = repository.head(BRANCH)
    when = onward(now, policies.line.time)
    before = {path: oid for path, (_, oid) in repository.files(head).items()} if head else {}
    files = {path: repository.objects.blob(oid) for path, oid in before.items()} | dict(changes)
    blobs = {path: name_object("blob", raw, repository.object_format) for path, raw in changes.items()}
    differing = (Change(path, before.get(path), oid) for path, oid in sorted(blobs.items()))
    message = (said if head else Message("genesis")).text()
    facts = coming(BRANCH, head or "", (ident.name, ident.email), when, message, key, differing)
    return Judged(message, when, policy_commit.admit(policies, facts, files, sshsig.verify, facts.commit.author_time))


def record(
    chart: Chart,
    changes: Mapping[str, bytes],
    now: datetime,
    by: Recorder,
    said: Message = POLICY,
    seen: Mapping[str, str | None] | None = None,
) -> str:
    """Record a change of policy, or an exception, on `practice`.

    Args:
        chart: the chart.
        changes: path to new bytes.
        now: the clock.
        by: a key with the policy role.
        said: the commit's message.
        seen: SHA-256 of the working files as the user saw them (None: no file); any other is not overwritten.

    Returns:
        The new commit's bare id, once it is durable.

    Raises:
        Refused: the rules do not admit it; nothing was written.
        NotVerified: `practice` is not what this machine knows and does not verify; nothing was written.
        Conflict: a file of the policy was edited, or the policy moved on meanwhile.
    """
    return by.outside(lambda: _record(chart, changes, now, by, said, seen))


def _record(
    chart: Chart, changes: Mapping[str, bytes], now: datetime, by: Recorder, said: Message, seen: Mapping[str, str | None] | None
) -> str:
    repository = chart.repository
    with continuity.building(repository, chart.policies.genesis, BRANCH, said.event) as pin:
        judged = judge(repository, changes, by.ident, by.key, now, said)
        refuse(judged.found)
        oid = repository.record(
            BRANCH,
            changes,
            message=judged.message,
            ident=by.ident,
            when=judged.when,
            sign=by.sign,
            expecting=repository.head(BRANCH),
            seen=seen,
        )
        pin(oid)
        return oid
