"""A client's line of history as it stands after each commit: what admission needs to judge the next one.

The same value is built by saving (by replaying the line), by the hooks and by verification, so that all three judge alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from vaultcli.record.finding import Finding
from vaultcli.record.notes.block import ADDITIONS, Block

BRANCH = "practice"
"""The branch of the line that holds the practice's policy."""


class Recorded(NamedTuple):
    """The first recording of a file: who, when (RFC 3339), in which commit (bare id)."""

    by: str
    time: str
    commit: str


class SignedFile(NamedTuple):
    """A file that carries a signature, as it first carried it; `blob` is the object id of its bytes then."""

    path: str
    sha256: str
    block: Block
    fingerprint: str
    commit: str
    hashes: tuple[str, ...] = ()
    reason: str = ""
    blob: str = ""


@dataclass
class Line:
    """One client's line.

    Args:
        branch: `client/ID`.
        oids: every commit, oldest first (bare ids); `index` maps back.
        time: committer time of the newest commit, seconds since 1970.
        policy: index of the policy that the newest commit names.
        files: path to blob id, for every file.
        recorded: path to its first recording, for every file below `notes/` and `exceptions/`.
        signed: path (`notes/NAME.md`) to what its signature covers.
        by_hash: SHA-256 of a signed file to its path.
        number: the greatest number in the chain of signed files; `newest` that file's SHA-256.
        left_out: SHA-256 of files that a succession left behind.
        frozen: path of an unsigned note that an attestation or a withdrawal fixed, to the SHA-256 of its bytes.
        used: fingerprint to the positions of the commits that it signed or that first carried its `.sig`.
        settled: fingerprint of a revoked key to the position of its last good commit on this line.
        ids: id of a note, addition or exception to its path: no two files of a line share one.
        fixed: signatures that vanished; nothing may take their place.
        by_note: stem of a note to the paths of its signed additions.
        entry: blob id of the newest register entry that could be read; `kind` what it says; empty where there is none.
        group: whether the line is a group's.
        remarks: (commit or path, rule) to what is no finding and worth a sentence; only `verify` asks.
        old_oids: after a succession, the commits of the line before it (bare ids), oldest first.
    """

    branch: str
    oids: list[str] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)
    time: int = 0
    policy: int = -1
    files: dict[str, str] = field(default_factory=dict)
    recorded: dict[str, Recorded] = field(default_factory=dict)
    signed: dict[str, SignedFile] = field(default_factory=dict)
    by_hash: dict[str, str] = field(default_factory=dict)
    number: int = 0
    newest: str = ""
    left_out: set[str] = field(default_factory=set)
    frozen: dict[str, str] = field(default_factory=dict)
    used: dict[str, list[int]] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    old_oids: tuple[str, ...] = ()
    ids: dict[str, str] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=set)
    by_note: dict[str, list[str]] = field(default_factory=dict)
    entry: str = ""
    kind: str = ""
    group: bool = False
    remarks: dict[tuple[str, str], Finding] = field(default_factory=dict, compare=False)

    @property
    def client(self) -> str:
        """The client's id."""
        return self.branch.partition("/")[2]

    @property
    def head(self) -> str:
        """The newest commit's bare id, or empty."""
        return self.oids[-1] if self.oids else ""

    def grow(self, oid: str, time: int) -> None:
        """Take a commit in as the newest; its files are the caller's to take."""
        self.index[oid] = len(self.oids)
        self.oids.append(oid)
        self.time = max(self.time, time)

    def enter(self, one: SignedFile) -> None:
        """Take a signed file in; its place in the chain is the caller's to judge."""
        if one.block.kind in ADDITIONS and one.path not in self.signed:
            stem = one.path.partition("/")[2].partition(".")[0]
            self.by_note.setdefault(stem, []).append(one.path)
        self.signed[one.path] = one
        self.by_hash[one.sha256] = one.path

    def blob(self, path: str) -> str:
        """The object id of a file's bytes: of a signed one those that were signed, whatever became of the file since."""
        one = self.signed.get(path)
        return one.blob if one is not None and one.blob else self.files[path]

    def gone(self, path: str) -> bool:
        """Whether a signed file was deleted or changed on the line after it was signed."""
        one = self.signed.get(path)
        return one is not None and bool(one.blob) and self.files.get(path) != one.blob

    def additions(self, stem: str) -> list[SignedFile]:
        """The signed additions to the note `notes/STEM.md`, in the order of the chain."""
        found = [self.signed[path] for path in self.by_note.get(stem, ())]
        return sorted(found, key=lambda f: f.block.number)

    def newest_text(self, stem: str) -> SignedFile | None:
        """The signed file whose text stands now: the note or its last correction."""
        texts = [f for f in self.additions(stem) if f.block.kind == "correction"]
        return texts[-1] if texts else self.signed.get(f"notes/{stem}.md")

    def author(self, stem: str) -> str:
        """The note's author: whoever recorded its first version."""
        recorded = self.recorded.get(f"notes/{stem}.md")
        return recorded.by if recorded else ""

    def withdrawn(self, stem: str) -> SignedFile | None:
        """The note's withdrawal, if there is one."""
        return next((f for f in self.additions(stem) if f.block.kind == "withdrawal"), None)

    def copy(self) -> Line:
        """An independent copy, for judging what might come next."""
        return Line(
            self.branch,
            list(self.oids),
            dict(self.index),
            self.time,
            self.policy,
            dict(self.files),
            dict(self.recorded),
            dict(self.signed),
            dict(self.by_hash),
            self.number,
            self.newest,
            set(self.left_out),
            dict(self.frozen),
            {key: list(value) for key, value in self.used.items()},
            dict(self.settled),
            self.old_oids,
            dict(self.ids),
            set(self.fixed),
            {key: list(value) for key, value in self.by_note.items()},
            self.entry,
            self.kind,
            self.group,
            dict(self.remarks),
        )
