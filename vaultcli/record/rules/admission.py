"""What one commit may do to a client's line: the rules that saving, the hooks and verification share.

`admit` judges a commit against the line as it stood before, and takes it in. It is pure: facts and a reader of blobs in,
findings out. Numbers in comments are those of `docs/spec/verify.md`, part 3; 3.9 to 3.15 are in `commit_files`, 3.17
and 3.18 in `succession_root`.
`record/sealed/admission` judges files that it cannot read, by path and age header; here every text and signature is looked
into.
"""

from __future__ import annotations

from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.commit import Facts, Read, Verify, Weigh
from vaultcli.record.history.line import Line, Recorded
from vaultcli.record.message import Message
from vaultcli.record.notes import attachment, names
from vaultcli.record.rules import commit_files, commit_form, succession_root
from vaultcli.record.rules.judge import (
    ATTRIBUTES,
    REGISTER,
    SIG,
    Judge,
)
from vaultcli.record.rules.policy import Policies, Policy
from vaultcli.record.times import CLOCKS, DAY

__all__ = ["ATTRIBUTES", "REGISTER", "SIG", "admit", "close", "stem_of"]


def admit(
    facts: Facts, line: Line, policies: Policies, read: Read, verify: Verify, now: int, weigh: Weigh | None = None
) -> list[Finding]:
    """Judge the next commit of a client's line and take it in, whatever was found.

    Args:
        facts: the commit.
        line: the line before it; changed in place.
        policies: every policy of the vault.
        read: gives a blob's bytes by its id.
        verify: checks a note's signature (`sshsig.verify`).
        now: the judge's clock, seconds since 1970.
        weigh: a blob's size and SHA-256 without its bytes in memory, for attachments; `read` serves when left out.

    Returns:
        What is wrong with the commit; empty where it is admitted.
    """
    judge = Judge(facts, line, policies, read, verify, weigh)
    message = _shape(judge, now)
    named = _policy(judge, message)
    policy = named or _fallback(judge)
    if policy is not None:
        _after_policy(judge, policy)
        _signer(judge, message, policy)
    if message is not None and message.event == "succeed" and not line.oids:
        if message.ids != (line.client,):
            judge.report("message-ids", "the message names another client than the line")
        succession_root.succeed(judge, policy)
    else:
        commit_files.files(judge, message, policy)
    if message is not None and message.event == "settle" and policy is not None:
        _settle(judge, message, policy)
    _advance(judge, named)
    return judge.found


def _shape(judge: Judge, now: int) -> Message | None:
    """3.1 to 3.4: one parent, the grammar, one person, a time that does not run backwards."""
    commit, line = judge.facts.commit, judge.line
    commit_form.follows(commit, line, judge.report)
    message = messages.parse(commit.message, practice=False)
    if message is None:
        judge.report("message", "the commit message does not follow the grammar")
    elif (message.event in ("open", "succeed")) != (not line.oids):
        judge.report("message", f"the event {message.event} does not belong in this place")
    commit_form.dated(commit, line, now, judge.report)
    return message


def _policy(judge: Judge, message: Message | None) -> Policy | None:
    """3.5: the commit names a policy of this vault that is not older than its parent's."""
    if message is None:
        return None
    policy = judge.policies.at(messages.oid_of(message.policy))
    if policy is None:
        judge.report("policy-unknown", "names a policy that is not on the practice line")
    elif policy.index < judge.line.policy:
        judge.report("policy-order", "names an older policy than its parent")
        return judge.policies.items[judge.line.policy]
    return policy


def _after_policy(judge: Judge, policy: Policy) -> None:
    """3.23: a commit is not dated before the policy that it names, whose id it holds: that was there first."""
    early = policy.time - judge.facts.commit.committer_time
    if early > DAY:
        judge.report("date-policy", "is dated more than a day before the policy that it names")
    elif early > CLOCKS:
        judge.remark("date-policy", f"is dated {-(-early // 60)} minutes before the policy that it names")


