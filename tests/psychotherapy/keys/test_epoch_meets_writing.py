"""An epoch begins while somebody writes: what they record opens in the new one, and nothing of the old one is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import sealed
from tests.psychotherapy import handing
from vaultcli.ground.errors import Conflict
from vaultcli.ground.process import marks
from vaultcli.psychotherapy.handover import share
from vaultcli.psychotherapy.notes import recovery_copies, write
from vaultcli.record.sealed.header import NOTE_FILE


@pytest.fixture
def world(tmp_path: Path) -> sealed.SealedWorld:
    return sealed.begin(tmp_path, "ada", "bo")


def test_a_drawer_that_was_begun_before_an_epoch_opens_in_it(world: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = world.note("Ada spoke of the river.\n")
    with world.store() as store:
        target = write.first(store, world.world.clients["bo"], "Bo Example", world.tick())
        handing.destroy(world, ada, tmp_path, world.tick())
        write.record(store, world.keys(store), target, {NOTE_FILE: b"Bo spoke of the bridge.\n"}, world.tick())
    with world.store() as store:
        opener = world.keys(store)
        known = opener.drawers()[target.known.token]
        assert sealed.opened(store, opener, known, target.id[:6]).contents.text == b"Bo spoke of the bridge.\n"


def test_nothing_is_destroyed_while_a_note_is_being_written(world: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = world.note("Ada spoke of the river.\n")
    with world.store() as store:
        place = recovery_copies.mark(store, "0123456789abcdef")
    with marks.mark(place), pytest.raises(Conflict, match="being written"):
        handing.destroy(world, ada, tmp_path, world.tick())
    handing.destroy(world, ada, tmp_path, world.tick())


def test_a_recovery_copy_of_a_clients_first_note_opens_in_the_epoch_that_comes(world: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = world.note("Ada spoke of the river.\n")
    with world.store() as store:
        target = write.first(store, world.world.clients["bo"], "Bo Example", world.tick())
        write.keep(store, target, b"Bo spoke of the bridge.\n", world.tick())  # and then the power went
    handing.destroy(world, ada, tmp_path, world.tick())
    with world.store() as store:
        opener = world.keys(store)
        known = opener.drawers()[target.known.token]
        (copy,) = recovery_copies.waiting(store)
        assert recovery_copies.opened(store, opener, known, copy).text == b"Bo spoke of the bridge.\n"


def test_a_note_goes_to_the_generation_that_began_while_it_was_written(world: sealed.SealedWorld) -> None:
    ada, _ = world.note("Ada spoke of the river.\n")
    target = write.fresh(ada)
    with world.store() as store, store.machine() as (_, signer):
        moved = share.revoke(store, world.keys(store), ada, world.tick(), signer)
        assert moved.generation == 2
        write.record(store, world.keys(store), target, {NOTE_FILE: b"Ada came back.\n"}, world.tick())
        opener = world.keys(store)
        assert sealed.opened(store, opener, opener.drawers()[ada.token], target.id[:6]).header.generation == 2
