"""Random identifiers for clients, notes and clones.

Sixteen characters of a 32-letter alphabet (digits and lower-case letters without i, l, o and u): 80 random bits from
the system's generator. Never derived from time, name or content (45 CFR 164.514(c) forbids codes derived from the
person).
"""

from __future__ import annotations

import os

from vaultcli.ground.patterns import pattern

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16
PATTERN = f"[{ALPHABET}]{{{LENGTH}}}"
_ID = pattern(PATTERN)


def new() -> str:
    """A new id from the system's random generator."""
    # 256 is a multiple of 32: every letter is as likely as any other
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in os.urandom(LENGTH))


def of(digest: bytes) -> str:
    """The id that belongs to bytes which are random themselves, such as a sealed file: the same each time.

    Args:
        digest: their SHA-256.
    """
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LENGTH])


def is_id(text: str) -> bool:
    """Whether the text is a whole id."""
    return _ID.fullmatch(text) is not None
