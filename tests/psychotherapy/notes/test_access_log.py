"""The access log as its checker sees it: a chain in which no piece may be missing, changed or of another machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import sealed
from tests.sealed import SealedWorld
from vaultcli.ground import dirs, files
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import KeyTrouble
from vaultcli.ground.ssh import sign as ssh
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sign import Signer
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.places.sealed import log_state
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.keys import machines
from vaultcli.psychotherapy.notes import access_log
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.unlock.keys import Keys
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.sealed import header
from vaultcli.record.sealed.paths import Sealed


@pytest.fixture
def world(tmp_path: Path) -> SealedWorld:
    return sealed.begin(tmp_path, "ada")


def happen(world: SealedWorld, store: Store, opener: object, *events: str) -> None:
    for event in events:
        access_log.keep(store, opener, event, world.tick())  # type: ignore[arg-type]


def rules(store: Store, keys: Keys) -> list[str]:
    return [one.message for one in access_log.check(store, keys)]


def test_pieces_are_a_chain_over_recordings(world: SealedWorld) -> None:
    with world.store() as store:
        keys = world.keys(store)
        happen(world, store, keys, "show", "edit")
        assert access_log.flush(store, world.tick())
        assert not access_log.flush(store, world.tick())
        happen(world, store, keys, "share", "diff", "rotate")
        assert [(row.event.n, row.waiting) for row in access_log.rows(store, keys)] == [
            (1, False), (2, False), (3, True), (4, True), (5, True)
        ]  # fmt: skip
        access_log.flush(store, world.tick())
        assert rules(store, keys) == []
        (known,) = keys.drawers().values()
        heads = [notes.read(store, keys, known, at).header for at in store.files(known.token)]
        pieces = sorted(heads, key=lambda one: one.number)
        assert [one.number for one in pieces] == [1, 2, 3]
        assert [one.previous for one in pieces] == [(), (pieces[0].sha256,), (pieces[1].sha256,)]


def test_every_waiting_event_is_sealed(world: SealedWorld) -> None:
    with world.store() as store:
        keys = world.keys(store)
        happen(world, store, keys, "show", "show")
        raw = files.read(log_state.place(store.repository.clone_id))
        assert b'"event"' not in raw
        memory = log_state.load(store.repository.clone_id)
        assert memory is not None
        assert memory.piece.startswith(b"age-encryption.org/v1\n")


class Shut:
    """Knows where everything goes, and opens nothing: an agent after its time."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def drawers(self) -> dict[str, Known]:
        return dict(self._keys.drawers())

    def open(self, token: str, raw: bytes) -> bytes:
        raise KeyTrouble("reads no more")


def test_an_event_needs_no_reading(world: SealedWorld) -> None:
    with world.store() as store:
        keys = world.keys(store)
        happen(world, store, keys, "show", "show")
        happen(world, store, Shut(keys), "copy", "rotate")
        assert [row.event.event for row in access_log.rows(store, keys)] == ["show", "show", "copy", "rotate"]
        assert rules(store, keys) == []


def test_a_recording_that_was_killed_before_it_was_remembered_is_settled(world: SealedWorld) -> None:
    with world.store() as store:
        keys = world.keys(store)
        happen(world, store, keys, "show", "show")
        clone = store.repository.clone_id
        before = log_state.load(clone)
        assert before is not None
        access_log.flush(store, world.tick())
        log_state.put(clone, before)
        assert rules(store, keys) == []
        happen(world, store, keys, "show")
        assert [row.event.n for row in access_log.rows(store, keys)] == [1, 2, 3]


def test_a_failed_recording_keeps_what_waits(world: SealedWorld) -> None:
    with world.store() as store:
        keys = world.keys(store)
        happen(world, store, keys, "show", "show")
        with pytest.raises(RuntimeError), access_log.carried(store):
            raise RuntimeError
        assert [row.waiting for row in access_log.rows(store, keys)] == [False, True]


