"""The `practice` line as a sequence of policies, each judged by the one before it.

Numbers in comments are those of `docs/spec/verify.md`, part 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vaultcli.ground.errors import BadInput
from vaultcli.record import keyring as keyrings
from vaultcli.record import message as messages
from vaultcli.record import practice as practices
from vaultcli.record.facts import PLAIN, Facts, Verify
from vaultcli.record.finding import Finding
from vaultcli.record.keyring import RECOVERY, RECOVERY_NAME, Entry, Keyring
from vaultcli.record.practice import Practice

BRANCH = "practice"
GITIGNORE = b"/clients/\n/disclosure/\n/groups/\n"
GITATTRIBUTES = b"* -text\n"
PINNED: Mapping[str, bytes] = {".gitignore": GITIGNORE, ".gitattributes": GITATTRIBUTES}
_FILES = frozenset({practices.PATH, keyrings.PATH, keyrings.ALLOWED_PATH, *PINNED})
FUTURE_TOLERANCE = 300
"""Seconds by which a commit may lie ahead of the verifier's clock."""


@dataclass(frozen=True)
class Policy:
    """What was in force from one `practice` commit on."""

    oid: str
    index: int
    practice: Practice
    keyring: Keyring
    time: int

    def ident(self, entry: Entry) -> tuple[str, str]:
        """Name and e-mail that a commit by this key carries."""
        if entry.principal == RECOVERY:
            return RECOVERY_NAME, RECOVERY
        person = self.practice.person(entry.principal)
        return ("", "") if person is None else (person.name, person.id)


