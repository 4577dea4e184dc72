"""One note changed on two machines: both texts are shown, the next version takes both in, and each machine has its own log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import sealed
from tests.helpers import run_here
from tests.psychotherapy.repository.test_sync import remote, second, sync
from tests.sealed import SealedWorld
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.notes import access_log, lookup, write
from vaultcli.psychotherapy.unlock.keys import Keys
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.sealed.header import NOTE_FILE

assert remote


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SealedWorld:
    made = sealed.begin(tmp_path, "ada")
    monkeypatch.chdir(made.world.vault.root)
    return made


def change(world: SealedWorld, known: Known, id_: str, text: str) -> None:
    with world.store() as store:
        keys = world.keys(store)
        access_log.keep(store, keys, "edit", world.tick(), token=known.token, ids_=[id_])
        target = write.again(store, sealed.opened(store, keys, known, id_))
        assert write.record(store, keys, target, {NOTE_FILE: text.encode()}, world.tick())


def both_changed(world: SealedWorld, remote: str, tmp_path: Path) -> tuple[SealedWorld, Known, str]:
    known, id_ = world.note("one\n")
    other = second(world, tmp_path)
    sync(world, remote)
    change(world, known, id_, "one, and the lamp\n")
    change(other, known, id_, "one, and the door\n")
    sync(world, remote)
    sync(other, remote)
    sync(world, remote)
    return other, known, id_


def run(*args: str, stdin: str = "") -> str:
    done = run_here(["psychotherapy", *args], stdin=stdin)
    assert done.code == 0, done
    return done.out


def opened(world: SealedWorld, store: Store, known: Known) -> tuple[Keys, list[lookup.Entry]]:
    keys = world.keys(store)
    return keys, lookup.contents(store, keys, known).entries


def test_both_texts_are_shown_and_the_next_version_takes_both_in(world: SealedWorld, remote: str, tmp_path: Path) -> None:
    _, known, id_ = both_changed(world, remote, tmp_path)
    shown = run("show", id_)
    assert "the lamp" in shown
    assert "the door" in shown
    assert "changed on two machines" in run("list", "ada")
    assert json.loads(run("search", "door", "--json"))["found"] == 1
    run("edit", id_, "-m", "-", stdin="one, and the lamp by the door\n")
    with world.store() as store:
        _, (entry,) = opened(world, store, known)
        assert len(entry.note.header.previous) == 2
        assert entry.beside == []
    run("edit", id_, "-m", "-", stdin="one, and the lamp by the green door\n")
    with world.store() as store:
        _, (entry,) = opened(world, store, known)
        # a version later the other text is still one that was taken in
        assert entry.beside == []
    assert len(json.loads(run("log", id_, "--json"))["versions"]) == 5


def test_an_editor_is_given_both_texts(world: SealedWorld, remote: str, tmp_path: Path) -> None:
    _, _, id_ = both_changed(world, remote, tmp_path)
    script = tmp_path / "ed"
    script.write_text('#!/bin/sh\ngrep -q lamp "$1" && grep -q door "$1" && printf "lamp, door\\n" > "$1"\n')
    script.chmod(0o755)
    done = run_here(["psychotherapy", "edit", id_], env={"EDITOR": str(script)})
    assert done.code == 0, done
    assert "lamp, door" in run("show", id_)


def test_each_machine_has_a_log_of_its_own(world: SealedWorld, remote: str, tmp_path: Path) -> None:
    other, _, _ = both_changed(world, remote, tmp_path)
    for one in (world, other):
        with one.store() as store:
            keys = one.keys(store)
            rows = access_log.rows(store, keys)
            assert [row.event.event for row in rows] == ["edit", "edit"]
            assert len({row.machine for row in rows}) == 2
            assert access_log.check(store, keys) == []
