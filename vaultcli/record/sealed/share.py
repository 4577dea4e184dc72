"""`share.toml` and the archive around it: one client's drawer for one other person; `docs/spec/psychotherapy/share.md`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from vaultcli.ground import ids
from vaultcli.ground.age import ustar
from vaultcli.ground.age.ustar import Member
from vaultcli.ground.errors import BadInput
from vaultcli.ground.ssh import allowed_signers
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.record.sealed import drawer, paths, toml
from vaultcli.record.sealed.drawer import Drawer
from vaultcli.record.sealed.header import NAMESPACE
from vaultcli.record.times import is_moment

VERSION = "vaultcli-share"
NAME, SIGNATURE, IDENTITY, ALLOWED = "share.toml", "share.toml.sig", "identity.txt", "allowed_signers"
LIMIT = 512 * 1024 * 1024
"""Bytes of an archive."""
SUPERVISION, TRAINEE, AUTHORIZATION = "supervision", "trainee", "authorization"
BASES = {
    SUPERVISION: "45 CFR 164.508(a)(2)(i)(B): the originator's own supervisor, in the practice's training programme",
    TRAINEE: "45 CFR 164.508(a)(2)(i)(B): a trainee who learns under supervision, in the practice's training programme",
    AUTHORIZATION: "45 CFR 164.508(a)(2): a signed authorization that names psychotherapy notes",
}
NEEDS_AGREEMENT = {
    TRAINEE: "the day of the trainee's confidentiality agreement",
    AUTHORIZATION: "the day on which the authorization was signed",
}
_MACHINE = re.compile(rf"m[{ids.ALPHABET}]{{8}}")
_HASH = re.compile(r"[0-9a-f]{64}")
_WITH = re.compile(r"age1[0-9a-z]+|ssh-(?:ed25519|rsa) [A-Za-z0-9+/]+=*")


@dataclass(frozen=True)
class Share:
    """What a hand-over file says of itself.

    Args:
        id: random.
        vault, token: whose drawer it is.
        generations: how many keys its identity has.
        by: the originator.
        machine: principal of the key that signed this.
        with_: the recipient.
        basis: of `BASES`.
        agreement: ISO date; empty where the basis needs none.
        made: RFC 3339.
        files: name and SHA-256 of every other member, in order.
    """

    id: str
    vault: str
    token: str
    generations: int
    by: str
    machine: str
    with_: str
    basis: str
    agreement: str
    made: str
    files: tuple[tuple[str, str], ...] = ()

    @property
    def raw(self) -> bytes:
        """The canonical bytes."""
        top: dict[str, toml.Value] = {VERSION: 1, "id": self.id, "vault": self.vault, "token": self.token}
        top |= {"generations": self.generations, "by": self.by, "machine": self.machine, "with": self.with_, "basis": self.basis}
        top |= {"agreement": self.agreement} if self.agreement else {}
        top |= {"made": self.made}
        return toml.render(top, "file", [{"name": name, "sha256": digest} for name, digest in self.files]).encode()


@dataclass(frozen=True)
class Archive:
    """A hand-over file, opened and held together; whose it is is for the caller to judge.

    Args:
        share: what it says.
        signature: armour over `share.raw`.
        drawer: the identity.
        signers: `PRINCIPAL TYPE KEY` lines.
        files: id to sealed bytes.
    """

    share: Share
    signature: str
    drawer: Drawer
    signers: tuple[str, ...]
    files: dict[str, bytes]


def basis_problem(basis: str, agreement: str, today: date) -> str:
    """Why a basis does not do; empty where it does."""
    if basis not in BASES:
        return f"{basis} is no basis for sharing: {', '.join(BASES)}"
    if not agreement:
        return f"{basis} needs {NEEDS_AGREEMENT[basis]}" if basis in NEEDS_AGREEMENT else ""
    try:
        good = date.fromisoformat(agreement) <= today and len(agreement) == 10
    except ValueError:
        good = False
    return "" if good else f"{agreement} is no day up to today, such as 2026-09-01"


def allowed_text(signers: Sequence[str]) -> bytes:
    """The `allowed_signers` of `PRINCIPAL TYPE KEY` lines."""
    rows = []
    for line in sorted(signers):
        principal, _, key = line.partition(" ")
        rows.append(allowed_signers.AllowedSigner(principal, (NAMESPACE,), PublicKey.parse(key), None, None))
    return allowed_signers.render(rows).encode()


def _signers(raw: bytes) -> tuple[str, ...]:
    found = tuple(f"{one.principal} {one.key.line}" for one in allowed_signers.parse(toml.decoded(raw, ALLOWED)))
    if not found or allowed_text(found) != raw or not all(_MACHINE.fullmatch(line.partition(" ")[0]) for line in found):
        raise BadInput(f"{ALLOWED}: not in its one form")
    return found


def handed(one: Drawer) -> Drawer:
    """A drawer as it is handed over: its secrets, and no word of whose it is."""
    return replace(one, client="", name="", signers=())


def listed(share: Share, one: Drawer, signers: Sequence[str], files: Mapping[str, bytes]) -> tuple[Share, list[Member]]:
    """The share with its list of files, and those files."""
    members = [
        Member(IDENTITY, handed(one).text),
        Member(ALLOWED, allowed_text(signers)),
        *(Member(id_ + paths.SUFFIX, files[id_]) for id_ in sorted(files)),
    ]
    rows = tuple((name, hashlib.sha256(data).hexdigest()) for name, data in members)
    return replace(share, files=rows), members


def packed(share: Share, signature: str, members: Sequence[Member]) -> bytes:
    """The plaintext of a hand-over file.

    Raises:
        BadInput: it is too long.
    """
    return ustar.pack([Member(NAME, share.raw), Member(SIGNATURE, signature.encode()), *members], LIMIT)


def unpacked(raw: bytes) -> Archive:
    """Read the plaintext of a hand-over file; every name, hash and id is compared, no signature yet.

    Raises:
        BadInput: it is none, or its parts contradict each other.
    """
    members = ustar.unpack(raw, LIMIT)
    names = [one.name for one in members]
    if names[:4] != [NAME, SIGNATURE, IDENTITY, ALLOWED]:
        raise BadInput("no hand-over file: it begins with other members")
    share = parse(members[0].data)
    rows = tuple((one.name, hashlib.sha256(one.data).hexdigest()) for one in members[2:])
    if rows != share.files:
        raise BadInput(f"the hand-over file holds other files than its {NAME} lists")
    files = {}
    for one in members[4:]:
        at = paths.parse(f"{share.token}/{one.name}")
        if at is None or at.is_identity or at.beside:
            raise BadInput("the hand-over file holds a member that is no sealed file")
        files[at.id] = one.data
    found = drawer.parse(members[2].data, share.token, share.vault)
    said = (found.kind, found.origin, found.generation)
    if handed(found) != found or said != (drawer.CLIENT, share.vault, share.generations):
        raise BadInput("the hand-over file holds the identity of another drawer")
    signature = toml.decoded(members[1].data, SIGNATURE)
    return Archive(share, signature, found, _signers(members[3].data), files)


def parse(raw: bytes) -> Share:
    """Read `share.toml`; only the canonical form is accepted.

    Raises:
        BadInput: it is none.
    """
    data = toml.read(toml.decoded(raw, NAME), NAME, VERSION, "file")
    try:
        found = Share(
            id=data["id"],
            vault=data["vault"],
            token=data["token"],
            generations=data["generations"],
            by=data["by"],
            machine=data["machine"],
            with_=data["with"],
            basis=data["basis"],
            agreement=data.get("agreement", ""),
            made=data["made"],
            files=tuple((row["name"], row["sha256"]) for row in data.get("file", [])),
        )
        good = (
            all(map(ids.is_id, (found.id, found.vault, found.token)))
            and type(found.generations) is int
            and _MACHINE.fullmatch(found.machine)
            and _WITH.fullmatch(found.with_)
            and is_moment(found.made)
            and not basis_problem(found.basis, found.agreement, date.max)
            and all(_HASH.fullmatch(digest) for _, digest in found.files)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{NAME}: {type(error).__name__} at {error}") from None
    if not good or found.raw != raw:
        raise BadInput(f"{NAME}: not in its one form")
    return found
