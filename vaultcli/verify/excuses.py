"""Signed exceptions: one bad commit must not spoil a record for ever, and nobody shall excuse more than they say.

An exception excuses one rule at one commit of its own line. It counts only as it stands at the line's head, signed by a
key with the policy role, in a commit at which nothing at all was found. Where the key was revoked since, that commit is no
later than the key's last good one on the line: who replaces a key keeps what was excused with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from vaultcli.ground.ssh import sshsig
from vaultcli.ground.ssh.sshsig import BadSignature
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.line import BRANCH
from vaultcli.record.notes import addition, block
from vaultcli.record.practice.keyring import Entry
from vaultcli.record.rules.policy import Policies
from vaultcli.verify.fold import Folded, Unreadable

FOLDER, TEXT, SIGNATURE = "exceptions/", ".md", ".sig"


@dataclass(frozen=True)
class Excuse:
    """One exception.

    Args:
        branch: the line.
        path: its file.
        commit: the commit that it excuses (`sha256:HEX`).
        rule: the rule that it excuses there.
        reason: as written.
        by: name and credentials of who signed.
        time: when, by the signer's clock (RFC 3339).
    """

    branch: str
    path: str
    commit: str
    rule: str
    reason: str
    by: str
    time: str


@dataclass(frozen=True)
class Excused:
    """A finding and the exception that excuses it."""

    finding: Finding
    excuse: Excuse


def of(folded: Folded, policies: Policies) -> list[Excuse]:
    """The exceptions that count on a line."""
    bad = {one.commit for one in folded.findings if one.commit}
    found = []
    for path in sorted(folded.files):
        if path.startswith(FOLDER) and path.endswith(TEXT) and path + SIGNATURE in folded.files:
            owns = {messages.trailer(folded.first[name]) for name in (path, path + SIGNATURE)}
            excuse = None if owns & bad else _read(folded, policies, path)
            if excuse is not None and excuse.commit not in owns:
                found.append(excuse)
    return found


def _read(folded: Folded, policies: Policies, path: str) -> Excuse | None:
    try:
        raw = folded.read(folded.files[path])
        armour = folded.read(folded.files[path + SIGNATURE])
    except Unreadable:
        return None
    said, target = block.parse(raw), addition.target("exception", raw)
    if said is None or target is None or said.kind != "exception":
        return None
    place = (f"{FOLDER}{said.id}{TEXT}", said.line, messages.oid_of(said.genesis))
    if place != (path, folded.branch, policies.genesis):
        return None
    try:
        signature = sshsig.verify(armour, raw, said.namespace)
    except BadSignature:
        return None
    entry = policies.head.keyring.by_key(signature.key)
    if entry is None or not entry.policy or (entry.revoked and not _counts(folded, policies, path, entry)):
        return None
    by = ", ".join(filter(None, (said.name, said.credentials)))
    return Excuse(folded.branch, path, target.commit, target.rule, target.reason, by, said.time)


def _counts(folded: Folded, policies: Policies, path: str, entry: Entry) -> bool:
    """Whether a key that was revoked since still counted on this line when the exception's signature came."""
    if folded.branch == BRANCH:
        line, good = policies.line, policies.line.index.get(messages.oid_of(entry.last_good))
    else:
        line, good = folded.line, folded.line.settled.get(entry.fingerprint)
    at = line.index.get(folded.first[path + SIGNATURE])
    return at is not None and good is not None and at <= good


def apply(findings: Iterable[Finding], excuses: Iterable[Excuse]) -> tuple[list[Finding], list[Excused]]:
    """What is left of the findings, and what is excused."""
    known = {(one.branch, one.commit, one.rule): one for one in excuses}
    left: list[Finding] = []
    excused: list[Excused] = []
    for finding in findings:
        excuse = known.get((finding.branch, finding.commit, finding.rule)) if finding.commit else None
        if excuse is None:
            left.append(finding)
        else:
            excused.append(Excused(finding, excuse))
    return left, excused
