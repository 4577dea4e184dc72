"""The sentences of an export about signatures and times: exact, and never more than is known."""

from __future__ import annotations

from datetime import datetime

from vaultcli.export.document import Statement
from vaultcli.record.block import Block
from vaultcli.record.practice import Practice
from vaultcli.record.record import Addition

_CLOCKS = {"system": "the signer's own clock"}


def moment(time: str) -> str:
    """An RFC 3339 time as people read it: `2026-11-22 17:05:12 -05:00`."""
    when = datetime.fromisoformat(time)
    return f"{when:%Y-%m-%d %H:%M:%S} {when:%z}"[:-2] + ":" + f"{when:%z}"[-2:]


def number(said: Block) -> str:
    """Where a signed file stands in the chain of the client's signed files."""
    return f"Signed file {said.number} of this record."


def signer(said: Block) -> str:
    """Name and credentials, as they were signed."""
    return f"{said.name}, {said.credentials}" if said.credentials else said.name


def person(practice: Practice, principal: str) -> str:
    """A person's name by their id."""
    found = practice.person(principal)
    return found.name if found else principal


def signature(said: Block) -> Statement:
    """The line under a note."""
    who = signer(said)
    clock = _CLOCKS.get(said.clock, f"a clock that was {said.clock}")
    late = "" if said.lateness is None else f" {_after(said.lateness)};"
    text = f"Signed by {who} on {moment(said.time)}, by {clock};{late} first recorded {moment(said.recorded)}. {number(said)}"
    return Statement("signature", text)


def _after(hours: int) -> str:
    return "before the session ended" if hours < 0 else f"{hours} h after the session ended"


def cosigning(addition: Addition) -> Statement:
    """The line of a co-signature, with how much it covers."""
    said, covered = addition.file.block, len(addition.file.hashes)
    who = signer(said)
    what = "the note" if covered == 1 else f"the note and {covered - 1} addition{'s' if covered > 2 else ''}"
    return Statement("cosignature", f"Co-signed by {who} on {moment(said.time)}, covering {what}. {number(said)}")


def waiting(practice: Practice, said: Block) -> Statement:
    """The line of a text that is not complete without another person's signature."""
    kind = said.kind.replace("-", " ")
    return Statement("missing", f"The {kind} still needs the co-signature of {person(practice, said.cosigner)}.")


def withdrawal(addition: Addition) -> Statement:
    """The neutral line in the place of a withdrawn note."""
    said = addition.file.block
    who = signer(said)
    return Statement("withdrawal", f"A note of this date was withdrawn by {who} on {moment(said.time)}. {number(said)}")