def forged(store: Store, keys: Keys, world: SealedWorld, number: int, n: int, *, signed: bool) -> None:
    """A further piece that somebody who holds the drawer's recipient makes."""
    (known,) = keys.drawers().values()
    raw = (b'{"event":"show","ids":[],"n":%d,"time":"2026-11-22T14:58:03-05:00","token":""}\n' % n)
    last = [notes.read(store, keys, known, at).header.sha256 for at in store.files(known.token)][-1:]
    with store.machine() as (entry, signer):
        contents = {header.LOG_FILE: raw}
        by, machine = (world.settings.by, entry) if signed else ("", None)
        head = notes.head_of(known, header.LOG, world.tick(), contents, by=by, machine=machine, number=number, previous=last)
        plain = header.packed(head, signer.sign(head.raw, header.NAMESPACE) if signed else "", contents)
        store.record({Sealed(known.token, head.id).path: age.seal(plain, [known.recipient])}, world.now, by=signer)


@pytest.mark.parametrize(
    ("number", "n", "signed", "said"),
    [
        (3, 2, True, "piece 2 of the access log is missing"),
        (2, 3, True, "event 2 of the access log is missing"),
        (2, 2, False, "by another machine than the one whose log it is, or by none"),
        (2, 2, True, "does not end where this machine remembers it to"),
    ],
)
def test_what_does_not_belong_is_told(world: SealedWorld, number: int, n: int, signed: bool, said: str) -> None:
    with world.store() as store:
        keys = world.keys(store)
        happen(world, store, keys, "show")
        forged(store, keys, world, number, n, signed=signed)
        assert any(said in one for one in rules(store, keys)), rules(store, keys)


def test_damaged_memory_is_a_finding_and_no_crash(world: SealedWorld) -> None:
    with world.store() as store:
        keys = world.keys(store)
        happen(world, store, keys, "show")
        log_state.place(store.repository.clone_id).write_text("{}")
        assert "damaged" in rules(store, keys)[0]


def test_a_machine_that_nobody_has_let_in_reads_and_its_events_come_first_once_it_is(world: SealedWorld, tmp_path: Path) -> None:
    known, _ = world.note("one\n")
    key = world.settings.keys / "machine"
    admitted = tmp_path / "admitted"
    key.rename(admitted)
    key.with_name("machine.pub").unlink()
    ssh.generate(key, "", None)
    with world.store() as store:
        opener = world.keys(store)
        head = store.head
        assert not access_log.keep(store, opener, "show", world.tick(), token=known.token)
        assert not access_log.keep(store, opener, "diff", world.tick(), token=known.token)
        assert store.head == head
        assert [(row.machine, row.event.event, row.waiting) for row in access_log.rows(store, opener)] == [
            ("", "show", True),
            ("", "diff", True),
        ]
        assert access_log.check(store, opener) == []
    kept = [path for path in (dirs.state() / "access-log").rglob("guest") if path.is_file()]
    assert len(kept) == 1
    assert not any(word in kept[0].read_text() for word in ("show", known.token))
    with world.store() as store, Signer(KeyFile(admitted)) as machine:
        machines.admit(store, PublicKey.parse((world.settings.keys / "machine.pub").read_text().strip()), machine, world.tick())
    with world.store() as store:
        opener = world.keys(store)
        assert access_log.keep(store, opener, "search", world.tick())
        assert [(row.event.n, row.event.event, row.waiting) for row in access_log.rows(store, opener)] == [
            (1, "show", False),
            (2, "diff", False),
            (3, "search", False),
        ]
        assert access_log.check(store, opener) == []
    assert not kept[0].exists()


def test_a_machine_that_was_revoked_is_no_guest(world: SealedWorld) -> None:
    world.note("one\n")
    with world.store() as store, store.machine() as (entry, signer):
        ring = store.state.signers.with_revocation(entry.fingerprint, "2026-11-20", "lost")
        store.record(machines.listed(ring), world.tick(), by=signer)
    with world.store() as store, pytest.raises(KeyTrouble, match="not admitted"):
        access_log.keep(store, world.keys(store), "show", world.tick())
