"""What one commit may do to a client's line: the rules that saving, the hooks and verification share.

`admit` judges a commit against the line as it stood before, and takes it in. It is pure: facts and a reader of blobs in,
findings out. Numbers in comments are those of `docs/spec/verify.md`, part 3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from vaultcli.ground.errors import BadInput
from vaultcli.record import message as messages
from vaultcli.record import names, signed_file, succession
from vaultcli.record.facts import PLAIN, Change, Facts, Read, Verify, git_time
from vaultcli.record.finding import Finding
from vaultcli.record.line import Line, Recorded, SignedFile
from vaultcli.record.message import Message
from vaultcli.record.policy import FUTURE_TOLERANCE, GITATTRIBUTES, Policies, Policy

REGISTER = "client.md"
ATTRIBUTES = ".gitattributes"
SIG = ".sig"
_KINDS = {
    "sign": ("note",),
    "amend": ("correction", "addendum", "late-entry"),
    "cosign": ("cosignature",),
    "attest": ("attestation",),
    "withdraw": ("withdrawal",),
    "exception": ("exception",),
}
_DRAFT_KINDS = ("note", "correction", "addendum", "late-entry")


class _Judge:
    """One commit under judgement: the line before it, and what is found."""

    def __init__(self, facts: Facts, line: Line, policies: Policies, read: Read, verify: Verify) -> None:
        self.facts = facts
        self.line = line
        self.policies = policies
        self.read = read
        self.verify = verify
        self.found: list[Finding] = []
        self.commit = messages.trailer(facts.oid) if facts.oid else ""

    def report(self, rule: str, text: str, path: str = "") -> None:
        self.found.append(Finding(path or self.facts.branch, rule, text, commit=self.commit, branch=self.facts.branch))

    def on(self, path: str) -> Callable[[str, str], None]:
        return lambda rule, text: self.report(rule, text, path)


def admit(facts: Facts, line: Line, policies: Policies, read: Read, verify: Verify, now: int) -> list[Finding]:
    """Judge the next commit of a client's line and take it in, whatever was found.

    Args:
        facts: the commit.
        line: the line before it; changed in place.
        policies: every policy of the vault.
        read: gives a blob's bytes by its id.
        verify: checks a note's signature (`sshsig.verify`).
        now: the judge's clock, seconds since 1970.

    Returns:
        What is wrong with the commit; empty where it is admitted.
    """
    judge = _Judge(facts, line, policies, read, verify)
    message = _shape(judge, now)
    policy = _policy(judge, message)
    if message is not None and policy is not None:
        _signer(judge, message, policy)
    if message is not None and message.event == "succeed" and not line.oids:
        _succeed(judge, policy)
    else:
        _files(judge, message, policy)
    _advance(judge, message, policy)
    return judge.found


def _shape(judge: _Judge, now: int) -> Message | None:
    """3.1 to 3.4: one parent, the grammar, one person, a time that does not run backwards."""
    facts, line = judge.facts, judge.line
    if len(facts.parents) > 1:
        judge.report("merge", "a merge of two histories")
    if facts.parents[:1] != ((line.head,) if line.oids else ()):
        judge.report("parent", "does not follow the commit before it on this line")
    message = messages.parse(facts.message, practice=False)
    if message is None:
        judge.report("message", "the commit message does not follow the grammar")
    elif (message.event in ("open", "succeed")) != (not line.oids):
        judge.report("message", f"the event {message.event} does not belong in this place")
    if (facts.author, facts.time, facts.zone) != (facts.committer, facts.committer_time, facts.committer_zone):
        judge.report("ident", "author and committer differ")
    if facts.committer_time < line.time:
        judge.report("date-order", "is dated before its parent")
    if facts.committer_time > now + FUTURE_TOLERANCE:
        judge.report("date-future", "is dated in the future of this machine's clock")
    return message


def _policy(judge: _Judge, message: Message | None) -> Policy | None:
    """3.5: the commit names a policy of this vault that is not older than its parent's."""
    if message is None:
        return None
    policy = judge.policies.at(messages.oid_of(message.policy))
    if policy is None:
        judge.report("policy-unknown", "names a policy that is not on the practice line")
    elif policy.index < judge.line.policy:
        judge.report("policy-order", "names an older policy than its parent")
    return policy


