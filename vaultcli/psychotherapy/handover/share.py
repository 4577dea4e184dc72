"""Giving one client's drawer to one other person, and a new key for what is written from then on.

`docs/spec/psychotherapy/share.md`. A hand-over file has that drawer's identity and files, and nothing of any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import BadInput, NotVerified, Refused
from vaultcli.ground.ssh import sshsig
from vaultcli.ground.ssh.sign import Signer
from vaultcli.ground.ssh.sshsig import BadSignature, PublicKey
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.notes import access_log
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.notes.files import Opened
from vaultcli.psychotherapy.unlock.keys import Keys, known_of
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.sealed import header, paths, share
from vaultcli.record.sealed.drawer import Key
from vaultcli.record.sealed.share import Share
from vaultcli.record.sealed.signers import Entry

_WHY = re.compile(r"(\w+)(?:, agreement (\d{4}-\d\d-\d\d))?, with (\S+)")


@dataclass(frozen=True)
class Handed:
    """A hand-over that the access log tells of.

    Args:
        id: of the hand-over file.
        token: the drawer.
        time: RFC 3339.
        basis, agreement: as given.
        with_: the recipient; of an SSH key the fingerprint.
        revoked: RFC 3339 of the revocation; empty for none.
    """

    id: str
    token: str
    time: str
    basis: str
    agreement: str
    with_: str
    revoked: str = ""

    @property
    def text(self) -> str:
        """As certificates name it: day, basis and recipient."""
        return f"{self.time[:10]} {why(self.basis, self.agreement, self.with_)}"


@dataclass(frozen=True)
class Made:
    """A hand-over file, ready to be written.

    Args:
        share: what it says.
        sealed: its bytes.
        notes: how many sealed files it holds.
    """

    share: Share
    sealed: bytes
    notes: int


def recipient(word: str) -> str:
    """The recipient that a word on the command line means, in its one form.

    Args:
        word: `age1...`, an SSH public key, or a file that holds one.

    Raises:
        BadInput: it is none.
    """
    word = word.strip()
    if not word.startswith(("age1", "ssh-")):
        text = files.read(Path(word).expanduser(), 1 << 16).decode("utf-8", "replace")
        rows = [row.strip() for row in text.splitlines() if row.strip() and not row.startswith("#")]
        if len(rows) != 1:
            raise BadInput(f"{word} holds {len(rows)} public keys; a hand-over is for one person")
        word = rows[0]
    if not word.startswith(("age1", "ssh-")):
        raise BadInput("a recipient is age1..., an SSH public key, or a file that holds one of them")
    age.recipient(word)
    return word if word.startswith("age1") else " ".join(word.split()[:2])


def short(recipient_: str) -> str:
    """How events and certificates name a recipient: an age recipient whole, an SSH key by its fingerprint."""
    return PublicKey.parse(recipient_).fingerprint if recipient_.startswith("ssh-") else recipient_


def why(basis: str, agreement: str, with_: str) -> str:
    """What the access log says of a hand-over."""
    return ", ".join(filter(None, [basis, agreement and f"agreement {agreement}", f"with {with_}"]))


def refuse_basis(basis: str) -> None:
    """Stop where a hand-over, which is of every note, is not what the basis allows.

    45 CFR 164.508(b)(1) and (c)(1): an authorization is valid for what it describes, for whom it names, until it ends.
    A day that somebody typed says nothing of that.

    Raises:
        Refused: the basis is an authorization.
    """
    if basis == share.AUTHORIZATION:
        why = "an authorization allows what it describes, to whom it names, until it ends (45 CFR 164.508(b)(1), (c))"
        hint = "`vaultcli psychotherapy show NOTE --raw` writes out what it describes; `vaultcli attach` keeps the signed paper"
        raise Refused(f"{why}; a hand-over gives every note", hint=hint)


def made(
    store: Store, keys: Keys, known: Known, to: str, basis: str, agreement: str, now: datetime, entry: Entry, signer: Signer
) -> Made:
    """A hand-over file of one drawer.

    Args:
        store: the sealed files.
        keys: the secrets.
        known: the drawer.
        to: the recipient, as `recipient` gives it.
        basis: of `share.BASES`.
        agreement: ISO date, where the basis needs one.
        now: the clock.
        entry: this machine among the signers.
        signer: its key.

    Raises:
        Refused: the drawer was received, the basis is an authorization, or two texts of one note wait to be settled.
        BadInput: the basis does not do, or the whole is too long.
        NotVerified: a file of the drawer does not verify.
    """
    if known.received:
        raise Refused("these notes were received: they are their originator's to share")
    refuse_basis(basis)
    if problem := share.basis_problem(basis, agreement, now.date()):
        raise BadInput(problem)
    opened = [notes.checked(one) for one in notes.each(store, keys, known)]
    _refuse_unsettled(opened)
    handed = {one.at.id: store.raw(one.at.path) for one in opened if not one.at.beside}
    drawer = keys.drawer(known.token)
    begun = Share(
        id=ids.new(),
        vault=store.vault,
        token=known.token,
        generations=drawer.generation,
        by=store.settings.by,
        machine=entry.principal,
        with_=to,
        basis=basis,
        agreement=agreement,
        made=now.isoformat(timespec="seconds"),
    )
    whole, members = share.listed(begun, drawer, _signers(store, opened, entry), handed)
    plain = share.packed(whole, signer.sign(whole.raw, header.NAMESPACE), members)
    return Made(whole, age.seal(plain, [to]), len(handed))


def _refuse_unsettled(opened: Iterable[Opened]) -> None:
    opened = list(opened)
    taken_in = {digest for one in opened if not one.at.beside for digest in one.header.previous}
    for one in opened:
        if one.at.beside and one.header.sha256 not in taken_in:
            raise Refused(
                f"two machines wrote the note {one.at.id[:8]}, and both texts stand", hint="edit that note first; then share"
            )


def _signers(store: Store, opened: Iterable[Opened], own: Entry) -> list[str]:
    names = {one.header.machine for one in opened if one.header.machine} | {own.principal}
    entries = (store.state.signers.by_principal(name) for name in names)
    return sorted(f"{one.principal} {one.key.line}" for one in entries if one is not None)


def handed(store: Store, opener: Opener, token: str = "") -> list[Handed]:
    """Every hand-over that the access logs of all machines tell of, oldest first; of one drawer where a token is given."""
    found: dict[str, Handed] = {}
    for row in access_log.rows(store, opener):
        event = row.event
        match = _WHY.fullmatch(event.why)
        if event.event == "share" and match and event.ids and (not token or event.token == token):
            found[event.ids[0]] = Handed(event.ids[0], event.token, event.time, match[1], match[2] or "", match[3])
        elif event.event == "revoke" and event.ids and event.ids[0] in found:
            one = found[event.ids[0]]
            found[one.id] = Handed(one.id, one.token, one.time, one.basis, one.agreement, one.with_, event.time)
    return list(found.values())


def revoke(store: Store, keys: Keys, known: Known, now: datetime, signer: Signer) -> Known:
    """Begin a new generation of a drawer: what is written from now on opens with no key that was handed over.

    Raises:
        Refused: the drawer was received, or another epoch is in force than this machine knows.
    """
    if known.received:
        raise Refused("these notes were received: there is nothing of ours to revoke")
    # one turn: an epoch that began in between would leave the drawer sealed to the one that ended
    with store.repository.lock():
        current = store.state.epochs
        if store.pins.epoch != (current.number, current.recipient):
            raise Refused("another epoch is in force than this machine knows; nothing was written")
        secret = age.generate()
        drawer = keys.drawer(known.token).with_generation(Key(secret.recipient, secret.text))
        store.record({paths.identity(known.token): age.seal(drawer.text, [current.recipient])}, now, by=signer)
    # pinned when it stands: pinned before, a kill in between would make the old identity look like a forged one
    return known_of(keys.drawer(known.token))


def verified(raw: bytes, armour: str, signers: Iterable[str], machine: str) -> PublicKey:
    """The key that signed a text, which must be the one that the list names for that machine.

    Raises:
        NotVerified: it is not, or the signature does not hold.
    """
    try:
        key = sshsig.verify(armour, raw, header.NAMESPACE).key
    except BadSignature as error:
        raise NotVerified(f"the signature does not verify ({error.reason})") from None
    if f"{machine} {key.line}" not in set(signers):
        raise NotVerified("the hand-over file is signed by another key than it names")
    return key
