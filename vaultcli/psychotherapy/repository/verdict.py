"""What verifying the psychotherapy repository found, as one value: no name, no word of a note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from vaultcli.ground.errors import FINDINGS, OK, Unpinned
from vaultcli.record.finding import Finding

VERSION = 1


class Version(NamedTuple):
    """One version of a sealed file, as a commit with one parent recorded it.

    Attributes:
        path: of the file.
        blob: its bytes.
        before: the bytes that stood at that path in the parent; empty for a new file.
        beside: second texts of merges that stood beside it there.
        commit: bare id.
    """

    path: str
    blob: str
    before: str
    beside: tuple[str, ...]
    commit: str


@dataclass(frozen=True)
class Counts:
    """How much was looked at.

    Args:
        commits, merges: of the history.
        drawers: that are not destroyed; `destroyed` those that are.
        files: sealed files but identities, at the head.
        objects: that were read and hashed; `unreachable` those that no ref leads to.
        machines: admitted and not revoked; `revoked` keys of either kind.
        epoch: the number in force.
    """

    commits: int = 0
    merges: int = 0
    drawers: int = 0
    destroyed: int = 0
    files: int = 0
    objects: int = 0
    unreachable: int = 0
    machines: int = 0
    revoked: int = 0
    epoch: int = 0


@dataclass(frozen=True)
class Opened:
    """What opening everything showed.

    Args:
        files: versions of sealed files that were opened, old ones too.
        closed: those of destroyed drawers, which open for nobody.
        unsigned: files at the head that nobody signed.
        findings: what is wrong.
        remarks: harmless things worth a line.
    """

    files: int = 0
    closed: int = 0
    unsigned: int = 0
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Args:
        genesis: `sha256:HEX` of the first commit, or empty.
        head: bare id of the newest.
        pinned: whether this machine knows these notes.
        counts: how much there is.
        findings: what is wrong, without what opening showed.
        remarks: harmless things worth a line.
        versions: of every sealed file, oldest first, for whoever opens them.
        strays: objects with plaintext that nothing leads to, and which can be removed.
        opened: what opening everything showed; None where it was not asked for.
    """

    genesis: str
    head: str
    pinned: bool
    counts: Counts
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...] = ()
    versions: tuple[Version, ...] = ()
    strays: tuple[str, ...] = ()
    opened: Opened | None = None

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """With those of opening."""
        return self.findings + (self.opened.findings if self.opened else ())

    @property
    def all_remarks(self) -> tuple[str, ...]:
        """With those of opening."""
        return self.remarks + (self.opened.remarks if self.opened else ())

    @property
    def exit_code(self) -> int:
        """1 for findings, else 11 unpinned, else 0."""
        if self.all_findings:
            return FINDINGS
        return OK if self.pinned else Unpinned.exit_code

    @property
    def word(self) -> str:
        """The verdict in one word."""
        return {OK: "verified", FINDINGS: "findings"}.get(self.exit_code, "unpinned")

    def as_json(self) -> dict[str, Any]:
        """The verdict for programs; `docs/spec/psychotherapy/verify.md` describes it."""
        return {
            "vaultcli": VERSION,
            "scope": "psychotherapy",
            "verdict": self.word,
            "genesis": self.genesis or None,
            "pinned": self.pinned,
            "counts": vars(self.counts),
            "opened": _opened(self.opened),
            "findings": [
                {"path": one.path, "rule": one.rule, "message": one.message, "commit": one.commit or None}
                for one in self.all_findings
            ],
            "remarks": list(self.all_remarks),
        }


def _opened(opened: Opened | None) -> Mapping[str, int] | None:
    return None if opened is None else {"files": opened.files, "closed": opened.closed, "unsigned": opened.unsigned}
