"""What one commit of the `practice` line may do, judged by the policy before it.

Numbers in comments are those of `docs/spec/verify.md`, part 2.
"""

from __future__ import annotations

from collections.abc import Mapping

from vaultcli.ground.errors import BadInput
from vaultcli.ground.git.tree import PLAIN, Change
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.commit import Facts, Verify
from vaultcli.record.history.line import BRANCH
from vaultcli.record.message import Message
from vaultcli.record.notes import addition
from vaultcli.record.notes.place import Place, place
from vaultcli.record.practice import alike
from vaultcli.record.practice import keyring as keyrings
from vaultcli.record.practice import practice as practices
from vaultcli.record.practice.keyring import RECOVERY, Entry, Keyring
from vaultcli.record.practice.practice import Practice
from vaultcli.record.rules import commit_form, signed_file
from vaultcli.record.rules.policy import (
    PINNED,
    SIG,
    Policies,
    Policy,
    Report,
    is_ours,
)
from vaultcli.record.times import CLOCKS, DAY, instant


def admit(
    policies: Policies, facts: Facts, files: Mapping[str, bytes], verify: Verify, now: int
) -> list[Finding]:
    """Judge the next `practice` commit and, if it can be read at all, take it in.

    Args:
        policies: the policies before it; grows by what the commit says.
        facts: the commit.
        files: every file of its tree below the top, by path (templates too).
        verify: checks an endorsement.
        now: the verifier's clock, seconds since 1970.
    """
    found: list[Finding] = []
    name = messages.trailer(facts.commit.oid) if facts.commit.oid else ""

    def report(rule: str, text: str, path: str = BRANCH) -> None:
        found.append(Finding(path, rule, text, commit=name, branch=BRANCH))

    Fold(policies, facts, files, verify, report).admit(now)
    return found


