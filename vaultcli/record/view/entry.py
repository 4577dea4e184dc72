"""A note and all that was added to it, as one value: what lists, cards, signing and exports show.

Built from a line and a reader of files; pure. A note's state follows from what is signed, never from a flag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from vaultcli.record.history import session
from vaultcli.record.history.line import Line, Recorded, SignedFile
from vaultcli.record.notes import attachment, names
from vaultcli.record.notes.attachment import Attachment
from vaultcli.record.notes.names import NoteName

UNRECORDED = "unrecorded"
DRAFT = "draft"
SIGNED = "signed"
NEEDS_COSIGNATURE = "needs co-signature"
COSIGNED = "co-signed"
ATTESTED = "attested"
WITHDRAWN = "withdrawn"
STATES = (UNRECORDED, DRAFT, SIGNED, NEEDS_COSIGNATURE, COSIGNED, ATTESTED, WITHDRAWN)

TEXTS = ("note", "correction", "addendum", "late-entry")
"""The kinds of signed file whose words are part of the record and which a co-signature covers."""

Read = Callable[[str], bytes]
"""A file's bytes by its path on the line."""


@dataclass(frozen=True)
class Addition:
    """One signed addition with its bytes."""

    file: SignedFile
    raw: bytes

    @property
    def kind(self) -> str:
        """correction, addendum, late-entry, cosignature, withdrawal or attestation."""
        return self.file.block.kind


@dataclass(frozen=True)
class Entry:
    """A note and what was added to it.

    Args:
        client: the client's id.
        name: the note's name.
        raw: the note's bytes: as signed; of a draft, as it stands in the working folder.
        recorded: the first recording, or None where there was none yet.
        signed: what the author's signature covers, or None.
        additions: in the order of the chain.
        edited: whether the working file differs from what is recorded.
    """

    client: str
    name: NoteName
    raw: bytes
    recorded: Recorded | None
    signed: SignedFile | None
    additions: tuple[Addition, ...] = field(default=())
    edited: bool = False

    @property
    def id(self) -> str:
        """The note's id."""
        return self.name.id

    @property
    def path(self) -> str:
        """The note's path on its line."""
        return f"notes/{self.name.file}"

    @property
    def author(self) -> str:
        """Whoever recorded its first version; empty before that."""
        return self.recorded.by if self.recorded else ""

    @property
    def withdrawal(self) -> Addition | None:
        """The withdrawal, if there is one."""
        return self._last("withdrawal")

    @property
    def attestation(self) -> Addition | None:
        """The author's statement for a missing signature, if there is one."""
        return self._last("attestation")

    @property
    def corrections(self) -> tuple[Addition, ...]:
        """The corrections, oldest first; the last one's text stands."""
        return tuple(one for one in self.additions if one.kind == "correction")

    @property
    def text(self) -> bytes:
        """The text that stands: of the last correction, else of the note."""
        return self.corrections[-1].raw if self.corrections else self.raw

    @property
    def attachment(self) -> Attachment | None:
        """What the note describes, if it is an attachment's descriptor: the bytes as signed, the words as corrected."""
        said = attachment.read(self.raw) if self.name.type == attachment.TYPE else None
        return attachment.corrected(said, self.text) if said is not None and self.corrections else said

    def uncovered(self) -> list[SignedFile]:
        """The signed texts that name a co-signer and that no co-signature covers yet."""
        covered = {digest for one in self.additions if one.kind == "cosignature" for digest in one.file.hashes}
        texts = [self.signed] if self.signed else []
        texts += [one.file for one in self.additions if one.kind in TEXTS]
        return [one for one in texts if one.block.cosigner and one.sha256 not in covered]

    @property
    def state(self) -> str:
        """One of `STATES`."""
        if self.withdrawal is not None:
            return WITHDRAWN
        if self.signed is None:
            if self.attestation is not None:
                return ATTESTED
            return DRAFT if self.recorded else UNRECORDED
        if self.uncovered():
            return NEEDS_COSIGNATURE
        return COSIGNED if self._last("cosignature") else SIGNED

    @property
    def open(self) -> bool:
        """Whether the author still has to finish it."""
        return self.state in (UNRECORDED, DRAFT)

    def _last(self, kind: str) -> Addition | None:
        return next((one for one in reversed(self.additions) if one.kind == kind), None)


def entries(line: Line, read: Read, working: Iterable[str] = (), look: Read | None = None) -> list[Entry]:
    """Every note of a client, by the date in its name, then by when it was first recorded.

    Args:
        line: the client's line at its head.
        read: a file's bytes as recorded.
        working: paths of notes in the working folder that differ from what is recorded, or are not recorded.
        look: a file's bytes in the working folder; needed where `working` is not empty.
    """
    differing = {path for path in working if isinstance(names.parse(path), NoteName)}
    there = line.files.keys() | line.signed.keys()
    paths = {path for path in there if isinstance(names.parse(path), NoteName)} | differing
    found = []
    for path in paths:
        name = names.parse(path)
        assert isinstance(name, NoteName)
        signed = line.signed.get(path)
        edited = path in differing and signed is None
        raw = look(path) if edited and look is not None else read(path)
        if signed is not None:
            signed = _told(signed, raw, line)
        additions = tuple(Addition(_told(one, b"", line), read(one.path)) for one in line.additions(name.stem))
        found.append(Entry(line.client, name, raw, line.recorded.get(path), signed, additions, edited))
    return sorted(found, key=lambda one: (one.name.date, one.recorded.time if one.recorded else "~", one.id))


def _told(one: SignedFile, raw: bytes, line: Line) -> SignedFile:
    """A signed file as readers tell of it: recorded when history says and as late as its times are, whatever its block claims."""
    said, first = one.block, line.recorded.get(one.path)
    late = session.hours(raw, said.time) if said.kind == "note" else None
    return one._replace(block=said._replace(recorded=first.time if first else said.time, lateness=late))
