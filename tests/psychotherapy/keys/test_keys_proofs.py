"""Copies, the page, rotation, a received epoch: whatever happens in between, every place opens with what is in it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests import sealed, shelf, vaults
from tests.sealed import PASSPHRASE, SealedWorld
from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble, NotFound, Refused
from vaultcli.ground.ssh import sign as ssh
from vaultcli.places.sealed import copies, settings
from vaultcli.places.sealed.settings import CLINICIAN, EPOCH, Settings
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.keys import machines, receive, recovery_page, usb_copies
from vaultcli.psychotherapy.keys import rotate as rotation
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.unlock import clinician as own
from vaultcli.psychotherapy.unlock import epoch as epoch_file
from vaultcli.psychotherapy.unlock import keys
from vaultcli.psychotherapy.unlock.epoch import open_epoch
from vaultcli.record.sealed import epochs, paths
from vaultcli.record.sealed.drawer import Epoch, Key
from vaultcli.record.sealed.signers import RECOVERY

TEXT = "The dream had no door.\n"


class Killed(BaseException):
    """What ends a command at once."""


@pytest.fixture(autouse=True)
def no_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(age, "seal_with_passphrase", lambda data, _: data)


@shelf.made_once
def world(tmp_path: Path) -> SealedWorld:
    made = sealed.begin(tmp_path, "ada", "bo")
    shutil.copy(made.settings.keys / "plain.txt", made.settings.keys / CLINICIAN)
    made.settings = replace(made.settings, identity=CLINICIAN)
    settings.put(made.settings)
    made.note(TEXT)
    return made


def stick(world: SealedWorld, name: str) -> Path:
    folder = world.page.parent / name
    folder.mkdir()
    with world.store() as store:
        usb_copies.add(world.settings, folder, name, working(world, store), world.tick())
    return folder


def working(world: SealedWorld, store: Store) -> usb_copies.Fresh:
    return usb_copies.working(store, world.keys(store).epoch, clinician(world.settings))


def opens(world: SealedWorld, folder: Path) -> bool:
    """Whether what is in a place opens the note."""
    with Store(settings.load(world.settings.root)) as store:
        epoch = open_epoch(files.read(folder / EPOCH), age.read_identity_file(folder / CLINICIAN, lambda _: ""))
        opener = keys.Keys(store, epoch)
        opened = [one for known in opener.drawers().values() for one in notes.each(store, opener, known)]
        return [one.contents.files["note.md"].decode() for one in opened] == [TEXT]


def clinician(known: Settings) -> list[age.Identity]:
    return own.clinician(known, lambda _: PASSPHRASE)


def rotate(world: SealedWorld, identity: str = CLINICIAN) -> rotation.Rotated:
    known = settings.load(world.settings.root)
    with Store(known) as store:
        old = clinician(known)
        epoch = open_epoch(files.read(known.epoch), old)
        return rotation.rotate(store, epoch, old, world.tick(), lambda: "new", identity, lambda _: "")


# copies


def test_a_copy_is_written_registered_checked_and_forgotten(world: SealedWorld) -> None:
    folder = stick(world, "blue")
    place = folder / usb_copies.FOLDER
    assert {path.name for path in place.iterdir()} == {EPOCH, CLINICIAN}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in place.iterdir())
    with world.store() as store:
        epoch = world.keys(store).epoch

        def states() -> dict[str, str]:
            found = usb_copies.states(world.settings, epoch, 1, clinician(world.settings))
            return {one.copy.label: one.state for one in found}

        assert states() == {"recovery page": usb_copies.ELSEWHERE, "blue": usb_copies.GOOD}
        raw = files.read(place / EPOCH)
        for wrong in (raw[:-20], raw[:30], b"", epoch_file.sealed(replace(epoch, vault="0" * 16))):
            files.put(place / EPOCH, wrong)
            assert states()["blue"] in (usb_copies.STALE, usb_copies.WRONG)
        files.put(place / EPOCH, raw)
        (place / CLINICIAN).unlink()
        assert states()["blue"] == usb_copies.STALE
        shutil.rmtree(folder)
        assert states()["blue"] == usb_copies.GONE
    assert usb_copies.forget(world.settings, "blue").label == "blue"
    with pytest.raises(Refused, match="only copy"):
        usb_copies.forget(world.settings, "recovery page")
    with pytest.raises(NotFound):
        usb_copies.forget(world.settings, "green")


def test_a_copy_goes_where_nothing_travels(world: SealedWorld, tmp_path: Path) -> None:
    inside = [world.settings.repository, world.settings.root, world.settings.keys]
    (tmp_path / "Dropbox").mkdir()
    for folder in (*inside, tmp_path / "Dropbox"):
        with pytest.raises(Refused):
            usb_copies.check_place(world.settings, folder)
    with pytest.raises(NotFound, match="there is no folder"):
        usb_copies.check_place(world.settings, tmp_path / "vanished")


def test_a_copy_is_never_written_over_another_vaults(world: SealedWorld) -> None:
    folder = world.page.parent / "green"
    (folder / usb_copies.FOLDER).mkdir(parents=True)
    (folder / usb_copies.FOLDER / EPOCH).write_bytes(b"another vault's")
    with world.store() as store, pytest.raises(Conflict, match="no copy of this vault"):
        usb_copies.add(world.settings, folder, "green", working(world, store), world.tick())


# rotating


def test_rotating_seals_one_file_anew_and_no_note(world: SealedWorld) -> None:
    folder = stick(world, "blue")
    away = stick(world, "away")
    with world.store() as store:
        before, head = files.read(world.settings.epoch), store.head
    kept = away.rename(away.with_name("elsewhere"))
    old = clinician(world.settings)
    done = rotate(world)
    assert ([one.label for one in done.updated], [one.label for one in done.stale]) == (["blue"], ["away"])
    with world.store() as store:
        assert store.head == head
    assert files.read(world.settings.epoch) != before
    assert files.read(folder / usb_copies.FOLDER / EPOCH) == files.read(world.settings.epoch)
    assert len(clinician(world.settings)) == 1
    with pytest.raises(KeyTrouble):
        open_epoch(files.read(world.settings.epoch), old)
    assert opens(world, world.settings.keys)
    assert opens(world, folder / usb_copies.FOLDER)
    # the sentence is true: the old file and the old key open what they opened
    assert opens(world, kept / usb_copies.FOLDER)
    kept.rename(away)
    found = {one.copy.label: one for one in usb_copies.states(world.settings, None, 1)}
    assert (found["away"].state, found["blue"].state) == (usb_copies.STALE, usb_copies.GOOD)


@pytest.mark.parametrize("identity", [CLINICIAN, "ssh"])
def test_a_rotation_killed_anywhere_leaves_every_place_openable(
    world: SealedWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, identity: str
) -> None:
    if identity == "ssh":
        ssh.generate(tmp_path / "id", "", None)
        identity = f"ssh:{tmp_path / 'id'}"
    folder = stick(world, "blue") / usb_copies.FOLDER
    real, left = files._temporary, [0]

    def write(*args: object, **more: object) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real(*args, **more)  # type: ignore[arg-type]

    for points in range(20):
        left[0] = points
        monkeypatch.setattr(files, "_temporary", write)
        try:
            rotate(world, identity)
        except Killed:
            monkeypatch.setattr(files, "_temporary", real)
            known = settings.load(world.settings.root)
            open_epoch(files.read(known.epoch), clinician(known))
            if identity == CLINICIAN:
                assert opens(world, world.settings.keys), points
                assert opens(world, folder), points
            continue
        break
    assert points >= 4
    known = settings.load(world.settings.root)
    assert len(clinician(known)) == 1
    epoch = open_epoch(files.read(known.epoch), clinician(known))
    assert epoch.clinician == epoch_file.clinician_recipient(known, clinician(known))


def test_an_identity_that_cannot_be_used_is_refused_before_anything_is_written(world: SealedWorld, tmp_path: Path) -> None:
    before = files.read(world.settings.epoch)
    (tmp_path / "none").write_text("no key\n")
    with pytest.raises(KeyTrouble):
        rotate(world, f"ssh:{tmp_path / 'none'}")
    ssh.generate(tmp_path / "id", "", None)
    assert files.read(world.settings.epoch) == before
    rotate(world, f"ssh:{tmp_path / 'id'}")
    with pytest.raises(Conflict, match="sealed to that key already"):
        rotate(world, f"ssh:{tmp_path / 'id'}")


# the page


def test_the_page_is_printed_anew_renewed_and_replaced_when_lost(world: SealedWorld) -> None:
    first = recovery_page.read(world.page)
    rotate(world)
    with world.store() as store:
        known = world.settings
        again = world.page.with_name("again.html")
        recovery_page.anew(store, first, again, world.tick())
        reprinted = recovery_page.read(again)
        assert (reprinted.private, reprinted.identity) == (first.private, first.identity)
        assert reprinted.sealed == files.read(known.epoch)
        assert recovery_page.tried(store, reprinted, world.tick()).kind == RECOVERY
        with pytest.raises(Refused, match="secrets are on it alone"):
            recovery_page.first(store, world.keys(store).epoch, clinician(known), world.page.with_name("x"), world.tick())
        new = world.page.with_name("new.html")
        recovery_page.renewed(store, first, world.keys(store).epoch, clinician(known), new, world.tick())
        assert recovery_page.tried(store, recovery_page.read(new), world.tick()).kind == RECOVERY
        assert recovery_page.tried(store, first, world.tick()).kind == ""
        with pytest.raises(Refused, match="not the recovery signer"):
            recovery_page.renewed(
                store, first, world.keys(store).epoch, clinician(known), world.page.with_name("y"), world.tick()
            )
        lost = world.page.with_name("lost.html")
        done = recovery_page.without(store, world.keys(store).epoch, clinician(known), lost, world.tick())
        assert recovery_page.tried(store, recovery_page.read(lost), world.tick()).kind == done.kind == "machine"
        assert open_epoch(files.read(known.epoch), [age.identity(recovery_page.read(lost).identity)]).number == 1
        with pytest.raises(KeyTrouble):
            open_epoch(files.read(known.epoch), [age.identity(first.identity)])
        assert not store.doubts(world.tick())


def test_a_machine_does_not_take_the_recovery_signers_place(world: SealedWorld, tmp_path: Path) -> None:
    ssh.generate(tmp_path / "thief", "", None)
    with world.store() as store, store.machine() as (_, signer):
        ring = store.state.signers
        key = machines.parse((tmp_path / "thief.pub").read_text()) if (tmp_path / "thief.pub").exists() else None
        from vaultcli.ground.ssh import keyfiles

        key = key or keyfiles.public_key_of(tmp_path / "thief")
        entry = machines.endorsed(ring, RECOVERY, key, signer, "2026-11-20")
        with pytest.raises(Refused, match="only the recovery signer endorses"):
            store.record(machines.listed(ring.with_entry(entry)), world.tick(), by=signer)
        paper = next(one for one in ring.entries if one.kind == RECOVERY)
        with pytest.raises(Refused, match="only the recovery signer ends"):
            machines.revoke(store, paper, "lost", signer, world.tick())


# a new epoch from another machine


def begin(world: SealedWorld, destroyed: tuple[str, ...] = ()) -> Epoch:
    """What a destruction on another machine leaves in the repository: a new epoch, every survivor sealed over."""
    with world.store() as store, store.machine() as (_, signer):
        opener = world.keys(store)
        secret = age.generate()
        fresh = replace(opener.epoch, number=2, key=Key(secret.recipient, secret.text))
        changes = {
            paths.identity(token): age.seal(opener.drawer(token).text, [secret.recipient])
            for token in store.drawers()
            if token not in destroyed
        }
        changes[paths.EPOCHS] = store.state.epochs.with_epoch(epochs.Epoch(secret.recipient, "2026-11-20", destroyed)).raw
        store.record(changes, world.tick(), by=signer)
        return fresh


def test_an_epoch_is_received_and_the_destroyed_are_asked_about(world: SealedWorld, tmp_path: Path) -> None:
    known, _ = world.note("He spoke of the river.\n", "bo")
    fresh = begin(world, (known.token,))
    place = tmp_path / "epoch.age"
    files.put(place, epoch_file.sealed(fresh))
    with world.store() as store:
        with pytest.raises(Conflict, match="epoch 2 is in force"):
            world.keys(store)
        identities = clinician(world.settings)
        opened = receive.open_file(place, identities)
        asked: list[list[str]] = []
        with pytest.raises(Refused, match="old epoch was kept"):
            receive.receive(store, opened, identities, world.tick(), lambda names: bool(asked.append(names)))
        assert asked == [["Bo"]]
        done = receive.receive(store, opened, identities, world.tick(), lambda _: True)
        assert (done.number, done.over) == (2, 0)
        assert [one.name for one in world.keys(store).drawers().values()] == ["Ada"]
        assert store.pins.epoch == (2, fresh.key.recipient)


def test_an_epoch_that_is_not_the_one_in_force_is_refused(world: SealedWorld) -> None:
    fresh = begin(world)
    secret = age.generate()
    with world.store() as store:
        identities = clinician(world.settings)
        before = files.read(world.settings.epoch)
        cases = (
            (replace(fresh, key=Key(secret.recipient, secret.text)), Refused, "epochs.toml names"),
            (replace(fresh, vault="0" * 16), KeyTrouble, "another vault"),
            (replace(fresh, number=1), Conflict, "that is epoch 1"),
            (replace(fresh, number=3), Conflict, "that is epoch 3"),
        )
        for wrong, error, said in cases:
            with pytest.raises(error, match=said):
                receive.receive(store, wrong, identities, world.tick(), lambda _: True)
        assert files.read(world.settings.epoch) == before


def test_an_epoch_begun_by_a_thief_that_opens_no_drawer_is_refused(world: SealedWorld) -> None:
    """Whoever stole a machine's key may begin an epoch; the drawers that were there do not open to it."""
    with world.store() as store, store.machine() as (_, signer):
        opener, secret = world.keys(store), age.generate()
        fresh = replace(opener.epoch, number=2, key=Key(secret.recipient, secret.text))
        raw = store.state.epochs.with_epoch(epochs.Epoch(secret.recipient, "2026-11-20")).raw
        store.record({paths.EPOCHS: raw}, world.tick(), by=signer)
        with pytest.raises(Refused, match="does not open the drawer"):
            receive.receive(store, fresh, clinician(world.settings), world.tick(), lambda _: True)


