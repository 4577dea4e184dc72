"""What one commit of the psychotherapy repository may do: one judgement for saving, hooks, sync and `verify`.

`docs/spec/psychotherapy/repository.md`, rules 2 to 9; each finding names the rule that it breaks. Pure: blobs come
through `read`, a signature was checked by whoever made the facts.
`record/rules/admission` judges a chart's commits by what their files say; here nothing can be opened, and paths and age
headers must be enough.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from vaultcli.ground.age import header as ageheader
from vaultcli.ground.age import ustar
from vaultcli.ground.errors import BadInput
from vaultcli.ground.git.objects import Commit
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.record.finding import Finding
from vaultcli.record.sealed import epochs as epoch_lists
from vaultcli.record.sealed import paths, signers
from vaultcli.record.sealed import tree as sealed_tree
from vaultcli.record.sealed.epochs import Epochs
from vaultcli.record.sealed.signers import Signers

BRANCH = "sealed"
MESSAGE = "sealed\n"
IDENT = ("sealed", "sealed")
DAY = 24 * 60 * 60
ZONE = "+0000"
ATTRIBUTES = b"* -text -diff\n"
PLAIN = "100644"
_SHARE = re.compile(r"[A-Za-z0-9+/]{43}")
_WRAPPED = 32
_LONGEST = 1024
"""Bytes of a header: the X25519 stanza takes 114, its end 48, and the grease that age writes at most some 350."""

Tree = Mapping[str, tuple[str, str]]
"""Path to mode and blob id."""


@dataclass(frozen=True)
class Facts:
    """A commit, and what was found out about it.

    Args:
        commit: as git has it, or as it is about to be made.
        key: that signed it and whose signature verifies; None otherwise.
        tree: all its files.
    """

    commit: Commit
    key: PublicKey | None
    tree: Tree


@dataclass(frozen=True)
class State:
    """The repository at an admitted commit.

    Args:
        tree: its files.
        signers, epochs: as they stand there.
        time: of the commit.
    """

    tree: Tree
    signers: Signers
    epochs: Epochs
    time: int


def admit(
    facts: Facts,
    parents: tuple[State, ...],
    bases: Sequence[Tree],
    read: Callable[[str], bytes],
    verify: signers.Verify,
    now: int,
    readme: bytes,
) -> tuple[State | None, list[Finding]]:
    """Judge a commit.

    Args:
        facts: the commit.
        parents: the states at its parents, in order.
        bases: for a merge, the trees of its newest common ancestors, of which there can be more than one.
        read: a blob's bytes.
        verify: `sshsig.verify`, for endorsements.
        now: the clock, seconds.
        readme: the one README of this version.

    Returns:
        The state at the commit (None where its lists cannot be read), and what is wrong, which is nothing for a good commit.
    """
    judge = _Judge(facts, read)
    _form(judge, parents, now)
    state = _lists(judge, parents, verify)
    _signer(judge, parents, state)
    if not parents:
        _root(judge, readme)
    elif len(parents) == 1:
        _changes(judge, parents[0], state)
    else:
        _merge(judge, parents, bases)
    return state, judge.found


class _Judge:
    def __init__(self, facts: Facts, read: Callable[[str], bytes]) -> None:
        self.facts = facts
        self.read = read
        self.found: list[Finding] = []

    def report(self, rule: str, message: str, path: str = "") -> None:
        oid = self.facts.commit.oid
        name = f"sha256:{oid}" if oid else ""
        self.found.append(Finding(path or BRANCH, rule, message, commit=name, branch=BRANCH))

    def blob(self, path: str) -> bytes:
        entry = self.facts.tree.get(path)
        return self.read(entry[1]) if entry else b""


def _form(judge: _Judge, parents: tuple[State, ...], now: int) -> None:
    """Rule 3: nothing in a commit tells anything."""
    commit = judge.facts.commit
    if len(commit.parents) > 2:
        judge.report("sealed-commit", "has more than two parents")
    if commit.author != IDENT or commit.committer != IDENT or commit.message != MESSAGE or commit.extra:
        judge.report("sealed-commit", "has another author, message or header than every commit here")
    days = (commit.author_time, commit.committer_time)
    if any(day % DAY for day in days) or days[0] != days[1] or {commit.author_zone, commit.committer_zone} != {ZONE}:
        judge.report("sealed-commit", "tells a time of day or a zone")
    if any(commit.committer_time < one.time for one in parents):
        judge.report("sealed-date", "is dated before its parent")
    if commit.committer_time > now + DAY:
        judge.report("sealed-date", "is dated in the future of this machine's clock")


def _lists(judge: _Judge, parents: tuple[State, ...], verify: signers.Verify) -> State | None:
    """Rules 7 and 10 to 15: the two lists, and that nobody was let in by nobody."""
    facts = judge.facts
    try:
        ring = signers.parse(judge.blob(paths.SIGNERS))
        epochs = epoch_lists.parse(judge.blob(paths.EPOCHS))
    except BadInput as error:
        judge.report("sealed-list", error.message)
        return None
    if ring.allowed != judge.blob(paths.ALLOWED):
        judge.report("sealed-list", "does not say the same as signers.toml", paths.ALLOWED)
    if len(parents) < 2 and facts.key is not None:
        before = parents[0].signers if parents else None
        if said := signers.problem(before, ring, facts.key, verify):
            judge.report("sealed-signers", said, paths.SIGNERS)
    if not parents and epochs.destroyed:
        judge.report("sealed-epochs", "the first commit destroys nothing", paths.EPOCHS)
    if any(not epochs.follows(one.epochs) for one in parents):
        judge.report("sealed-epochs", "an epoch was changed or taken out", paths.EPOCHS)
    return State(facts.tree, ring, epochs, facts.commit.committer_time)


def _signer(judge: _Judge, parents: tuple[State, ...], state: State | None) -> None:
    """Rule 4: signed by a key that each parent admits."""
    key = judge.facts.key
    if key is None:
        judge.report("sealed-signature", "is not signed, or its signature does not verify")
        return
    rings = [one.signers for one in parents] or ([state.signers] if state else [])
    entries = [ring.by_key(key) for ring in rings]
    if any(entry is None for entry in entries):
        judge.report("sealed-signature", f"signed by {key.fingerprint}, a key that was not admitted before")
    elif any(entry is not None and entry.revoked for entry in entries):
        judge.report("sealed-signature", f"signed by {key.fingerprint}, which was revoked before")


def _root(judge: _Judge, readme: bytes) -> None:
    """Rules 1 and 2: the first commit holds the five files in the clear and nothing else."""
    if set(judge.facts.tree) != set(paths.CLEAR):
        judge.report("sealed-root", "the first commit holds other files than it should")
    for path, text in ((paths.README, readme), (paths.ATTRIBUTES, ATTRIBUTES)):
        if judge.blob(path) != text:
            judge.report("sealed-clear", "is not the text that it is everywhere", path)
    _modes(judge, judge.facts.tree)


def _modes(judge: _Judge, changed: Mapping[str, tuple[str, str]]) -> None:
    for path, (mode, _) in sorted(changed.items()):
        if path not in paths.CLEAR and paths.parse(path) is None:
            # not by its name, which may be a client's
            judge.report("sealed-path", "a file has a name that does not belong here")
        elif mode != PLAIN:
            judge.report("sealed-path", "is no plain file", path)


def _changes(judge: _Judge, parent: State, state: State | None) -> None:
    """Rules 5 to 7 and 15."""
    changed, gone_paths = sealed_tree.differences(parent.tree, judge.facts.tree)
    for path in gone_paths:
        judge.report("sealed-vanished", "was recorded before and is gone", path)
    _modes(judge, changed)
    lists = {paths.SIGNERS, paths.ALLOWED} & set(changed)
    if lists and set(changed) != {paths.SIGNERS, paths.ALLOWED}:
        judge.report("sealed-signers", "the lists of signers change together and with nothing else", paths.SIGNERS)
    for path in paths.PINNED:
        if path in changed:
            judge.report("sealed-clear", "was changed after the first commit", path)
    gone = parent.epochs.destroyed | (state.epochs.destroyed if state else frozenset())
    for path, (_, blob) in sorted(changed.items()):
        at = paths.parse(path)
        if at is None:
            continue
        if at.token in gone:
            judge.report("sealed-destroyed", "belongs to a drawer that was destroyed", path)
        if paths.EPOCHS in changed and not at.is_identity:
            judge.report("sealed-epochs", "a new epoch comes with identities and nothing else", path)
        if paths.identity(at.token) not in judge.facts.tree:
            judge.report("sealed-path", "lies in a drawer that has no identity", path)
        if at.beside:
            judge.report("sealed-merge", "only a merge keeps a second text beside the first", path)
        if said := sealed_problem(judge.read(blob)):
            judge.report("sealed-blob", said, path)


def _merge(judge: _Judge, parents: tuple[State, ...], bases: Sequence[Tree]) -> None:
    """Rule 8: a merge is the one that these parents make, and nothing more."""
    tree, wrong = merged(bases, parents[0], parents[1], judge.read)
    for path in wrong:
        judge.report("sealed-merge", "was changed on both sides", path)
    clear = {paths.SIGNERS, paths.ALLOWED}
    expected = {path: entry for path, entry in tree.items() if path not in clear}
    found = {path: entry for path, entry in judge.facts.tree.items() if path not in clear}
    for path in sorted({path for path, _ in set(expected.items()) ^ set(found.items())}):
        judge.report("sealed-merge", "is not what the two sides make", path)
    try:
        union = signers.union(parents[0].signers, parents[1].signers)
    except BadInput as error:
        judge.report("sealed-merge", error.message)
        return
    if judge.blob(paths.SIGNERS) != union.raw or judge.blob(paths.ALLOWED) != union.allowed:
        judge.report("sealed-merge", "is not the union of the two lists", paths.SIGNERS)


def merged(
    bases: Sequence[Tree], ours: State, theirs: State, read: Callable[[str], bytes]
) -> tuple[dict[str, tuple[str, str]], list[str]]:
    """The files of a merge, but for the two lists of signers; and the paths that cannot be merged.

    Args:
        bases: the trees of the newest common ancestors. A side that has what one of them has did not change it.
        ours: the first parent.
        theirs: the second one.
        read: a blob's bytes.
    """
    tree: dict[str, tuple[str, str]] = {}
    beside: dict[str, tuple[str, str]] = {}
    wrong = []
    for path in sorted(ours.tree.keys() | theirs.tree.keys()):
        one, other = ours.tree.get(path), theirs.tree.get(path)
        chosen = one or other
        assert chosen is not None
        tree[path] = chosen
        if one is None or other is None or one == other:
            continue
        was = [base.get(path) for base in bases]
        if (one in was) != (other in was):
            tree[path] = other if one in was else one
        elif (at := paths.parse(path)) is not None and not at.is_identity and not at.beside:
            beside[at._replace(beside=hashlib.sha256(read(other[1])).hexdigest()[:8]).path] = other
        elif path not in (paths.SIGNERS, paths.ALLOWED):
            wrong.append(path)
    # eight digits are few for somebody who tries: what stands there already is never put aside
    wrong += [path for path, entry in beside.items() if tree.get(path, entry) != entry]
    return {**beside, **tree}, wrong


def sealed_problem(raw: bytes) -> str:
    """Why a blob is no sealed file of ours (rule 6); empty where it is one."""
    try:
        header = ageheader.read(raw)
        length = header.plaintext
    except BadInput as error:
        return error.message
    if not raw.startswith(ageheader.MAGIC):
        return "is armoured"
    grease = [one for one in header.stanzas if one.grease]
    if [one.type for one in header.recipients] != [ageheader.X25519] or len(grease) > 1:
        return "is not sealed to one X25519 recipient"
    share = header.recipients[0]
    if len(share.arguments) != 1 or not _SHARE.fullmatch(share.arguments[0]) or len(share.body) != _WRAPPED:
        return "is not sealed to one X25519 recipient"
    if header.length > _LONGEST:
        return "has a header in which other things could stand"
    if length % ustar.STEP or not 0 < length <= ustar.LIMIT:
        return "is sealed, but not padded"
    return ""
