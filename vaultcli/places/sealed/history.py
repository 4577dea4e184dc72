"""The sealed repository's commits as its rules see them (`record/sealed/admission`), judged one after the other.

What one commit cannot tell is told here: that there is one first commit, that no bytes come back (rule 5), and that a key which
one side of a merge has revoked did not go on signing on the other (rule 12).
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vaultcli.ground.age import header as ageheader
from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git import trees
from vaultcli.ground.git.history import History
from vaultcli.ground.git.objects import Commit
from vaultcli.ground.ssh import sshsig
from vaultcli.ground.ssh.sshsig import BadSignature, PublicKey
from vaultcli.record.finding import Finding
from vaultcli.record.sealed import (
    admission,
    epochs,
    paths,
    signers,
)
from vaultcli.record.sealed import tree as sealed_tree
from vaultcli.record.sealed.admission import BRANCH, Facts, State
from vaultcli.record.sealed.signers import Signers
from vaultcli.record.sealed.tree import Entry, Listing

_KEPT = 4096
"""Folders that are kept in memory."""
_STRETCH = 200
"""Commits of which what they brought is read in one go."""
_LIST, _LISTS = 1 << 16, 64
"""Bytes of a list that is kept, and how many."""


class Files:
    """The files of commits, each folder read once."""

    def __init__(self, source: History) -> None:
        self._source = source
        self._folders: dict[str, dict[str, Entry]] = {}
        self._tops: dict[str, Listing] = {}

    def __call__(self, tree: str) -> Listing:
        """The files of a tree."""
        if tree in self._tops:
            return self._tops[tree]
        self._source.objects.forget()
        return Listing({one.name: (one.mode, one.oid) for one in self._source.objects.tree(tree).entries()}, self._folder)

    def _folder(self, oid: str) -> Mapping[str, Entry]:
        if oid not in self._folders:
            if len(self._folders) >= _KEPT:
                self._folders.clear()
            self._folders[oid] = trees.flatten(self._source.objects, oid)
        return self._folders[oid]

    def ahead(self, wanted: Sequence[str], but: Collection[str] = ()) -> list[str]:
        """Read trees that are asked for next, and their folders, without waiting for git at each.

        A tree that cannot be read is told when it is asked for.

        Args:
            wanted: ids of trees.
            but: folders that are not wanted.

        Returns:
            the blobs in the folders.
        """
        objects = self._source.objects
        objects.ahead(wanted)
        self._tops = {}
        with contextlib.suppress(GitTrouble):
            self._tops |= {tree: self(tree) for tree in wanted}
        folders = {
            oid: None
            for top in self._tops.values()
            for mode, oid in top.top.values()
            if mode == sealed_tree.FOLDER and oid not in self._folders and oid not in but
        }
        objects.ahead(folders)
        with contextlib.suppress(GitTrouble):
            return [blob for oid in folders for _, blob in self._folder(oid).values()]
        return []


def state_at(source: History, oid: str, files: Files | None = None) -> State:
    """What stands at a commit that was admitted.

    Raises:
        BadInput: its lists cannot be read.
    """
    commit = source.objects.commit(oid)
    tree = (files or Files(source))(commit.tree)

    def blob(path: str) -> bytes:
        return source.objects.blob(tree[path][1]) if path in tree else b""

    return State(tree, signers.parse(blob(paths.SIGNERS)), epochs.parse(blob(paths.EPOCHS)), commit.committer_time)


def signer(commit: Commit) -> PublicKey | None:
    """The key whose signature over the commit is good."""
    try:
        return sshsig.verify(commit.signature or "", commit.payload, "git").key
    except BadSignature:
        return None


def bases_of(source: History, parents: Sequence[str], files: Files | None = None) -> list[admission.Tree]:
    """The files of the newest common ancestors of a merge's parents; nothing for a commit with one."""
    if len(parents) != 2:
        return []
    found = [source.objects.commit(oid).tree for oid in source.git.merge_bases(parents[0], parents[1])]
    return [files(tree) if files else trees.flatten(source.objects, tree) for tree in found]


@dataclass(frozen=True)
class Step:
    """One commit, judged.

    Args:
        commit: it.
        key: that signed it.
        state: what stands there; None where its lists cannot be read, and then nothing after it was judged.
        changed: the files that it has otherwise than its only parent, or for a first commit all.
        before: the files of its only parent.
        findings: what is wrong with it.
    """

    commit: Commit
    key: PublicKey | None
    state: State | None
    changed: Mapping[str, Entry]
    before: Mapping[str, Entry]
    findings: tuple[Finding, ...]