def _signer(judge: _Judge, message: Message, policy: Policy) -> None:
    """3.6 to 3.9: a key admitted by the named policy signed it, under its person's name, within that person's role."""
    facts = judge.facts
    if facts.key is None:
        judge.report("commit-signature", facts.signature_problem or "the commit is not signed")
        return
    entry = policy.keyring.by_key(facts.key)
    if entry is None:
        judge.report("commit-key", f"signed by {facts.key.fingerprint}, a key that the named policy does not admit")
        return
    if entry.revoked:
        judge.report("revoked-key", f"signed by a key of {entry.principal} that was revoked before")
    if facts.committer != policy.ident(entry):
        judge.report("ident", f"author and committer are not {entry.principal}, whose key signed")
    if message.event in messages.POLICY_KEY_EVENTS:
        if not entry.policy:
            judge.report("policy-role", f"{message.event} needs a key with the policy role")
    elif entry.kind != "machine":
        judge.report("commit-key", f"{message.event} is recorded by a machine key, not by a {entry.kind} key")
    elif not policy.practice.may(entry.principal, message.event):
        judge.report("role", f"{entry.principal} may not record the event {message.event}")


def _files(judge: _Judge, message: Message | None, policy: Policy | None) -> None:
    """3.10 to 3.14: which files the event may touch, and that nothing recorded changes or vanishes."""
    touched = [change for change in judge.facts.changes if _keeps(judge, change)]
    event = message.event if message else ""
    signatures = [c for c in touched if c.path.endswith(SIG)]
    texts = [c for c in touched if not c.path.endswith(SIG)]
    if event == "open":
        _expect(judge, texts + signatures, {ATTRIBUTES, REGISTER}, exactly=True)
        attributes = next((c.after for c in texts if c.path == ATTRIBUTES), None)
        if attributes is None or judge.read(attributes) != GITATTRIBUTES:
            judge.report("pinned-file", "is not the text that every line has here", ATTRIBUTES)
    elif event == "register":
        _expect(judge, texts + signatures, {REGISTER}, exactly=True)
    elif event == "settle":
        _expect(judge, texts + signatures, set(), exactly=True)
        _settle(judge, message)
    elif event == "draft":
        _drafts(judge, texts, signatures)
    elif event in _KINDS:
        _signed(judge, event, texts, signatures, policy)
    elif event == "succeed":
        judge.report("message", "a succession is a line's first commit")
    if message is not None and event in ("open", "register", "settle", "succeed"):
        if message.ids != (judge.line.client,):
            judge.report("message-ids", "the message names another client than the line")
    elif message is not None:
        _ids(judge, message, texts + signatures)


def _keeps(judge: _Judge, change: Change) -> bool:
    """3.10: the path's grammar and mode; nothing vanishes; what is signed or fixed never changes."""
    path = change.path
    if change.after is None:
        judge.report("vanished", "was recorded before and is gone", path)
        return False
    text = path.removesuffix(SIG)
    ours = path in (REGISTER, ATTRIBUTES) or (
        text.endswith(".md") and signed_file.place(text) is not None and text.startswith(("notes/", "exceptions/"))
    )
    if change.mode != PLAIN or not ours:
        judge.report("path", "is no file that belongs on this line", path)
        return False
    if change.before is not None and (text in judge.line.signed or text in judge.line.frozen):
        judge.report("note-changed", "was changed after it was signed", path)
        return False
    if change.before is not None and (path.endswith(SIG) or path == ATTRIBUTES):
        judge.report("note-changed", "was changed after it was recorded", path)
        return False
    return True


def _expect(judge: _Judge, touched: Iterable[Change], paths: set[str], *, exactly: bool) -> None:
    got = {change.path for change in touched}
    for path in sorted(got - paths):
        judge.report("event", "does not belong to this event", path)
    for path in sorted(paths - got) if exactly else ():
        judge.report("event", "is missing from this event", path)


def _drafts(judge: _Judge, texts: list[Change], signatures: list[Change]) -> None:
    """3.11: a draft event records unsigned notes and additions, nothing else."""
    for change in signatures:
        judge.report("event", "a signature does not belong to a draft event", change.path)
    if not texts:
        judge.report("event", "records nothing")
    for change in texts:
        at = signed_file.place(change.path)
        if at is None or at.kind not in _DRAFT_KINDS:
            judge.report("event", "does not belong to this event", change.path)
        elif at.kind != "note" and f"notes/{at.stem}.md" not in judge.line.files:
            judge.report("target", "there is no such note on this line", change.path)


