"""Two machines, one remote between them: nothing that either wrote is lost, and nothing that does not hold is followed."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests import sealed, vaults
from vaultcli.ground.errors import NotFound, NotVerified, Refused
from vaultcli.ground.ssh import sign as ssh
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sign import Signer
from vaultcli.places.sealed import pins
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.notes import people
from vaultcli.psychotherapy.notes.people import ACCEPTED
from vaultcli.psychotherapy.repository import sync as syncs
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.notes.find_client import find
from vaultcli.record.sealed import header, paths, signers
from vaultcli.record.sealed.signers import Entry


@pytest.fixture
def world(tmp_path: Path) -> sealed.SealedWorld:
    return sealed.begin(tmp_path, "ada", "bo")


@pytest.fixture
def remote(tmp_path: Path) -> str:
    path = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", "--object-format=sha256", str(path)], check=True)
    return str(path)


def sync(world: sealed.SealedWorld, remote: str) -> syncs.Outcome:
    with world.store() as store, store.machine() as (_, signer):
        return syncs.sync(store, remote, world.tick(), signer)


def second(world: sealed.SealedWorld, tmp_path: Path) -> sealed.SealedWorld:
    """The same notes on another machine, whose key the first admitted."""
    other = replace(
        world.settings, root=tmp_path / "two", repository=tmp_path / "two" / "psychotherapy", keys=tmp_path / "two-keys"
    )
    shutil.copytree(world.settings.keys, other.keys)
    (other.keys / "machine").unlink()
    (other.keys / "machine.pub").unlink()
    key = ssh.generate(other.keys / "machine", "", None)
    with world.store() as store, store.machine() as (_, signer):
        principal = signers.new_principal(signers.MACHINE)
        text = signers.statement(store.vault, principal, signers.MACHINE, key)
        armour = signer.sign(text, signers.NAMESPACE)
        entry = Entry(principal, signers.MACHINE, key, "2026-11-20", signer.public.fingerprint, armour)
        ring = store.state.signers.with_entry(entry)
        store.record({paths.SIGNERS: ring.raw, paths.ALLOWED: ring.allowed}, world.tick(), by=signer)
        known = store.pins
    shutil.copytree(world.settings.repository, other.repository)
    subprocess.run(["git", "-C", other.repository, "config", "vaultcli.clone", "0123456789abcdef"], check=True)
    with world.store() as store:
        pins.put(replace(known, clone="0123456789abcdef", head=store.head, drawers=store.pins.drawers))
    return replace(world, settings=other)


def texts(world: sealed.SealedWorld) -> list[str]:
    with world.store() as store:
        keys = world.keys(store)
        found = [one for known in keys.drawers().values() for one in notes.each(store, keys, known)]
        assert not [one.problem for one in found if one.problem]
        return sorted(one.contents.text.decode() for one in found)


def test_both_wrote_and_both_keep_everything(world: sealed.SealedWorld, remote: str, tmp_path: Path) -> None:
    world.note("one\n")
    other = second(world, tmp_path)
    sync(world, remote)
    world.note("two\n")
    world.note("three\n", "bo")
    known, _ = other.note("four\n")
    assert sync(world, remote).sent == 2
    outcome = sync(other, remote)
    assert outcome.merged
    assert sync(world, remote).received == 2
    assert texts(world) == texts(other) == ["four\n", "one\n", "three\n", "two\n"]
    subprocess.run(["git", "-C", world.settings.repository, "fsck", "--strict", "--full"], check=True)
    with world.store() as store:
        assert store.head == store.repository.head("sealed")
        assert not store.doubts(world.tick())
        assert known.token in store.drawers()


def test_two_edits_of_one_note_stay_both(world: sealed.SealedWorld, remote: str, tmp_path: Path) -> None:
    known, id_ = world.note("one\n")
    other = second(world, tmp_path)
    sync(world, remote)
    for machine, text in ((world, "mine\n"), (other, "yours\n")):
        with machine.store() as store, store.machine() as (entry, signer):
            before = sealed.opened(store, machine.keys(store), known, id_)
            contents = {header.NOTE_FILE: text.encode()}
            head = notes.head_of(
                known, header.NOTE, world.tick(), contents, by="Lee", machine=entry, id_=id_, previous=[before.header.sha256]
            )
            store.record(notes.sealed(store, known, head, contents, signer), world.now, by=signer)
    sync(world, remote)
    outcome = sync(other, remote)
    assert len(outcome.beside) == 1
    sync(world, remote)
    assert texts(world) == texts(other) == ["mine\n", "yours\n"]


def test_a_rolled_back_remote_is_brought_forward_again(world: sealed.SealedWorld, remote: str) -> None:
    world.note("one\n")
    sync(world, remote)
    before = subprocess.run(["git", "-C", remote, "rev-parse", "sealed"], capture_output=True, text=True).stdout.strip()
    world.note("two\n")
    sync(world, remote)
    subprocess.run(["git", "-C", remote, "update-ref", "refs/heads/sealed", before], check=True)
    outcome = sync(world, remote)
    assert (outcome.received, outcome.sent) == (0, 1)
    assert texts(world) == ["one\n", "two\n"]


def test_plaintext_and_foreign_commits_are_not_followed(world: sealed.SealedWorld, remote: str, tmp_path: Path) -> None:
    known, _ = world.note("one\n")
    sync(world, remote)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", remote, clone, "-b", "sealed"], check=True)
    (clone / known.token / "0123456789abcdef.age").write_text("She spoke of the river.\n")
    git = ["git", "-C", clone, "-c", "user.name=sealed", "-c", "user.email=sealed"]
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "sealed", "--date", "2026-11-21T00:00:00Z"], check=True)
    subprocess.run([*git, "push", "-q", "origin", "sealed"], check=True)
    with pytest.raises(NotVerified) as caught:
        sync(world, remote)
    assert "sealed-signature" in str(caught.value)
    assert "sealed-blob" in str(caught.value)
    assert "river" not in str(caught.value)
    assert texts(world) == ["one\n"]


def test_another_vaults_remote_is_refused(world: sealed.SealedWorld, remote: str, tmp_path: Path) -> None:
    other = sealed.make(tmp_path / "o", vaults.make(tmp_path / "o" / "v", clients=("ada",)))
    other.note("one\n")
    sync(other, remote)
    with pytest.raises(Refused, match="another vault"):
        sync(world, remote)


def test_a_revoked_machines_later_commits_do_not_come_in(world: sealed.SealedWorld, remote: str, tmp_path: Path) -> None:
    world.note("one\n")
    other = second(world, tmp_path)
    sync(world, remote)
    thief = KeyFile(other.settings.keys / "machine")
    with world.store() as store, store.machine() as (_, signer), Signer(thief) as lost:
        ring = store.state.signers.with_revocation(lost.public.fingerprint, "2026-11-20", "lost")
        store.record({paths.SIGNERS: ring.raw, paths.ALLOWED: ring.allowed}, world.tick(), by=signer)
    other.note("planted\n")
    sync(other, remote)
    with pytest.raises(NotVerified, match="revoked"):
        sync(world, remote)
    assert texts(world) == ["one\n"]


def test_two_drawers_of_one_client_are_both_in_sight(world: sealed.SealedWorld, remote: str, tmp_path: Path) -> None:
    other = second(world, tmp_path)
    sync(world, remote)
    world.note("here, one\n")
    world.note("here, two\n")
    known, _ = other.note("there\n")
    sync(world, remote)
    outcome = sync(other, remote)
    with world.store() as store, store.machine() as (mine, _):
        assert outcome.drawers == [(next(one for one in store.drawers() if one != known.token), mine.principal)]
    sync(world, remote)
    with world.store() as store:
        everyone = people.people(people.register(world.world.vault), world.keys(store), lambda token: len(store.files(token)))
        ada, again = find(everyone, "ada+1", ACCEPTED).known, find(everyone, "ada+2", ACCEPTED).known
        with pytest.raises(NotFound, match="2 clients fit ada"):
            find(everyone, "ada", ACCEPTED)
        assert ada is not None
        assert again == known
        assert len(store.files(ada.token)) == 2


def test_after_merges_that_crossed_one_edit_is_one_edit(world: sealed.SealedWorld, remote: str, tmp_path: Path) -> None:
    known, id_ = world.note("one\n")
    other = second(world, tmp_path)
    places = [str(tmp_path / f"{name}.git") for name in "ab"]
    for place in places:
        subprocess.run(["git", "init", "-q", "--bare", "--object-format=sha256", place], check=True)
    edit(world, known, id_, "one, again\n")
    other.note("two\n", "bo")
    sync(world, places[0])
    sync(other, places[1])
    assert sync(world, places[1]).merged
    assert sync(other, places[0]).merged
    edit(world, known, id_, "one, at last\n")
    sync(world, remote)
    assert sync(other, remote).beside == []
    sync(world, remote)
    assert texts(world) == texts(other) == ["one, at last\n", "two\n"]


def edit(world: sealed.SealedWorld, known: Known, id_: str, text: str) -> None:
    with world.store() as store, store.machine() as (entry, signer):
        before = sealed.opened(store, world.keys(store), known, id_)
        contents = {header.NOTE_FILE: text.encode()}
        previous = [before.header.sha256]
        head = notes.head_of(known, header.NOTE, world.tick(), contents, by="Lee", machine=entry, id_=id_, previous=previous)
        store.record(notes.sealed(store, known, head, contents, signer), world.now, by=signer)