def walk(source: History, oids: Sequence[str], now: int, readme: bytes, genesis: str = "") -> Iterator[Step]:
    """Judge commits whose parents are admitted or come before them in the list.

    Args:
        source: the repository.
        oids: parents first.
        now: the clock, seconds.
        readme: the one README.
        genesis: the first commit, where it is among them.
    """
    run = _Walk(source, oids, genesis)
    for number, commit in enumerate(run.commits):
        if number % _STRETCH == 0:
            run.ahead(run.commits[number : number + _STRETCH])
        if commit.parents and any(run.state(parent) is None for parent in commit.parents):
            return
        parents = tuple(filter(None, map(run.state, commit.parents)))
        facts = Facts(commit, signer(commit), run.files(commit.tree))
        bases = bases_of(source, commit.parents, run.files)
        state, found = admission.admit(facts, parents, bases, run.blob, sshsig.verify, now, readme)
        changed = sealed_tree.differences(parents[0].tree, facts.tree)[0] if len(parents) == 1 else {} if parents else facts.tree
        more = run.beyond(commit, parents, changed)
        run.done(commit, state)
        yield Step(commit, facts.key, state, changed, parents[0].tree if len(parents) == 1 else {}, (*found, *more))


class _Walk:
    def __init__(self, source: History, oids: Sequence[str], genesis: str) -> None:
        self.source, self.genesis = source, genesis
        self.files = Files(source)
        self.commits = source.commits(oids) if oids else []
        self._wanted = Counter(parent for commit in self.commits for parent in commit.parents)
        here = set(oids)
        self._before = sorted({parent for parent in self._wanted if parent not in here})
        self._old: set[str] | None = None if self._before else set()
        self._states: dict[str, State | None] = {}
        self._clear: dict[str, bytes] = {}
        self._seen: set[str] = set()

    def ahead(self, commits: Sequence[Commit]) -> None:
        """Read what these commits brought."""
        before: set[str] = set()
        with contextlib.suppress(GitTrouble):
            before = {oid for _, oid in self.files(commits[0].tree).top.values()}
        found = self.files.ahead([commit.tree for commit in commits], before)
        blobs = [blob for blob in found if blob not in self._seen]
        if self._seen:
            # what stood in these folders before the first stretch is not asked for
            self.source.objects.ahead(blobs)
        self._seen.update(blobs)

    def blob(self, oid: str) -> bytes:
        """A blob; the lists, which are the same in thousands of commits, are kept."""
        if oid not in self._clear:
            raw = self.source.objects.blob(oid)
            if raw.startswith(ageheader.MAGIC) or len(raw) > _LIST:
                return raw
            if len(self._clear) >= _LISTS:
                self._clear.clear()
            self._clear[oid] = raw
        return self._clear[oid]

    def state(self, oid: str) -> State | None:
        if oid not in self._states:
            self._states[oid] = state_at(self.source, oid, self.files) if oid in self._before else None
        return self._states[oid]

    def done(self, commit: Commit, state: State | None) -> None:
        """Keep the state for as long as a child is still to come."""
        if self._wanted[commit.oid]:
            self._states[commit.oid] = state
        for parent in commit.parents:
            self._wanted[parent] -= 1
            if not self._wanted[parent]:
                self._states.pop(parent, None)

    def beyond(self, commit: Commit, parents: Sequence[State], changed: Mapping[str, Entry]) -> list[Finding]:
        """What only the history around it tells of a commit."""

        def finding(rule: str, message: str, path: str = BRANCH) -> Finding:
            return Finding(path, rule, message, commit=f"sha256:{commit.oid}", branch=BRANCH)

        if not commit.parents:
            text = "is a second first commit" if self.genesis else "begins a history of its own"
            return [] if commit.oid == self.genesis else [finding("sealed-root", text)]
        if len(parents) == 2:
            rings = [one.signers for one in parents]
            return [finding("sealed-revoked", text) for text in revoked(self.source, commit.parents, rings)]
        again = [path for path, (_, blob) in sorted(changed.items()) if self._again(path, blob, commit.parents[0])]
        return [finding("sealed-replayed", "has the bytes of an earlier or another file", path) for path in again]

    def _again(self, path: str, blob: str, parent: str) -> bool:
        """Whether the history before holds these bytes: age never seals twice to the same."""
        if paths.parse(path) is None:
            return False
        if self._old is None:
            self._old = self.source.git.leads_to(*self._before)
        if blob in self._old:
            return blob in self.source.git.leads_to(parent)
        self._old.add(blob)
        return False


def revoked(source: History, heads: Sequence[str], rings: Sequence[Signers]) -> list[str]:
    """What a key signed on one side of a merge although the other side has revoked it (rule 12), a sentence each.

    Args:
        source: the repository.
        heads: the two parents.
        rings: the lists of signers there.
    """
    found = []
    for at, (head, without) in enumerate((tuple(heads), tuple(reversed(heads)))):
        ring = rings[1 - at]
        gone = {entry.key.blob for entry in ring.entries if entry.revoked}
        for oid in source.git.rev_list(head, without=(without,)) if gone else ():
            key = signer(source.objects.commit(oid))
            if key is not None and key.blob in gone:
                entry = ring.by_key(key)
                assert entry is not None
                found.append(f"{oid[:12]} was signed by {entry.principal}, whose key the other side had revoked")
    return found


def check(source: History, oids: Sequence[str], now: int, readme: bytes) -> list[Finding]:
    """Judge commits that came after what is known; a first commit among them is a finding.

    Args:
        source: the repository.
        oids: parents first.
        now: the clock, seconds.
        readme: the one README.
    """
    return _all(walk(source, oids, now, readme))


def _all(steps: Iterable[Step]) -> list[Finding]:
    return [one for step in steps for one in step.findings]
