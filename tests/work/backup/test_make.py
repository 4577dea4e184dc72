"""A backup is whole and tried, or it is not there; it lies beside no key, and never in the place of an older one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from tests import shelf, vaults
from tests.work import lines
from tests.work.backup_world import back_up, verify
from vaultcli.ground import newfolder
from vaultcli.ground.errors import BadInput, DiskTrouble, NotFound, Refused
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.repository import bundle
from vaultcli.places.machine import pins
from vaultcli.record import backup_manifest
from vaultcli.work.backup import destinations, make
from vaultcli.work.backup import last as last_backup
from vaultcli.work.backup.make import Wanted


@shelf.made_once
def world(tmp_path: Path) -> vaults.World:
    made = vaults.make(tmp_path / "v", (vaults.LEE, vaults.SAM))
    lines.sign(made, "ada", "First session.")
    made.write("bo", vaults.NOTE)
    (tmp_path / "usb").mkdir()
    return made


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    return tmp_path / "usb"


def manifest(folder: Path) -> backup_manifest.Manifest:
    return backup_manifest.parse((folder / backup_manifest.PATH).read_bytes(), "backup.toml")


def everything(folder: Path) -> dict[str, str]:
    found = (one for one in folder.rglob("*") if one.is_file())
    return {str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest() for one in found}


def stray(world: vaults.World) -> None:
    """A commit past the hooks."""
    as_x = ("-c", "user.name=x", "-c", "user.email=x")
    lines.git(world.folder("ada"), *as_x, "commit", "-q", "--no-verify", "--allow-empty", "-m", "x")


def test_stock_git_opens_it_and_finds_every_line(world, usb, tmp_path):
    made = back_up(world, usb)
    assert made.clean
    assert sorted(one.name for one in made.path.iterdir()) == ["README.txt", "backup.toml", "chart.bundle"]
    assert all(one.stat().st_mode & 0o777 == 0o600 for one in made.path.iterdir())
    subprocess.run(["git", "clone", "-q", made.path / "chart.bundle", tmp_path / "c"], check=True)
    there = lines.git(tmp_path / "c", "for-each-ref", "--format=%(refname:lstrip=3) %(objectname)", "refs/remotes/origin")
    with world.chart() as chart:
        ours = chart.repository.lines()
    assert {row.split()[0]: row.split()[1] for row in there.splitlines() if not row.startswith("HEAD")} == ours
    assert (tmp_path / "c" / "practice.toml").is_file()
    said = manifest(made.path)
    assert {line: f"sha256:{oid}" for line, oid in ours.items()} == said.heads
    assert said.verdict == "verified"
    assert said.sha256 == hashlib.sha256((made.path / "chart.bundle").read_bytes()).hexdigest()
    assert lines.git(tmp_path / "c", "fsck", "--strict") == ""


def test_its_name_and_papers_name_nobody(world, usb):
    made = back_up(world, usb)
    names = " ".join(str(one.relative_to(usb)) for one in usb.rglob("*"))
    papers = (made.path / "README.txt").read_text() + (made.path / "backup.toml").read_text()
    # whole names: three letters of a handle may stand in any hash
    for word in ("example", "riverside", "lee-", "progress", "counseling"):
        assert word not in names.lower()
        assert word not in papers.lower()


def test_no_key_gets_in(world, usb):
    secrets = [one.read_bytes() for one in world.vault.keys.parent.rglob("*") if one.is_file() and one.suffix != ".pub"]
    assert secrets
    (world.folder("ada") / "notes" / "id_ed25519").write_bytes(secrets[0])
    (world.folder("ada") / "notes" / "page.txt").write_text("VAULTCLI RECOVERY PAGE 1\n")
    made = back_up(world, usb)
    assert [text.split(" ", 1)[1] for text in made.left_out] == ["looks like a private key or a recovery page"] * 2
    raw = b"".join(one.read_bytes() for one in usb.rglob("*") if one.is_file())
    assert b"PRIVATE KEY" not in raw
    assert b"RECOVERY PAGE" not in raw


def test_what_is_not_saved_goes_along(world, usb):
    new = world.write("ada", vaults.NOTE, record=False)
    draft = world.notes("bo")[0]
    draft.write_bytes(draft.read_bytes() + b"More.\n")
    (world.folder("bo") / "notes" / "a:b.md").write_text("a name for few disks\n")
    (world.folder("bo") / "notes" / "link.md").symlink_to(new)
    made = back_up(world, usb)
    kept = {f"{one.relative_to(world.vault.chart)}": one.read_bytes() for one in (new, draft)}
    assert {path: (made.path / "unrecorded" / path).read_bytes() for path in made.manifest.unrecorded} == kept
    assert len(made.left_out) == 2
    assert made.clean


@pytest.mark.parametrize("where", ["v", "v/chart/clients", "v-keys/lee-example", ".", "v-keys", "usb/nowhere", "full", "stick"])
def test_places_where_none_may_lie(world, usb, tmp_path, where):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "page.txt").write_text("VAULTCLI RECOVERY PAGE 1\n")
    if where == "stick":
        back_up(world, usb)
        (tmp_path / "stick").symlink_to(next(usb.iterdir()))
    with pytest.raises((Refused, NotFound)):
        back_up(world, tmp_path / where)
    assert not list(tmp_path.rglob(f"{newfolder.PREFIX}*"))


def test_a_key_elsewhere_keeps_its_folder_free(world, usb):
    (usb / "keys").mkdir()
    settings = world.vault.root / "vault.toml"
    world.vault = type(world.vault)(
        world.vault.root, world.vault.chart, world.vault.keys, world.vault.principal, personal_key=str(usb / "keys" / "mine")
    )
    settings.write_text(world.vault.text())
    with pytest.raises(Refused, match="where your keys are"):
        back_up(world, usb)


def test_older_ones_stay_unless_keep_says_otherwise(world, usb):
    first = back_up(world, usb)
    before = everything(first.path)
    second = back_up(world, usb)
    assert first.path != second.path
    assert everything(first.path) == before
    third = back_up(world, usb, keep=2)
    assert [one for one, _ in destinations.ones(usb)] == [third.path, second.path]
    assert third.removed == (first.path.name,)
    fourth = back_up(world, usb)
    assert [one for one, _ in destinations.ones(usb)] == [fourth.path, third.path]  # the place remembers how many


def test_one_that_a_wrong_clock_dated_ahead_does_not_cost_the_new_one(world, usb):
    ahead = back_up(world, usb)
    manifest = ahead.path / backup_manifest.PATH
    manifest.write_text(manifest.read_text().replace(f'made = "{ahead.manifest.made}"', 'made = "2099-01-01T00:00:00+00:00"'))
    new = back_up(world, usb, keep=1)
    assert new.path.is_dir()
    assert new.removed == (ahead.path.name,)


def test_a_bad_one_removes_none_and_counts_for_nothing(world, usb):
    good = back_up(world, usb)
    stray(world)
    bad = back_up(world, usb, keep=1)
    assert not bad.clean
    assert bad.manifest.verdict == "findings"
    assert bad.removed == ()
    assert destinations.clean_ones(usb, good.manifest.genesis) == [good.path]
    with world.chart() as chart:
        last = last_backup.last(chart)
    assert last is not None
    assert last.time.isoformat() == good.manifest.made
    assert last.since == 1
    lines.git(usb, "clone", "-q", str(bad.path / "chart.bundle"), "c")
    assert "x" in lines.git(usb / "c", "log", "--format=%s", f"origin/client/{world.clients['ada']}").split()


def test_another_vaults_backups_are_not_touched(world, usb, tmp_path):
    other = vaults.make(tmp_path / "w")
    theirs = back_up(other, usb)
    (usb / "photo.jpg").write_bytes(b"x")
    for _ in range(3):
        back_up(world, usb, keep=1)
    assert theirs.path.is_dir()
    assert (usb / "photo.jpg").read_bytes() == b"x"
    assert len(list(usb.iterdir())) == 3


def _spoil(directory: Path, oid: str) -> None:
    file = directory / "objects" / oid[:2] / oid[2:]
    file.chmod(0o600)
    file.write_bytes(b"\x78\x01nothing")


def test_a_record_that_git_cannot_bundle_is_kept_as_files(world, usb, tmp_path):
    good = back_up(world, usb)
    with world.chart() as chart:
        blob = chart.repository.files(chart.repository.head(f"client/{world.clients['ada']}"))["client.md"][1]
    _spoil(world.vault.chart / ".git", blob)
    bad = back_up(world, usb)
    assert not bad.clean
    assert bad.trouble
    assert bad.manifest.file == "chart.tar"
    (tmp_path / "out").mkdir()
    subprocess.run(["tar", "xf", bad.path / "chart.tar", "-C", tmp_path / "out"], check=True)
    note = world.notes("ada")[0]
    assert (tmp_path / "out" / note.relative_to(world.vault.root)).read_bytes() == note.read_bytes()
    assert not list((tmp_path / "out").rglob("hooks"))
    assert not (tmp_path / "out/chart/.git/config").exists()
    assert destinations.clean_ones(usb, good.manifest.genesis) == [good.path]


def test_damage_that_a_remembered_verdict_does_not_see_is_no_clean_backup(world, usb):
    assert verify(world).word == "verified"
    lines.git(world.vault.chart, "config", "--unset", "extensions.preciousObjects")
    lines.git(world.vault.chart, "repack", "-adq")
    pack = next((world.vault.chart / ".git/objects/pack").glob("*.pack"))
    assert verify(world).word == "verified"
    raw = bytearray(pack.read_bytes())
    raw[len(raw) // 2] ^= 0x40
    stamp = pack.stat()
    pack.chmod(0o600)
    pack.write_bytes(raw)
    os.utime(pack, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    made = back_up(world, usb)
    assert not made.clean
    with world.chart() as chart:
        assert last_backup.last(chart) is None


def test_a_copy_that_does_not_read_back_is_no_backup(world, usb, monkeypatch):
    real = bundle.write

    def flipped(git: Git, scratch: Path, refs: dict[str, str], show: str, path: Path) -> None:
        real(git, scratch, refs, show, path)
        raw = bytearray(path.read_bytes())
        raw[-60] ^= 1
        path.write_bytes(raw)

    monkeypatch.setattr(bundle, "write", flipped)
    made = back_up(world, usb)
    assert not made.clean
    assert "reads back whole" in made.trouble[0]


def test_a_copy_of_something_else_is_no_backup(world, usb, monkeypatch):
    real = bundle.write

    def fewer(git: Git, scratch: Path, refs: dict[str, str], show: str, path: Path) -> None:
        real(git, scratch, {ref: oid for ref, oid in refs.items() if world.clients["bo"] not in ref}, show, path)

    monkeypatch.setattr(bundle, "write", fewer)
    assert not back_up(world, usb).clean


def test_the_trial_is_heard(world, usb):
    now = world.tick()
    with world.chart() as chart:
        judged = make.Judged("verified", chart.genesis, chart.repository.lines())
    made = make.make(world.vault, Wanted(usb), judged, now, lambda copy: ["something is wrong"])
    assert made.trouble == ("something is wrong",)
    assert made.manifest.verdict == "findings"
    assert not made.clean


def test_without_a_pin_it_does_not_count(world, usb):
    with world.chart() as chart:
        pins.path(chart.policies.genesis, chart.repository.clone_id).unlink()
    made = back_up(world, usb)
    assert made.manifest.verdict == "unpinned"
    assert not made.clean


def test_both_sides_of_a_diverged_line_are_kept(world, usb, tmp_path):
    line = f"client/{world.clients['ada']}"
    folder = world.folder("ada")
    as_lee = ("-c", "user.name=Lee Example", "-c", "user.email=lee-example")
    before = lines.git(folder, "rev-parse", "HEAD").strip()
    tree = lines.git(folder, "rev-parse", "HEAD^{tree}").strip()
    other = lines.git(folder, *as_lee, "commit-tree", tree, "-p", before, "-m", "x").strip()
    lines.git(folder, "update-ref", f"refs/remotes/stick/{line}", other)
    lines.git(folder, "update-ref", "refs/remotes/stick/practice", lines.git(folder, "rev-parse", "practice").strip())
    made = back_up(world, usb)
    listed = lines.git(tmp_path, "bundle", "list-heads", str(made.path / "chart.bundle")).split()
    assert f"refs/remotes/stick/{line}" in listed
    assert other in listed
    assert "refs/remotes/stick/practice" not in listed
    assert made.clean


def test_no_room_is_said_before_anything_is_written(world, usb, monkeypatch):
    usage = shutil._ntuple_diskusage(10**9, 10**9, 1000)  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DiskTrouble, match="not enough room"):
        back_up(world, usb)
    assert list(usb.iterdir()) == []


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
def test_a_place_that_cannot_be_written(world, usb):
    usb.chmod(0o500)
    with pytest.raises(DiskTrouble, match="not permitted"):
        back_up(world, usb)


def test_a_stick_that_is_pulled_out(world, usb, monkeypatch):
    real = bundle.write

    def gone(git: Git, scratch: Path, refs: dict[str, str], show: str, path: Path) -> None:
        shutil.rmtree(usb)
        real(git, scratch, refs, show, path)

    with monkeypatch.context() as patch:
        patch.setattr(bundle, "write", gone)
        with pytest.raises(DiskTrouble):
            back_up(world, usb)
    assert not usb.exists()
    with world.chart() as chart:
        assert last_backup.last(chart) is None
    assert list((world.vault.chart / ".git/vaultcli/backups").iterdir()) == []


def test_what_the_dead_left_goes_and_what_the_living_make_stays(world, usb):
    dead = usb / f"{newfolder.PREFIX}0000000000000000"
    dead.mkdir()
    (dead / "chart.bundle").write_bytes(b"half")
    with newfolder.folder(usb) as living:
        assert not dead.exists()
        back_up(world, usb)
        assert living.is_dir()
    assert not living.exists()


def test_two_at_once(world, usb):
    made: list[object] = []

    def one() -> None:
        try:
            made.append(back_up(world, usb))
        except BaseException as error:
            made.append(error)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [getattr(one, "clean", one) for one in made] == [True, True]
    assert len(destinations.ones(usb)) == 2
    assert not list(usb.glob(".*"))


def test_a_place_without_room_on_its_own_disk_is_told_of(world, usb):
    wanted, remarks = make.chosen(world.vault, usb, Wanted(usb))
    assert any("the disk that the vault is on" in text for text in remarks)
    assert wanted.place == usb


def test_the_last_place_is_remembered_and_a_stick_that_is_not_there_is_missed(world, usb, monkeypatch):
    with pytest.raises(NotFound, match="where is it to go"):
        make.chosen(world.vault, None, Wanted(Path()))
    monkeypatch.setattr(destinations, "is_apart", lambda *_: True)
    back_up(world, usb)
    assert make.chosen(world.vault, None, Wanted(Path()))[0].place == usb
    monkeypatch.setattr(destinations, "is_apart", lambda *_: False)
    with pytest.raises(Refused, match="on another disk before"):
        make.chosen(world.vault, None, Wanted(Path()))


def test_the_note_of_backups_is_no_trap(world, usb):
    back_up(world, usb)
    with world.chart() as chart:
        genesis, clone = chart.policies.genesis, chart.repository.clone_id
        file = last_backup._file(genesis, clone)
        assert json.loads(file.read_text())["vaultcli"] == last_backup.VERSION
        for text in ("", "{}", "[]", '{"vaultcli": 1, "places": [{"place": 3}]}', '{"vaultcli": 9, "places": []}'):
            file.write_text(text)
            assert last_backup.last(chart) is None
        with pytest.raises(BadInput):
            last_backup._file("../../etc", clone)
    assert back_up(world, usb).clean


# sealed


def identity(folder: Path) -> tuple[str, Path]:
    file = folder / "id" / "key.txt"
    file.parent.mkdir(exist_ok=True)
    if not file.exists():
        subprocess.run(["age-keygen", "-o", file], check=True, capture_output=True)
    told = subprocess.run(["age-keygen", "-y", file], check=True, capture_output=True, text=True).stdout.strip()
    return told, file


needs_age = pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed")


@needs_age
def test_stock_age_and_tar_open_a_sealed_one(world, usb, tmp_path):
    recipient, file = identity(tmp_path)
    draft = world.write("ada", vaults.NOTE, record=False)
    made = back_up(world, usb, recipient)
    assert made.clean
    assert sorted(one.name for one in made.path.iterdir()) == ["README.txt", "backup.toml", "content.tar.age"]
    clear = (made.path / "backup.toml").read_text() + (made.path / "README.txt").read_text()
    assert not any(client in clear for client in world.clients.values())
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(f"age -d -i {file} {made.path}/content.tar.age | tar x -C {out}", shell=True, check=True)
    said = manifest(out)
    assert len(said.heads) == 3
    assert (out / "unrecorded" / draft.relative_to(world.vault.chart)).read_bytes() == draft.read_bytes()
    lines.git(out, "clone", "-q", "chart.bundle", "c")
    assert not list((world.vault.chart / ".git/vaultcli/backups").iterdir())


@needs_age
def test_what_was_sealed_before_is_sealed_again(world, usb, tmp_path):
    recipient, _ = identity(tmp_path)
    back_up(world, usb, recipient)
    again = back_up(world, usb)
    assert again.sealed == 1
    assert (again.path / "content.tar.age").is_file()
    opened = back_up(world, usb, open=True)
    assert (opened.path / "chart.bundle").is_file()


@needs_age
def test_an_identity_opens_it_once(world, usb, tmp_path):
    from vaultcli.ground.age import tarball
    from vaultcli.ground.errors import KeyTrouble

    recipient, file = identity(tmp_path)
    assert back_up(world, usb, recipient, identities=tuple(tarball.identities(file, None))).opened
    (tmp_path / "more").mkdir()
    _, other = identity(tmp_path / "more")
    with pytest.raises(KeyTrouble, match="opens"):
        back_up(world, usb, recipient, identities=tuple(tarball.identities(other, None)))
    assert len(destinations.ones(usb)) == 1


@pytest.mark.parametrize("word", ["age1nothing", "", "AGE-SECRET-KEY-1QQ", "ssh-ed25519 AAAA", "lee@example.org"])
def test_no_recipient(world, usb, word):
    with pytest.raises(BadInput, match="recipient"):
        back_up(world, usb, word)
    assert list(usb.iterdir()) == []
