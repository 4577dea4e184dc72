"""A verdict while another command is at work: what that one does is no finding, and is not taken back."""

from __future__ import annotations

import pytest

from tests.world import ClientLine, World
from vaultcli.ground.git import packs
from vaultcli.places.audit import objectstore
from vaultcli.places.machine import pins
from vaultcli.verify import refs


def heads_are_read_then(monkeypatch: pytest.MonkeyPatch, world: World, ada: ClientLine) -> None:
    """Another command records on the line, and pins it, after `verify` has read where the lines end."""
    read = refs.read

    def read_then(*given: object) -> object:
        found = read(*given)
        ada.draft("Recorded meanwhile.")
        world.save()
        return found

    monkeypatch.setattr(refs, "read", read_then)


def test_a_note_recorded_meanwhile_is_no_rollback_and_stays_pinned(
    world: World, ada: ClientLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.rules() == []
    heads_are_read_then(monkeypatch, world, ada)
    assert world.rules() == []
    with world.repository as repository:
        known = pins.load(world.genesis, repository.clone_id)
    assert known is not None
    assert known.heads[ada.branch] == ada.commits[-1]


def test_loose_objects_and_packs_that_are_packed_meanwhile_are_no_damage(world: World, ada: ClientLine) -> None:
    with world.repository as repository, repository.lock():
        packs.pack(repository.git, repository.directory)
        one = next(iter(objectstore.look(repository.directory, repository.object_format).all))
        kind, raw = repository.objects.read(one)
        loose = repository.directory / "objects" / one[:2] / one[2:]
        repository.git.write_objects({one: (kind, raw)})
        assert loose.exists()
        there = objectstore.look(repository.directory, repository.object_format)
        loose.unlink()
        assert objectstore.copies(repository.directory, there, repository.object_format) == []
        repository.git.write_objects({one: (kind, raw)})
        there = objectstore.look(repository.directory, repository.object_format)
        for file in (repository.directory / "objects" / "pack").iterdir():
            file.rename(repository.directory / file.name)
        assert objectstore.copies(repository.directory, there, repository.object_format) == []


def test_a_pack_that_comes_while_it_is_looked_at_is_no_damage(
    world: World, ada: ClientLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.repository as repository, repository.lock():
        packs.pack(repository.git, repository.directory)
        index = next((repository.directory / "objects" / "pack").glob("*.idx"))
        away = repository.directory / index.name
        index.rename(away)
        assert [one.text for one in objectstore.look(repository.directory, repository.object_format).findings]
        listed = objectstore._loose

        def loose(*given: object) -> object:
            found = list(listed(*given))
            if away.exists():
                away.rename(index)
            return found

        monkeypatch.setattr(objectstore, "_loose", loose)
        there = objectstore.look(repository.directory, repository.object_format)
    assert there.findings == ()
    assert index.stem in there.packs