class Fold:
    """One `practice` commit under judgement."""

    def __init__(
        self, policies: Policies, facts: Facts, files: Mapping[str, bytes], verify: Verify, report: Report
    ) -> None:
        self.policies = policies
        self.facts = facts
        self.files = files
        self.verify = verify
        self.report = report
        self.before = policies.items[-1] if policies.items else None
        self.position = len(policies.line.oids)

    def admit(self, now: int) -> None:
        """Judge the commit and take it in; its policy only where it can be read at all."""
        policies, facts = self.policies, self.facts
        message = self._shape(now)
        self._paths(message)
        policy = self._read()
        self._signer(policy)
        if policy is not None:
            self._people(policy.practice)
            self._keys(policy)
            self._holders(policy)
        self._exceptions(message)
        if not policies.line.oids:
            policies.genesis = facts.commit.oid
        policies.enter(facts, policy)

    def _shape(self, now: int) -> Message | None:
        """2.1 to 2.4: one parent, grammar, one person, time that does not run backwards."""
        commit, line, report = self.facts.commit, self.policies.line, self.report
        commit_form.follows(commit, line, report)
        message = messages.parse(commit.message, practice=True)
        if message is None or (message.event == "genesis") != (not line.oids):
            report("message", "the commit message does not follow the grammar")
        commit_form.dated(commit, line, now, report)
        return message

    def _paths(self, message: Message | None) -> None:
        """2.5: nothing but policy lives here; pinned files are pinned; what was signed never changes."""
        for path, pinned in PINNED.items():
            if self.files.get(path) != pinned:
                self.report("pinned-file", "is not the text that every vault has here", path)
        excepting = message is not None and message.event == "exception"
        for change in self.facts.changes:
            path = change.path
            if change.after is None:
                if not path.startswith("templates/"):
                    self.report("vanished", "was here before and is gone", path)
            elif change.mode != PLAIN or not is_ours(path):
                self.report("path", "is no file that belongs on this line", path)
            elif path.startswith("exceptions/") and path in self.policies.line.recorded:
                self.report("note-changed", "was changed after it was signed", path)
            if message is not None and path.startswith("exceptions/") != excepting:
                self.report("event", "does not belong to this event", path)

    def _read(self) -> Policy | None:
        """2.6: both files can be read, and `allowed_signers` says what `signers.toml` says."""
        try:
            practice = practices.parse(self.files.get(practices.PATH, b"").decode())
            ring = keyrings.parse(self.files.get(keyrings.PATH, b"").decode())
            listed = keyrings.render_allowed(ring).encode()
        except (BadInput, UnicodeDecodeError) as error:
            self.report("policy-unreadable", getattr(error, "message", "is not UTF-8"))
            return None
        if self.files.get(keyrings.ALLOWED_PATH) != listed:
            self.report("allowed-signers", "does not say what signers.toml says", keyrings.ALLOWED_PATH)
        return Policy(self.facts.commit.oid, len(self.policies.items), practice, ring, self.facts.commit.committer_time)

    def _signer(self, policy: Policy | None) -> None:
        """2.7: a key with the policy role, admitted by the parent, signed it, under its own name."""
        facts, judge = self.facts, self.before or policy
        if facts.key is None:
            self.report("commit-signature", facts.signature_problem or "the commit is not signed")
            return
        entry = judge.keyring.by_key(facts.key) if judge is not None else None
        if judge is None or entry is None:
            self.report("commit-key", f"signed by {facts.key.fingerprint}, a key that was not admitted before")
            return
        self.policies.line.used.setdefault(entry.fingerprint, []).append(self.position)
        if not entry.policy:
            self.report("policy-role", f"signed by a key of {entry.principal} without the policy role")
        if entry.revoked:
            self.report("revoked-key", f"signed by a key of {entry.principal} that was revoked before")
        if facts.commit.committer not in (judge.ident(entry), (policy or judge).ident(entry)):
            self.report("ident", f"author and committer are not {entry.principal}, whose key signed")

    def _people(self, practice: Practice) -> None:
        """2.8: the vault's id never changes; people are ended, never removed; a trainee has a supervisor."""
        for person in practice.people:
            if person.needs_cosignature and not person.until and practice.person(person.supervisor) is None:
                self.report("supervisor", f"{person.id} is a trainee without a supervisor", practices.PATH)
        known = set(alike.pairs(self.before.practice.people)) if self.before else set()
        for pair in alike.pairs(practice.people):
            if pair in known:
                continue
            text = f"{pair.one} and {pair.other} look alike"
            if pair.deceives:
                self.report("people-alike", f"{text}, in other letters", practices.PATH)
            else:
                self._remark("people-alike", text, f"{pair.one} {pair.other}", practices.PATH)
        if self.before is None:
            return
        if practice.vault != self.before.practice.vault:
            self.report("policy-changed", "the vault's id was changed", practices.PATH)
        gone = {person.id for person in self.before.practice.people} - {person.id for person in practice.people}
        for person_id in sorted(gone):
            self.report("policy-changed", f"{person_id} was removed", practices.PATH)

    def _keys(self, policy: Policy) -> None:
        """2.9 and 2.10: keys are only added, each vouched for, and revoked only back to a commit that is there."""
        old = self.before.keyring.entries if self.before else ()
        new = policy.keyring.entries
        for was, entry in zip(old, new, strict=False):
            if was == entry:
                continue
            if was.revoked or _lasting(was) != _lasting(entry):
                self._changed(f"the entry of {was.fingerprint} was changed")
            elif entry.revoked:
                self._revocation(entry, policy)
        if len(new) < len(old):
            self._changed("an entry was removed")
        ring = Keyring(new[: len(old)])
        for entry in new[len(old) :]:
            self._added(ring, entry, policy.practice)
            ring = ring.with_entry(entry)

    def _added(self, ring: Keyring, entry: Entry, practice: Practice) -> None:
        problem = keyrings.endorsement_problem(ring, entry, practice.vault, self.verify)
        if not problem and self.before and entry.kind == RECOVERY and entry.endorsed_by == entry.fingerprint:
            problem = "only the recovery key that was made with the vault may vouch for itself"
        if problem:
            text = f"key {entry.fingerprint} of {entry.principal}: {problem}"
            self.report("endorsement", text, keyrings.PATH)
        if entry.principal != RECOVERY and practice.person(entry.principal) is None:
            self._changed(f"key {entry.fingerprint} is of nobody in practice.toml")
        if entry.revoked:
            self._changed(f"key {entry.fingerprint} was revoked as it was added")
        self._dated(entry, entry.added, "added")

    def _dated(self, entry: Entry, moment: str, word: str) -> None:
        """2.13: what an entry says of its own time is the time of the commit that brings it."""
        commit = self.facts.commit
        late = instant(moment) - commit.committer_time
        text = f"key {entry.fingerprint} of {entry.principal} says that it was {word} at another time than its commit's"
        if late > CLOCKS or -late > DAY:
            self.report("key-date", text, keyrings.PATH)
        elif -late > CLOCKS:
            self._remark("key-date", text, f"{entry.fingerprint} {word}", keyrings.PATH)

    def _remark(self, rule: str, text: str, what: str, path: str) -> None:
        commit = self.facts.commit
        name = messages.trailer(commit.oid) if commit.oid else ""
        self.policies.line.remarks[what, rule] = Finding(path, rule, text, commit=name, branch=BRANCH)

    def _changed(self, text: str) -> None:
        self.report("signers-changed", text, keyrings.PATH)

    def _revocation(self, entry: Entry, policy: Policy) -> None:
        """2.10: what the key did after its last good commit does not count, and neither do keys that it let in then."""
        self._dated(entry, entry.revoked, "revoked")
        line = self.policies.line
        good = line.index.get(messages.oid_of(entry.last_good))
        if good is None:
            text = f"the last good commit of {entry.fingerprint} is not on this line"
            self.report("last-good", text, keyrings.PATH)
            return
        late = {at for at in line.used.get(entry.fingerprint, []) if good < at < self.position}
        for at in sorted(late):
            name = messages.trailer(line.oids[at])[:19]
            self.report("revoked-key", f"commit {name} came after the last good commit of its key")
        for other in policy.keyring.entries:
            if not other.revoked and self.policies.added_at(other.fingerprint) in late:
                text = f"key {other.fingerprint} of {other.principal} was let in by a key that did not count any more"
                self.report("disowned-key", text, keyrings.PATH)

    def _holders(self, policy: Policy) -> None:
        """2.11: somebody can change the policy; no trainee can; the keys of whoever has ended are revoked."""
        keys = [entry for entry in policy.keyring.entries if not entry.revoked]
        if not any(entry.policy for entry in keys):
            self.report("policy-role", "no key is left that may change the policy", keyrings.PATH)
        for entry in keys:
            person = policy.practice.person(entry.principal)
            if entry.policy and person is not None and person.needs_cosignature:
                self.report("policy-role", f"{person.id} is a trainee and may not change the policy", keyrings.PATH)
            if person is not None and person.until:
                text = f"{person.id} has ended, but key {entry.fingerprint} is not revoked"
                self.report("ended-key", text, keyrings.PATH)

    def _exceptions(self, message: Message | None) -> None:
        """2.12: exceptions on this line are signed files like those of a client's line (part 4)."""
        changed = [c for c in self.facts.changes if c.path.startswith("exceptions/") and c.after is not None]
        ids = {at.id for at in (place(c.path.removesuffix(SIG)) for c in changed) if at is not None}
        if message is not None and (set(message.ids) != ids or len(message.ids) != len(ids)):
            self.report("message-ids", "the message names other files than the commit touches")
        for path in sorted(_missing(changed)):
            self.report("event", "a text without its signature, or a signature without its text", path)
        for change in changed:
            at = place(change.path)
            if at is not None and change.path + SIG in self.files and change.path not in self.policies.line.recorded:
                self._exception(at)

    def _exception(self, at: Place) -> None:
        policies, line = self.policies, self.policies.line
        if self.before is None:
            self.report("event", "does not belong to this event", at.path)
            return

        def report(rule: str, text: str) -> None:
            self.report(rule, text, at.path)

        raw, armour = self.files[at.path], self.files[at.path + SIG]
        one = signed_file.judge(
            at, raw, armour, line, self.facts, policies, self.before, self.verify, report
        )
        target = addition.target(at.kind, raw)
        if one is None or target is None:
            return
        if one.block.number != line.number + 1 or one.block.follows != ((line.newest,) if line.newest else ()):
            report("chain", "does not follow the signed file before it")
        else:
            line.number, line.newest = one.block.number, one.sha256
        line.enter(one)
        line.used.setdefault(one.fingerprint, []).append(self.position)
        position = line.index.get(messages.oid_of(target.commit), 0)
        judge = policies.judge_of(position) if line.oids else None
        entry = judge.keyring.by_fingerprint(one.fingerprint) if judge is not None else None
        if entry is None or not entry.policy or entry.revoked:
            report("exception", "is signed by a key that had no policy role before the commit that it excuses")


def _lasting(entry: Entry) -> tuple[object, ...]:
    """What never changes of an entry."""
    return (entry.principal, entry.kind, entry.roles, entry.key, entry.added, entry.endorsed_by, entry.endorsement)


def _missing(changed: list[Change]) -> set[str]:
    paths = {change.path for change in changed}
    texts, signatures = {p for p in paths if not p.endswith(SIG)}, {p for p in paths if p.endswith(SIG)}
    return {p for p in texts if p + SIG not in signatures} | {p for p in signatures if p.removesuffix(SIG) not in texts}
