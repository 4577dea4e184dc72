"""What must hold of one signed file, a note or an amendment to one, when a commit first carries its signature.

Numbers are those of `docs/spec/verify.md`, part 4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import Value
from vaultcli.ground.ssh.sshsig import BadSignature
from vaultcli.record.history import session
from vaultcli.record.history.commit import Facts, Verify
from vaultcli.record.history.line import Line, Recorded, SignedFile
from vaultcli.record.notes import addition, block
from vaultcli.record.notes.block import Block
from vaultcli.record.notes.fields import PROGRESS
from vaultcli.record.notes.place import TEXTS, Place
from vaultcli.record.practice.keyring import RECOVERY, RECOVERY_NAME, Entry
from vaultcli.record.rules.policy import Policies, Policy
from vaultcli.record.times import CLOCKS, ZONES, instant

NEWEST = 1
"""The newest version of a block that a policy of version 1 allows (3.24); no other policy is read yet."""
Report = Callable[[str, str], None]
"""Takes a rule and a message for the file at hand."""


def judge(
    at: Place, raw: bytes, armour: bytes, line: Line, facts: Facts, policies: Policies, policy: Policy,
    verify: Verify, report: Report, remark: Report = lambda _rule, _text: None,
) -> SignedFile | None:  # fmt: skip
    """Judge a file and its signature against the line before the commit.

    `remark` takes what is no finding.

    Returns:
        What the file adds to the line; None where nobody who is admitted signed it, so that it adds nothing.
    """
    front = _front(at, raw, report)
    if front is None or front.block is None:
        return None
    said = front.block
    _place(at, said, line.branch, policies, report)
    entry = _signature(at, said, raw, armour, policy, verify, report)
    _signer(at, said, line, facts, policy, report)
    _times(at, said, line, facts, report)
    _name(at, front.fields, report)
    if at.kind == "note":
        _session(said, front.fields, report, remark)
    target = addition.target(at.kind, raw, front.fields) if at.kind != "note" else addition.Target(())
    if target is None:
        report("target", "the line that names what it is about is missing, doubled or malformed")
        target = addition.Target(())
    elif at.kind == "exception":
        if target.commit.partition(":")[2] not in line.index:
            report("target", "excuses a commit that does not come before it on this line")
    elif at.kind != "note":
        _target(at, target, line, report)
    if entry is None:
        return None
    digest = hashlib.sha256(raw).hexdigest()
    return SignedFile(at.path, digest, said, entry.fingerprint, facts.commit.oid, target.hashes, target.reason)


def _front(at: Place, raw: bytes, report: Report) -> block.Front | None:
    """4.1: the front matter can be read in one way, and its last lines are one block."""
    try:
        front = block.read(raw, at.path)
    except BadInput as error:
        report("front-matter", f"its front matter cannot be read in one way ({error.message.partition(': ')[2]})")
        return None
    if front.block is None:
        report("block", "its signed block is missing, doubled or not in the one form")
    elif front.block.version > NEWEST:
        report("policy-version", "its block is of a version that no policy here allows")
    return front


def _name(at: Place, fields: Mapping[str, Value], report: Report) -> None:
    """4.10: a note, and a correction of one, have the id and the type that stand in the name."""
    if at.kind not in ("note", "correction"):
        return
    type_ = at.stem[11:-17]
    said = fields.get("type", "")
    if (fields.get("id"), PROGRESS if said == "" else said) != (at.target or at.id, type_):
        report("note-name", "its id or type is not the one in its name")


def _place(at: Place, said: Block, branch: str, policies: Policies, report: Report) -> None:
    """4.2: block and place say the same."""
    if (said.kind, said.id, said.target) != (at.kind, at.id, at.target):
        report("place", "its block names another kind, id or target than its file name")
    if said.line != branch:
        report("place", "its block names another line of history")
    if said.genesis.partition(":")[2] != policies.genesis:
        report("place", "its block names another vault")


def _signature(
    at: Place, said: Block, raw: bytes, armour: bytes, policy: Policy, verify: Verify, report: Report
) -> Entry | None:  # fmt: skip
    """4.3 and 4.4: the signature is good, by a key of the person that the block names, admitted and not revoked.

    The namespace is that of the place, not of what the block claims: a signature made for one kind never fits another.
    """
    try:
        signature = verify(armour.decode("ascii", "replace"), raw, f"{at.kind}@vaultcli.v1")
    except BadSignature as error:
        report("note-signature", f"its signature does not verify ({error.reason})")
        return None
    entry = policy.keyring.by_key(signature.key)
    if entry is None:
        report("signer", f"signed by {signature.key.fingerprint}, a key that was not admitted")
        return None
    if entry.principal != said.by:
        report("signer", f"its block names {said.by}, but a key of {entry.principal} signed")
    if entry.kind == "machine":
        report("signer", "signed by a machine key, which signs commits only")
    if entry.kind == "recovery" and at.kind != "exception":
        report("signer", "signed by the recovery key, which signs no clinical record")
    if entry.revoked:
        report("revoked-key", f"signed by a key of {entry.principal} that was revoked before")
    if at.kind == "exception" and not entry.policy:
        report("policy-role", "an exception needs a key with the policy role")
    return entry


def _signer(at: Place, said: Block, line: Line, facts: Facts, policy: Policy, report: Report) -> None:
    """4.5 to 4.7: name, credentials and meaning are those that the policy gives the signer; only the author signs."""
    person = policy.practice.person(said.by)
    named = (person.name, person.credentials) if person is not None else None
    if at.kind == "exception" and said.by == RECOVERY:
        named = (RECOVERY_NAME, "")
    if (said.name, said.credentials) != named:
        report("signer-name", "name or credentials in its block are not the signer's in practice.toml")
    if at.kind == "exception":
        if said.meaning != "policy" or said.cosigner:
            report("meaning", "an exception is signed with the meaning policy")
        return
    needed = person is not None and person.needs_cosignature and at.kind in TEXTS
    if said.cosigner != (person.supervisor if person is not None and needed else ""):
        report("cosigner", "does not name the co-signer whom the policy asks for")
    if not policy.practice.may_mean(said.by, said.meaning):
        report("meaning", f"{said.by} may not sign with the meaning {said.meaning}")
    _part(at, said, line.author(at.stem) or facts.commit.author.email, report)


def _part(at: Place, said: Block, author: str, report: Report) -> None:
    """4.7: the meaning fits the signer's part in the note; its author is whoever recorded its first version."""
    own = author == said.by
    if at.kind in ("note", "correction", "attestation") and not (own and said.meaning == "author"):
        report("author", f"only the author, who recorded the note first, may sign a {at.kind}")
    if at.kind in ("addendum", "late-entry") and said.meaning != ("author" if own else "contributor"):
        report("meaning", f"the meaning of this {at.kind} is not the signer's part in the note")
    if at.kind == "cosignature" and (own or said.meaning != "cosigner"):
        report("meaning", "a co-signature is another person's, with the meaning cosigner")
    if at.kind == "withdrawal" and said.meaning != ("author" if own else "custodian"):
        report("meaning", "a note is withdrawn by its author or a custodian")


