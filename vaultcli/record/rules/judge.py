"""One commit of a client's line under judgement: the facts, the line before it, and what is found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.commit import (
    Facts,
    Read,
    Verify,
    Weigh,
)
from vaultcli.record.history.line import Line, SignedFile
from vaultcli.record.rules.policy import Policies

REGISTER = "client.md"
ATTRIBUTES = ".gitattributes"
SIG = ".sig"


class Judge:
    """What the rules of one commit share.

    Args:
        facts: the commit.
        line: the line before it; the rules take the commit's files into it.
        policies: every policy of the vault.
        read: a blob's bytes by its id.
        verify: checks a note's signature.
        weigh: a blob's size and SHA-256; by way of `read` when left out.
    """

    def __init__(
        self, facts: Facts, line: Line, policies: Policies, read: Read, verify: Verify, weigh: Weigh | None = None
    ) -> None:
        self.facts = facts
        self.line = line
        self.policies = policies
        self.read = read
        self.verify = verify
        self.weigh = weigh or self._weigh
        self.found: list[Finding] = []
        self.commit = messages.trailer(facts.commit.oid) if facts.commit.oid else ""

    def _weigh(self, oid: str) -> tuple[int, str]:
        raw = self.read(oid)
        return len(raw), hashlib.sha256(raw).hexdigest()

    def report(self, rule: str, text: str, path: str = "") -> None:
        """Add a finding, at the line where no path is given."""
        self.found.append(Finding(path or self.facts.branch, rule, text, commit=self.commit, branch=self.facts.branch))

    def remark(self, rule: str, text: str, path: str = "") -> None:
        """Add what is no finding, and worth a sentence with every verdict."""
        said = Finding(path or self.facts.branch, rule, text, commit=self.commit, branch=self.facts.branch)
        self.line.remarks[path or self.commit, rule] = said

    def on(self, path: str) -> Callable[[str, str], None]:
        """`report` for one path."""
        return lambda rule, text: self.report(rule, text, path)

    def remarks_on(self, path: str) -> Callable[[str, str], None]:
        """`remark` for one path."""
        return lambda rule, text: self.remark(rule, text, path)


def note_of(path: str) -> str:
    """The path of the note that a file below `notes/` is or belongs to."""
    folder, _, file = path.partition("/")
    return f"{folder}/{file.partition('.')[0]}.md"


def freeze(judge: Judge, one: SignedFile) -> None:
    """An attestation or a withdrawal of an unsigned note fixes the note's bytes, which it must name."""
    line, own = judge.line, note_of(one.path)
    if one.block.kind not in ("attestation", "withdrawal") or own in line.signed or own not in line.files:
        return
    stands = hashlib.sha256(judge.read(line.files[own])).hexdigest()
    if one.hashes != (stands,):
        judge.report("target", "names other bytes than the note's", one.path)
    line.frozen[own] = stands
