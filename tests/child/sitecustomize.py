"""What is different in a Python that runs under a test: two things that would take seconds, and prove nothing more.

Python imports a module of this name as it starts; the folder is on the path of the tests and of every process that they
start. Nothing is imported here before vaultcli itself asks for it.

* A passphrase is made into a key at the cost 2^10, not at the second or three that age takes for it. What comes of it is
  an age file like any other: `tests/ground/age/test_cheap.py` opens it with age itself. `VAULTCLI_TEST_DEAR=1` leaves age
  its own cost.
* A working file counts as old enough for `verify` to remember it, for the clock of a test does not go on with the disk's.
"""

import os
import sys

_COST = 10


def _passphrases(pyrage):
    """Seal under a passphrase at a low cost; opening pays what the file asks for, and needs no help."""
    dear = pyrage.passphrase.encrypt

    def encrypt(plaintext, passphrase, armored=False):
        if os.environ.get("VAULTCLI_TEST_DEAR") == "1":
            return dear(plaintext, passphrase, armored)
        raw = sealed(plaintext, passphrase)
        return armour(raw) if armored else raw

    pyrage.passphrase.encrypt = encrypt


def sealed(plaintext, passphrase, cost=_COST):
    """An age file under a passphrase, by the format's own page (C2SP `age.md`): one scrypt stanza, a header, one chunk."""
    import base64
    import hashlib
    import hmac

    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    def derived(key, salt, info):
        return HKDF(hashes.SHA256(), 32, salt, info).derive(key)

    def text(raw):
        return base64.b64encode(raw).rstrip(b"=")

    assert len(plaintext) <= 64 * 1024
    file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    wrapping = hashlib.scrypt(
        passphrase.encode(), salt=b"age-encryption.org/v1/scrypt" + salt, n=1 << cost, r=8, p=1, dklen=32
    )
    body = ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)
    head = b"age-encryption.org/v1\n-> scrypt %s %d\n%s\n---" % (text(salt), cost, text(body))
    mac = hmac.digest(derived(file_key, b"", b"header"), head, "sha256")
    chunk = ChaCha20Poly1305(derived(file_key, nonce, b"payload")).encrypt(bytes(11) + b"\1", plaintext, None)
    return head + b" " + text(mac) + b"\n" + nonce + chunk


def armour(raw):
    """The text form of an age file."""
    import base64
    import textwrap

    lines = textwrap.wrap(base64.b64encode(raw).decode(), 64)
    return "\n".join(("-----BEGIN AGE ENCRYPTED FILE-----", *lines, "-----END AGE ENCRYPTED FILE-----", "")).encode()


def _working_files(working):
    working.FRESH = -(1 << 80)


_CHANGES = {"pyrage": _passphrases, "vaultcli.places.audit.working": _working_files}


class _Changes:
    """Finds nothing itself: lets the others find the module, and changes it when it has been run."""

    for_tests = True

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name not in _CHANGES:
            return None
        found = (finder.find_spec(name, path, target) for finder in sys.meta_path if finder is not _Changes)
        spec = next(filter(None, found), None)
        if spec is not None:
            run = spec.loader.exec_module

            def exec_module(module):
                run(module)
                _CHANGES[name](module)

            spec.loader.exec_module = exec_module
        return spec


if not any(getattr(finder, "for_tests", False) for finder in sys.meta_path):
    sys.meta_path.insert(0, _Changes)