def _times(at: Place, said: Block, line: Line, facts: Facts, report: Report) -> None:
    """4.8: the times do not contradict one another where the record itself can tell."""
    signed = instant(said.time)
    if abs(signed - facts.commit.committer_time) > CLOCKS:
        order = "after" if signed > facts.commit.committer_time else "before"
        report("time", f"is signed at a time {order} that of the commit that carries it")
    first: Recorded | None = line.recorded.get(at.path)
    before = line.by_hash.get(line.newest)
    earliest = [instant(first.time)] if first else []
    earliest += [instant(line.signed[before].block.time)] if before else []
    if any(signed + CLOCKS < moment for moment in earliest):
        report("time", "is signed at a time before what it must have known: its first recording, or the file it follows")
    if instant(said.recorded) != (instant(first.time) if first else signed):
        report("recorded", "its block names another first recording than the history shows")


def _session(said: Block, fields: Mapping[str, Value], report: Report, remark: Report) -> None:
    """4.11: the lateness is that of the times, and a note that was signed before its session's end says so."""
    end = session.ended(fields, said.time)
    if said.lateness is not None:
        off = None if end is None else abs(session.lateness(end, instant(said.time)) - said.lateness)
        if off is None or off * 3600 > ZONES:
            report("lateness", "its block says another lateness than its times")
    early = end is not None and end - instant(said.time) > ZONES
    if said.version == 1 and early:
        remark("before-end", "was signed before its session's end")
    elif said.version > 1 and early != bool(said.before_end) and (early or end is None or instant(said.time) - end > ZONES):
        report("before-end", "was signed before its session's end and does not say so, or says so and was not")


def _target(at: Place, target: addition.Target, line: Line, report: Report) -> None:
    """4.9: an addition names the signed bytes that stood when it was made, and nothing is added to what was withdrawn."""
    own = f"notes/{at.stem}.md"
    if own not in line.files:
        report("target", "there is no such note on this line")
        return
    if line.withdrawn(at.stem) is not None:
        report("target", "the note was withdrawn before")
    note = line.signed.get(own)
    newest = line.newest_text(at.stem)
    if at.kind in ("correction", "addendum", "late-entry"):
        stands = newest.sha256 if newest is not None else line.frozen.get(own)
        if stands is None:
            report("target", "the note is not signed")
        elif target.hashes != (stands,):
            report("target", "names another text than the one that stood when it was made")
    if at.kind == "cosignature":
        there = {f.sha256 for f in line.additions(at.stem) if f.block.kind in TEXTS} | ({note.sha256} if note else set())
        if note is None or set(target.hashes) != there or len(target.hashes) != len(there):
            report("covers", "does not cover exactly the note and all that was added to its text before")
    if at.kind == "withdrawal" and note is not None and target.hashes != (note.sha256,):
        report("target", "names other bytes than the note's")
    if at.kind == "attestation" and note is not None:
        report("target", "the note is signed; there is nothing to attest")


def judge_kept(
    at: Place, raw: bytes, armour: bytes, line: Line, facts: Facts, policies: Policies, policy: Policy,
    verify: Verify, report: Report,
) -> SignedFile | None:  # fmt: skip
    """Judge a file that a succession takes over: block, place and signature; the rest was judged on the old line.

    A key that is revoked by now still counts: the key with the policy role that signed the succession vouches for the
    commit that first carried the signature, and the succession is printed with every verdict.
    """
    front = _front(at, raw, report)
    if front is None or front.block is None:
        return None
    said = front.block
    _place(at, said, line.branch, policies, report)
    _name(at, front.fields, report)
    kept: list[tuple[str, str]] = []
    entry = _signature(at, said, raw, armour, policy, verify, lambda rule, text: kept.append((rule, text)))
    for rule, text in kept:
        if rule != "revoked-key":
            report(rule, text)
    if entry is None:
        return None
    target = addition.target(at.kind, raw, front.fields) if at.kind != "note" else addition.Target(())
    target = target or addition.Target(())
    digest = hashlib.sha256(raw).hexdigest()
    return SignedFile(at.path, digest, said, entry.fingerprint, facts.commit.oid, target.hashes, target.reason)