@dataclass
class Policies:
    """All policies of a vault, oldest first; grows as the `practice` line is read.

    Args:
        genesis: the bare id of the first commit.
        items: the policies.
    """

    genesis: str = ""
    items: list[Policy] = field(default_factory=list)
    _index: dict[str, int] = field(default_factory=dict)
    _used: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    @property
    def head(self) -> Policy:
        """The newest policy."""
        return self.items[-1]

    def at(self, oid: str) -> Policy | None:
        """The policy of that `practice` commit (bare id)."""
        index = self._index.get(oid)
        return None if index is None else self.items[index]

    def revoked(self, fingerprint: str) -> Entry | None:
        """The key's entry if the newest policy has it revoked."""
        entry = self.head.keyring.by_fingerprint(fingerprint)
        return entry if entry is not None and entry.revoked else None

    def revocation(self, fingerprint: str) -> Policy | None:
        """The policy that first had that key revoked."""
        for policy in self.items:
            entry = policy.keyring.by_fingerprint(fingerprint)
            if entry is not None and entry.revoked:
                return policy
        return None

    def admit(self, facts: Facts, files: Mapping[str, bytes], verify: Verify, now: int) -> list[Finding]:
        """Judge the next `practice` commit and, if it can be read at all, take it in.

        Args:
            facts: the commit.
            files: every file of its tree below the top, by path (templates too).
            verify: checks an endorsement.
            now: the verifier's clock, seconds since 1970.
        """
        name = messages.trailer(facts.oid) if facts.oid else ""
        found: list[Finding] = []

        def finding(rule: str, text: str, path: str = BRANCH) -> None:
            found.append(Finding(path, rule, text, commit=name, branch=BRANCH))

        before = self.items[-1] if self.items else None
        self._shape(facts, before, now, finding)
        for path, pinned in PINNED.items():
            if files.get(path) != pinned:
                finding("pinned-file", "is not the text that every vault has here", path)
        for change in facts.changes:
            if change.after is not None and (change.mode != PLAIN or not _is_ours(change.path)):
                finding("path", "is no file that belongs on this line", change.path)
            if change.after is None and not change.path.startswith("templates/"):
                finding("vanished", "was here before and is gone", change.path)
        try:
            practice = practices.parse(files.get(practices.PATH, b"").decode())
            ring = keyrings.parse(files.get(keyrings.PATH, b"").decode())
        except (BadInput, UnicodeDecodeError) as error:
            finding("policy-unreadable", getattr(error, "message", "is not UTF-8"))
            return found
        if files.get(keyrings.ALLOWED_PATH) != keyrings.render_allowed(ring).encode():
            finding("allowed-signers", "does not say what signers.toml says", keyrings.ALLOWED_PATH)
        policy = Policy(facts.oid, len(self.items), practice, ring, facts.committer_time)
        self._signer(facts, before, policy, finding)
        _people(before, practice, finding)
        self._keys(before, policy, verify, finding)
        if not self.items:
            self.genesis = facts.oid
        self._index[facts.oid] = len(self.items)
        self.items.append(policy)
        return found

    def _shape(self, facts: Facts, before: Policy | None, now: int, finding: Report) -> None:
        """2.1 to 2.4: one parent, grammar, one person, time that does not run backwards."""
        if len(facts.parents) > 1:
            finding("merge", "a merge of two histories")
        message = messages.parse(facts.message, practice=True)
        if message is None or (message.event == "genesis") != (before is None):
            finding("message", "the commit message does not follow the grammar")
        if (facts.author, facts.time, facts.zone) != (facts.committer, facts.committer_time, facts.committer_zone):
            finding("ident", "author and committer differ")
        if before is not None and facts.committer_time < before.time:
            finding("date-order", "is dated before its parent")
        if facts.committer_time > now + FUTURE_TOLERANCE:
            finding("date-future", "is dated in the future of this machine's clock")

    def _signer(self, facts: Facts, before: Policy | None, policy: Policy, finding: Report) -> None:
        """2.5 and 2.6: a key with the policy role, admitted by the parent, signed it, under its own name."""
        judge = before or policy
        if facts.key is None:
            finding("commit-signature", facts.signature_problem or "the commit is not signed")
            return
        entry = judge.keyring.by_key(facts.key)
        if entry is None:
            finding("commit-key", f"signed by {facts.key.fingerprint}, a key that was not admitted before")
            return
        self._used.setdefault(entry.fingerprint, []).append((policy.index, facts.oid))
        if not entry.policy:
            finding("policy-role", f"signed by a key of {entry.principal} without the policy role")
        if entry.revoked:
            finding("revoked-key", f"signed by a key of {entry.principal} that was revoked before")
        if facts.committer not in (judge.ident(entry), policy.ident(entry)):
            finding("ident", f"author and committer are not {entry.principal}, whose key signed")

    def _keys(self, before: Policy | None, policy: Policy, verify: Verify, finding: Report) -> None:
        """2.8 to 2.10: keys are only added, each vouched for, and revoked only back to a commit that is there."""
        old = before.keyring.entries if before else ()
        new = policy.keyring.entries
        if len({entry.fingerprint for entry in new}) != len(new):
            finding("signers-changed", "a key stands twice", keyrings.PATH)
        for was, entry in zip(old, new, strict=False):
            if was == entry:
                continue
            plain = (entry.principal, entry.kind, entry.roles, entry.key, entry.added, entry.endorsement)
            if was.revoked or plain != (was.principal, was.kind, was.roles, was.key, was.added, was.endorsement):
                finding("signers-changed", f"the entry of {was.fingerprint} was changed", keyrings.PATH)
            elif entry.revoked:
                self._revocation(entry, finding)
        if len(new) < len(old):
            finding("signers-changed", "an entry was removed", keyrings.PATH)
        ring = Keyring(new[: len(old)])
        for entry in new[len(old) :]:
            problem = keyrings.endorsement_problem(ring, entry, policy.practice.vault, verify)
            if problem:
                finding("endorsement", f"key {entry.fingerprint} of {entry.principal}: {problem}", keyrings.PATH)
            if entry.principal != RECOVERY and policy.practice.person(entry.principal) is None:
                finding("signers-changed", f"key {entry.fingerprint} is of nobody in practice.toml", keyrings.PATH)
            if entry.revoked:
                finding("signers-changed", f"key {entry.fingerprint} was revoked as it was added", keyrings.PATH)
            ring = ring.with_entry(entry)
        if not any(entry.policy and not entry.revoked for entry in new):
            finding("policy-role", "no key is left that may change the policy", keyrings.PATH)

    def _revocation(self, entry: Entry, finding: Report) -> None:
        good = self._index.get(messages.oid_of(entry.last_good))
        if good is None:
            finding("last-good", f"the last good commit of {entry.fingerprint} is not on this line", keyrings.PATH)
            return
        for index, oid in self._used.get(entry.fingerprint, []):
            if good < index < len(self.items):
                finding("revoked-key", f"commit {messages.trailer(oid)[:19]} came after the last good commit of its key")


def _people(before: Policy | None, practice: Practice, finding: Report) -> None:
    """2.7: the vault's id never changes; people are ended, never removed."""
    if before is None:
        return
    if practice.vault != before.practice.vault:
        finding("policy-changed", "the vault's id was changed", practices.PATH)
    gone = {person.id for person in before.practice.people} - {person.id for person in practice.people}
    for person in sorted(gone):
        finding("policy-changed", f"{person} was removed", practices.PATH)


class Report:
    """The shape of the callback that collects findings."""

    def __call__(self, rule: str, text: str, path: str = BRANCH) -> None:
        """Take one finding."""


def _is_ours(path: str) -> bool:
    if path in _FILES:
        return True
    parts = path.split("/")
    if len(parts) == 3 and parts[:2] == ["templates", "notes"]:
        stem, dot, suffix = parts[2].rpartition(".")
        return bool(dot) and suffix == "md" and stem.replace("-", "").isalnum() and stem.isascii()
    return len(parts) == 2 and parts[0] == "exceptions" and parts[1].endswith((".md", ".md.sig"))
