"""`header.toml`: what a sealed file is, where it belongs, and the SHA-256 of what it holds; `sealed-file.md`, rules 3 to 8."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from vaultcli.ground import ids
from vaultcli.ground.age import ustar
from vaultcli.ground.age.ustar import Member
from vaultcli.ground.errors import BadInput
from vaultcli.record.sealed import toml
from vaultcli.record.times import is_moment

NAME = "header.toml"
SIGNATURE = "header.toml.sig"
NAMESPACE = "sealed@vaultcli.v1"
VERSION = "vaultcli-sealed"
NOTE, ADDITION, ATTACHMENT, LOG = "note", "addition", "attachment", "log"
NOTE_FILE, CONTENT_FILE, LOG_FILE = "note.md", "content", "log.jsonl"
FILES = {
    NOTE: (NOTE_FILE,),
    ADDITION: (NOTE_FILE,),
    ATTACHMENT: (NOTE_FILE, CONTENT_FILE),
    LOG: (LOG_FILE,),
}
"""The files of each kind, in order."""
LIMITS = {NOTE_FILE: 1 << 20, CONTENT_FILE: 25_000_000, LOG_FILE: 1 << 20}
_HASH = re.compile(r"[0-9a-f]{64}")
_MACHINE = re.compile(rf"m[{ids.ALPHABET}]{{8}}")


@dataclass(frozen=True)
class File:
    """One file that a header lists.

    Args:
        name: in the archive.
        size: in bytes.
        sha256: of its bytes.
        title: the name that the user's file had; attachments only.
    """

    name: str
    size: int
    sha256: str
    title: str = ""


@dataclass(frozen=True)
class Header:
    """What a sealed file says of itself.

    Args:
        vault: the psychotherapy vault's random id.
        token: the drawer.
        id: the file's id.
        kind: `note`, `addition`, `attachment` or `log`.
        to: the note that an addition or attachment belongs to.
        number: of a piece of the access log; 0 otherwise.
        generation: of the drawer's identity that it was sealed to.
        previous: SHA-256 of the headers that this version replaces, or, in a log, of the one before.
        by: the originator, name and credentials; empty where unsigned.
        machine: principal of the key that signed; empty where unsigned.
        written: RFC 3339.
        files: what else is in the archive.
    """

    vault: str
    token: str
    id: str
    kind: str
    generation: int
    written: str
    by: str = ""
    machine: str = ""
    to: str = ""
    number: int = 0
    previous: tuple[str, ...] = ()
    files: tuple[File, ...] = ()

    @property
    def raw(self) -> bytes:
        """The canonical bytes."""
        top: dict[str, toml.Value] = {VERSION: 1, "vault": self.vault, "token": self.token, "id": self.id, "kind": self.kind}
        top |= {"to": self.to} if self.to else {}
        top |= {"number": self.number} if self.number else {}
        top |= {"generation": self.generation, "previous": list(self.previous)}
        top |= {"by": self.by, "machine": self.machine, "written": self.written}
        rows: list[dict[str, toml.Value]] = []
        for file in self.files:
            row: dict[str, toml.Value] = {"name": file.name, "bytes": file.size, "sha256": file.sha256}
            rows.append(row | ({"title": file.title} if file.title else {}))
        return toml.render(top, "file", rows).encode()

    @property
    def sha256(self) -> str:
        """By which later versions and strangers know this one."""
        return hashlib.sha256(self.raw).hexdigest()


def file(name: str, data: bytes, title: str = "") -> File:
    """The entry of a file.

    Raises:
        BadInput: it is too long.
    """
    if len(data) > LIMITS[name]:
        raise BadInput(f"{name} is {len(data):,} bytes long, of at most {LIMITS[name]:,}")
    return File(name, len(data), hashlib.sha256(data).hexdigest(), title)


def parse(raw: bytes) -> Header:
    """Read a header; only the canonical form is accepted.

    Raises:
        BadInput: it is none.
    """
    data = toml.read(toml.decoded(raw, NAME), NAME, VERSION, "file")
    try:
        found = _header(data)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{NAME}: {type(error).__name__} at {error}") from None
    if found.raw != raw:
        raise BadInput(f"{NAME}: not in its one form")
    return found


def _header(data: dict[str, Any]) -> Header:
    rows = data.get("file", [])
    files = tuple(File(row["name"], row["bytes"], row["sha256"], row.get("title", "")) for row in rows)
    found = Header(
        vault=data["vault"],
        token=data["token"],
        id=data["id"],
        kind=data["kind"],
        to=data.get("to", ""),
        number=data.get("number", 0),
        generation=data["generation"],
        previous=tuple(data["previous"]),
        by=data["by"],
        machine=data["machine"],
        written=data["written"],
        files=files,
    )
    for name, good in (
        ("id", all(map(ids.is_id, (found.vault, found.token, found.id)))),
        ("kind", tuple(one.name for one in files) == FILES.get(found.kind)),
        ("to", ids.is_id(found.to) if found.kind in (ADDITION, ATTACHMENT) else found.to == ""),
        ("number", found.number >= 1 if found.kind == LOG else found.number == 0),
        ("generation", type(found.generation) is int and found.generation >= 1),
        ("previous", len(found.previous) <= 2 and all(map(_HASH.fullmatch, found.previous))),
        ("machine", not found.machine or _MACHINE.fullmatch(found.machine) is not None),
        ("written", is_moment(found.written)),
        ("file", all(type(one.size) is int and _HASH.fullmatch(one.sha256) for one in files)),
    ):
        if not good:
            raise ValueError(name)
    return found


@dataclass(frozen=True)
class Contents:
    """A sealed file, opened.

    Args:
        header: what it says.
        signature: armour over the header's bytes; empty where unsigned.
        files: name to bytes, as the header lists them.
    """

    header: Header
    signature: str
    files: dict[str, bytes]

    @property
    def text(self) -> bytes:
        """The note, or the remark of an attachment."""
        return self.files.get(NOTE_FILE, b"")


def packed(header: Header, signature: str, files: dict[str, bytes]) -> bytes:
    """The plaintext of a sealed file.

    Raises:
        BadInput: too long, or the files are not those of the header.
    """
    _check(header, files)
    signed = [Member(SIGNATURE, signature.encode())] if signature else []
    return ustar.pack([Member(NAME, header.raw), *signed, *(Member(one.name, files[one.name]) for one in header.files)])


def unpacked(raw: bytes) -> Contents:
    """A sealed file's plaintext, read and compared with its header; place and signature are for the caller to judge.

    Raises:
        BadInput: it is not one in the canonical form.
    """
    members = ustar.unpack(raw)
    if members[0].name != NAME:
        raise BadInput("a sealed file begins with its header")
    header = parse(members[0].data)
    rest = members[1:]
    signature = ""
    if rest and rest[0].name == SIGNATURE:
        signature, rest = toml.decoded(rest[0].data, SIGNATURE), rest[1:]
    if bool(signature) != bool(header.machine):
        raise BadInput("a sealed file is signed by the machine that it names, or by none")
    files = {one.name: one.data for one in rest}
    if [one.name for one in rest] != [one.name for one in header.files]:
        raise BadInput("a sealed file holds other files than its header lists")
    _check(header, files)
    return Contents(header, signature, files)


def _check(header: Header, files: dict[str, bytes]) -> None:
    for one in header.files:
        if file(one.name, files[one.name], one.title) != one:
            raise BadInput(f"{one.name} is not the file that the header lists")
