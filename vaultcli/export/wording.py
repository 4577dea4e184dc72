"""The sentences of an export about signatures and times: exact, and never more than is known."""

from __future__ import annotations

from datetime import date, datetime

from vaultcli.export.document import Statement
from vaultcli.record.history.line import SignedFile
from vaultcli.record.notes.block import Block
from vaultcli.record.practice.practice import Practice
from vaultcli.record.view.entry import Addition

_CLOCKS = {"system": "the signer's own clock"}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day(iso: str, *, weekday: bool = False) -> str:
    """A day as people write it, `November 22, 2026`; a text that is no day as it stands."""
    try:
        when = date.fromisoformat(iso)
    except ValueError:
        return iso
    name = f"{_DAYS[when.weekday()]}, " if weekday else ""
    return f"{name}{_MONTHS[when.month - 1]} {when.day}, {when.year}"


def moment(time: str) -> str:
    """An RFC 3339 time as people read it: `November 22, 2026, 17:05:12 -05:00`."""
    when = datetime.fromisoformat(time)
    return f"{day(when.date().isoformat())}, {when:%H:%M:%S} {when.isoformat()[-6:]}"


def number(said: Block) -> str:
    """Where a signed file stands in the chain of the client's signed files."""
    return f"Number {said.number} of the signed files of this record."


def signer(said: Block) -> str:
    """Name and credentials, as they were signed."""
    return f"{said.name}, {said.credentials}" if said.credentials else said.name


def person(practice: Practice, principal: str) -> str:
    """A person's name by their id."""
    found = practice.person(principal)
    return found.name if found else principal


def proof(file: SignedFile) -> str:
    """What a signature rests on: whose clock, when the text was first recorded, which key, which number."""
    said = file.block
    clock = _CLOCKS.get(said.clock, f"a clock that was {said.clock}")
    late = "" if said.lateness is None else f", {_after(said.lateness)}"
    recorded = "" if said.kind == "cosignature" else f" First recorded {moment(said.recorded)}."
    return f"Time by {clock}{late}.{recorded} Key {file.fingerprint}. {number(said)}"


def _after(hours: int) -> str:
    if hours < 0:
        return "before the session ended"
    return f"{hours} h after the session ended" if hours < 72 else f"{hours // 24} days after the session ended"


def signature(file: SignedFile) -> Statement:
    """The line under a note."""
    said = file.block
    capacity = "" if said.meaning == "author" else f" as {said.meaning}"
    return Statement("signature", f"Signed electronically by {signer(said)}{capacity}, on {moment(said.time)}.", proof(file))


def addition(what: str, kind: str, file: SignedFile, reason: str = "") -> Statement:
    """The line that an addition begins with: `Addendum`, `Corrected`, ... by whom, when and why."""
    said = file.block
    why = f" Reason: {reason.removesuffix('.')}." if reason else ""
    return Statement(kind, f"{what} by {signer(said)}, on {moment(said.time)}.{why}", proof(file))


def cosigning(addition: Addition) -> Statement:
    """The line of a co-signature, with how much it covers."""
    said, covered = addition.file.block, len(addition.file.hashes)
    what = "the note" if covered == 1 else f"the note and {covered - 1} addition{'s' if covered > 2 else ''}"
    text = f"Co-signed by {signer(said)}, on {moment(said.time)}, covering {what}."
    return Statement("cosignature", text, proof(addition.file))


def waiting(practice: Practice, said: Block) -> Statement:
    """The line of a text that is not complete without another person's signature."""
    kind = said.kind.replace("-", " ")
    return Statement("missing", f"The {kind} still needs the co-signature of {person(practice, said.cosigner)}.")


def withdrawal(addition: Addition) -> Statement:
    """The neutral line in the place of a withdrawn note."""
    said = addition.file.block
    text = f"A note of this date was withdrawn by {signer(said)} on {moment(said.time)}. {number(said)}"
    return Statement("withdrawal", text)