def _signed(
    judge: _Judge, event: str, texts: list[Change], signatures: list[Change], policy: Policy | None
) -> None:  # fmt: skip
    """3.12 and 3.13: every text of the event comes with its signature, in the order of the chain."""
    by_path = {change.path: change for change in signatures}
    pairs: list[tuple[signed_file.Place, bytes, bytes]] = []
    for change in texts:
        at = signed_file.place(change.path)
        signature = by_path.pop(change.path + SIG, None)
        if at is None or at.kind not in _KINDS[event]:
            judge.report("event", "does not belong to this event", change.path)
        elif signature is None:
            judge.report("event", "comes without its signature", change.path)
        else:
            assert change.after is not None
            assert signature.after is not None
            pairs.append((at, judge.read(change.after), judge.read(signature.after)))
    for path, change in by_path.items():
        at = signed_file.place(path.removesuffix(SIG))
        before = judge.line.files.get(path.removesuffix(SIG))
        if at is None or before is None or at.kind not in _KINDS[event]:
            judge.report("event", "a signature without its text", path)
        else:
            assert change.after is not None
            pairs.append((at, judge.read(before), judge.read(change.after)))
    if not pairs:
        judge.report("event", "signs nothing")
    if policy is not None:
        _chain(judge, pairs, policy)


def _chain(judge: _Judge, pairs: list[tuple[signed_file.Place, bytes, bytes]], policy: Policy) -> None:
    """3.14: each signed file names the one before it by SHA-256, and its number is one more."""
    judged: list[SignedFile] = []
    for at, raw, armour in pairs:
        one = signed_file.judge(
            at, raw, armour, judge.line, judge.facts, judge.policies, policy, judge.verify, judge.on(at.path)
        )
        if one is not None:
            judged.append(one)
    for one in sorted(judged, key=lambda f: f.block.number):
        line = judge.line
        if one.block.number != line.number + 1 or one.block.follows != ((line.newest,) if line.newest else ()):
            judge.report("chain", "does not follow the signed file before it", one.path)
        _take(judge, one)


def _take(judge: _Judge, one: SignedFile) -> None:
    """Enter a signed file into the line."""
    line = judge.line
    line.signed[one.path] = one
    line.by_hash[one.sha256] = one.path
    if one.block.number >= line.number:
        line.number, line.newest = one.block.number, one.sha256
    if one.fingerprint:
        line.used.setdefault(one.fingerprint, []).append(len(line.oids))
    own = "notes/" + one.path.removeprefix("notes/").partition(".")[0] + ".md"
    if one.block.kind in ("attestation", "withdrawal") and own not in line.signed and own in line.files:
        bytes_now = hashlib.sha256(judge.read(line.files[own])).hexdigest()
        if one.hashes != (bytes_now,):
            judge.report("target", "names other bytes than the note's", one.path)
        line.frozen[own] = bytes_now


def _settle(judge: _Judge, message: Message | None) -> None:
    """3.15: a settlement names a key that its policy has revoked, and a commit of this line before it."""
    if message is None:
        return
    policy = judge.policies.at(messages.oid_of(message.policy))
    entry = policy.keyring.by_fingerprint(message.key) if policy else None
    if entry is None or not entry.revoked:
        judge.report("settle", "the key is not revoked by the policy that the commit names")
        return
    good = judge.line.index.get(messages.oid_of(message.last_good))
    if good is None:
        judge.report("settle", "the last good commit is not on this line")
        return
    judge.line.settled[message.key] = min(good, judge.line.settled.get(message.key, good))


def _ids(judge: _Judge, message: Message, touched: list[Change]) -> None:
    places = {signed_file.place(change.path.removesuffix(SIG)) for change in touched}
    expected = {at.id for at in places if at is not None}
    if set(message.ids) != expected or len(message.ids) != len(set(message.ids)):
        judge.report("message-ids", "the message names other files than the commit touches")


