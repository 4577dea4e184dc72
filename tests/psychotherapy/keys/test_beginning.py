"""Psychotherapy notes begin where nothing is anywhere, and nowhere else: whatever cannot be read, no key is written over."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests import everyday, sealed, shelf, vaults
from tests.sealed import PASSPHRASE, SealedWorld
from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import VaultError
from vaultcli.places.sealed import copies, pins, remains, settings
from vaultcli.places.sealed.settings import CLINICIAN, EPOCH, NAME
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.keys import create, usb_copies
from vaultcli.psychotherapy.unlock import keys

Damage = Callable[[SealedWorld], None]
CUT = "an empty key store, no repository"
"""What a beginning that was cut short at its very beginning leaves."""


@pytest.fixture(autouse=True)
def no_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(age, "seal_with_passphrase", lambda data, _: data)


@shelf.made_once
def world(tmp_path: Path) -> SealedWorld:
    """Notes of two clients, a page and a stick."""
    made = sealed.begin(tmp_path, "ada", "bo")
    shutil.copy(made.settings.keys / "plain.txt", made.settings.keys / CLINICIAN)
    made.settings = replace(made.settings, identity=CLINICIAN)
    settings.put(made.settings)
    made.note("The dream had no door.\n")
    made.note("He spoke of the river.\n", "bo")
    (tmp_path / "blue").mkdir()
    with made.store() as store:
        fresh = usb_copies.working(store, made.keys(store).epoch, [])
        usb_copies.add(made.settings, tmp_path / "blue", "blue", fresh, made.tick())
    return made


# what can be wrong with what says where the notes are


def git(world: SealedWorld) -> Path:
    return world.settings.repository / ".git"


def ref(world: SealedWorld) -> Path:
    return git(world) / "refs/heads/sealed"


def packed(world: SealedWorld) -> None:
    oid = ref(world).read_text().strip()
    ref(world).unlink()
    (git(world) / "packed-refs").write_text(f"# pack-refs with: peeled fully-peeled sorted\n{'g' + oid[1:]} refs/heads/sealed\n")


def without_tip(world: SealedWorld) -> None:
    oid = ref(world).read_text().strip()
    (git(world) / "objects" / oid[:2] / oid[2:]).unlink()


def without_pins(world: SealedWorld) -> None:
    shutil.rmtree(pins.path("x", "y").parent.parent)


def damaged_pins(world: SealedWorld) -> None:
    (one,) = pins.path("x", "y").parent.parent.glob("*/*.json")
    one.write_text("{")


def away(*paths: Callable[[SealedWorld], Path]) -> Damage:
    def damage(world: SealedWorld) -> None:
        for path in paths:
            path(world).rename(world.page.parent / f"away-{path(world).name}")

    return damage


def of(*some: Callable[[SealedWorld], object]) -> Damage:
    def damage(world: SealedWorld) -> None:
        for one in some:
            one(world)

    return damage


def repository(world: SealedWorld) -> Path:
    return world.settings.repository


def store_of(world: SealedWorld) -> Path:
    return world.settings.keys


def no_ref(world: SealedWorld) -> None:
    ref(world).unlink()


def no_settings(world: SealedWorld) -> None:
    (world.settings.root / NAME).unlink()


STATES: dict[str, Damage] = {
    "a wrong byte in the ref": of(lambda world: ref(world).write_text("x" + ref(world).read_text()[1:])),
    "an empty ref": of(lambda world: ref(world).write_bytes(b"")),
    "no ref": no_ref,
    "a ref that is a folder": of(no_ref, lambda world: ref(world).mkdir()),
    "a ref to nothing": of(lambda world: ref(world).write_text("5" * 64 + "\n")),
    "no tip": without_tip,
    "packed refs with a wrong byte": packed,
    "no refs": lambda world: shutil.rmtree(git(world) / "refs"),
    "no HEAD": lambda world: (git(world) / "HEAD").unlink(),
    "an empty HEAD": of(lambda world: (git(world) / "HEAD").write_bytes(b"")),
    "no HEAD, no ref": of(no_ref, lambda world: (git(world) / "HEAD").unlink()),
    "no configuration": lambda world: (git(world) / "config").unlink(),
    "an empty configuration": of(lambda world: (git(world) / "config").write_bytes(b"")),
    "no configuration, no ref": of(no_ref, lambda world: (git(world) / "config").unlink()),
    "no objects": lambda world: shutil.rmtree(git(world) / "objects"),
    "no objects, no ref": of(no_ref, lambda world: shutil.rmtree(git(world) / "objects")),
    "no ref, no pins": of(no_ref, without_pins),
    "no ref, damaged pins": of(no_ref, damaged_pins),
    "no git folder": lambda world: shutil.rmtree(git(world)),
    "no repository": away(repository),
    "an empty repository": of(away(repository), lambda world: repository(world).mkdir()),
    "no key store, no repository": away(store_of, repository),
    CUT: of(away(store_of, repository), lambda world: store_of(world).mkdir()),
    "empty settings": of(lambda world: (world.settings.root / NAME).write_bytes(b"")),
    "settings that are a folder": of(no_settings, lambda world: (world.settings.root / NAME).mkdir()),
    "no settings": no_settings,
    "no settings, no ref": of(no_settings, no_ref),
    "no settings, no git folder": of(no_settings, lambda world: shutil.rmtree(git(world))),
}
DAILY = ("a wrong byte in the ref", "no ref", "no tip", "no repository", "no ref, no pins", "no settings, no ref")


def secrets(world: SealedWorld) -> dict[str, bytes]:
    """Every file that holds a key, in the key store, on the stick and on paper, wherever it was moved."""
    kinds = (".age", ".html", ".toml")
    files_ = (path for path in world.page.parent.parent.rglob("*") if path.is_file())
    found = (path for path in files_ if path.suffix in kinds or "until" in path.name)
    return {path.name + files.digest(path.read_bytes()): path.read_bytes() for path in found if "vault.toml" not in path.name}


def begin(world: SealedWorld, name: str = "another.html", keys: Path | None = None) -> create.Founded:
    root = world.settings.root
    page = world.page.with_name(name)
    wanted = create.Wanted(root, "Lee", root / "psychotherapy", page, keys=keys)
    return create.found(wanted, world.tick(), lambda: PASSPHRASE)


@pytest.mark.parametrize("state", everyday.these(STATES, DAILY))
@pytest.mark.parametrize("cut_short", [False, True], ids=["", "its end was not written down"])
def test_nothing_begins_where_something_cannot_be_read(world: SealedWorld, state: str, cut_short: bool) -> None:
    if cut_short and state == CUT:
        return
    settings.put(replace(world.settings, beginning=cut_short))
    before = secrets(world)
    STATES[state](world)
    if "settings" in state:
        before = {name: raw for name, raw in before.items() if not name.startswith(NAME)}
    for keys_ in (None, world.settings.keys):
        if state == "no settings, no git folder" and keys_ is None:
            continue
        with pytest.raises(VaultError):
            begin(world, keys=keys_)
    after = secrets(world)
    assert {name: after.get(name) for name in before} == before
    assert not list(world.page.parent.glob("another*"))


def test_where_nothing_was_left_to_say_so_a_key_store_of_another_name_is_taken(world: SealedWorld, tmp_path: Path) -> None:
    STATES["no settings, no git folder"](world)
    shutil.rmtree(repository(world))
    before = secrets(world)
    done = begin(world)
    assert done.settings.keys != world.settings.keys
    assert before.items() <= secrets(world).items()


def test_each_sign_stops_a_beginning_by_itself(world: SealedWorld) -> None:
    """In a vault whose settings say that it was cut short."""
    known = replace(world.settings, beginning=True)
    no_ref(world)
    shutil.rmtree(git(world) / "logs")
    signs = "\n".join(remains._signs(known, known))
    for words in ("3 commits are there", "signers.toml is there", "holds a drawer", "this machine has seen"):
        assert words in signs


def test_the_hint_leads_back(world: SealedWorld) -> None:
    """What the refusal prints, put into a shell, brings every note back."""
    head = ref(world).read_text()
    for state in ("a wrong byte in the ref", "no ref", "an empty ref"):
        STATES[state](world)
        with pytest.raises(VaultError) as told:
            begin(world)
        command = told.value.hint.partition(" puts ")[0]
        subprocess.run(command, shell=True, check=True)
        assert ref(world).read_text() == head
        with world.store() as store:
            assert len(keys.Keys.unlock(store, lambda _: PASSPHRASE).drawers()) == 2
            assert store.doubts(world.tick()) == []


def test_opening_says_the_same_and_does_not_send_anybody_to_init(world: SealedWorld) -> None:
    no_ref(world)
    with world.store() as store, pytest.raises(VaultError) as told:
        _ = store.head
    assert "update-ref" in told.value.hint
    away(repository)(world)
    with pytest.raises(VaultError) as told:
        world.store()
    assert "is its disk plugged in?" in told.value.hint


def test_where_nothing_is_anywhere_they_begin(tmp_path: Path) -> None:
    chart = vaults.make(tmp_path / "v", clients=())
    root = chart.vault.root
    (root / "psychotherapy").mkdir()
    (tmp_path / "store").mkdir()
    wanted = create.Wanted(root, "Lee", root / "psychotherapy", tmp_path / "page.html", keys=tmp_path / "store")
    done = create.found(wanted, vaults.START, lambda: PASSPHRASE)
    assert settings.load(root) == done.settings
    assert not done.settings.beginning


def test_a_beginning_that_was_cut_short_keeps_the_key_that_it_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was ever sealed to it; it stays beside the new one all the same, on the stick too, until a drawer was opened."""
    chart = vaults.make(tmp_path / "v", clients=("ada",))
    root = chart.vault.root
    (tmp_path / "blue").mkdir()
    wanted = create.Wanted(root, "Lee", root / "psychotherapy", None, keys=tmp_path / "k", copy=(tmp_path / "blue", "blue"))
    with monkeypatch.context() as patch:
        patch.setattr(create, "_pin", lambda *_: os.kill.missing)  # type: ignore[attr-defined]
        with pytest.raises(AttributeError):
            create.found(wanted, vaults.START, lambda: PASSPHRASE)
    first, stick = (tmp_path / "k" / EPOCH).read_bytes(), tmp_path / "blue" / usb_copies.FOLDER
    done = create.found(wanted, vaults.START, lambda: PASSPHRASE)
    day = vaults.START.date().isoformat()
    for place in (tmp_path / "k", stick):
        assert (place / f"{EPOCH}.until-{day}").read_bytes() == first
        assert (place / EPOCH).read_bytes() != first
    assert copies.load(done.settings)[0].epoch == 1


