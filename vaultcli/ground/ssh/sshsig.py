"""SSH signatures (SSHSIG): reading them strictly and checking them in process.

The format is OpenSSH's `PROTOCOL.sshsig`. What this project accepts of it, and where the verdict differs from
`ssh-keygen -Y verify`, is in `docs/spec/signature.md`. This module says whether a signature is good for a key, some
bytes and a namespace; whose key it is, and whether it may sign such a thing, is for the caller to decide.

The mathematics is the `cryptography` library's, imported only when something is verified.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vaultcli.ground.patterns import pattern
from vaultcli.ground.ssh import keytypes as sshkeys
from vaultcli.ground.ssh.keytypes import Details
from vaultcli.ground.ssh.wire import (
    BadSignature,
    Reader,
    frame,
    require,
)

if TYPE_CHECKING:
    import hashlib

__all__ = ["BadSignature", "PublicKey", "Signature", "armor", "parse", "verify"]

BEGIN = "-----BEGIN SSH SIGNATURE-----\n"
END = "-----END SSH SIGNATURE-----\n"
WIDTH = 70
MAGIC = b"SSHSIG"
VERSION = b"\0\0\0\1"
TAIL = 64
"""Bytes of an Ed25519 signature, with which its encoding ends."""
LIMIT = 16_384
"""No signature of an accepted key is longer, in characters of armour (an RSA key of 16,384 bits needs 5,900)."""

HASHES = ("sha256", "sha512")
_NAMESPACE = pattern(rb"[!-~]{1,100}")
_KEY_LINE = pattern(r"([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?: [^\r\n\0]*)?")


@dataclass(frozen=True, eq=False)
class PublicKey:
    """A public key as OpenSSH writes it.

    Args:
        type: the type's name, as `ssh-ed25519`.
        blob: the encoded key, its type's name included. Two keys are equal when their blobs are.
    """

    type: str
    blob: bytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and self.blob == other.blob

    def __hash__(self) -> int:
        return hash(self.blob)

    @classmethod
    def parse(cls, line: str) -> PublicKey:
        """The key of one `TYPE BASE64 [COMMENT]` line, with or without its line end.

        Raises:
            BadSignature: not such a line, not canonical base64, an unsupported type, or a weak or malformed key.
        """
        match = _KEY_LINE.fullmatch(line.removesuffix("\n"))
        if match is None:
            raise BadSignature("key")
        key = key_of(_unbase64(match[2], "key"))
        require(key.type == match[1], "key-type")
        return key

    @property
    def line(self) -> str:
        """`TYPE BASE64`, without comment and line end."""
        return f"{self.type} {binascii.b2a_base64(self.blob, newline=False).decode('ascii')}"

    @property
    def fingerprint(self) -> str:
        """`SHA256:...`, as `ssh-keygen -l` prints it."""
        import hashlib

        digest = binascii.b2a_base64(hashlib.sha256(self.blob).digest(), newline=False)
        return "SHA256:" + digest.decode("ascii").rstrip("=")

    @property
    def is_token(self) -> bool:
        """Whether the private half lives in a FIDO token."""
        return self.type.startswith("sk-")


class Signature(NamedTuple):
    """A signature taken apart; nothing about it is proven until `verify` has returned it.

    Args:
        key: the key that the signature names as its own.
        namespace: what kind of thing was signed, as `note@vaultcli.v1` or `git`.
        hash: `sha512` or `sha256`, over the message.
        algorithm: the signature's algorithm, as `ssh-ed25519` or `rsa-sha2-512`.
        signature: the algorithm's own bytes.
        presence: a token's word that somebody touched it; None for keys that are no tokens.
        verified: a token's word that it checked a PIN or a finger; None for keys that are no tokens.
        counter: the token's signature counter; None for keys that are no tokens.
    """

    key: PublicKey
    namespace: str
    hash: str
    algorithm: str
    signature: bytes
    presence: bool | None = None
    verified: bool | None = None
    counter: int | None = None


def armor(raw: bytes) -> str:
    """The one text form of a raw signature: as `ssh-keygen` writes it, 70 characters a line, LF, one final line end."""
    text = binascii.b2a_base64(raw, newline=False).decode("ascii")
    lines = [text[at : at + WIDTH] for at in range(0, len(text), WIDTH)]
    return "\n".join([BEGIN[:-1], *lines, END])


def dearmor(armored: str | bytes) -> bytes:
    """The raw signature, from exactly the text that `armor` would make of it.

    Raises:
        BadSignature: `armor`, for any other text: CRLF, other wrapping, anything before or behind, a second block.
    """
    text = _ascii(armored)
    require(len(text) <= LIMIT and text.startswith(BEGIN) and text.endswith("\n" + END), "armor")
    try:
        # read leniently: whatever is not the one text of these bytes differs from it
        raw = binascii.a2b_base64(text[len(BEGIN) : -len(END)])
    except (binascii.Error, ValueError):
        raise BadSignature("armor") from None
    require(armor(raw) == text, "armor")
    return raw


def parse(armored: str | bytes) -> Signature:
    """The parts of an armoured signature, every length, name and number in its only accepted form.

    Raises:
        BadSignature: with the `reason` why not.
    """
    return _take_apart(armored)[0]


def verify(armored: str | bytes, message: bytes, namespace: str) -> Signature:
    """The signature, when it is good: made by the key that it names, over these bytes, in this namespace.

    Args:
        armored: the text of a `.sig` file or of a commit's signature header.
        message: the exact bytes that were signed.
        namespace: what kind of thing the caller takes them for.

    Raises:
        BadSignature: with the `reason` why not.
    """
    parsed, details = _take_apart(armored)
    require(parsed.namespace == namespace, "namespace")
    require(parsed.presence is not False, "presence")
    make, head = _covered(namespace, parsed.hash)
    _checker(parsed.key.blob)(details, head + make(message).digest())
    return parsed


@lru_cache(maxsize=64)
def _covered(namespace: str, name: str) -> tuple[Callable[[bytes], hashlib._Hash], bytes]:
    """The hash over a message, and what stands before it in the bytes that SSHSIG signs."""
    import hashlib

    make = {"sha256": hashlib.sha256, "sha512": hashlib.sha512}[name]
    size = make(b"").digest_size
    return make, MAGIC + frame(namespace.encode("ascii"), b"", name.encode("ascii")) + size.to_bytes(4, "big")


def key_of(blob: bytes) -> PublicKey:
    """The key of a blob.

    Raises:
        BadSignature: an unsupported type, or a weak or malformed key.
    """
    return _known(blob)


@lru_cache(maxsize=4096)
def _known(blob: bytes) -> PublicKey:
    return PublicKey(sshkeys.check(blob), blob)


@lru_cache(maxsize=4096)
def _checker(blob: bytes) -> Callable[[Details, bytes], None]:
    return sshkeys.checker(blob)


def _take_apart(armored: str | bytes) -> tuple[Signature, Details]:
    """The parts of a signature. Those by one key for one purpose are all alike but for their last 64 bytes."""
    raw = dearmor(armored)
    known = _by_ed25519(raw[:-TAIL])
    if known is None:
        return _read(raw)
    last = raw[-TAIL:]
    return known[0]._replace(signature=last), known[1]._replace(signature=last)


@lru_cache(maxsize=1024)
def _by_ed25519(front: bytes) -> tuple[Signature, Details] | None:
    """A signature that begins like this and ends with 64 more bytes, if that is one by an Ed25519 key; None for any other.

    Its last value is then those 64 bytes, which are read as they are: whatever they may be, everything else is read alike.
    """
    try:
        found = _read(front + bytes(TAIL))
    except BadSignature:
        return None
    return found if found[0].algorithm == sshkeys.ED25519 and len(found[0].signature) == TAIL else None


def _read(raw: bytes) -> tuple[Signature, Details]:
    outer = Reader(raw)
    require(outer.take(6) == MAGIC and outer.take(4) == VERSION, "magic")
    key = key_of(outer.string())
    namespace = outer.string()
    require(_NAMESPACE.fullmatch(namespace) is not None, "namespace")
    require(outer.string() == b"", "reserved")
    name = outer.string().decode("latin-1")
    require(name in HASHES, "hash")
    details = sshkeys.details(key.type, outer.string())
    outer.end()
    return _signature(key, namespace.decode("ascii"), name, details), details


def _signature(key: PublicKey, namespace: str, name: str, details: Details) -> Signature:
    if details.flags is None:
        return Signature(key, namespace, name, details.algorithm, details.signature)
    return Signature(
        key,
        namespace,
        name,
        details.algorithm,
        details.signature,
        presence=bool(details.flags & 0x01),
        verified=bool(details.flags & 0x04),
        counter=details.counter,
    )


def _ascii(text: str | bytes) -> str:
    require(text.isascii(), "armor")
    return text.decode("ascii") if isinstance(text, bytes) else text


def _unbase64(text: str, reason: str) -> bytes:
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        raise BadSignature(reason) from None
    require(binascii.b2a_base64(raw, newline=False).decode("ascii") == text, reason)
    return raw
