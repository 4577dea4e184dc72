"""SSH signatures (SSHSIG): reading them strictly and checking them in process.

The format is OpenSSH's `PROTOCOL.sshsig`. What this project accepts of it, and where the verdict differs from
`ssh-keygen -Y verify`, is in `docs/spec/signature.md`. This module says whether a signature is good for a key, some
bytes and a namespace; whose key it is, and whether it may sign such a thing, is for the caller to decide.

The mathematics is the `cryptography` library's, imported only when something is verified.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from vaultcli.ground import sshkeys
from vaultcli.ground.sshkeys import Details
from vaultcli.ground.sshwire import BadSignature, Reader, frame, require

__all__ = ["BadSignature", "PublicKey", "Signature", "armor", "parse", "verify"]

BEGIN = "-----BEGIN SSH SIGNATURE-----\n"
END = "-----END SSH SIGNATURE-----\n"
WIDTH = 70
MAGIC = b"SSHSIG"
VERSION = b"\0\0\0\1"
LIMIT = 16_384
"""No signature of an accepted key is longer, in characters of armour (an RSA key of 16,384 bits needs 5,900)."""

HASHES = ("sha256", "sha512")
_NAMESPACE = re.compile(rb"[!-~]{1,100}")
_KEY_LINE = re.compile(r"([a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?: [^\r\n\0]*)?")


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


@dataclass(frozen=True)
class Signature:
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
    lines = "".join(f"{text[at : at + WIDTH]}\n" for at in range(0, len(text), WIDTH))
    return f"{BEGIN}{lines}{END}"


def dearmor(armored: str | bytes) -> bytes:
    """The raw signature, from exactly the text that `armor` would make of it.

    Raises:
        BadSignature: `armor`, for any other text: CRLF, other wrapping, anything before or behind, a second block.
    """
    text = _ascii(armored)
    require(len(text) <= LIMIT and text.startswith(BEGIN) and text.endswith("\n" + END), "armor")
    raw = _unbase64(text[len(BEGIN) : -len(END)].replace("\n", ""), "armor")
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
    import hashlib

    digest = hashlib.new(parsed.hash, message).digest()
    signed = MAGIC + frame(namespace.encode("ascii"), b"", parsed.hash.encode("ascii"), digest)
    _checker(parsed.key.blob)(details, signed)
    return parsed


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
    outer = Reader(dearmor(armored))
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
    try:
        return text.decode("ascii") if isinstance(text, bytes) else text.encode("ascii").decode("ascii")
    except UnicodeError:
        raise BadSignature("armor") from None


def _unbase64(text: str, reason: str) -> bytes:
    try:
        raw = binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        raise BadSignature(reason) from None
    require(binascii.b2a_base64(raw, newline=False).decode("ascii") == text, reason)
    return raw