def test_a_page_is_received_as_an_epoch(world: SealedWorld) -> None:
    fresh = begin(world)
    old, secret = recovery_page.read(world.page), age.generate()
    sealed_ = epoch_file.sealed(replace(fresh, recovery=secret.recipient))
    sheet = replace(old, epoch=2, identity=secret.text, sealed=sealed_)
    from vaultcli.record.sealed import recovery_page as page

    place = world.page.with_name("two.html")
    place.write_text(page.render(sheet))
    with world.store() as store:
        opened = receive.open_file(place, [])
        receive.receive(store, opened, clinician(world.settings), world.tick(), lambda _: True)
        assert len(world.keys(store).drawers()) == 1
    with pytest.raises(BadInput):
        receive.open_file(world.settings.root / "psychotherapy.toml", [])


def test_a_hostile_epoch_file_costs_nothing_and_opens_nothing(world: SealedWorld, tmp_path: Path) -> None:
    bomb = b"age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\n" + b"A" * 43 + b"\n--- " + b"A" * 43 + b"\n" + b"x" * 64
    place = tmp_path / "e"
    files.put(place, bomb)
    with pytest.raises(BadInput):
        epoch_file.read(place)
    stranger = age.generate()
    files.put(place, age.seal(b"# vaultcli epoch, version 1\n", [stranger.recipient]))
    with pytest.raises(KeyTrouble, match="none of the keys"):
        receive.open_file(place, clinician(world.settings))
    files.put(place, b"age-encryption.org/v1\n" + b"x" * (epoch_file.LIMIT + 1))
    with pytest.raises(BadInput, match="larger"):
        epoch_file.read(place)


