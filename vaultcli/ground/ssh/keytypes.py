"""The key types that may sign: how each is encoded, which keys are too weak, and how its signatures are checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from vaultcli.ground.ssh.wire import BadSignature, Reader, require

ED25519 = "ssh-ed25519"
ED25519_SK = "sk-ssh-ed25519@openssh.com"
ECDSA_SK = "sk-ecdsa-sha2-nistp256@openssh.com"
RSA = "ssh-rsa"
CURVES = {"nistp256": 32, "nistp384": 48, "nistp521": 66}
"""Curve name: bytes of a coordinate."""
ALGORITHMS: dict[str, tuple[str, ...]] = {
    ED25519: (ED25519,),
    ED25519_SK: (ED25519_SK,),
    **{f"ecdsa-sha2-{curve}": (f"ecdsa-sha2-{curve}",) for curve in CURVES},
    ECDSA_SK: (ECDSA_SK,),
    RSA: ("rsa-sha2-512", "rsa-sha2-256"),
}
"""Key type: the signature algorithms accepted from it. RSA with SHA-1 (`ssh-rsa`) and web signatures are not."""

RSA_BITS = range(2048, 16_385)
RSA_EXPONENT = 65_537

_SMALL_ORDER = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}
"""Encodings, sign bit cleared, of the Ed25519 points of order 1, 2, 4 and 8: a signature under one fits any message."""


class Details(NamedTuple):
    """What stands inside a signature: its algorithm and bytes, and a token's flags and counter (else None)."""

    algorithm: str
    signature: bytes
    flags: int | None = None
    counter: int | None = None


Checker = Callable[[Details, bytes], None]


def check(blob: bytes) -> str:
    """The type of an encoded public key, all of it well formed and strong enough.

    Raises:
        BadSignature: `key-type`, `truncated`, `trailing`, `mpint`, `point`, `application` or `weak-key`.
    """
    reader = Reader(blob)
    kind = reader.string().decode("latin-1")
    require(kind in ALGORITHMS, "key-type")
    if kind in (ED25519, ED25519_SK):
        _ed25519_point(reader)
    elif kind == RSA:
        _rsa_numbers(reader)
    else:
        _curve_point(reader, kind)
    if kind.startswith("sk-"):
        _application(reader)
    reader.end()
    return kind


def details(kind: str, blob: bytes) -> Details:
    """The inside of a signature by a key of this type.

    Raises:
        BadSignature: `algorithm`, `truncated` or `trailing`.
    """
    reader = Reader(blob)
    algorithm = reader.string().decode("latin-1")
    require(algorithm in ALGORITHMS[kind], "algorithm")
    signature = reader.string()
    flags = counter = None
    if kind.startswith("sk-"):
        flags = reader.take(1)[0]
        counter = int.from_bytes(reader.take(4), "big")
    reader.end()
    return Details(algorithm, signature, flags, counter)


def checker(blob: bytes) -> Checker:
    """A function that checks signatures by this key; made once per key, because decoding it costs more than a check.

    The function takes a signature's details and the bytes that SSHSIG signs, and raises BadSignature.
    """
    reader = Reader(blob)
    kind = reader.string().decode("latin-1")
    if kind == RSA:
        return _rsa(reader)
    verify = _ed25519(reader) if kind in (ED25519, ED25519_SK) else _ecdsa(reader)
    return _token(reader, verify) if kind.startswith("sk-") else lambda given, signed: verify(given.signature, signed)


def _ed25519_point(reader: Reader) -> bytes:
    point = reader.string()
    require(len(point) == 32, "point")
    require((point[:31] + bytes([point[31] & 0x7F])).hex() not in _SMALL_ORDER, "weak-key")
    return point


def _curve_point(reader: Reader, kind: str) -> tuple[str, bytes]:
    curve = reader.string().decode("latin-1")
    require(curve in CURVES and kind.removeprefix("sk-").startswith(f"ecdsa-sha2-{curve}"), "key-type")
    point = reader.string()
    require(len(point) == 1 + 2 * CURVES[curve] and point[0] == 4, "point")
    return curve, point


def _rsa_numbers(reader: Reader) -> tuple[int, int]:
    exponent, modulus = reader.mpint(), reader.mpint()
    require(modulus.bit_length() in RSA_BITS and modulus % 2 == 1, "weak-key")
    require(exponent >= RSA_EXPONENT and exponent % 2 == 1 and exponent.bit_length() <= 64, "weak-key")
    return exponent, modulus


def _application(reader: Reader) -> bytes:
    application = reader.string()
    require(application.startswith(b"ssh:") and application.isascii() and b"\0" not in application, "application")
    return application


def _ed25519(reader: Reader) -> Callable[[bytes, bytes], None]:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = _load(lambda: Ed25519PublicKey.from_public_bytes(_ed25519_point(reader)))

    def verify(signature: bytes, signed: bytes) -> None:
        try:
            key.verify(signature, signed)
        except InvalidSignature:
            raise BadSignature("mathematics") from None

    return verify


def _ecdsa(reader: Reader) -> Callable[[bytes, bytes], None]:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    name = reader.string().decode("latin-1")
    curve, algorithm = {
        "nistp256": (ec.SECP256R1(), ec.ECDSA(hashes.SHA256())),
        "nistp384": (ec.SECP384R1(), ec.ECDSA(hashes.SHA384())),
        "nistp521": (ec.SECP521R1(), ec.ECDSA(hashes.SHA512())),
    }[name]
    key = _load(lambda: ec.EllipticCurvePublicKey.from_encoded_point(curve, reader.string()))

    def verify(signature: bytes, signed: bytes) -> None:
        numbers = Reader(signature)
        r, s = numbers.mpint(), numbers.mpint()
        numbers.end()
        try:
            key.verify(utils.encode_dss_signature(r, s), signed, algorithm)
        except InvalidSignature:
            raise BadSignature("mathematics") from None

    return verify


def _rsa(reader: Reader) -> Checker:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    exponent, modulus = _rsa_numbers(reader)
    key = _load(lambda: rsa.RSAPublicNumbers(exponent, modulus).public_key())
    size = (modulus.bit_length() + 7) // 8
    algorithms = {"rsa-sha2-256": hashes.SHA256(), "rsa-sha2-512": hashes.SHA512()}

    def verify(given: Details, signed: bytes) -> None:
        require(len(given.signature) == size, "mathematics")
        try:
            key.verify(given.signature, signed, padding.PKCS1v15(), algorithms[given.algorithm])
        except InvalidSignature:
            raise BadSignature("mathematics") from None

    return verify


def _token(reader: Reader, verify: Callable[[bytes, bytes], None]) -> Checker:
    """A FIDO token signs hashes, its flags and its counter, not the bytes themselves (OpenSSH, `PROTOCOL.u2f`)."""
    from hashlib import sha256

    application = sha256(_application(reader)).digest()

    def check_token(given: Details, signed: bytes) -> None:
        assert given.flags is not None
        assert given.counter is not None
        report = bytes([given.flags]) + given.counter.to_bytes(4, "big")
        verify(given.signature, application + report + sha256(signed).digest())

    return check_token


def _load(make: Callable[[], Any]) -> Any:  # noqa: ANN401 - one of cryptography's key classes
    try:
        return make()
    except ValueError as error:
        if isinstance(error, BadSignature):
            raise
        raise BadSignature("point") from None
