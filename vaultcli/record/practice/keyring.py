"""`signers.toml`: whose keys count, who vouched for each, and until where a revoked one counts.

Format: `docs/spec/signers.md`, version 1. `allowed_signers`, the same list for strangers with `ssh-keygen`, is derived from it.
Entries are only added and, once, revoked; they are never removed or otherwise changed.
`record/sealed/signers` lists machines under opaque names, without people or roles: that repository names nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from vaultcli.ground.errors import BadInput
from vaultcli.ground.patterns import pattern
from vaultcli.ground.ssh import allowed_signers
from vaultcli.ground.ssh.sshsig import BadSignature, PublicKey
from vaultcli.record.message import COMMIT, FINGERPRINT
from vaultcli.record.practice.practice import is_principal, load, quote
from vaultcli.record.times import is_moment

VERSION = 1
PATH = "signers.toml"
ALLOWED_PATH = "allowed_signers"
RECOVERY = "recovery"
RECOVERY_NAME = "Recovery signer"
NAMESPACE = "signer@vaultcli.v1"
KINDS = ("personal", "machine", "recovery")
REASONS = ("lost", "left", "replaced", "compromised")
_NAMESPACES = {
    "personal": ("git", "*@vaultcli.v1"),
    "machine": ("git",),
    "recovery": ("git", NAMESPACE, "exception@vaultcli.v1"),
}
_FINGERPRINT = pattern(FINGERPRINT)
_COMMIT = pattern(COMMIT)
_ORDER = ("fingerprint", "principal", "kind", "roles", "key", "added", "endorsed-by", "endorsement")
_REVOCATION = ("revoked", "reason", "last-good")


@dataclass(frozen=True)
class Entry:
    """One admitted key.

    Args:
        principal: the person, or `recovery`.
        kind: `personal` signs notes, `machine` records commits, `recovery` lies on paper.
        roles: of the key: `policy` or nothing; never on a machine key.
        key: the public key.
        added: when the entry was written (RFC 3339).
        endorsed_by: fingerprint of the key that vouched; its own for a person's first key.
        endorsement: armoured signature over `statement`.
        revoked: when it was revoked, or empty; then also a reason and the last good `practice` commit.
    """

    principal: str
    kind: str
    roles: tuple[str, ...]
    key: PublicKey
    added: str
    endorsed_by: str
    endorsement: str
    revoked: str = ""
    reason: str = ""
    last_good: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """`SHA256:...` as ssh-keygen prints it."""
        return self.key.fingerprint

    @property
    def policy(self) -> bool:
        """Whether the key holds the policy role."""
        return "policy" in self.roles


@dataclass(frozen=True)
class Keyring:
    """All entries, in the order in which they were added."""

    entries: tuple[Entry, ...]

    def by_key(self, key: PublicKey) -> Entry | None:
        """The entry of that key, revoked or not."""
        return self._blobs.get(key.blob)

    def by_fingerprint(self, fingerprint: str) -> Entry | None:
        """The entry with that fingerprint, revoked or not."""
        return self._fingerprints.get(fingerprint)

    def of(self, principal: str, kind: str = "") -> tuple[Entry, ...]:
        """A person's entries that are not revoked."""
        return tuple(e for e in self.entries if e.principal == principal and not e.revoked and kind in ("", e.kind))

    @cached_property
    def _blobs(self) -> dict[bytes, Entry]:
        return {entry.key.blob: entry for entry in self.entries}

    @cached_property
    def _fingerprints(self) -> dict[str, Entry]:
        return {entry.fingerprint: entry for entry in self.entries}

    def with_entry(self, entry: Entry) -> Keyring:
        """The ring with one more key."""
        return Keyring((*self.entries, entry))

    def with_revocation(self, fingerprint: str, *, revoked: str, reason: str, last_good: str) -> Keyring:
        """The ring with that key revoked; the entry keeps everything else."""
        return Keyring(
            tuple(
                replace(e, revoked=revoked, reason=reason, last_good=last_good) if e.fingerprint == fingerprint else e
                for e in self.entries
            )
        )


def statement(vault: str, principal: str, kind: str, roles: tuple[str, ...], key: PublicKey) -> bytes:
    """The text that an endorser signs (namespace `signer@vaultcli.v1`)."""
    lines = ("vaultcli signer 1", f"vault: {vault}", f"principal: {principal}", f"kind: {kind}")
    return "\n".join((*lines, f"roles: {' '.join(roles) or '-'}", f"key: {key.line}", "")).encode()


def parse(text: str, path: str = PATH) -> Keyring:
    """Read `signers.toml`; only the canonical form is accepted.

    Raises:
        BadInput: it is no TOML, of another version, not canonical, or an entry is malformed.
    """
    data = load(text, path)
    if data.get("vaultcli") != VERSION:
        raise BadInput(f"{path}: version {data.get('vaultcli')!r} is not known", hint="a newer vaultcli may read it")
    try:
        ring = Keyring(tuple(map(_entry, data.get("key", []))))
    except (KeyError, TypeError, ValueError, AttributeError, BadSignature) as error:
        raise BadInput(f"{path}: {type(error).__name__} at {error}") from None
    if len({entry.key.blob for entry in ring.entries}) != len(ring.entries):
        raise BadInput(f"{path}: a key stands twice")
    if render(ring) != text:
        raise BadInput(f"{path}: not in the canonical form", hint="change signers with `vaultcli people`")
    return ring