def test_the_second_copy_on_a_stick_counts_at_the_beginning(tmp_path: Path) -> None:
    from vaultcli.psychotherapy.keys import create

    chart = vaults.make(tmp_path / "v", clients=("ada",))
    (tmp_path / "blue").mkdir()
    wanted = create.Wanted(
        chart.vault.root, "Lee", chart.vault.root / "psychotherapy", None, keys=tmp_path / "k", copy=(tmp_path / "blue", "blue")
    )
    done = create.found(wanted, vaults.START, lambda: PASSPHRASE)
    place = tmp_path / "blue" / usb_copies.FOLDER
    assert not done.settings.single_copy
    assert files.read(place / EPOCH) == files.read(done.settings.epoch)
    assert [(one.label, one.epoch) for one in copies.load(done.settings)] == [("blue", 1)]
    assert not copies.single(chart.vault.root)


@pytest.mark.parametrize("second", ["page", "copy", "none"])
def test_a_beginning_killed_anywhere_is_completed_by_repeating_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: str
) -> None:
    from vaultcli.psychotherapy.keys import create

    chart = vaults.make(tmp_path / "v", clients=())
    (tmp_path / "blue").mkdir()
    wanted = create.Wanted(
        root=chart.vault.root,
        by="Lee",
        repository=chart.vault.root / "psychotherapy",
        page=tmp_path / "page.html" if second == "page" else None,
        keys=tmp_path / "k",
        copy=(tmp_path / "blue", "blue") if second == "copy" else None,
    )
    real, left = files._temporary, [0]

    def write(*args: object, **more: object) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "_temporary", write)
    for points in range(30):
        left[0] = points
        try:
            create.found(wanted, vaults.START, lambda: PASSPHRASE)
        except Killed:
            continue
        except Conflict:
            # killed after the first commit: it was whole
            break
        break
    left[0] = 1 << 20
    known = settings.load(chart.vault.root)
    with Store(known) as store:
        assert store.doubts(vaults.START) == []
        opener = keys.Keys.unlock(store, lambda _: PASSPHRASE)
        if second == "page":
            assert recovery_page.tried(store, recovery_page.read(tmp_path / "page.html"), vaults.START).kind == RECOVERY
        if second == "copy":
            place = tmp_path / "blue" / usb_copies.FOLDER
            there = age.read_identity_file(place / CLINICIAN, lambda _: "")
            assert open_epoch(files.read(place / EPOCH), there) == opener.epoch
    assert copies.single(chart.vault.root) == (second == "none")
