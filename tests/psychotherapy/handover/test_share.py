"""A hand-over file holds one client's notes and nothing of another's, for one person; what does not hold together is refused."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests import sealed
from tests.psychotherapy import handing
from vaultcli.ground.age import seal as age
from vaultcli.ground.age import ustar
from vaultcli.ground.age.ustar import Member
from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble, NotVerified, Refused
from vaultcli.psychotherapy.handover import accept as acceptance
from vaultcli.psychotherapy.handover import share as shares
from vaultcli.psychotherapy.handover.accept import Offer
from vaultcli.psychotherapy.notes import access_log
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.unlock.clinician import clinician
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.sealed import header, paths, share

ADA, BO = "Ada spoke of the river.", "Bo spoke of the bridge."


@pytest.fixture
def lee(tmp_path: Path) -> sealed.SealedWorld:
    home = tmp_path / "lee"
    home.mkdir()
    return sealed.begin(home, "ada", "bo")


@pytest.fixture
def sam(tmp_path: Path) -> sealed.SealedWorld:
    home = tmp_path / "sam"
    home.mkdir()
    return sealed.begin(home, "cy")


def own(world: sealed.SealedWorld) -> list[age.Identity]:
    return clinician(world.settings, lambda _: sealed.PASSPHRASE)


def hand(world: sealed.SealedWorld, known: Known, to: str, basis: str = share.SUPERVISION, agreement: str = "") -> shares.Made:
    with world.store() as store, store.machine() as (entry, signer):
        return shares.made(store, world.keys(store), known, to, basis, agreement, world.tick(), entry, signer)


def offered(world: sealed.SealedWorld, raw: bytes) -> Offer:
    identities = own(world)
    with world.store() as store:
        return acceptance.read(store, world.keys(store), raw, identities, {one.recipient for one in identities})


def accept(world: sealed.SealedWorld, raw: bytes, name: str = "Lee's Ada") -> Known:
    identities = own(world)
    with world.store() as store, store.machine() as (_, signer):
        opener = world.keys(store)
        offer = acceptance.read(store, opener, raw, identities, {one.recipient for one in identities})
        return acceptance.accept(store, opener, offer, name, world.tick(), signer)


def texts(world: sealed.SealedWorld, known: Known) -> list[str]:
    with world.store() as store:
        opener = world.keys(store)
        return [notes.checked(one).contents.text.decode() for one in notes.each(store, opener, opener.drawers()[known.token])]


def resealed(made: shares.Made, by: sealed.SealedWorld, to: sealed.SealedWorld, change: object = None) -> bytes:
    """The plaintext taken out with the recipient's own key, changed, and sealed again, as anybody who received it can."""
    plain = age.open_(made.sealed, own(by))
    members = ustar.unpack(plain, share.LIMIT)
    members = change(members) if callable(change) else members
    return age.seal(ustar.pack(members, share.LIMIT), [own(to)[0].recipient])


def test_what_is_handed_over_is_read_on_the_other_side(lee: sealed.SealedWorld, sam: sealed.SealedWorld) -> None:
    ada, _ = lee.note(f"{ADA}\n")
    lee.note("And of the sea.\n", known=ada)
    made = hand(lee, ada, own(sam)[0].recipient)
    offer = offered(sam, made.sealed)
    with lee.store() as store, store.machine() as (_, signer):
        assert offer.key.fingerprint == signer.public.fingerprint
    assert (offer.notes, offer.unsigned, offer.unproven) == (2, [], False)
    known = accept(sam, made.sealed)
    assert (known.received, known.name, known.client) == (True, "Lee's Ada", "")
    assert sorted(texts(sam, known)) == [f"{ADA}\n", "And of the sea.\n"]
    with sam.store() as store:
        assert store.doubts(sam.now) == []
        with pytest.raises(Refused, match="read, not written"):
            sam.note("A thought of mine.\n", "cy", known=known)


