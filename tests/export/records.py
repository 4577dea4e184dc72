"""A small record made of values alone, for the exports that are made of it: every id, time and text is fixed."""

from __future__ import annotations

import hashlib

from vaultcli.export.source import Source, Verdict
from vaultcli.ground import frontmatter
from vaultcli.record.history.line import Recorded, SignedFile
from vaultcli.record.notes import client, names
from vaultcli.record.notes.block import Block
from vaultcli.record.notes.names import AdditionName, NoteName
from vaultcli.record.practice.practice import Person, Practice
from vaultcli.record.view.entry import Addition, Entry

CLIENT = "4r0q2m8wkc4xe9r7"
GENESIS = "sha256:" + "0" * 64
LEE = Person("lee-example", "Lee Example", "PhD", ("clinician",), "2026-11-20")
ADA = client.parse(f"---\nname: Ada Example\nhandle: ada\nid: {CLIENT}\n---\n".encode())


def text(id_: str, time: str = "14:00-14:53", *, extra: str = "", words: str = "Sleeps five hours a night.") -> bytes:
    """A note as its author wrote it."""
    head = f"format: dap\ndate: 2026-11-22\ntime: {time}\nplace: office\ncpt: 90834\ndiagnoses: [F33.1, F41.1]\n"
    return f"---\n{head}{extra}id: {id_}\n---\n\n## Data\n\n{words}\n".encode()


def entry(
    raw: bytes, id_: str, *added: Addition, kind: str = "progress", signed: bool = True, number: int = 1, by: str = "lee-example",
    cosigner: str = "",
) -> Entry:  # fmt: skip
    """A note; signed ones with the block in their bytes."""
    name = NoteName("2026-11-22", kind, id_)
    file = None
    if signed:
        raw, file = _sign(raw, f"notes/{name.file}", "note", id_, "", number, by, cosigner)
    return Entry(CLIENT, name, raw, Recorded(by, "2026-11-22T15:02:00-05:00", "1" * 64), file, added)


def addition(kind: str, id_: str, to: str, raw: bytes, number: int, *, reason: str = "", by: str = "lee-example") -> Addition:
    """Something signed that was added to the note with the id `to`."""
    name = AdditionName(NoteName("2026-11-22", "progress", to), kind, id_)
    made, file = _sign(raw, f"notes/{name.file}", kind, id_, to, number, by, "", reason)
    return Addition(file, made)


def _sign(
    raw: bytes, path: str, kind: str, id_: str, target: str, number: int, by: str, cosigner: str, reason: str = ""
) -> tuple[bytes, SignedFile]:
    meaning = {"cosignature": "cosigner"}.get(kind, "author")
    block = Block(
        kind, id_, target, f"client/{CLIENT}", GENESIS, by, LEE.name if by == LEE.id else "Sam Trainee", "PhD", meaning, cosigner,
        "2026-11-22T17:05:12-05:00", "system", 2 if kind == "note" else None, "2026-11-22T15:02:00-05:00", "vaultcli 0.1.0",
        number, (),
    )  # fmt: skip
    made = frontmatter.insert_block(raw, block.lines())
    assert names.parse(path) is not None
    return made, SignedFile(path, hashlib.sha256(made).hexdigest(), block, "SHA256:x", "2" * 64, (), reason)


def source(*entries: Entry, drafts: bool = False) -> Source:
    """A record to be exported."""
    practice = Practice("k3v9k3v9k3v9k3v9", "Riverside Counseling", (LEE,))
    verdict = Verdict("Lee Example", "by their own clocks", "yes")
    made = "2026-11-23T15:00:00-05:00"
    return Source(ADA, practice, entries, {}, verdict, GENESIS, GENESIS, "", made, "vaultcli 0.1.0", drafts)


def small() -> Source:
    """One note of every kind that an export tells apart."""
    one, two, three, four, five, six = (f"{n}n5tq2m8wkc4xe9r" for n in range(1, 7))
    why = f'corrects: {"3" * 64}\nreason: "misheard: four"\n'
    corrected = text(two, "15:00-15:53", extra=why, words="Sleeps four hours.")
    adds = f"---\nadds-to: {'4' * 64}\nid: 9n5tq2m8wkc4xe9r\n---\n\nRang at noon.\n".encode()
    gone = f"---\nwithdraws: {'5' * 64}\nreason: wrong-client\nid: an5tq2m8wkc4xe9r\n---\n".encode()
    call = b"---\ntype: contact\ndate: 2026-11-22\nid: cn5tq2m8wkc4xe9r\n---\nRang.\n"
    rows = (
        'type: attachment\ndate: 2026-11-22\nkind: consent\nfile: "Consent.pdf"\nmedia-type: application/pdf\nbytes: 1200\n'
        f"sha256: {'6' * 64}\nstored: attachments/dn5tq2m8wkc4xe9r.pdf\nid: dn5tq2m8wkc4xe9r\n"
    )
    file = f"---\n{rows}---\n".encode()
    return source(
        entry(text(one, extra="participants: [=cmd(), partner]\nx-room: 0012\n"), one),
        entry(
            text(two, "15:00-15:53"),
            two,
            addition("correction", "8n5tq2m8wkc4xe9r", two, corrected, 3, reason='"misheard: four"'),
            addition("addendum", "9n5tq2m8wkc4xe9r", two, adds, 4),
            number=2,
        ),
        entry(
            text(three, "16:00-16:53", words="Somebody else's words."),
            three,
            addition("withdrawal", "an5tq2m8wkc4xe9r", three, gone, 6, reason="wrong-client"),
            number=5,
        ),
        entry(text(four, "17:00-17:53"), four, number=7, by="sam-trainee", cosigner="lee-example"),
        entry(text(five, "", words="No call.").replace(b"cpt: 90834\n", b"type: no-show\n"), five, kind="no-show", number=8),
        entry(text(six, "23:30-00:20 America/New_York", words="A draft."), six, signed=False),
        entry(b"---\nformat: [dap\n---\nHalf a thought.\n", "bn5tq2m8wkc4xe9r", signed=False),
        entry(call, "cn5tq2m8wkc4xe9r", kind="contact", number=9),
        entry(file, "dn5tq2m8wkc4xe9r", kind="attachment", number=10),
        drafts=True,
    )