def _entry(data: Mapping[str, Any]) -> Entry:
    unknown = set(data) - set(_ORDER) - set(_REVOCATION)
    if unknown or (set(data) & set(_REVOCATION) and not set(_REVOCATION) <= set(data)):
        raise ValueError("key: unknown or missing field")
    if any(not isinstance(value, str) for name, value in data.items() if name != "roles"):
        raise TypeError("key")
    entry = Entry(
        principal=data["principal"],
        kind=data["kind"],
        roles=tuple(data["roles"]),
        key=PublicKey.parse(data["key"]),
        added=data["added"],
        endorsed_by=data["endorsed-by"],
        endorsement=data["endorsement"],
        revoked=data.get("revoked", ""),
        reason=data.get("reason", ""),
        last_good=data.get("last-good", ""),
    )
    named = is_principal(entry.principal) if entry.kind != "recovery" else entry.principal == RECOVERY
    if not named or entry.kind not in KINDS or entry.fingerprint != data["fingerprint"]:
        raise ValueError(f"key: {data['fingerprint']}")
    if any(role != "policy" for role in entry.roles) or (entry.kind == "machine" and entry.roles):
        raise ValueError(f"roles of {entry.fingerprint}")
    if not is_moment(entry.added) or not _FINGERPRINT.fullmatch(entry.endorsed_by):
        raise ValueError(f"added or endorsed-by of {entry.fingerprint}")
    if _REVOCATION[0] in data and not _is_revocation(entry):
        raise ValueError(f"revocation of {entry.fingerprint}")
    return entry


def _is_revocation(entry: Entry) -> bool:
    """A reason of ours, a commit, and a time that `allowed_signers` can carry (OpenSSH counts up to 2100)."""
    good = is_moment(entry.revoked) and "1971" <= entry.revoked[:4] < "2099"
    return good and entry.reason in REASONS and _COMMIT.fullmatch(entry.last_good) is not None


def render(ring: Keyring) -> str:
    """The canonical `signers.toml`."""
    return f"vaultcli = {VERSION}\n" + "".join(map(_table, ring.entries))


def _table(entry: Entry) -> str:
    lines = [
        "\n[[key]]",
        f"fingerprint = {quote(entry.fingerprint)}",
        f"principal = {quote(entry.principal)}",
        f"kind = {quote(entry.kind)}",
        "roles = [" + ", ".join(map(quote, entry.roles)) + "]",
        f"key = {quote(entry.key.line)}",
        f"added = {quote(entry.added)}",
        f"endorsed-by = {quote(entry.endorsed_by)}",
        f'endorsement = """\n{entry.endorsement}"""',
    ]
    if entry.revoked:
        lines += [
            f"revoked = {quote(entry.revoked)}",
            f"reason = {quote(entry.reason)}",
            f"last-good = {quote(entry.last_good)}",
        ]
    return "\n".join(lines) + "\n"


def render_allowed(ring: Keyring) -> str:
    """The `allowed_signers` that says the same to ssh-keygen and git."""
    return allowed_signers.render(
        [
            allowed_signers.AllowedSigner(
                principal=entry.principal,
                namespaces=_NAMESPACES[entry.kind],
                key=entry.key,
                valid_after=None,
                valid_before=allowed_time(entry.revoked) if entry.revoked else None,
            )
            for entry in ring.entries
        ]
    )


def allowed_time(moment: str) -> str:
    """RFC 3339 as `allowed_signers` writes a time in UTC: `YYYYMMDDHHMMSSZ`."""
    from datetime import UTC, datetime

    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y%m%d%H%M%SZ")


Verify = Callable[[str, bytes, str], Any]


def endorsement_problem(ring: Keyring, entry: Entry, vault: str, verify: Verify) -> str:
    """Why the entry's endorsement does not hold among the entries before it; empty where it does.

    Args:
        ring: the entries that were there before this one, and this one's siblings of the same commit before it.
        entry: the new entry.
        vault: the practice's random id.
        verify: `sshsig.verify`: armour, message and namespace to a signature with its key.
    """
    try:
        signature = verify(entry.endorsement, statement(vault, entry.principal, entry.kind, entry.roles, entry.key), NAMESPACE)
    except BadSignature as error:
        return f"the endorsement does not verify ({error.reason})"
    if signature.key.fingerprint != entry.endorsed_by:
        return "the endorsement was made by another key than it names"
    older = [e for e in ring.entries if e.principal == entry.principal and e.kind == entry.kind]
    if entry.endorsed_by == entry.fingerprint:
        if older or entry.kind == "machine":
            return "only a person's first key may vouch for itself"
        return ""
    endorser = ring.by_fingerprint(entry.endorsed_by)
    if endorser is None or endorser.revoked:
        return "the endorsing key was not admitted before, or is revoked"
    if endorser.kind == "machine":
        return "a machine key cannot vouch for a key"
    if endorser.principal == entry.principal or (entry.kind == "recovery" and endorser.policy):
        return ""
    if endorser.kind != "recovery" or reach(ring, endorser) not in ("", entry.principal):
        return "the endorsing key belongs to another person"
    return ""


def reach(ring: Keyring, recovery: Entry) -> str:
    """For whom a recovery key may vouch: empty for everybody, or one principal.

    The first one, made with the vault, reaches everybody, and hands that on to its successors. One that a person's key
    vouched for, because the paper was lost, reaches no further than that person: else whoever may change the policy
    could make a key that speaks for a colleague.
    """
    seen: set[str] = set()
    while recovery.kind == "recovery" and recovery.fingerprint not in seen:
        seen.add(recovery.fingerprint)
        if recovery.endorsed_by == recovery.fingerprint:
            return ""
        endorser = ring.by_fingerprint(recovery.endorsed_by)
        if endorser is None:
            return recovery.principal
        recovery = endorser
    return recovery.principal
