"""Everything at home is lost: a clone and a second copy, or a clone and the paper, open every note again."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests import sealed, shelf, vaults
from tests.sealed import PASSPHRASE, SealedWorld
from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble, Refused, Unpinned
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sign import Signer
from vaultcli.places.sealed import copies, settings
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.keys import adopt as adoption
from vaultcli.psychotherapy.keys import machines, recovery_page, usb_copies
from vaultcli.psychotherapy.keys.adopt import Wanted
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.repository import sync
from vaultcli.psychotherapy.unlock import epoch as epoch_file
from vaultcli.psychotherapy.unlock import keys
from vaultcli.psychotherapy.unlock.clinician import clinician
from vaultcli.psychotherapy.unlock.epoch import open_epoch
from vaultcli.record.message import trailer
from vaultcli.record.sealed.recovery_page import Page

TEXTS = {"ada": "The dream had no door.\n", "bo": "He spoke of the river.\n"}


@dataclass
class Lost:
    """What is left: a clone, the page, and a stick; and a vault at a new home."""

    old: SealedWorld
    clone: Path
    page: Page
    stick: Path
    wanted: Wanted


@pytest.fixture(autouse=True)
def no_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase that costs nothing: a clinician.age in the clear. What a passphrase does is tried elsewhere."""
    monkeypatch.setattr(age, "seal_with_passphrase", lambda data, _: data)


@shelf.made_once
def lost(tmp_path: Path) -> Lost:
    world = sealed.begin(tmp_path, "ada", "bo")
    for handle, text in TEXTS.items():
        world.note(text, handle)
    shutil.copy(world.settings.keys / "plain.txt", world.settings.keys / settings.CLINICIAN)
    own = replace(world.settings, identity=settings.CLINICIAN)
    settings.put(own)
    stick = tmp_path / "blue"
    stick.mkdir()
    with Store(own) as store:
        usb_copies.add(own, stick, "blue", usb_copies.working(store, world.keys(store).epoch, []), world.tick())
        genesis = trailer(store.pins.genesis)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(own.repository), str(clone)], check=True)
    shutil.rmtree(own.keys)
    shutil.rmtree(own.repository)
    (own.root / settings.NAME).unlink()
    sheet = recovery_page.read(world.page)
    wanted = Wanted(own.root, "Lee Example, PhD", str(clone), own.repository, genesis, sheet, keys=tmp_path / "new-keys")
    return Lost(world, clone, sheet, stick / usb_copies.FOLDER, wanted)


def never(*_: object) -> str:
    raise AssertionError("nobody is asked here")


def adopt(lost: Lost, wanted: Wanted) -> adoption.Adopted:
    return adoption.adopt(wanted, lost.old.tick(), lambda _: PASSPHRASE, lambda: PASSPHRASE)


def texts(known: settings.Settings) -> list[str]:
    """Every note, as the keys of this machine open it."""
    with Store(known) as store:
        opener = keys.Keys.unlock(store, never)
        return sorted(
            one.contents.files["note.md"].decode()
            for known_ in opener.drawers().values()
            for one in notes.each(store, opener, known_)
            if not one.problem
        )


def test_a_clone_and_the_paper_open_every_note_and_the_machine_may_record(lost: Lost) -> None:
    done = adopt(lost, lost.wanted)
    assert (done.commits, done.drawers, done.admitted) == (3, 2, True)
    assert texts(done.settings) == sorted(TEXTS.values())
    assert settings.load(lost.wanted.root) == done.settings
    assert [one.kind for one in copies.load(done.settings)] == [copies.PAGE]
    world = SealedWorld(lost.old.world, done.settings, lost.old.page, lost.old.now)
    world.note("Written at the new home.\n")
    assert len(texts(done.settings)) == 3
    with Store(done.settings) as store:
        assert store.pins.how == "adopt"
        epoch = open_epoch(files.read(done.settings.epoch), clinician(done.settings, never))
        assert epoch.recovery == age.identity(lost.page.identity).recipient
        assert recovery_page.tried(store, lost.page, world.tick()).note is not None


def test_a_clone_and_the_second_copy_open_every_note_and_recording_waits_for_another_machine(lost: Lost) -> None:
    done = adopt(lost, replace(lost.wanted, page=None, epoch=lost.stick / settings.EPOCH))
    assert (done.drawers, done.admitted) == (2, False)
    assert texts(done.settings) == sorted(TEXTS.values())
    assert [(one.kind, one.label) for one in copies.load(done.settings)] == [(copies.USB, "blue")]
    world = SealedWorld(lost.old.world, done.settings, lost.old.page, lost.old.now)
    with pytest.raises(KeyTrouble, match="not admitted"):
        world.note("Too early.\n")


