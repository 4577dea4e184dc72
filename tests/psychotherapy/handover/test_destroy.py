"""After a destruction nothing opens that client's notes, and all opens the others'; a kill at any write is gone on from."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests import everyday, sealed
from tests.psychotherapy import handing
from tests.psychotherapy.repository.test_sync import second, sync
from vaultcli.ground import files, shred
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import Conflict, KeyTrouble, NotFound, Refused
from vaultcli.places.sealed import copies, destructions, pins
from vaultcli.psychotherapy.handover import destroy
from vaultcli.psychotherapy.handover.destroy import Wanted
from vaultcli.psychotherapy.keys import receive
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.unlock import epoch_switch
from vaultcli.psychotherapy.unlock.clinician import clinician
from vaultcli.record.sealed import destruction, drawer

ADA, BO = "Ada spoke of the river.", "Bo spoke of the bridge."


@pytest.fixture
def world(tmp_path: Path) -> sealed.SealedWorld:
    return sealed.begin(tmp_path, "ada", "bo", "cy")


def stick(world: sealed.SealedWorld, tmp: Path, label: str = "blue stick") -> Path:
    path = tmp / label / "epoch.age"
    path.parent.mkdir()
    path.write_bytes(world.settings.epoch.read_bytes())
    sha256 = files.digest(path.read_bytes())
    copies.register(world.settings, copies.Copy(copies.USB, label, str(path), 1, "2026-11-22", sha256))
    return path


def test_no_combination_of_what_was_kept_opens_the_destroyed_notes(world: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = world.note(f"{ADA}\n")
    bo, _ = world.note(f"{BO}\n", "bo")
    on_stick = stick(world, tmp_path)
    clone = tmp_path / "old-clone"
    shutil.copytree(world.settings.repository, clone)
    old = {"stick": on_stick.read_bytes(), "page": handing.sheet(world.page).sealed}
    clinician = handing.secrets_in((world.settings.keys / "plain.txt").read_bytes())
    before = [*handing.blobs(clone), *old.values()]
    assert handing.tells(handing.opened(before, clinician), ADA)  # the control: it opened

    handing.destroy(world, ada, tmp_path, world.tick())
    world.note("Bo came back to the bridge.\n", "bo", bo)
    new = handing.sheet(tmp_path / "new-page.html")
    parts = {
        "old clone": handing.blobs(clone),
        "repository": handing.blobs(world.settings.repository),
        "key store": [path.read_bytes() for path in world.settings.keys.rglob("*") if path.is_file() and path.suffix == ".age"],
        "stick": [path.read_bytes() for path in on_stick.parent.rglob("*.age")],
        "new page": [new.sealed],
    }
    identities = {"clinician": clinician, "new page": handing.secrets_in(new.identity.encode())}
    identities["both"] = [one for some in identities.values() for one in some]
    opening = 0
    for some in handing.combinations(parts):
        raws = [raw for name in some for raw in parts[name] if raw.startswith(b"age-")]
        for begin in identities.values():
            found = handing.opened(raws, begin)
            assert not handing.tells(found, ADA), some
            opening += handing.tells(found, BO)
    assert opening > 20
    # and what is pending really is: an old copy that was kept still opens everything, which is why it is named
    burnt = handing.secrets_in(handing.sheet(world.page).identity.encode())
    assert handing.tells(handing.opened([*parts["repository"], old["page"]], burnt), ADA)


def test_no_note_is_sealed_anew_and_nothing_vanishes(world: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, ada_note = world.note(f"{ADA}\n")
    bo, bo_note = world.note(f"{BO}\n", "bo")
    with world.store() as store:
        before, head = dict(store.state.tree), store.head
    handing.destroy(world, ada, tmp_path, world.tick())
    with world.store() as store:
        after = store.state.tree
        assert len(store.repository.git.rev_list(store.head, without=(head,))) == 1
        changed = {path for path in after if before.get(path) != after[path]}
        assert set(before) <= set(after)
        assert changed == {"epochs.toml", f"{bo.token}/identity.age"}
        assert f"{ada.token}/{ada_note}.age" in after
        assert store.drawers() == [bo.token]
        opener = world.keys(store)
        assert sealed.opened(store, opener, opener.drawers()[bo.token], bo_note[:6]).contents.text == f"{BO}\n".encode()
        with pytest.raises((KeyTrouble, NotFound)):
            opener.open(ada.token, store.raw(f"{ada.token}/{ada_note}.age"))


def test_every_place_is_replaced_or_named(world: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = world.note(f"{ADA}\n")
    on_stick = stick(world, tmp_path)
    away = stick(world, tmp_path, "red stick")
    kept = away.rename(tmp_path / "not plugged in")
    left = on_stick.with_name(".epoch.age.vaultcli-0123456789abcdef")
    left.write_bytes(on_stick.read_bytes())
    step = handing.destroy(world, ada, tmp_path, world.tick(), shares=("2026-11-22 supervision, with age1x",))
    assert step.replaced == ["blue stick"]
    assert on_stick.read_bytes() == world.settings.epoch.read_bytes()
    assert not left.exists()
    row = step.rows[0]
    assert {one.label: one.state for one in row.listed if one.kind != "share"} == {
        row.places[0].partition(" ")[2]: "replaced",
        "recovery page": "pending",
        "blue stick": "replaced",
        "red stick": "pending",
    }
    certificate = tmp_path / "new-certificate.toml"
    text = certificate.read_text()
    assert all(words in text for words in ('state = "pending"', "beyond control", ada.token))
    assert not any(words in text.lower() for words in ("ada", world.world.clients["ada"]))
    with world.store() as store, store.machine() as (entry, signer):
        # the red stick comes back
        kept.rename(away)
        step = destroy.go_on(store, world.tick(), entry, signer)
        assert step.replaced == ["red stick"]
        step = destroy.confirm(store, "recovery page", world.tick(), entry, signer)
        assert step.rows[0].state == "complete"
        with pytest.raises(NotFound):
            destroy.confirm(store, "recovery page", world.tick(), entry, signer)
        allowed = world.settings.repository / "allowed_signers"
        for path in (certificate, tmp_path / "new-certificate-2.toml"):
            subprocess.run(
                ["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", entry.principal, "-n", "sealed@vaultcli.v1",
                 "-s", f"{path}.sig"],
                input=path.read_bytes(), check=True, capture_output=True,
            )  # fmt: skip
    assert 'state = "complete"' in (tmp_path / "new-certificate-2.toml").read_text()


class Killed(BaseException):
    """A kill: nothing that cleans up after an error sees it."""


def kill_at(monkeypatch: pytest.MonkeyPatch, number: int) -> list[str]:
    """Let the process die before its write of that number; the writes that happened are listed."""
    done: list[str] = []

    def counted(module: object, name: str) -> None:
        real = getattr(module, name)

        def wrapped(*args: object, **named: object) -> object:
            if len(done) == number:
                raise Killed
            done.append(f"{name} {args[0] if isinstance(args[0], Path) else ''}")
            return real(*args, **named)

        monkeypatch.setattr(module, name, wrapped)

    from vaultcli.ground.repository.repository import Repository

    counted(files, "create")
    counted(files, "put")
    counted(shred, "remove")
    counted(Repository, "record")
    counted(pins, "put")
    return done


@pytest.mark.parametrize("stride", everyday.these([5, 1], [5]))
def test_a_kill_at_every_write_is_gone_on_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stride: int) -> None:
    begin = tmp_path / "begin"
    begin.mkdir()
    world = sealed.begin(begin, "ada", "bo")
    ada, _ = world.note(f"{ADA}\n")
    world.note(f"{BO}\n", "bo")
    on_stick = stick(world, begin)
    now = world.tick()
    kept = tmp_path / "kept"
    states = pins.path("x", "y").parent.parent
    shutil.copytree(begin, kept, symlinks=True)
    shutil.copytree(states, tmp_path / "states")
    number, ended = 0, False
    while not ended:
        shutil.rmtree(begin)
        shutil.copytree(kept, begin, symlinks=True)
        shutil.rmtree(states)
        shutil.copytree(tmp_path / "states", states)
        with monkeypatch.context() as patched:
            done = kill_at(patched, number)
            try:
                handing.destroy(world, ada, begin, now)
                ended = True
            except Killed:
                pass
        with world.store() as store:
            store.repository.recover()
            # every survivor opens, at once, with what is here
            opener = world.keys(store)
            told = {one.name for one in opener.drawers().values()}
            assert "Bo" in told, done
            destroyed = ada.token in store.state.epochs.destroyed
            assert ("Ada" in told) != destroyed, done
        step = handing.destroy(world, ada, begin, now + timedelta(minutes=1))
        assert [one.token for one in step.rows] == [ada.token], done
        with world.store() as store:
            assert {one.name for one in world.keys(store).drawers().values()} == {"Bo"}, done
            assert store.pins.epoch == (store.state.epochs.number, store.state.epochs.recipient)
            assert store.state.epochs.number == 2, done
        assert on_stick.read_bytes() == world.settings.epoch.read_bytes(), done
        assert (begin / "new-certificate.toml.sig").is_file(), done
        new = handing.sheet(begin / "new-page.html")
        raws = [raw for raw in handing.blobs(world.settings.repository) if raw.startswith(b"age-")]
        found = handing.opened([*raws, new.sealed], handing.secrets_in(new.identity.encode()))
        assert (handing.tells(found, BO), handing.tells(found, ADA)) == (True, False), done
        assert not epoch_switch.waiting(world.settings), done
        number += stride
    assert number > 12


def test_what_stops_a_destruction(world: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = world.note(f"{ADA}\n")
    with world.store() as store:
        page = handing.sheet(world.page)
        inside = Wanted(ada, handing.FREE, world.settings.root / "certificate.toml", tmp_path / "p.html", page)
        with pytest.raises(Refused):
            destroy.check(store, inside)
        with pytest.raises(Refused, match="second copy"):
            destroy.check(store, Wanted(ada, handing.FREE, tmp_path / "c.toml"))
        with pytest.raises(Refused, match="old one"):
            destroy.check(store, Wanted(ada, handing.FREE, tmp_path / "c.toml", tmp_path / "p.html"))
        (tmp_path / "c.toml").write_text("")
        with pytest.raises(Conflict):
            destroy.check(store, Wanted(ada, handing.FREE, tmp_path / "c.toml", tmp_path / "p.html", handing.sheet(world.page)))


def test_a_page_of_something_else_is_never_taken_for_the_new_one(world: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = world.note(f"{ADA}\n")
    shutil.copy(world.page, tmp_path / "new-page.html")
    with pytest.raises(Conflict):
        handing.destroy(world, ada, tmp_path, world.tick())
    (tmp_path / "new-page.html").write_text("a letter")
    with pytest.raises(Conflict):
        handing.destroy(world, ada, tmp_path, world.tick())
    with world.store() as store:
        assert store.state.epochs.number == 1


def test_old_bytes_are_written_over(tmp_path: Path) -> None:
    place = tmp_path / "epoch.age"
    place.write_bytes(b"the old secret")
    with place.open("rb") as held:
        shred.replace(place, b"the new one")
        assert place.read_bytes() == b"the new one"
        assert held.read().strip(b"\0") == b""
    other = tmp_path / "named twice"
    other.hardlink_to(place)
    shred.remove(place)
    assert not place.exists()
    assert other.read_bytes() == b"the new one"


def test_an_epoch_that_lost_is_cleared_away(world: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = world.note(f"{ADA}\n")
    secret = age.generate()
    with world.store() as store:
        opener = world.keys(store)
        lost = replace(opener.epoch, number=2, key=drawer.Key(secret.recipient, secret.text))
        epoch_switch.lay(world.settings, lost, age.seal(lost.text, [opener.epoch.clinician]))
        assert world.keys(store)  # it is of no use to anybody, and in nobody's way
    handing.destroy(world, ada, tmp_path, world.tick())
    with world.store() as store:
        assert world.keys(store)
    assert not epoch_switch.waiting(world.settings)


def test_the_rows_and_certificates_have_one_form() -> None:
    time = "2026-11-22T14:58:03-05:00"
    row = destruction.Destruction("4r0q2m8wkc4xe9r7", 2, time, "/x/c.toml", 1, ("usb a b", "page p"), ("a b",))
    assert destruction.parse(destruction.render([row]), "x") == [row]
    assert (row.state, row.with_confirmed("p", "2026-12-01").state) == ("pending", "complete")
    assert [one.state for one in row.with_confirmed("p", "2026-12-01").listed] == ["replaced", "confirmed 2026-12-01"]
    assert destructions.NAME == "destructions.toml"


def test_another_machine_obeys_and_keeps_what_it_began(world: sealed.SealedWorld, tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", "--object-format=sha256", remote], check=True)
    ada, _ = world.note(f"{ADA}\n")
    bo, _ = world.note(f"{BO}\n", "bo")
    other = second(world, tmp_path)
    sync(world, str(remote))
    sync(other, str(remote))
    # both work on apart: one destroys, the other writes on, in the drawer that goes as well, and begins a new one
    other.note("Ada, written elsewhere.\n", known=ada)
    cy, _ = other.note("Cy spoke of the hill.\n", "cy")
    handing.destroy(world, ada, tmp_path, world.tick())
    sync(world, str(remote))
    assert sync(other, str(remote)).epoch == 2
    sync(world, str(remote))
    with world.store() as store:
        opener = world.keys(store)
        assert opener.unready() == [cy.token]
        assert set(opener.drawers()) == {bo.token}
    with other.store() as store:
        assert set(store.drawers()) == {bo.token, cy.token}
        with pytest.raises(Conflict):
            other.keys(store)
        identities = clinician(other.settings, lambda _: sealed.PASSPHRASE)
        fresh = receive.open_file(world.settings.epoch, identities)
        asked: list[str] = []
        with pytest.raises(Refused):
            receive.receive(store, fresh, identities, other.tick(), lambda names: bool(asked.extend(names)))
        assert asked == ["Ada"]
        receive.receive(store, fresh, identities, other.tick(), lambda _: True)
        assert set(other.keys(store).drawers()) == {bo.token, cy.token}
    sync(other, str(remote))
    sync(world, str(remote))
    with world.store() as store:
        opener = world.keys(store)
        assert opener.unready() == []
        assert next(notes.each(store, opener, opener.drawers()[cy.token])).contents.text == b"Cy spoke of the hill.\n"
    for one in (world, other):
        begin = handing.secrets_in((one.settings.keys / "plain.txt").read_bytes())
        raws = [raw for raw in handing.blobs(one.settings.repository) if raw.startswith(b"age-")]
        found = handing.opened([*raws, one.settings.epoch.read_bytes()], begin)
        told = [handing.tells(found, words) for words in (ADA, "Ada, written elsewhere.", BO, "Cy spoke")]
        assert told == [False, False, True, True]


def test_a_pinned_drawer_that_does_not_open_is_never_passed_over(world: sealed.SealedWorld, tmp_path: Path) -> None:
    ada, _ = world.note(f"{ADA}\n")
    bo, _ = world.note(f"{BO}\n", "bo")
    handing.destroy(world, ada, tmp_path, world.tick())
    with world.store() as store, store.machine() as (_, signer):
        drawer = world.keys(store).drawer(bo.token)
        store.record({f"{bo.token}/identity.age": age.seal(drawer.text, [age.generate().recipient])}, world.tick(), by=signer)
        opener = world.keys(store)
        assert opener.unready() == []
        with pytest.raises(KeyTrouble):
            opener.drawers()
