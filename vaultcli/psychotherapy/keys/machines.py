"""Whose keys record in the psychotherapy repository: letting a machine in, and revoking a key.

`docs/spec/psychotherapy/repository.md`, rules 10 to 12. Names are opaque; which machine is which, its
owner knows by the fingerprint.
"""

from __future__ import annotations

from datetime import datetime

from vaultcli.ground.errors import BadInput, Conflict, NotFound, Refused
from vaultcli.ground.ssh.sign import Signer
from vaultcli.ground.ssh.sshsig import BadSignature, PublicKey
from vaultcli.places.sealed.store import Store
from vaultcli.record.sealed import paths, signers
from vaultcli.record.sealed.signers import MACHINE, RECOVERY, Entry, Signers


def parse(line: str) -> PublicKey:
    """The key in a line that another machine showed.

    Raises:
        BadInput: there is none in it.
    """
    try:
        return PublicKey.parse(line.strip())
    except (BadSignature, ValueError):
        hint = "the whole line that the other machine shows, ssh-ed25519 AAAA..."
        raise BadInput("this is no public key in one line", hint=hint) from None


def endorsed(ring: Signers, kind: str, key: PublicKey, by: Signer, day: str) -> Entry:
    """An entry for a key, vouched for by another."""
    principal = signers.new_principal(kind)
    armour = by.sign(signers.statement(ring.vault, principal, kind, key), signers.NAMESPACE)
    return Entry(principal, kind, key, day, by.public.fingerprint, armour)


def listed(ring: Signers) -> dict[str, bytes]:
    """The two lists of signers as files."""
    return {paths.SIGNERS: ring.raw, paths.ALLOWED: ring.allowed}


def admit(store: Store, key: PublicKey, by: Signer, now: datetime) -> Entry:
    """Let a machine's key record from now on.

    Args:
        store: the sealed files.
        key: of the machine.
        by: another machine's key, or the recovery signer's.
        now: the clock.

    Raises:
        Conflict: it is in the list already.
        Refused: it was revoked; a key does not come back.
    """
    ring = store.state.signers
    known = ring.by_key(key)
    if known is not None:
        if known.revoked:
            raise Refused(f"{known.principal} was revoked on {known.revoked}", hint="make the machine a new key")
        raise Conflict(f"this key is admitted already, as {known.principal}")
    entry = endorsed(ring, MACHINE, key, by, now.date().isoformat())
    store.record(listed(ring.with_entry(entry)), now, by=by)
    return entry


def find(ring: Signers, word: str) -> Entry:
    """The entry of a principal or a fingerprint.

    Raises:
        NotFound: none, or more than one.
    """
    found = [one for one in ring.entries if word in (one.principal, one.fingerprint)]
    if len(found) != 1:
        raise NotFound(f"no key here is called {word}", hint="`vaultcli keys list` shows their names and fingerprints")
    return found[0]


def let_in_by(ring: Signers, entry: Entry) -> list[Entry]:
    """The keys that still count and that this one vouched for, or one of those did: whoever had it may have made them."""
    found, names = [], {entry.fingerprint}
    for one in ring.entries:
        if one.endorsed_by in names and one.fingerprint != one.endorsed_by and one != entry:
            names.add(one.fingerprint)
            found.append(one)
    return [one for one in found if not one.revoked]


def revoke(store: Store, entry: Entry, reason: str, by: Signer, now: datetime) -> None:
    """End a key: its commits count only as far as the commit that says so.

    Raises:
        Conflict: it is revoked already.
        Refused: it is the recovery signer, or nobody could record afterwards.
    """
    ring = store.state.signers
    if entry.revoked:
        raise Conflict(f"{entry.principal} was revoked on {entry.revoked}")
    if entry.kind == RECOVERY:
        hint = "`vaultcli keys page FILE --old PAGE --renew` makes a successor and ends it"
        raise Refused("only the recovery signer ends the recovery signer", hint=hint)
    left = [one for one in ring.entries if not one.revoked and one != entry]
    if not left:
        raise Refused("nobody could record here afterwards", hint="admit another machine first")
    store.record(listed(ring.with_revocation(entry.fingerprint, now.date().isoformat(), reason)), now, by=by)
