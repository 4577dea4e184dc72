"""Making the signed bytes: the author's text with the `signed:` block as the last lines of its front matter.

Pure. The text without the block is the author's, byte for byte. Format: `docs/spec/signed-file.md`, version 1.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.record.history.line import Line
from vaultcli.record.history.session import zone_of
from vaultcli.record.notes import block
from vaultcli.record.notes.block import Block
from vaultcli.record.notes.note import Note
from vaultcli.record.practice.practice import Person


@dataclass(frozen=True)
class Signing:
    """What is the same for every file that one command signs.

    Args:
        genesis: the vault's first commit, `sha256:HEX`.
        signer: who signs.
        now: the time of signing, with its zone.
        clock: what set it: `system`.
        tool: name and version.
    """

    genesis: str
    signer: Person
    now: datetime
    clock: str
    tool: str


@dataclass(frozen=True)
class Unsigned:
    """One file to be signed.

    Args:
        path: `notes/NAME.md` or `exceptions/ID.md`.
        kind, id, target: what it is, its own id, and the note that an addition belongs to.
        raw: the author's bytes, without a block.
        meaning: in what capacity it is signed.
        recorded: the first recording (RFC 3339), or empty where this is the first.
    """

    path: str
    kind: str
    id: str
    target: str
    raw: bytes
    meaning: str
    recorded: str = ""


def stamp(files: list[Unsigned], signing: Signing, line: Line) -> list[tuple[Unsigned, Block, bytes]]:
    """Each file with its block, in one chain after the newest signed file of the line.

    Raises:
        BadInput: a file has no front matter, or a `signed:` field already.
    """
    number, newest = line.number, line.newest
    done = []
    for one in files:
        number += 1
        moment = signing.now.isoformat(timespec="seconds")
        cosigner = signing.signer.supervisor if signing.signer.needs_cosignature and one.kind in _TEXTS else ""
        made = Block(
            kind=one.kind,
            id=one.id,
            target=one.target,
            line=line.branch,
            genesis=signing.genesis,
            by=signing.signer.id,
            name=signing.signer.name,
            credentials=signing.signer.credentials,
            meaning=one.meaning,
            cosigner=cosigner,
            time=moment,
            clock=signing.clock,
            lateness=_lateness(one, signing.now),
            recorded=one.recorded or moment,
            tool=signing.tool,
            number=number,
            follows=(newest,) if newest else (),
        )
        signed = _insert(one, made)
        newest = hashlib.sha256(signed).hexdigest()
        done.append((one, made, signed))
    return done


_TEXTS = ("note", "correction", "addendum", "late-entry")


def _insert(one: Unsigned, made: Block) -> bytes:
    if "signed" in frontmatter.parse(one.raw, one.path):
        raise BadInput(f"{one.path}: has a field `signed` of its own", hint="take it out; signing writes it")
    signed = frontmatter.insert_block(one.raw, made.lines(), one.path)
    if block.parse(signed) != made or block.without(signed) != one.raw:
        raise BadInput(f"{one.path}: the signed block cannot be put into this front matter", hint="see docs/spec/note.md")
    return signed


def _lateness(one: Unsigned, now: datetime) -> int | None:
    """Whole hours from the session's end to the signature, rounded down; None without a session's time."""
    if one.kind != "note":
        return None
    ended = session_end(Note.parse(one.raw, one.path), now.tzinfo)
    return None if ended is None else int((now - ended).total_seconds() // 3600)


def session_end(note: Note, zone: tzinfo | None) -> datetime | None:
    """When the session of a note ended, in the zone that the note names or else in the given one; None without a time."""
    if not note.date or not note.end:
        return None
    try:
        day = datetime.fromisoformat(f"{note.date}T{note.end}") + timedelta(days=1 if note.crosses_midnight else 0)
    except OverflowError:
        return None
    return day.replace(tzinfo=zone_of(note.zone) or zone)
