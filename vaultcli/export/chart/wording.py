"""The sentences of an export about signatures and times: exact, and never more than is known."""

from __future__ import annotations

from vaultcli.export.dates import day, moment
from vaultcli.export.document import Statement
from vaultcli.export.prose import direction
from vaultcli.record.history.line import SignedFile
from vaultcli.record.notes.block import Block
from vaultcli.record.practice.practice import Practice
from vaultcli.record.view.entry import Addition
from vaultcli.record.view.lateness import Writing

_CLOCKS = {"system": "the signer's own clock"}
FIRST_TEXT = "It stands under the text as first written: with what is marked struck, and without what is marked inserted."
"""What a signature covers of a note that was corrected later."""


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
    """What a signature rests on: whose clock, when the text was first recorded, which number."""
    said = file.block
    clock = _CLOCKS.get(said.clock, f"a clock that was {said.clock}")
    late = "" if said.lateness is None else f", {_after(said.lateness)}"
    recorded = "" if said.kind == "cosignature" else f" First recorded {moment(said.recorded)}."
    return f"Time by {clock}{late}.{recorded} {number(said)}"


def _after(hours: int) -> str:
    if hours < 0:
        return "before the session ended"
    if hours == 0:
        return "within the hour after the session ended"
    return f"{hours} h after the session ended" if hours < 72 else f"{hours // 24} days after the session ended"


def signature(file: SignedFile, writing: Writing | None = None, *, corrected: bool = False) -> Statement:
    """The line under a text.

    Args:
        file: what was signed.
        writing: when the text was written, where that is to be told.
        corrected: whether corrections stand in the text above.
    """
    said = file.block
    capacity = "" if said.meaning == "author" else f" as {said.meaning}"
    told = [f"Signed electronically by {signer(said)}{capacity}, on {moment(said.time)}."]
    if writing is not None and not writing.late:
        told.append(f"Written {_written(writing)}, signed {day(said.time[:10])}.")
    if corrected:
        told.append(FIRST_TEXT)
    return Statement("signature", " ".join(told), proof(file))


def _written(writing: Writing) -> str:
    first, last = day(writing.begun[:10]), day(writing.done[:10])
    return first if first == last else f"{first} to {last}"


def late_entry(writing: Writing) -> Statement:
    """The line of a text that history first has after the practice's own deadline."""
    after = f"{_period(writing.hours_after)} after {writing.what}"
    if writing.begun_late:
        return Statement("late", f"Late entry: first recorded {moment(writing.begun)}, {after}.")
    done = f"the text that was signed was first recorded {moment(writing.done)}, {after}"
    return Statement("late", f"Late entry: begun {moment(writing.begun)}; {done}.")


def _period(hours: int) -> str:
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"


def addition(what: str, kind: str, file: SignedFile, reason: str = "") -> Statement:
    """The line of an addition: `Addendum signed electronically`, `Correction ...` by whom, when and why."""
    said = file.block
    capacity = "" if said.meaning == "author" else f" as {said.meaning}"
    text = f"{what} by {signer(said)}{capacity}, on {moment(said.time)}."
    if direction.from_right(reason):
        return Statement(kind, f"{text} Reason:", proof(file), reason)
    why = f" Reason: {reason}{'' if reason.endswith(('.', '?', '!')) else '.'}" if reason else ""
    return Statement(kind, text + why, proof(file))


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


def unsigned(attestation: Addition) -> Statement:
    """The line of a note that was never signed and that its author attests."""
    said = attestation.file.block
    return Statement("missing", f"This note was not signed. Its author attested it on {day(said.time[:10])}, as stands below.")


def withdrawal(addition: Addition) -> Statement:
    """The neutral line in the place of a withdrawn note."""
    said = addition.file.block
    text = f"A note of this date was withdrawn by {signer(said)} on {moment(said.time)}. {number(said)}"
    return Statement("withdrawal", text)