def _fallback(judge: Judge) -> Policy | None:
    """Where no policy can be told, the parent's judges, so that excusing a bad message excuses nothing else."""
    items = judge.policies.items
    return items[judge.line.policy] if items else None


def _signer(judge: Judge, message: Message | None, policy: Policy) -> None:
    """3.6 to 3.8: a key admitted by the named policy signed it, under its person's name, within that person's role."""
    facts = judge.facts
    if facts.key is None:
        judge.report("commit-signature", facts.signature_problem or "the commit is not signed")
        return
    entry = policy.keyring.by_key(facts.key)
    if entry is None:
        judge.report("commit-key", f"signed by {facts.key.fingerprint}, a key that the named policy does not admit")
        return
    judge.line.used.setdefault(entry.fingerprint, []).append(len(judge.line.oids))
    if entry.revoked:
        judge.report("revoked-key", f"signed by a key of {entry.principal} that was revoked before")
    if facts.commit.committer != policy.ident(entry):
        judge.report("ident", f"author and committer are not {entry.principal}, whose key signed")
    if message is not None and message.event in messages.POLICY_KEY_EVENTS:
        if not entry.policy:
            judge.report("policy-role", f"{message.event} needs a key with the policy role")
    elif entry.kind != "machine":
        judge.report("commit-key", f"is signed by a {entry.kind} key; this event is recorded by a machine key")
    elif message is not None and not policy.practice.may(
        entry.principal, messages.RIGHTS.get(message.event, message.event)
    ):
        judge.report("role", f"{entry.principal} may not record the event {message.event}")


def _settle(judge: Judge, message: Message, policy: Policy) -> None:
    """3.16: a settlement names a key that its policy has revoked, and a commit of this line before it.

    A second settlement of the same key can only move the last good commit back.
    """
    line = judge.line
    entry = policy.keyring.by_fingerprint(message.key)
    good = line.index.get(messages.oid_of(message.last_good))
    if entry is None or not entry.revoked:
        judge.report("settle", "the key is not revoked by the policy that the commit names")
    elif good is None:
        judge.report("settle", "the last good commit is not on this line")
    elif judge.facts.key is not None and judge.facts.key.fingerprint == message.key:
        judge.report("settle", "a key cannot settle for itself")
    else:
        line.settled[message.key] = min(good, line.settled.get(message.key, good))


def _advance(judge: Judge, policy: Policy | None) -> None:
    """Take the commit in."""
    facts, line = judge.facts, judge.line
    recorded: Recorded | None = None
    for change in facts.changes:
        path = change.path
        if change.after is None:
            line.files.pop(path, None)
            line.fixed.update({path} if path.endswith(SIG) or attachment.id_of(path) else ())
            continue
        line.files[path] = change.after
        if path.endswith(".md") and path != REGISTER and path not in line.recorded:
            recorded = recorded or commit_form.recording(facts.commit)
            line.recorded[path] = recorded
    line.grow(facts.commit.oid, facts.commit.committer_time)
    if policy is not None:
        line.policy = max(line.policy, policy.index)


def close(line: Line, policies: Policies) -> list[Finding]:
    """What only the whole line shows: keys revoked since, and commits of theirs after the last good one (3.19)."""
    found: list[Finding] = []
    for fingerprint, positions in sorted(line.used.items()):
        entry = policies.revoked(fingerprint)
        if entry is None:
            continue
        who = f"a key of {entry.principal} ({fingerprint[:15]})"
        if fingerprint not in line.settled:
            text = f"was signed by {who}, since revoked, and is not settled"
            found.append(Finding(line.branch, "unsettled", text, branch=line.branch))
            continue
        late = sorted({at for at in positions if at > line.settled[fingerprint]})
        for at in late:
            name = messages.trailer(line.oids[at])
            text = f"signed by {who} after its last good commit on this line"
            found.append(Finding(line.branch, "revoked-key", text, commit=name, branch=line.branch))
    return found


def stem_of(path: str) -> str:
    """The stem of the note that a path below `notes/` belongs to."""
    name = names.parse(path)
    if isinstance(name, names.AdditionName):
        return name.target.stem
    return name.stem if name is not None else ""
