"""What somebody with a stolen machine's key and no passphrase can record: nothing that takes a note or stops all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import sealed
from tests.helpers import run_here
from tests.psychotherapy.repository.test_sync import remote, second, sync
from tests.sealed import SealedWorld
from vaultcli.cli.psychotherapy.destroy import refuse_name
from vaultcli.ground import ids
from vaultcli.ground.age import seal as age
from vaultcli.ground.age.ustar import padded
from vaultcli.ground.errors import NotFound, Refused
from vaultcli.psychotherapy.keys import machines
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.notes import people as persons
from vaultcli.psychotherapy.notes.people import ACCEPTED, Person
from vaultcli.psychotherapy.repository import verify, verify_opened
from vaultcli.record.notes.find_client import find
from vaultcli.record.sealed import header, paths

assert remote


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SealedWorld:
    made = sealed.begin(tmp_path, "ada", "bo")
    monkeypatch.chdir(made.world.vault.root)
    return made


def plant(other: SealedWorld, text: bytes) -> str:
    """A drawer whose identity is sealed to the epoch, which is in the clear, and says this."""
    token = ids.new()
    with other.store() as store, store.machine() as (_, signer):
        raw = age.seal(padded(text), [store.state.epochs.recipient])
        store.record({paths.identity(token): raw}, other.tick(), by=signer)
    return token


def test_a_drawer_that_is_none_stops_nothing_and_is_told(world: SealedWorld, remote: str, tmp_path: Path) -> None:
    known, _ = world.note("one\n")
    other = second(world, tmp_path)
    sync(world, remote)
    token = plant(other, b"nothing of ours")
    sync(other, remote)
    sync(world, remote)
    with world.store() as store:
        opener = world.keys(store)
        assert set(opener.drawers()) == {known.token}
        assert opener.unready() == [token]
        told = verify_opened.check(store, opener, verify.verify(world.settings, now=world.tick()).versions, processes=1).remarks
        assert any(token in one and "planted" in one for one in told)
    world.note("two\n", known=known)


def test_a_larger_drawer_does_not_take_a_clients_next_note(world: SealedWorld, remote: str, tmp_path: Path) -> None:
    known, _ = world.note("one\n")
    other = second(world, tmp_path)
    sync(world, remote)
    with other.store() as store, store.machine() as (entry, signer):
        planted, changes = sealed.new_drawer(store, known.client, "Ada", other.tick())
        for _ in range(3):
            text = {header.NOTE_FILE: b"bait\n"}
            head = notes.head_of(planted, header.NOTE, other.tick(), text, by="Lee", machine=entry)
            changes |= notes.sealed(store, planted, head, text, signer)
        store.record(changes, other.now, by=signer)
    sync(other, remote)
    outcome = sync(world, remote)
    assert [token for token, _ in outcome.drawers] == [planted.token]
    with world.store() as store:
        people = persons.people(persons.register(world.world.vault), world.keys(store), lambda one: len(store.files(one)))
        with pytest.raises(NotFound, match="2 clients fit ada"):
            find(people, "ada", ACCEPTED)
        assert {one.known.token for one in people if one.known} == {known.token, planted.token}
    done = run_here(["psychotherapy", "new", "ada", "-m", "-"], stdin="two\n")
    assert done.code != 0


def test_revoking_names_the_keys_that_it_let_in(world: SealedWorld, tmp_path: Path) -> None:
    other = second(world, tmp_path)
    with other.store() as store, store.machine() as (thief, signer):
        third = machines.endorsed(store.state.signers, "machine", _key(tmp_path / "third"), signer, "2026-11-20")
        ring = store.state.signers.with_entry(third)
        assert machines.let_in_by(ring, thief) == [third]
        assert machines.let_in_by(ring, third) == []
        assert machines.let_in_by(ring.with_revocation(third.fingerprint, "2026-11-20", "lost"), thief) == []


def _key(place: Path) -> machines.PublicKey:
    from vaultcli.ground.ssh import sign as ssh

    return ssh.generate(place, "", None)


def test_a_certificate_is_not_called_after_the_client(world: SealedWorld, tmp_path: Path) -> None:
    world.note("one\n")
    place = tmp_path / "certificate-Ada.toml"
    command = ["psychotherapy", "destroy", "ada", "--certificate", str(place), "--yes-destroy", "ada"]
    done = run_here([*command, "--page", str(tmp_path / "p.html"), "--old-page", str(world.page)])
    assert done.code == 4
    assert "called after the client" in done.err
    assert not place.exists()


def test_the_number_of_a_handle_names_nobody(tmp_path: Path) -> None:
    bo = Person(ids.new(), "Bo Lee", "bo-2", None)
    refuse_name(bo, tmp_path / "certificate-2.toml")
    for name in ("bo.toml", "certificate_Lee.toml", "bo-2.toml"):
        with pytest.raises(Refused):
            refuse_name(bo, tmp_path / name)
