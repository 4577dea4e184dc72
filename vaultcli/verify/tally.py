"""What a line holds, counted: who signed how much, when, and what is still to be done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields

from vaultcli.record.history.line import Line, SignedFile
from vaultcli.record.notes import names
from vaultcli.record.notes.place import place
from vaultcli.record.view.entry import TEXTS


@dataclass(frozen=True)
class Counts:
    """Numbers of one line or of a vault.

    Args:
        commits: recorded events.
        signed: notes with their author's signature.
        drafts: notes recorded without one; never a finding.
        attested: unsigned notes that their author attested to.
        cosignatures: notes that still need a co-signature.
        withdrawn: notes that were withdrawn.
        additions: signed corrections, addenda, late entries and co-signatures.
        edited: working files with text that is not recorded yet.
        unrecorded: working files that were never recorded.
    """

    commits: int = 0
    signed: int = 0
    drafts: int = 0
    attested: int = 0
    cosignatures: int = 0
    withdrawn: int = 0
    additions: int = 0
    edited: int = 0
    unrecorded: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def notes(self) -> int:
        """All recorded notes."""
        return self.signed + self.drafts + self.attested + self.withdrawn


Signer = tuple[str, str, str]
"""Person id, name and credentials, as the signatures have them."""


@dataclass(frozen=True)
class Tally:
    """What one line, or all of them, say of who and when.

    Args:
        counts: numbers.
        signers: who signed how many files.
        clocks: what set the time of how many signatures.
        first: the earliest time of a signature (RFC 3339), or empty; `last` the latest.
    """

    counts: Counts = Counts()
    signers: Counter[Signer] = field(default_factory=Counter)
    clocks: Counter[str] = field(default_factory=Counter)
    first: str = ""
    last: str = ""

    def __add__(self, other: Tally) -> Tally:
        firsts = [moment for moment in (self.first, other.first) if moment]
        return Tally(
            self.counts + other.counts,
            self.signers + other.signers,
            self.clocks + other.clocks,
            min(firsts, key=_sortable, default=""),
            max((self.last, other.last), key=_sortable),
        )


def of(line: Line) -> Tally:
    """The tally of a client's line."""
    additions: dict[str, list[SignedFile]] = {}
    for one in line.signed.values():
        if one.block.target:
            additions.setdefault(one.block.target, []).append(one)
    states: Counter[str] = Counter()
    for path in line.files:
        at = place(path) if path.endswith(names.SUFFIX) and path.startswith("notes/") else None
        if at is not None and at.kind == "note":
            states[_state(line.signed.get(path), additions.get(at.id, []))] += 1
    signed = line.signed.values()
    times = sorted((one.block.time for one in signed), key=_sortable)
    counts = Counts(
        commits=len(line.oids),
        signed=states["signed"] + states["cosignature"],
        drafts=states["draft"],
        attested=states["attested"],
        cosignatures=states["cosignature"],
        withdrawn=states["withdrawn"],
        additions=sum(1 for one in signed if one.block.target),
    )
    return Tally(
        counts,
        Counter((one.block.by, one.block.name, one.block.credentials) for one in signed),
        Counter(one.block.clock for one in signed),
        times[0] if times else "",
        times[-1] if times else "",
    )


def _state(signed: SignedFile | None, additions: list[SignedFile]) -> str:
    kinds = {one.block.kind for one in additions}
    if "withdrawal" in kinds:
        return "withdrawn"
    if signed is None:
        return "attested" if "attestation" in kinds else "draft"
    covered = {digest for one in additions if one.block.kind == "cosignature" for digest in one.hashes}
    texts = [signed, *(one for one in additions if one.block.kind in TEXTS)]
    waiting = any(one.block.cosigner and one.sha256 not in covered for one in texts)
    return "cosignature" if waiting else "signed"


def _sortable(moment: str) -> float:
    from vaultcli.record.times import instant

    try:
        return instant(moment)
    except (ValueError, OverflowError):
        return -1
