"""Lines of history as chains of commits, walked by ourselves from their heads, many lines at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git import trees
from vaultcli.ground.git.catfile import Answer, Reader, Trouble
from vaultcli.ground.git.objects import Commit, name_object, parse_commit
from vaultcli.ground.git.tree import LINK, BadTree, Change, Tree, parse_tree
from vaultcli.places.chart import replay
from vaultcli.record.finding import Finding
from vaultcli.record.history.commit import Facts

_FIRST_PARENT = re.compile(rb"tree [0-9a-f]{40,64}\nparent ([0-9a-f]{40,64})\n")
_LINK = int(LINK, 8)
_EMPTY = {bytes.fromhex(name_object("tree", b"", object_format)) for object_format in ("sha256", "sha1")}
WORDS = {
    "missing": "an object is missing",
    "damaged": "an object is not what its name says",
    "kind": "an object is of the wrong kind",
}
RULES = {"missing": "missing-object", "damaged": "damaged-object", "kind": "bad-tree"}


@dataclass
class History:
    """One line's commits.

    Args:
        branch: its name.
        commits: (id, raw bytes), oldest first.
        findings: why it could not be walked to its root.
    """

    branch: str
    commits: list[tuple[str, bytes]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def walk(reader: Reader, heads: Mapping[str, str]) -> list[History]:
    """The histories of some lines, from head to root by first parents, all one step at a time.

    Args:
        reader: gives objects.
        heads: branch to head.
    """
    histories = {branch: History(branch) for branch in heads}
    front = dict(heads)
    while front:
        answers = reader.many(front.values(), "commit")
        front = {branch: older for branch, oid in front.items() if (older := _step(histories[branch], oid, answers[oid]))}
    for walked in histories.values():
        walked.commits.reverse()
    return list(histories.values())


def _step(history: History, oid: str, answer: Answer) -> str:
    """Take one commit; the id of its parent, or empty at the root."""
    if isinstance(answer, Trouble):
        text = f"{WORDS[answer.why]}: {oid}; nothing before it can be judged"
        history.findings.append(Finding(history.branch, RULES[answer.why], text, branch=history.branch))
        return ""
    history.commits.append((oid, answer))
    parent = _FIRST_PARENT.match(answer)
    return parent[1].decode() if parent else ""


def read(oid: str, raw: bytes) -> Commit | str:
    """A commit, or why it cannot be judged."""
    try:
        return parse_commit(oid, raw)
    except GitTrouble:
        return "is not in the form that git writes"


def facts(commit: Commit, branch: str, changes: Iterable[Change]) -> Facts:
    """A commit as the rules see it, its signature checked."""
    return Facts(commit, branch, *replay.checked(commit), tuple(changes))


class Forest:
    """The trees of one line, fetched level by level before they are compared.

    Args:
        reader: gives objects.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._trees: dict[str, Tree | str] = {}

    def fetch(self, roots: Iterable[str]) -> None:
        """Fetch these trees, given in the order of their commits, and all folders in them."""
        wanted = {oid: b"" for oid in roots if oid not in self._trees}
        depth = 0
        while wanted and depth <= trees.DEEPEST + 1:
            inner: dict[str, bytes] = {}
            latest: dict[bytes, Tree] = {}
            for oid, answer in self._reader.many(wanted, "tree").items():
                self._trees[oid] = found = _tree(oid, answer, latest.get(wanted[oid]))
                if isinstance(found, Tree):
                    latest[wanted[oid]] = found
                    inner.update((row[2].hex(), row[1]) for row in found.folders)
            wanted = {oid: name for oid, name in inner.items() if oid not in self._trees}
            depth += 1

    def __call__(self, oid: str) -> Tree:
        """A tree that was fetched.

        Raises:
            BadTree: it is bad or could not be had.
        """
        found = self._trees.get(oid, "lies too deep")
        if isinstance(found, str):
            raise BadTree(found)
        return found

    def changes(self, before: str | None, after: str) -> list[Change] | str:
        """What differs between two root trees, or why that cannot be said."""
        try:
            return list(trees.differences(self, before, after))
        except BadTree as error:
            return error.message


def _tree(oid: str, answer: Answer, like: Tree | None) -> Tree | str:
    if isinstance(answer, Trouble):
        return f"{WORDS[answer.why]}: {oid}"
    try:
        found = parse_tree(oid, answer, like)
    except BadTree as error:
        return error.message
    return "an empty folder" if any(row[2] in _EMPTY for row in found.folders) else found


def blobs(changes: Iterable[Change]) -> set[str]:
    """The new files of these changes; what a gitlink names is in another repository."""
    return {change.after for change in changes if change.after is not None and change.mode != _LINK}
