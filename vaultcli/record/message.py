"""Commit messages: a fixed grammar that carries an event word, ids and a policy, and nothing else.

    sign 7n5tq2m8wkc4xe9r 0b8d...

    Policy: sha256:6b1f...

No name, date, diagnosis or title can enter a message (`docs/spec/history.md`).
"""

from __future__ import annotations

from typing import NamedTuple

from vaultcli.ground import ids
from vaultcli.ground.patterns import pattern

POLICY_KEY_EVENTS = frozenset({"genesis", "policy", "settle", "succeed", "exception"})
CLIENT_EVENTS = (
    "open",
    "register",
    "draft",
    "sign",
    "attach",
    "amend",
    "cosign",
    "attest",
    "withdraw",
    "exception",
    "settle",
    "succeed",
)

RIGHTS = {"attach": "sign"}
"""Events that another event's right allows: an attachment is a note that is signed."""

COMMIT = r"(?:sha256:[0-9a-f]{64}|sha1:[0-9a-f]{40})"
FINGERPRINT = r"SHA256:[A-Za-z0-9+/]{43}"
_CLIENT = pattern(
    rf"(?P<event>{'|'.join(CLIENT_EVENTS)})(?P<ids>(?: {ids.PATTERN})+)\n\n"
    rf"(?:Key: (?P<key>{FINGERPRINT})\nLast-good: (?P<last_good>{COMMIT})\n)?"
    rf"Policy: (?P<policy>{COMMIT})\n"
)
_PRACTICE = pattern(rf"(?P<event>genesis|policy|exception)(?P<ids>(?: {ids.PATTERN})*)\n")


class Message(NamedTuple):
    """What a commit says of itself.

    Args:
        event: the event word.
        ids: the ids of the files (or the client) that the event is about; empty only on `practice`.
        policy: the `practice` commit whose policy it is under (`sha256:HEX`); empty on `practice`.
        key: for `settle`, the fingerprint of the revoked key.
        last_good: for `settle`, the line's last commit at which the key still counts.
    """

    event: str
    ids: tuple[str, ...] = ()
    policy: str = ""
    key: str = ""
    last_good: str = ""

    def text(self) -> str:
        """The message as it stands in the commit."""
        head = " ".join((self.event, *self.ids)) + "\n"
        if not self.policy:
            return head
        settle = f"Key: {self.key}\nLast-good: {self.last_good}\n" if self.key else ""
        return f"{head}\n{settle}Policy: {self.policy}\n"


def parse(text: str, *, practice: bool) -> Message | None:
    """Read a message by the grammar of its branch; None where it does not fit."""
    if practice:
        match = _PRACTICE.fullmatch(text)
        if match is None or (match["event"] == "exception") != bool(match["ids"]):
            return None
        return Message(match["event"], tuple(match["ids"].split()))
    match = _CLIENT.fullmatch(text)
    if match is None or (match["event"] == "settle") != (match["key"] is not None):
        return None
    return Message(match["event"], tuple(match["ids"].split()), match["policy"], match["key"] or "", match["last_good"] or "")


def trailer(oid: str) -> str:
    """A commit id with its algorithm, as messages and files name it: `sha256:HEX` or `sha1:HEX`."""
    return f"{'sha256' if len(oid) == 64 else 'sha1'}:{oid}"


def oid_of(named: str) -> str:
    """The bare hexadecimal id of `sha256:HEX`."""
    return named.partition(":")[2]