def test_it_holds_nothing_of_another_client(lee: sealed.SealedWorld, sam: sealed.SealedWorld) -> None:
    ada, _ = lee.note(f"{ADA}\n")
    bo, _ = lee.note(f"{BO}\n", "bo")
    made = hand(lee, ada, own(sam)[0].recipient)
    plains = handing.opened([made.sealed], own(sam))
    for plain in list(plains):
        inner = [one.data for one in ustar.unpack(plain, share.LIMIT)] if b"share.toml" in plain[:100] else []
        again = [identity for data in inner for identity in handing.secrets_in(data)]
        plains |= set(inner) | handing.opened([data for data in inner if data.startswith(b"age-")], again)
    assert handing.tells(plains, ADA)  # the control
    for canary in (BO, bo.token, "name: Bo", lee.world.clients["bo"], lee.world.clients["ada"], "Ada\n"):
        assert not handing.tells(plains, canary), canary
    with lee.store() as store:
        secrets = [one.secret for one in lee.keys(store).drawer(bo.token).generations]
    assert not any(handing.tells(plains, one) for one in secrets)
    raws = [raw for raw in handing.blobs(lee.settings.repository) if raw.startswith(b"age-")]
    everything = handing.opened([made.sealed, *raws], own(sam))
    inner = next(ustar.unpack(plain, share.LIMIT) for plain in everything if plain.startswith(b"share.toml"))
    found = handing.opened(raws, handing.secrets_in(inner[2].data))
    assert (handing.tells(found, ADA), handing.tells(found, BO)) == (True, False)


@pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed: opening by stock age was not tried")
def test_stock_tools_open_it(lee: sealed.SealedWorld, sam: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, id_ = lee.note(f"{ADA}\n")
    made = hand(lee, ada, own(sam)[0].recipient)
    place = tmp_path / "hand-over.age"
    place.write_bytes(made.sealed)
    script = f"""set -e
age -d -i {sam.settings.keys / "plain.txt"} {place} > hand-over.tar
tar -xOf hand-over.tar share.toml > share.toml && tar -xOf hand-over.tar share.toml.sig > share.toml.sig
tar -xOf hand-over.tar allowed_signers > allowed_signers
ssh-keygen -Y verify -f allowed_signers -I {made.share.machine} -n sealed@vaultcli.v1 -s share.toml.sig < share.toml >&2
tar -xOf hand-over.tar identity.txt > d.txt
tar -xOf hand-over.tar {id_}.age | age -d -i d.txt | tar -xOf - note.md
"""
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"{ADA}\n"), done.stderr


def test_an_ssh_key_will_do(lee: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = lee.note(f"{ADA}\n")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "sam@desk", "-f", tmp_path / "id"], check=True)
    to = shares.recipient(str(tmp_path / "id.pub"))
    assert to.startswith("ssh-ed25519 ")
    assert "sam@desk" not in to
    assert shares.recipient((tmp_path / "id.pub").read_text()) == to
    made = hand(lee, ada, to)
    assert share.unpacked(age.open_(made.sealed, [age.ssh_identity((tmp_path / "id").read_bytes())])).share.with_ == to
    assert shares.short(to).startswith("SHA256:")
    with pytest.raises(BadInput):
        shares.recipient("ssh-ed25519 nonsense")


