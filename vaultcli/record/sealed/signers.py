"""`signers.toml` of the psychotherapy repository: machines and the recovery signer, under opaque names.

`docs/spec/psychotherapy/repository.md`, rules 10 to 14. `allowed_signers` is made from it.
`record/practice/keyring` names people, roles and who vouched; here nobody is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput
from vaultcli.ground.ssh import allowed_signers as allowed
from vaultcli.ground.ssh.sshsig import BadSignature, PublicKey
from vaultcli.record.sealed import paths, toml

VERSION = "vaultcli-psychotherapy"
MACHINE, RECOVERY = "machine", "recovery"
REASONS = ("lost", "left", "replaced", "compromised")
NAMESPACE = "signer@vaultcli.v1"
NAMESPACES = ("git", "sealed@vaultcli.v1", NAMESPACE)
_PRINCIPAL = {MACHINE: re.compile(rf"m[{ids.ALPHABET}]{{8}}"), RECOVERY: re.compile(rf"r[{ids.ALPHABET}]{{8}}")}
_DAY = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")
"""No other millennium: `valid-before` names the day after, which the last day of the calendar does not have."""

Verify = Callable[[str, bytes, str], Any]


@dataclass(frozen=True)
class Entry:
    """One admitted key.

    Args:
        principal: `m` or `r` and eight random characters.
        kind: `machine` or `recovery`.
        key: the public key.
        added: ISO date.
        endorsed_by: fingerprint of the key that vouched.
        endorsement: armour over `statement`.
        revoked: ISO date, or empty; then also a reason.
    """

    principal: str
    kind: str
    key: PublicKey
    added: str
    endorsed_by: str
    endorsement: str
    revoked: str = ""
    reason: str = ""

    @property
    def fingerprint(self) -> str:
        """`SHA256:...`."""
        return self.key.fingerprint


@dataclass(frozen=True)
class Signers:
    """The vault's random id and every entry, in order."""

    vault: str
    entries: tuple[Entry, ...]

    def by_key(self, key: PublicKey) -> Entry | None:
        """The entry of that key, revoked or not."""
        return self._blobs.get(key.blob)

    def by_principal(self, principal: str) -> Entry | None:
        """The entry of that principal."""
        return next((one for one in self.entries if one.principal == principal), None)

    @cached_property
    def _blobs(self) -> dict[bytes, Entry]:
        return {entry.key.blob: entry for entry in self.entries}

    def with_entry(self, entry: Entry) -> Signers:
        """With one more key."""
        return replace(self, entries=(*self.entries, entry))

    def with_revocation(self, fingerprint: str, day: str, reason: str) -> Signers:
        """With that key revoked."""
        rows = (replace(e, revoked=day, reason=reason) if e.fingerprint == fingerprint else e for e in self.entries)
        return replace(self, entries=tuple(rows))

    @property
    def raw(self) -> bytes:
        """The canonical `signers.toml`."""
        return toml.render({VERSION: 1, "vault": self.vault}, "key", list(map(_row, self.entries))).encode()

    @cached_property
    def allowed(self) -> bytes:
        """The `allowed_signers` that says the same to ssh-keygen and git."""
        return allowed.render(
            [
                allowed.AllowedSigner(
                    principal=one.principal,
                    namespaces=NAMESPACES,
                    key=one.key,
                    valid_after=None,
                    valid_before=_after(one.revoked) if one.revoked else None,
                )
                for one in self.entries
            ]
        ).encode()


def _after(day: str) -> str:
    return f"{date.fromisoformat(day) + timedelta(days=1):%Y%m%d}000000Z"


def _row(entry: Entry) -> dict[str, toml.Value]:
    row: dict[str, toml.Value] = {
        "fingerprint": entry.fingerprint,
        "principal": entry.principal,
        "kind": entry.kind,
        "key": entry.key.line,
        "added": entry.added,
        "endorsed-by": entry.endorsed_by,
        "endorsement": entry.endorsement,
    }
    return row | ({"revoked": entry.revoked, "reason": entry.reason} if entry.revoked else {})


def new_principal(kind: str) -> str:
    """A fresh opaque principal."""
    return {MACHINE: "m", RECOVERY: "r"}[kind] + ids.new()[:8]


def statement(vault: str, principal: str, kind: str, key: PublicKey) -> bytes:
    """The text that an endorser signs."""
    lines = ("vaultcli sealed signer 1", f"vault: {vault}", f"principal: {principal}", f"kind: {kind}", f"key: {key.line}", "")
    return "\n".join(lines).encode()


