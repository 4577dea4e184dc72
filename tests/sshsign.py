"""SSH signatures made in process, for tests and benchmarks only: thousands in a second, and of tokens that nobody owns.

The product signs through `ssh-keygen`; what is made here is held against `ssh-keygen -Y verify` in `test_sshsig.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from vaultcli.ground.ssh.sshsig import PublicKey, armor
from vaultcli.ground.ssh.wire import frame

CURVES = {
    "nistp256": (ec.SECP256R1(), hashes.SHA256()),
    "nistp384": (ec.SECP384R1(), hashes.SHA384()),
    "nistp521": (ec.SECP521R1(), hashes.SHA512()),
}
RSA_HASHES = {"rsa-sha2-256": hashes.SHA256(), "rsa-sha2-512": hashes.SHA512(), "ssh-rsa": hashes.SHA1()}
TOUCHED, CHECKED = 0x01, 0x04


def mpint(number: int) -> bytes:
    """A positive number in its shortest form, framed."""
    return frame(number.to_bytes(number.bit_length() // 8 + 1, "big"))


def preimage(message: bytes, namespace: str, digest: str = "sha512", reserved: bytes = b"") -> bytes:
    """The bytes that an SSHSIG signature is made over."""
    hashed = hashlib.new(digest, message).digest()
    return b"SSHSIG" + frame(namespace.encode(), reserved, digest.encode(), hashed)


@dataclass(frozen=True)
class SigningKey:
    """A private key in memory. `make` gives the inside of a signature over the bytes that SSHSIG signs."""

    public: PublicKey
    make: Callable[[bytes], bytes]
    private: Any

    def raw(self, message: bytes, namespace: str, digest: str = "sha512") -> bytes:
        """The signature before it is armoured."""
        inside = self.make(preimage(message, namespace, digest))
        parts = frame(self.public.blob, namespace.encode(), b"", digest.encode(), inside)
        return b"SSHSIG\0\0\0\1" + parts

    def sign(self, message: bytes, namespace: str, digest: str = "sha512") -> str:
        """The armoured signature, as `ssh-keygen -Y sign` writes it."""
        return armor(self.raw(message, namespace, digest))

    def write(self, path: Path, comment: str = "") -> Path:
        """The key as OpenSSH files: `path` (0600, no passphrase) and `path.pub`. Not for tokens."""
        path.touch(mode=0o600)
        path.write_bytes(
            self.private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
            )
        )
        path.with_name(path.name + ".pub").write_text(f"{self.public.line} {comment}".strip() + "\n")
        return path


def ed25519_key(seed: bytes | None = None) -> SigningKey:
    """An Ed25519 key; the same for the same seed of 32 bytes."""
    key = ed25519.Ed25519PrivateKey.from_private_bytes(seed) if seed else ed25519.Ed25519PrivateKey.generate()
    public = PublicKey("ssh-ed25519", frame(b"ssh-ed25519", key.public_key().public_bytes_raw()))
    return SigningKey(public, lambda signed: frame(b"ssh-ed25519", key.sign(signed)), key)


def ecdsa_key(curve: str = "nistp256") -> SigningKey:
    """An ECDSA key on `nistp256`, `nistp384` or `nistp521`."""
    group, algorithm = CURVES[curve]
    key = ec.generate_private_key(group)
    kind = f"ecdsa-sha2-{curve}".encode()
    public = PublicKey(kind.decode(), frame(kind, curve.encode(), _point(key)))
    return SigningKey(public, lambda signed: frame(kind, _numbers(key, signed, algorithm)), key)


def rsa_key(bits: int = 2048, algorithm: str = "rsa-sha2-512", exponent: int = 65537) -> SigningKey:
    """An RSA key; also too short ones, small exponents, and `ssh-rsa` for SHA-1."""
    key = rsa.generate_private_key(exponent, bits)
    numbers = key.public_key().public_numbers()
    public = PublicKey("ssh-rsa", frame(b"ssh-rsa") + mpint(numbers.e) + mpint(numbers.n))

    def make(signed: bytes) -> bytes:
        return frame(algorithm.encode(), key.sign(signed, padding.PKCS1v15(), RSA_HASHES[algorithm]))

    return SigningKey(public, make, key)


def ed25519_token(flags: int = TOUCHED, counter: int = 7, application: str = "ssh:") -> SigningKey:
    """A simulated FIDO token with an Ed25519 key, which says what `flags` say."""
    key, kind = ed25519.Ed25519PrivateKey.generate(), b"sk-ssh-ed25519@openssh.com"
    public = PublicKey(kind.decode(), frame(kind, key.public_key().public_bytes_raw(), application.encode()))
    return SigningKey(public, _token(kind, key.sign, flags, counter, application), key)


def ecdsa_token(flags: int = TOUCHED, counter: int = 7, application: str = "ssh:") -> SigningKey:
    """A simulated FIDO token with an ECDSA key, which says what `flags` say."""
    key, kind = ec.generate_private_key(ec.SECP256R1()), b"sk-ecdsa-sha2-nistp256@openssh.com"
    public = PublicKey(kind.decode(), frame(kind, b"nistp256", _point(key), application.encode()))

    def make(signed: bytes) -> bytes:
        return _numbers(key, signed, hashes.SHA256())

    return SigningKey(public, _token(kind, make, flags, counter, application), key)


def _token(
    kind: bytes, make: Callable[[bytes], bytes], flags: int, counter: int, application: str
) -> Callable[[bytes], bytes]:
    def sign(signed: bytes) -> bytes:
        report = bytes([flags]) + counter.to_bytes(4, "big")
        seen = hashlib.sha256(application.encode()).digest() + report + hashlib.sha256(signed).digest()
        return frame(kind, make(seen)) + report

    return sign


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def _numbers(key: ec.EllipticCurvePrivateKey, signed: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    r, s = utils.decode_dss_signature(key.sign(signed, ec.ECDSA(algorithm)))
    return mpint(r) + mpint(s)
