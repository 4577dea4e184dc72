"""What an age file says of itself before anything is opened: its stanzas, and how long its plaintext is.

Reads version 1 of the format (C2SP `age.md`), strictly, so that a hostile header is refused before it costs time: a passphrase
stanza names its own work factor, and 2^23 takes 8 GiB of memory.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from vaultcli.ground.errors import BadInput

MAGIC = b"age-encryption.org/v1\n"
ARMOUR = b"-----BEGIN AGE ENCRYPTED FILE-----"
LIMIT = 16 * 1024
"""No header is longer."""
WORK_FACTOR = 20
"""The greatest work factor that is honoured: 2^20 rounds are 1 GiB and some seconds."""
X25519 = "X25519"
SCRYPT = "scrypt"
_ARGUMENT = re.compile(rb"[\x21-\x7e]+")
_BODY = re.compile(rb"[A-Za-z0-9+/]{0,64}")
_MAC = re.compile(rb"--- ([A-Za-z0-9+/]{43})")
_NONCE, _CHUNK, _TAG = 16, 64 * 1024, 16
_COLUMNS = 64


@dataclass(frozen=True)
class Stanza:
    """One recipient of an age file.

    Args:
        type: `X25519`, `scrypt`, `ssh-ed25519`, ...
        arguments: what follows it on its line.
        body: the wrapped key.
    """

    type: str
    arguments: tuple[str, ...]
    body: bytes

    @property
    def grease(self) -> bool:
        """Whether it stands there only so that readers keep ignoring what they do not know."""
        return self.type.endswith("-grease")


@dataclass(frozen=True)
class Header:
    """The header of an age file.

    Args:
        stanzas: in their order.
        length: of the header, bytes.
        payload: length of what follows it, bytes.
    """

    stanzas: tuple[Stanza, ...]
    length: int
    payload: int

    @property
    def recipients(self) -> tuple[Stanza, ...]:
        """The stanzas that are meant."""
        return tuple(one for one in self.stanzas if not one.grease)

    @property
    def plaintext(self) -> int:
        """How many bytes are sealed; every chunk but the last is full.

        Raises:
            BadInput: no age file has a payload of this length.
        """
        rest = self.payload - _NONCE
        full, last = divmod(rest, _CHUNK + _TAG)
        if rest < _TAG or (last and last < _TAG) or (last == _TAG and full):
            raise BadInput("the age file is cut short")
        return rest - (full + bool(last)) * _TAG


def read(raw: bytes) -> Header:
    """The header of a binary age file, or of the binary within an armoured one.

    Raises:
        BadInput: it is not one, or asks for more than `WORK_FACTOR`.
    """
    if raw.lstrip(b" \t\r\n").startswith(ARMOUR):
        raw = _binary(raw)
    if not raw.startswith(MAGIC):
        raise BadInput("not an age file of version 1")
    end = raw.find(b"\n--- ", 0, LIMIT)
    close = raw.find(b"\n", end + 1, LIMIT + 64) if end >= 0 else -1
    if close < 0 or not _MAC.fullmatch(raw[end + 1 : close]) or not _canonical(raw[end + 5 : close]):
        raise BadInput("the header of the age file is cut short or too long")
    stanzas = _stanzas(raw[len(MAGIC) : end].split(b"\n") if end >= len(MAGIC) else [])
    header = Header(stanzas, close + 1, len(raw) - close - 1)
    _check(header)
    return header


def _stanzas(lines: list[bytes]) -> tuple[Stanza, ...]:
    found, at = [], 0
    while at < len(lines):
        if not lines[at].startswith(b"-> "):
            raise BadInput("the header of the age file is malformed")
        words = lines[at][3:].split(b" ")
        if not all(map(_ARGUMENT.fullmatch, words)):
            raise BadInput("the header of the age file is malformed")
        at, body = _body(lines, at + 1)
        found.append(Stanza(words[0].decode("ascii"), tuple(word.decode("ascii") for word in words[1:]), body))
    if not found:
        raise BadInput("the age file is for nobody")
    return tuple(found)


def _body(lines: list[bytes], at: int) -> tuple[int, bytes]:
    """A stanza's body ends with the first line that is shorter than 64 characters."""
    text = b""
    while at < len(lines):
        line = lines[at]
        if not _BODY.fullmatch(line):
            break
        text, at = text + line, at + 1
        if len(line) < _COLUMNS:
            if not _canonical(text):
                break
            return at, base64.b64decode(text + b"=" * (-len(text) % 4))
    raise BadInput("the header of the age file is malformed")


def _canonical(text: bytes) -> bool:
    """Whether it is base64 without padding in its one form."""
    try:
        raw = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return False
    return base64.b64encode(raw).rstrip(b"=") == text


def _check(header: Header) -> None:
    for stanza in header.stanzas:
        if stanza.type != SCRYPT:
            continue
        factor = stanza.arguments[1] if len(stanza.arguments) == 2 else ""
        if not re.fullmatch(r"[1-9][0-9]?", factor) or len(header.stanzas) > 1:
            raise BadInput("the header of the age file is malformed")
        if int(factor) > WORK_FACTOR:
            raise BadInput(f"the age file asks for a work factor of {factor}; more than {WORK_FACTOR} is refused")


def _binary(raw: bytes) -> bytes:
    """What an armoured file holds, only to look at its header; age itself reads the armour strictly."""
    inner = raw.partition(ARMOUR)[2].partition(b"-----END")[0]
    try:
        return base64.b64decode(b"".join(inner.split()), validate=True)
    except binascii.Error:
        raise BadInput("the armour of the age file is malformed") from None