@lru_cache(maxsize=16)
def parse(raw: bytes) -> Signers:
    """Read `signers.toml`; only the canonical form is accepted. Thousands of commits in turn have the same one.

    Raises:
        BadInput: it is none.
    """
    data = toml.read(toml.decoded(raw, paths.SIGNERS), paths.SIGNERS, VERSION, "key")
    try:
        found = Signers(data["vault"], tuple(map(_entry, data["key"])))
    except (KeyError, TypeError, ValueError, BadSignature) as error:
        raise BadInput(f"{paths.SIGNERS}: {type(error).__name__} at {error}") from None
    keys = {entry.key.blob for entry in found.entries}
    principals = {entry.principal for entry in found.entries}
    if not len(keys) == len(principals) == len(found.entries) or not ids.is_id(found.vault) or found.raw != raw:
        raise BadInput(f"{paths.SIGNERS}: not in its one form")
    return found


def _entry(row: dict[str, Any]) -> Entry:
    entry = Entry(
        principal=row["principal"],
        kind=row["kind"],
        key=PublicKey.parse(row["key"]),
        added=row["added"],
        endorsed_by=row["endorsed-by"],
        endorsement=row["endorsement"],
        revoked=row.get("revoked", ""),
        reason=row.get("reason", ""),
    )
    if entry.fingerprint != row["fingerprint"] or not _PRINCIPAL[entry.kind].fullmatch(entry.principal):
        raise ValueError("principal or fingerprint")
    date.fromisoformat(entry.added)
    if entry.revoked:
        date.fromisoformat(entry.revoked)
    days = [entry.added, entry.revoked or entry.added]
    if not all(map(_DAY.fullmatch, days)) or bool(entry.revoked) != (entry.reason in REASONS):
        raise ValueError("added, revoked or reason")
    return entry


def problem(before: Signers | None, after: Signers, by: PublicKey, verify: Verify) -> str:
    """Why one commit may not turn one list into the other; empty where it may.

    Args:
        before: the parent's list; None at the root.
        after: the commit's.
        by: the key that signed the commit.
        verify: `sshsig.verify`.
    """
    old = before.entries if before else ()
    if before is not None and before.vault != after.vault:
        return "the vault's id was changed"
    kept, new = after.entries[: len(old)], after.entries[len(old) :]
    for was, now in zip(old, kept, strict=False):
        if said := _change(before, was, now, by):
            return said
    if len(kept) != len(old):
        return "an entry vanished"
    ring = before or Signers(after.vault, ())
    for entry in new:
        if entry.revoked:
            return "a new entry is revoked"
        if said := _unendorsed(ring, entry, verify, root=before is None):
            return said
        ring = ring.with_entry(entry) if before is None else ring
    if before is None and after.by_key(by) is None:
        return "the first commit is not signed by a key of its own list"
    return ""


def _change(before: Signers | None, was: Entry, now: Entry, by: PublicKey) -> str:
    if was == now:
        return ""
    if was.revoked or replace(now, revoked="", reason="") != was:
        return "an entry was changed other than by revoking it"
    signer = before.by_key(by) if before else None
    if signer is None or (was.kind == RECOVERY and signer.kind != RECOVERY):
        return "only the recovery signer revokes the recovery signer"
    return ""


def _unendorsed(ring: Signers, entry: Entry, verify: Verify, *, root: bool) -> str:
    try:
        made = verify(entry.endorsement, statement(ring.vault, entry.principal, entry.kind, entry.key), NAMESPACE)
    except BadSignature as error:
        return f"an endorsement does not verify ({error.reason})"
    if made.key.fingerprint != entry.endorsed_by:
        return "an endorsement was made by another key than it names"
    if root and entry.endorsed_by == entry.fingerprint:
        return ""
    endorser = ring.by_key(made.key)
    if endorser is None or endorser.revoked:
        return "the endorsing key was not admitted before, or is revoked"
    if entry.kind == RECOVERY and endorser.kind != RECOVERY and any(one.kind == RECOVERY for one in ring.entries):
        return "only the recovery signer endorses its successor"
    return ""


def union(one: Signers, other: Signers) -> Signers:
    """Both lists as one; the same whichever comes first.

    Raises:
        BadInput: they are of different vaults.
    """
    if one.vault != other.vault:
        raise BadInput("two vaults cannot become one")
    rows: dict[bytes, Entry] = {}
    for entry in (*one.entries, *other.entries):
        known = rows.get(entry.key.blob)
        rows[entry.key.blob] = entry if known is None else _both(known, entry)
    ordered = sorted(rows.values(), key=lambda entry: (entry.added, entry.fingerprint))
    if len({entry.principal for entry in ordered}) != len(ordered):
        raise BadInput("two keys have one name")
    return Signers(one.vault, tuple(ordered))


def _both(one: Entry, other: Entry) -> Entry:
    """Two entries of one key as one; the same whichever comes first, and with a third, whichever two come first."""
    first = min(one, other, key=lambda entry: (entry.added, entry.principal, entry.endorsed_by, entry.endorsement))
    revoked = min(((entry.revoked, entry.reason) for entry in (one, other) if entry.revoked), default=("", ""))
    return replace(first, revoked=revoked[0], reason=revoked[1])
