"""An attachment: a file that came from elsewhere, kept byte for byte, and the signed note that describes it.

    notes/2026-11-22-attachment-7n5tq2m8wkc4xe9r.md (.sig)      the descriptor, a note of type `attachment`
    attachments/7n5tq2m8wkc4xe9r.pdf                            the bytes

Format: `docs/spec/attachment.md`, version 1. Pure; reading a descriptor needs no YAML.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace

from vaultcli.ground import ids
from vaultcli.ground.patterns import pattern
from vaultcli.record.notes import block, names

TYPE = "attachment"
"""The type of a descriptor, in its name and in its front matter."""
FOLDER = "attachments"
LIMIT = 25_000_000
"""Bytes from which a file is too large: 25 MB, decimal."""
LONGEST = 255
"""The most characters of a file's name that are recorded."""

_NEVER = ("md", "sig")
"""Endings that mean something else in a record."""
_ENDING = r"[a-z0-9]{1,8}"
_PATH = pattern(rf"{FOLDER}/({ids.PATTERN})\.({_ENDING})", re.ASCII)
_WORD = r"[a-z]+(?:-[a-z]+)*"
_MEDIA = r"[a-z0-9]+/[a-z0-9][a-z0-9.+-]{0,99}"
_FORM = pattern(
    rf"type: {TYPE}\n"
    r"date: (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})\n"
    rf"kind: (?P<kind>{_WORD})\n"
    r'file: (?P<file>"(?:[^"\\\x00-\x1f\x7f]|\\["\\])+")\n'
    rf"media-type: (?P<media>{_MEDIA})\n"
    r"bytes: (?P<bytes>[1-9][0-9]{0,7})\n"
    r"sha256: (?P<sha256>[0-9a-f]{64})\n"
    rf"stored: (?P<stored>{FOLDER}/(?P<own>{ids.PATTERN})\.{_ENDING})\n"
    r"id: (?P=own)\n"
)
_FIXED = ("type", "bytes", "sha256", "stored")
"""Lines that no correction changes: they say which bytes are meant."""


@dataclass(frozen=True)
class Attachment:
    """What a descriptor says of the bytes that it describes.

    Args:
        path: where they are on the line, `attachments/ID.ENDING`.
        name: what the file was called where it came from, on one line.
        kind: what it is, `consent`.
        media_type: what its first bytes look like, `application/pdf`; a help to programs, proof of nothing.
        size: in bytes.
        sha256: of the bytes, as `sha256sum` prints it.
        date: the day that the descriptor names.
    """

    path: str
    name: str
    kind: str
    media_type: str
    size: int
    sha256: str
    date: str

    @property
    def id(self) -> str:
        """The descriptor's id."""
        return self.path.partition("/")[2].partition(".")[0]

    @property
    def ending(self) -> str:
        """The ending of the file's name in the record."""
        return self.path.rpartition(".")[2]

    @property
    def released_as(self) -> str:
        """Its name in an export: `2026-11-22-consent-ID.pdf`; nothing of the name that it came with."""
        return f"{self.date}-{self.kind}-{self.id}.{self.ending}"


def id_of(path: str) -> str:
    """The id in the path of an attachment's bytes; empty for every other path."""
    found = _PATH.fullmatch(path)
    return found[1] if found is not None and found[2] not in _NEVER else ""


_IN_NAME = f"-{TYPE}-"


def describes(path: str) -> bool:
    """Whether a path is that of a descriptor."""
    if _IN_NAME not in path:
        return False
    folder, _, file = path.partition("/")
    name = names.parse(file) if folder == "notes" and "/" not in file else None
    return isinstance(name, names.NoteName) and name.type == TYPE


def render(said: Attachment, remark: str = "") -> bytes:
    """A descriptor, not signed yet.

    Args:
        said: what it describes.
        remark: its text; may be empty.
    """
    lines = [
        f"type: {TYPE}",
        f"date: {said.date}",
        f"kind: {said.kind}",
        f"file: {json.dumps(said.name, ensure_ascii=False)}",
        f"media-type: {said.media_type}",
        f"bytes: {said.size}",
        f"sha256: {said.sha256}",
        f"stored: {said.path}",
        f"id: {said.id}",
    ]
    text = remark.strip()
    return ("\n".join(["---", *lines, "---"]) + "\n" + (f"\n{text}\n" if text else "")).encode()


def read(raw: bytes) -> Attachment | None:
    """What a descriptor says, signed or not; None where its lines are not in the one form."""
    span = block.front(raw)
    if span is None:
        return None
    signed = block.find(raw)
    try:
        found = _FORM.fullmatch(raw[span[0] : signed[0] if signed else span[1]].decode("utf-8"))
    except UnicodeDecodeError:
        return None
    if found is None or not id_of(found["stored"]) or not names.is_date(found["date"]):
        return None
    if len(found["kind"]) > names.MAX_TYPE or int(found["bytes"]) >= LIMIT:
        return None
    said = found.groupdict()
    return Attachment(
        said["stored"], str(json.loads(said["file"])), said["kind"], said["media"], int(said["bytes"]), said["sha256"],
        said["date"],
    )  # fmt: skip


def corrected(said: Attachment, text: bytes) -> Attachment:
    """The same after a correction: day, kind, name and media type may have been put right, the bytes are what they are."""
    from vaultcli.ground import frontmatter
    from vaultcli.ground.errors import BadInput

    try:
        front = frontmatter.parse(text, said.path)
    except BadInput:
        return said
    day, kind, name, media = (front.text(key) for key in ("date", "kind", "file", "media-type"))
    return replace(
        said,
        date=day if names.is_date(day) else said.date,
        kind=kind if names.is_type(kind) else said.kind,
        name=safe_name(name) if name else said.name,
        media_type=media if re.fullmatch(_MEDIA, media) else said.media_type,
    )


def keeps_the_bytes(note: bytes, correction: bytes) -> bool:
    """Whether a correction of a descriptor speaks of the same bytes as the descriptor."""
    was, now = _fixed(note), _fixed(correction)
    return now is not None and was == now


def _fixed(raw: bytes) -> dict[str, bytes] | None:
    """The lines that say which bytes are meant; None where one is missing, stands twice, or is written in another way."""
    span = block.front(raw)
    rows: dict[str, bytes] = {}
    for line in raw[span[0] : span[1]].split(b"\n") if span is not None else ():
        name, _, value = line.partition(b":")
        key = name.strip(b" \t\r\"'?").decode("latin-1") if name[:1] not in (b" ", b"\t") else ""
        if key in _FIXED:
            if key in rows or name != key.encode("latin-1"):
                return None
            rows[key] = value.strip(b" \t\r")
    return rows if set(rows) == set(_FIXED) else None


def safe_name(name: str) -> str:
    """A file's name as it can stand on one line: what no reader shows is an underscore, and what is very long is cut."""
    shown = "".join("_" if unicodedata.category(letter) in _UNSHOWN else letter for letter in name)
    return shown.strip()[:LONGEST].strip() or "_"


_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Controls, marks that turn the direction of reading, halves of characters, private ones, ends of lines."""