def test_it_was_made_for_one_person(lee: sealed.SealedWorld, sam: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = lee.note(f"{ADA}\n")
    home = tmp_path / "kim"
    home.mkdir()
    kim = sealed.begin(home, "dee")
    made = hand(lee, ada, own(sam)[0].recipient)
    with pytest.raises(KeyTrouble):
        offered(kim, made.sealed)
    with pytest.raises(NotVerified, match="another person"):
        offered(kim, resealed(made, sam, kim))
    with pytest.raises(Refused, match="this very vault"):
        offered(lee, hand(lee, ada, own(lee)[0].recipient).sealed)


def _swap(name: str, data: bytes) -> object:
    return lambda members: [Member(one.name, data if one.name == name else one.data) for one in members]


def test_what_was_tampered_with_is_refused(lee: sealed.SealedWorld, sam: sealed.SealedWorld) -> None:
    ada, id_ = lee.note(f"{ADA}\n")
    bo, bo_id = lee.note(f"{BO}\n", "bo")
    to = own(sam)[0].recipient
    made, other = hand(lee, ada, to), hand(lee, bo, to)
    theirs = {one.name: one.data for one in ustar.unpack(age.open_(other.sealed, own(sam)), share.LIMIT)}
    toml = made.share.raw

    def more(members: list[Member]) -> list[Member]:
        return [*members, Member(f"{bo_id}.age", theirs[f"{bo_id}.age"])]

    def relisted(members: list[Member], name: str, data: bytes) -> list[Member]:
        """With the list of hashes made to fit, as a forger would, who cannot sign."""
        rows = [Member(one.name, data if one.name == name else one.data) for one in members]
        listed = tuple((one.name, archive_digest(one.data)) for one in rows[2:])
        return [Member(share.NAME, replace(made.share, files=listed).raw), *rows[1:]]

    def archive_digest(data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()

    wrong: dict[str, object] = {
        "basis": _swap("share.toml", toml.replace(b'"supervision"', b'"authorization"')),
        "with": _swap("share.toml", toml.replace(to.encode(), own(lee)[0].recipient.encode())),
        "signature": _swap("share.toml.sig", theirs["share.toml.sig"]),
        "identity": _swap("identity.txt", theirs["identity.txt"]),
        "identity, listed": lambda members: relisted(members, "identity.txt", theirs["identity.txt"]),
        "note": _swap(f"{id_}.age", theirs[f"{bo_id}.age"]),
        "note, listed": lambda members: relisted(members, f"{id_}.age", theirs[f"{bo_id}.age"]),
        "one more": more,
        "one less": lambda members: members[:-1],
        "order": lambda members: [members[1], members[0], *members[2:]],
    }
    assert offered(sam, resealed(made, sam, sam))  # the control
    for change in wrong.values():
        raw = resealed(made, sam, sam, change)
        with pytest.raises((BadInput, NotVerified)):
            offered(sam, raw)


@pytest.mark.parametrize("name", ["identity.age", "../../evil.age", "header.toml", f"{'0' * 16}.0123abcd.age", "README.md"])
def test_no_member_lands_anywhere_else(lee: sealed.SealedWorld, sam: sealed.SealedWorld, name: str) -> None:
    ada, _ = lee.note(f"{ADA}\n")
    made = hand(lee, ada, own(sam)[0].recipient)
    members = ustar.unpack(age.open_(made.sealed, own(sam)), share.LIMIT)
    try:
        with lee.store() as store, store.machine() as (_, signer):
            forged, listed = replace(made.share), [*members[2:], Member(name, members[-1].data)]
            rows = tuple((one.name, hashlib.sha256(one.data).hexdigest()) for one in listed)
            forged = replace(made.share, files=rows)
            plain = share.packed(forged, signer.sign(forged.raw, header.NAMESPACE), listed)
    except BadInput:
        return  # the archive itself has no such name
    with pytest.raises(BadInput):
        offered(sam, age.seal(plain, [own(sam)[0].recipient]))


def test_an_older_hand_over_changes_nothing(lee: sealed.SealedWorld, sam: sealed.SealedWorld) -> None:
    ada, id_ = lee.note(f"{ADA}\n")
    to = own(sam)[0].recipient
    first = hand(lee, ada, to)
    accept(sam, first.sealed)
    with lee.store() as store, store.machine() as (entry, signer):
        before = sealed.opened(store, lee.keys(store), ada, id_)
        contents = {header.NOTE_FILE: b"Ada spoke of the river, and of the ford.\n"}
        follows = (before.header.sha256,)
        head = notes.head_of(ada, header.NOTE, lee.tick(), contents, by="Lee", machine=entry, id_=id_, previous=follows)
        store.record(notes.sealed(store, ada, head, contents, signer), lee.now, by=signer)
    lee.note("And of the sea.\n", known=ada)
    known = accept(sam, hand(lee, ada, to).sealed, "ignored: it is here already")
    assert known.name == "Lee's Ada"
    new = ["Ada spoke of the river, and of the ford.\n", "And of the sea.\n"]
    assert sorted(texts(sam, known)) == new
    with sam.store() as store:
        head_before = store.head
    accept(sam, first.sealed)
    assert sorted(texts(sam, known)) == new
    with sam.store() as store:
        assert store.head == head_before


def test_after_revoking_what_was_handed_over_opens_nothing_new(lee: sealed.SealedWorld, sam: sealed.SealedWorld) -> None:
    ada, _ = lee.note(f"{ADA}\n")
    made = hand(lee, ada, own(sam)[0].recipient)
    with lee.store() as store, store.machine() as (_, signer):
        ada = shares.revoke(store, lee.keys(store), ada, lee.tick(), signer)
        assert ada.generation == 2
    lee.note("Only for me.\n", known=ada)
    inner = ustar.unpack(age.open_(made.sealed, own(sam)), share.LIMIT)
    raws = [raw for raw in handing.blobs(lee.settings.repository) if raw.startswith(b"age-")]
    found = handing.opened(raws, handing.secrets_in(inner[2].data))
    assert (handing.tells(found, ADA), handing.tells(found, "Only for me.")) == (True, False)
    assert sorted(texts(lee, ada)) == [f"{ADA}\n", "Only for me.\n"]
    # a later hand-over brings the drawer on the other side up to date, new key and all
    accept(sam, made.sealed)
    assert len(texts(sam, accept(sam, hand(lee, ada, own(sam)[0].recipient).sealed))) == 2


def test_another_drawer_of_that_token_is_not_touched(lee: sealed.SealedWorld, sam: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = lee.note(f"{ADA}\n")
    to = own(sam)[0].recipient
    cy, _ = sam.note("Cy spoke of the hill.\n", "cy")
    made = hand(lee, ada, to)
    members = ustar.unpack(age.open_(made.sealed, own(sam)), share.LIMIT)
    # somebody who knows one of our tokens makes a drawer of that name
    with lee.store() as store, store.machine() as (_, signer):
        drawer = replace(share.handed(lee.keys(store).drawer(ada.token)), token=cy.token)
        begun = replace(made.share, token=cy.token, files=())
        whole, listed = share.listed(begun, drawer, (f"{made.share.machine} {signer.public.line}",), {})
        plain = share.packed(whole, signer.sign(whole.raw, header.NAMESPACE), listed)
    assert members
    with pytest.raises(Refused, match="does not continue"):
        offered(sam, age.seal(plain, [to]))
    assert texts(sam, cy) == ["Cy spoke of the hill.\n"]


def test_a_name_here_means_one_drawer(lee: sealed.SealedWorld, sam: sealed.SealedWorld) -> None:
    ada, _ = lee.note(f"{ADA}\n")
    sam.note("Cy spoke of the hill.\n", "cy")
    made = hand(lee, ada, own(sam)[0].recipient)
    for name in ("Cy", "cy", " "):
        with pytest.raises(Conflict):
            accept(sam, made.sealed, name)


def test_what_was_received_is_not_passed_on(lee: sealed.SealedWorld, sam: sealed.SealedWorld) -> None:
    ada, _ = lee.note(f"{ADA}\n")
    known = accept(sam, hand(lee, ada, own(sam)[0].recipient).sealed)
    with pytest.raises(Refused, match="originator"):
        hand(sam, known, own(lee)[0].recipient)


def test_a_basis_needs_its_agreement() -> None:
    day = datetime(2026, 11, 22).date()
    assert share.basis_problem("supervision", "", day) == ""
    assert "confidentiality" in share.basis_problem("trainee", "", day)
    assert "authorization" in share.basis_problem("authorization", "", day)
    assert share.basis_problem("payer", "", day)
    assert share.basis_problem("trainee", "2026-11-22", day) == ""
    for wrong in ("2026-11-23", "yesterday", "20261122", "2026-13-01"):
        assert share.basis_problem("trainee", wrong, day)


def test_the_log_tells_of_what_was_handed_over(lee: sealed.SealedWorld) -> None:
    ada, _ = lee.note(f"{ADA}\n")
    with lee.store() as store:
        opener = lee.keys(store)
        why = shares.why("trainee", "2026-09-01", "age1abc")
        access_log.keep(store, opener, "share", lee.tick(), token=ada.token, ids_=("2m8wkc4xe9r7n5tq",), why=why)
        access_log.keep(store, lee.keys(store), "revoke", lee.tick(), token=ada.token, ids_=("2m8wkc4xe9r7n5tq",))
        found = shares.handed(store, lee.keys(store), ada.token)
    rows = [(one.basis, one.agreement, one.with_, bool(one.revoked)) for one in found]
    assert rows == [("trainee", "2026-09-01", "age1abc", True)]
    assert found[0].text.endswith("trainee, agreement 2026-09-01, with age1abc")
    assert paths.identity(ada.token)


def test_no_day_that_is_typed_hands_over_everything_by_an_authorization(
    lee: sealed.SealedWorld, sam: sealed.SealedWorld
) -> None:
    """The control: by the other bases it goes; and what an earlier version handed over is still read."""
    ada, _ = lee.note(f"{ADA}\n")
    to = own(sam)[0].recipient
    with pytest.raises(Refused, match=r"164\.508\(b\)\(1\), \(c\)"):
        hand(lee, ada, to, "authorization", "2026-11-20")
    assert hand(lee, ada, to).notes == 1
    assert all("164.508(a)(2)" in said for said in share.BASES.values())