def test_another_machine_lets_it_in_and_both_sync(lost: Lost, tmp_path: Path) -> None:
    first = adopt(lost, lost.wanted)
    other = vaults.make(tmp_path / "other", clients=("ada",)).vault.root
    wanted = replace(
        lost.wanted, root=other, repository=other / "psychotherapy", keys=tmp_path / "other-keys", page=None,
        epoch=lost.stick / settings.EPOCH,
    )  # fmt: skip
    second = adopt(lost, wanted)
    bare = tmp_path / "bare"
    subprocess.run(["git", "init", "-q", "--bare", "--object-format=sha256", str(bare)], check=True)
    with Store(first.settings) as store, store.machine() as (own, signer):
        entry = machines.admit(store, machines.parse(second.line), signer, lost.old.tick())
        with pytest.raises(Conflict, match="admitted already"):
            machines.admit(store, machines.parse(second.line), signer, lost.old.tick())
        sync.sync(store, str(bare), lost.old.tick(), signer)
    with Store(second.settings) as store, Signer(KeyFile(second.settings.keys / "machine")) as signer:
        sync.sync(store, str(bare), lost.old.tick(), signer)
        with store.machine() as (mine, _):
            assert mine.principal == entry.principal
        machines.revoke(store, store.state.signers.by_principal(own.principal) or own, "lost", signer, lost.old.tick())
        assert store.state.signers.by_principal(own.principal).revoked  # type: ignore[union-attr]
        with pytest.raises(Refused, match="was revoked"):
            machines.admit(store, own.key, signer, lost.old.tick())


def test_an_interrupted_adoption_is_completed_by_repeating_it(lost: Lost, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    real, left = files._temporary, [0]

    def write(*args: object, **more: object) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "_temporary", write)
    for points in range(40):
        left[0] = points
        try:
            done = adopt(lost, lost.wanted)
        except Killed:
            continue
        break
    assert points > 3
    left[0] = 1 << 20
    assert done.admitted
    assert texts(done.settings) == sorted(TEXTS.values())
    with Store(done.settings) as store:
        # one for the old machine, one for the paper, one for this machine: no attempt left a key behind
        assert len(store.state.signers.entries) == 3


def test_a_key_store_that_was_lost_is_made_anew_beside_the_repository(lost: Lost) -> None:
    done = adopt(lost, lost.wanted)
    shutil.rmtree(done.settings.keys)
    with Store(done.settings) as store, pytest.raises(KeyTrouble, match="not there"):
        keys.Keys.unlock(store, never)
    again = adopt(lost, replace(lost.wanted, source=str(done.settings.repository)))
    assert (again.commits, again.admitted) == (0, True)
    assert texts(again.settings) == sorted(TEXTS.values())


def test_other_notes_are_refused_and_nothing_stays(lost: Lost) -> None:
    wrong = "sha256:" + "0" * 64
    with pytest.raises(Refused, match="other notes"):
        adopt(lost, replace(lost.wanted, page=None, epoch=lost.stick / settings.EPOCH, genesis=wrong))
    with pytest.raises(Refused, match="page belongs to other"):
        adopt(lost, replace(lost.wanted, genesis=wrong))
    chart = lost.old.world.vault.chart
    with pytest.raises(Refused, match="no branch called sealed"):
        adopt(lost, replace(lost.wanted, source=str(chart)))
    assert not lost.wanted.repository.exists()
    assert not settings.present(lost.wanted.root)
    with pytest.raises(BadInput):
        adopt(lost, replace(lost.wanted, genesis="3f2a"))


def test_a_history_that_does_not_hold_is_refused(lost: Lost) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(lost.clone), "-c", "user.name=x", "-c", "user.email=x", *words], check=True)

    (lost.clone / "plain.md").write_text("A plain text.\n")
    git("add", "plain.md")
    git("commit", "-q", "-m", "sealed")
    with pytest.raises(Refused, match="does not hold by the rules"):
        adopt(lost, lost.wanted)
    assert not lost.wanted.repository.exists()


def test_an_epoch_of_another_vault_or_under_another_recipient_is_refused(lost: Lost) -> None:
    own = age.read_identity_file(lost.stick / settings.CLINICIAN, never)
    epoch = open_epoch(files.read(lost.stick / settings.EPOCH), own)
    secret = age.generate()
    wanted = replace(lost.wanted, page=None, epoch=lost.stick / settings.EPOCH)
    foreign = replace(epoch, key=type(epoch.key)(secret.recipient, secret.text))
    for wrong, error in ((foreign, Conflict), (replace(epoch, vault="0" * 16), KeyTrouble), (replace(epoch, number=2), Conflict)):
        files.put(lost.stick / settings.EPOCH, epoch_file.sealed(wrong))
        with pytest.raises(error):
            adopt(lost, wanted)
        assert not settings.present(lost.wanted.root)
    (lost.stick / settings.CLINICIAN).unlink()
    with pytest.raises(KeyTrouble, match=r"no clinician\.age beside"):
        adopt(lost, wanted)


def test_nothing_is_pinned_before_the_epoch_was_opened(lost: Lost) -> None:
    good = files.read(lost.stick / settings.EPOCH)
    files.put(lost.stick / settings.EPOCH, good[:-20])
    wanted = replace(lost.wanted, page=None, epoch=lost.stick / settings.EPOCH)
    with pytest.raises(BadInput):
        adopt(lost, wanted)
    assert not settings.present(lost.wanted.root)
    with Store(lost.old.settings) as store, pytest.raises(Unpinned):
        _ = store.pins
    files.put(lost.stick / settings.EPOCH, good)
    assert adopt(lost, wanted).drawers == 2