def _succeed(judge: _Judge, policy: Policy | None) -> None:
    """3.16: a successor's root takes over files byte for byte, and says what it leaves out."""
    files = {c.path: c.after for c in judge.facts.changes if c.after is not None and c.mode == PLAIN}
    if len(files) != len(judge.facts.changes) or succession.PATH not in files:
        judge.report("succession", "its root holds what does not belong there, or no succession.toml")
        return
    try:
        said = succession.parse(judge.read(files[succession.PATH]).decode())
    except (BadInput, UnicodeDecodeError):
        judge.report("succession", "succession.toml cannot be read", succession.PATH)
        return
    kept = {one.path: one for one in said.kept}
    named = {path for path in files if path not in (succession.PATH, ATTRIBUTES)}
    if named != set(kept) or REGISTER not in kept or judge.read(files.get(ATTRIBUTES, "")) != GITATTRIBUTES:
        judge.report("succession", "takes over other files than succession.toml lists")
    line = judge.line
    line.old_oids = tuple(messages.oid_of(commit) for commit in said.commits)
    line.left_out = {left.sha256 for left in said.left_out}
    for path in sorted(named & set(kept)):
        one = kept[path]
        if hashlib.sha256(judge.read(files[path])).hexdigest() != one.sha256:
            judge.report("succession", "is not the file that succession.toml lists", path)
        line.files[path] = files[path]
        if path.endswith(".md") and path != REGISTER:
            line.recorded[path] = Recorded(one.by, one.recorded, messages.oid_of(one.commit))
    _kept_signed(judge, files, said, policy)


def _kept_signed(judge: _Judge, files: dict[str, str], said: succession.Succession, policy: Policy | None) -> None:
    """3.17: signed files taken over keep their block, their signature and their place in the chain."""
    line = judge.line
    known = set(line.left_out)
    for path in sorted(p for p in line.recorded if p + SIG in files):
        at = signed_file.place(path)
        raw, armour = judge.read(files[path]), judge.read(files[path + SIG])
        one = None
        if at is not None and policy is not None:
            one = signed_file.judge_kept(at, raw, armour, line, judge.facts, judge.policies, policy, judge.verify, judge.on(path))
        if one is not None:
            line.signed[path] = one
            line.by_hash[one.sha256] = path
            known.add(one.sha256)
    chain = sorted(line.signed.values(), key=lambda f: f.block.number)
    numbers = [f.block.number for f in chain] + [left.number for left in said.left_out if left.number]
    if sorted(numbers) != list(range(1, len(numbers) + 1)):
        judge.report("chain", "the kept and the left-out files are not one chain")
    for one in chain:
        if not set(one.block.follows) <= known:
            judge.report("chain", "follows a file that is neither kept nor listed as left out", one.path)
    ends = [(f.block.number, f.sha256) for f in chain] + [(left.number, left.sha256) for left in said.left_out]
    line.number, line.newest = max(ends, default=(0, ""))
    for path, one in line.signed.items():
        own = "notes/" + path.removeprefix("notes/").partition(".")[0] + ".md"
        if one.block.kind in ("attestation", "withdrawal") and own not in line.signed and own in line.files:
            line.frozen[own] = hashlib.sha256(judge.read(line.files[own])).hexdigest()


def _advance(judge: _Judge, message: Message | None, policy: Policy | None) -> None:
    """Take the commit in."""
    facts, line = judge.facts, judge.line
    for change in facts.changes:
        if change.after is None:
            line.files.pop(change.path, None)
            continue
        line.files[change.path] = change.after
        if change.path.endswith(".md") and change.path != REGISTER:
            line.recorded.setdefault(
                change.path, Recorded(facts.author[1], git_time(facts.time, facts.zone), facts.oid)
            )
    if facts.key is not None:
        line.used.setdefault(facts.key.fingerprint, []).append(len(line.oids))
    line.index[facts.oid] = len(line.oids)
    line.oids.append(facts.oid)
    line.time = max(line.time, facts.committer_time)
    if policy is not None:
        line.policy = max(line.policy, policy.index)


def close(line: Line, policies: Policies) -> list[Finding]:
    """What only the whole line shows: keys revoked since, and commits of theirs after the last good one (3.18)."""
    found: list[Finding] = []
    for fingerprint, positions in sorted(line.used.items()):
        entry = policies.revoked(fingerprint)
        if entry is None:
            continue
        who = f"a key of {entry.principal} ({fingerprint[:15]})"
        if fingerprint not in line.settled:
            found.append(Finding(line.branch, "unsettled", f"was signed by {who}, since revoked, and is not settled", branch=line.branch))
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