def test_a_stick_is_written_over_only_with_what_opens_the_same_drawers(world: SealedWorld, tmp_path: Path) -> None:
    """A key store with a new, useless key, as an earlier version left one: the good stick stays what it is."""
    other = sealed.begin(tmp_path / "other", "ada")
    place = tmp_path / "blue" / usb_copies.FOLDER / EPOCH
    good = place.read_bytes()
    mine = tmp_path / "other" / "blue"
    with other.store() as store:
        opened = other.keys(store).epoch
        both = age.read_identity_file(world.settings.keys / CLINICIAN, lambda _: "")
        fresh = usb_copies.working(store, opened, both)
        assert not fresh.proven
        copy = copies.Copy(copies.USB, "blue", str(place), 1, "2026-11-22", files.digest(good))
        with pytest.raises(VaultError, match="the key of other psychotherapy notes"):
            usb_copies.update(other.settings, copy, fresh, other.tick())
        assert place.read_bytes() == good
        # where nothing at hand opens what lies there, it stays beside the new one
        usb_copies.update(other.settings, copy, fresh._replace(identities=[]), other.tick())
    (kept,) = usb_copies.aside(place.parent)[:1]
    assert kept.read_bytes() == good
    assert not mine.exists()


def test_after_a_drawer_was_opened_an_older_file_of_the_same_notes_goes(world: SealedWorld, tmp_path: Path) -> None:
    place = tmp_path / "blue" / usb_copies.FOLDER / EPOCH
    with Store(world.settings) as store:
        epoch = world.keys(store).epoch
        own = age.read_identity_file(world.settings.keys / CLINICIAN, lambda _: "")
        files.put(place, age.seal(epoch.text, list(epoch.recipients)))
        (copy,) = (one for one in copies.load(world.settings) if one.kind == copies.USB)
        usb_copies.update(world.settings, copy, usb_copies.working(store, epoch, own), world.tick())
        assert usb_copies.aside(place.parent) == []
        files.put(world.settings.keys / f"{EPOCH}.until-2026-11-22", b"x")
        assert len(usb_copies.sweep(world.settings)) == 1
    assert files.read(place) == files.read(world.settings.epoch)
