"""The `practice` line as a sequence of policies, each judged by the one before it.

Numbers in comments are those of `docs/spec/verify.md`, part 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.patterns import pattern
from vaultcli.record.history.commit import Facts
from vaultcli.record.history.line import BRANCH, Line
from vaultcli.record.notes.place import place
from vaultcli.record.practice import keyring as keyrings
from vaultcli.record.practice import practice as practices
from vaultcli.record.practice.keyring import (
    RECOVERY,
    RECOVERY_NAME,
    Entry,
    Keyring,
)
from vaultcli.record.practice.practice import Practice
from vaultcli.record.rules import commit_form

GITIGNORE = b"/clients/\n/disclosure/\n/groups/\n"
GITATTRIBUTES = b"* -text\n"
PINNED: Mapping[str, bytes] = {".gitignore": GITIGNORE, ".gitattributes": GITATTRIBUTES}
_FILES = frozenset({practices.PATH, keyrings.PATH, keyrings.ALLOWED_PATH, *PINNED})
_TEMPLATE = pattern(r"templates/notes/[a-z0-9][a-z0-9-]{0,63}\.md")
SIG = ".sig"


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
        line: the `practice` line as a line of history: its commits, and the chain of exceptions signed on it.
    """

    genesis: str = ""
    items: list[Policy] = field(default_factory=list)
    line: Line = field(default_factory=lambda: Line(BRANCH))
    _index: dict[str, int] = field(default_factory=dict)
    _added: dict[str, int] = field(default_factory=dict)
    _judges: list[Policy | None] = field(default_factory=list)

    @property
    def head(self) -> Policy:
        """The newest policy.

        Raises:
            GitTrouble: there is none.
        """
        if not self.items:
            raise GitTrouble("the chart has no policy that can be read", hint="`vaultcli verify` says what is the matter")
        return self.items[-1]

    def at(self, oid: str) -> Policy | None:
        """The policy of that `practice` commit (bare id)."""
        index = self._index.get(oid)
        return None if index is None else self.items[index]

    def revoked(self, fingerprint: str) -> Entry | None:
        """The key's entry if the newest policy has it revoked."""
        entry = self.head.keyring.by_fingerprint(fingerprint)
        return entry if entry is not None and entry.revoked else None

    def enter(self, facts: Facts, policy: Policy | None) -> None:
        """Take a commit in; without a policy where its files could not be read, so that the one before stays in force."""
        line = self.line
        self._judges.append(self.items[-1] if self.items else None)
        if policy is not None:
            self._index[facts.commit.oid] = policy.index
            self.items.append(policy)
            for entry in policy.keyring.entries:
                self._added.setdefault(entry.fingerprint, len(line.oids))
        for change in facts.changes:
            if change.after is None:
                line.files.pop(change.path, None)
                continue
            line.files[change.path] = change.after
            if change.path.startswith("exceptions/"):
                line.recorded.setdefault(change.path, commit_form.recording(facts.commit))
        line.grow(facts.commit.oid, facts.commit.committer_time)

    def added_at(self, fingerprint: str) -> int | None:
        """The position of the commit that first held that key's entry."""
        return self._added.get(fingerprint)

    def judge_of(self, position: int) -> Policy | None:
        """The policy by which the commit at that position of the line was judged; None for the first."""
        return self._judges[position]


class Report(Protocol):
    """The shape of the callback that collects findings."""

    def __call__(self, rule: str, text: str, path: str = BRANCH, /) -> None:
        """Take one finding."""


def is_ours(path: str) -> bool:
    """Whether a file at that path belongs on the `practice` line."""
    at = place(path.removesuffix(SIG))
    return path in _FILES or _TEMPLATE.fullmatch(path) is not None or (at is not None and at.kind == "exception")
