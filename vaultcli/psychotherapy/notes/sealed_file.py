"""Sealing a psychotherapy note: header, signature, archive, age; and opening one, with every comparison of where it belongs.

`docs/spec/psychotherapy/sealed-file.md`. Nothing here writes to a disk.
"""

from __future__ import annotations

from collections.abc import Mapping

from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import BadInput, NotVerified, Refused
from vaultcli.ground.ssh import sshsig
from vaultcli.ground.ssh.sign import Signer
from vaultcli.ground.ssh.sshsig import BadSignature
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.sealed import admission, header
from vaultcli.record.sealed.header import Contents, Header
from vaultcli.record.sealed.paths import Sealed
from vaultcli.record.sealed.signers import Signers


def seal(store: Store, known: Known, head: Header, files: Mapping[str, bytes], signer: Signer | None) -> bytes:
    """A sealed file.

    Args:
        store: whose pins say to whom the drawer is sealed.
        known: the drawer.
        head: of the file; its `machine` is empty exactly when there is no signer.
        files: as the header lists them.
        signer: this machine's key; None for what stays unsigned.

    Raises:
        Refused: the drawer's recipient is not the pinned one.
        BadInput: too long.
    """
    check_recipient(store, known)
    signature = signer.sign(head.raw, header.NAMESPACE) if signer else ""
    plain = header.packed(head, signature, dict(files))
    sealed = age.seal(plain, [known.recipient])
    if problem := admission.sealed_problem(sealed):
        raise BadInput(f"what was sealed {problem}; nothing was written")
    return sealed


def check_recipient(store: Store, known: Known) -> None:
    """Whether a drawer is sealed to whom this machine has pinned, and is ours to write in.

    Raises:
        Refused: it is not.
    """
    if known.received:
        raise Refused(
            "these notes were received from their originator, and are read, not written",
            hint="what you think of them belongs in your own notes",
        )
    pinned = store.recipients(known.token)
    if not pinned or (known.recipient, known.generation) != (pinned[-1], len(pinned)):
        raise Refused(
            f"the drawer {known.token} is not sealed to the recipient that this machine knows; nothing was written",
            hint="`vaultcli psychotherapy verify` says more",
        )


def opened(store: Store, opener: Opener, known: Known, at: Sealed, raw: bytes | None = None) -> Contents:
    """A sealed file's contents, held against its place and its signature.

    Args:
        store: the sealed files.
        opener: what opens it.
        known: its drawer.
        at: its place.
        raw: its bytes; as recorded when left out.

    Raises:
        NotVerified: it belongs elsewhere, or its signature does not hold.
        BadInput: it is damaged, or no sealed file of ours.
        KeyTrouble: the drawer does not open it.
    """
    contents = header.unpacked(opener.open(at.token, store.raw(at.path) if raw is None else raw))
    if problem := problem_of(contents, known, at, store.state.signers):
        raise NotVerified(f"{at.path}: {problem}")
    return contents


def problem_of(contents: Contents, known: Known, at: Sealed, ring: Signers) -> str:
    """Why an opened file is not what its place says; empty where it is."""
    head = contents.header
    if (head.vault, head.token, head.id) != (known.origin, at.token, at.id):
        return "holds what belongs to another file, drawer or vault"
    if (head.kind == header.LOG) != (known.kind == "log"):
        return "is of a kind that does not belong in this drawer"
    if head.generation > known.generation:
        return "names a generation that the drawer does not have"
    if not head.machine:
        return ""
    try:
        made = sshsig.verify(contents.signature, head.raw, header.NAMESPACE)
    except BadSignature as error:
        return f"its signature does not verify ({error.reason})"
    if known.received:
        good = f"{head.machine} {made.key.line}" in known.signers
    else:
        entry = ring.by_key(made.key)
        good = entry is not None and entry.principal == head.machine
    return "" if good else "is signed by another key than its header names"
