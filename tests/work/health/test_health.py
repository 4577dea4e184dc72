"""The doctor's checks: each seen well and not well, on computers that are made up as folders."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests import helpers, shelf, vaults
from tests.work.backup_world import back_up
from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git import command as gitcall
from vaultcli.ground.git import plumbing
from vaultcli.ground.process import stock
from vaultcli.ground.ssh import version as sshversion
from vaultcli.places.chart.chart import Chart
from vaultcli.places.machine import pins, settings
from vaultcli.places.remote import hooks as git_hooks
from vaultcli.work.backup import destinations
from vaultcli.work.health import (
    backup,
    clock,
    copies,
    disk,
    editor,
    git,
    hooks,
    index,
    keys,
    locale,
    objects,
    permissions,
    repository,
    space,
    ssh,
    swap,
    synced,
    table,
    versions,
    worktrees,
)
from vaultcli.work.health import pins as pinned
from vaultcli.work.health import remotes as agreements
from vaultcli.work.health.situation import ADVICE, OK, PROBLEM, Health, Machine, Situation
from vaultcli.work.sync import remotes


@shelf.made_once
def world(tmp_path: Path) -> vaults.World:
    made = vaults.make(tmp_path / "v")
    git_hooks.install(made.vault.chart / ".git", git_hooks.CHART)
    return made


@pytest.fixture
def s(world: vaults.World, tmp_path: Path) -> Iterable[Situation]:
    with Chart(world.vault) as chart:
        chart.repository.recover()
        yield Situation(Machine(world.tick(), root=tmp_path / "root", environ={"TZ": "America/New_York"}), world.vault, chart)


def levels(found: Iterable[Health]) -> list[str]:
    said = list(found)
    for one in said:
        assert one.level in (OK, ADVICE, PROBLEM)
        assert one.what
        assert one.level == OK or (one.why and one.do), f"{one.what}: why, and what to do?"
    return [one.level for one in said]


def on(s: Situation, **more: object) -> Situation:
    return replace(s, machine=replace(s.machine, **more))  # type: ignore[arg-type]


def test_every_check_has_a_file_a_name_and_a_line_in_the_docs():
    names = [check.name for check in table.CHECKS]
    assert len(names) == len(set(names))
    assert all((check.of_vault is None) != (check.of_machine is None) for check in table.CHECKS)
    told = (Path(__file__).parents[3] / "docs" / "json.md").read_text()
    assert [name for name in names if f"`{name}`" not in told] == []
    rooms = {path.stem for path in Path(table.__file__).parent.glob("*.py")} - {"__init__", "situation", "table"}
    looks = [check.of_vault or check.of_machine for check in table.CHECKS]
    assert {look.__module__.rpartition(".")[2] for look in looks if look} == rooms


def test_a_sound_vault_has_no_problem_but_its_missing_backup(s):
    rows = [row for check in table.CHECKS if check.of_vault for row in table._rows(check, check.of_vault(s))]
    assert {row.check.name for row in rows if row.health.level == PROBLEM} == {"backup"}
    levels(row.health for row in rows)


def test_git(monkeypatch):
    assert levels(git.look(Machine(vaults.START))) == [OK]

    def old() -> None:
        raise GitTrouble("git is too old: git version 2.20.0", hint="install git 2.34 or newer")

    monkeypatch.setattr(gitcall, "version", old)
    assert levels(git.look(Machine(vaults.START))) == [PROBLEM]


@pytest.mark.parametrize(("found", "level"), [((9, 2), OK), ((10, 0), OK), ((8, 9), ADVICE), ((8, 4), PROBLEM), ((), PROBLEM)])
def test_openssh(monkeypatch, found, level):
    monkeypatch.setattr(sshversion, "version", lambda: found)
    assert levels(ssh.look(Machine(vaults.START))) == [level]


def test_the_openssh_that_is_here():
    assert sshversion.version() >= (8, 9)


def test_no_openssh(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert sshversion.version() == ()


def test_editor(tmp_path, monkeypatch):
    assert levels(editor.look(Machine(vaults.START, environ={"EDITOR": "sh"}))) == [OK]
    assert levels(editor.look(Machine(vaults.START, environ={"EDITOR": "no-such-editor"}))) == [ADVICE]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert levels(editor.look(Machine(vaults.START))) == [ADVICE]


def test_text_and_time():
    new_york = Machine(vaults.START)
    assert levels(locale.look(new_york, "UTF-8")) == [OK, OK]
    assert levels(locale.look(new_york, "ISO-8859-1")) == [ADVICE, OK]
    utc = replace(new_york, now=vaults.START.astimezone(__import__("datetime").UTC))
    assert levels(locale.look(utc, "utf8")) == [OK, ADVICE]
    assert levels(locale.look(replace(utc, environ={"TZ": "UTC"}), "utf8")) == [OK, OK]


def _swaps(root: Path, *names: str, crypt: bool | None = None) -> Machine:
    (root / "proc").mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{name} partition 1 0 -2\n" for name in names)
    (root / "proc/swaps").write_text(f"Filename Type Size Used Priority\n{rows}")
    for name in names if crypt is not None else ():
        block = root / "sys/class/block" / Path(name).name
        (block / "dm").mkdir(parents=True)
        if crypt:
            (block / "dm/uuid").write_text("CRYPT-PLAIN-x")
    return Machine(vaults.START, root=root)


def test_swap(tmp_path):
    assert levels(swap.look(Machine(vaults.START, root=tmp_path / "none"))) == [ADVICE]
    assert levels(swap.look(Machine(vaults.START, platform="darwin"))) == [OK]
    assert levels(swap.look(_swaps(tmp_path / "a"))) == [OK]
    assert levels(swap.look(_swaps(tmp_path / "b", "/dev/zram0"))) == [OK]
    assert levels(swap.look(_swaps(tmp_path / "c", "/dev/dm-1", crypt=True))) == [OK]
    assert levels(swap.look(_swaps(tmp_path / "d", "/dev/sda2", crypt=False))) == [ADVICE]
    assert "cannot be told" in next(iter(swap.look(_swaps(tmp_path / "e", "/dev/sda2")))).what


def _disk(root: Path, kind: str = "ext4", uuid: str = "") -> None:
    shutil.rmtree(root, ignore_errors=True)
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/mountinfo").write_text(f"22 1 8:1 / / rw - {kind} /dev/sda1 rw\n")
    block = root / "sys/dev/block/8:1/dm"
    block.mkdir(parents=True)
    (block / "uuid").write_text(uuid or "LVM-x")


def test_disk(s, monkeypatch):
    root = s.machine.root
    assert levels(disk.look(s)) == [ADVICE, ADVICE]
    _disk(root)
    assert levels(disk.look(s)) == [PROBLEM, PROBLEM]
    _disk(root, uuid="CRYPT-LUKS2-x")
    assert levels(disk.look(s)) == [OK, OK]
    _disk(root, "fuse.gocryptfs")
    assert levels(disk.look(s)) == [OK, OK]
    for said, code, level in (("FileVault is On.", 0, OK), ("FileVault is Off.", 0, PROBLEM), ("", 127, ADVICE)):
        monkeypatch.setattr(stock, "run", lambda *_, said=said, code=code: (said, code))
        _disk(root)
        assert levels(disk.look(on(s, platform="darwin"))) == [level, level]


def test_synced(s, tmp_path):
    assert levels(synced.look(s)) == [OK]
    inside = tmp_path / "Dropbox" / "practice"
    assert levels(synced.look(replace(s, vault=replace(s.vault, root=inside, chart=inside / "chart")))) == [PROBLEM]
    assert levels(synced.look(replace(s, vault=replace(s.vault, keys=tmp_path / "Dropbox" / "keys")))) == [PROBLEM]


def test_keys(s):
    assert levels(keys.look(s)) == [ADVICE]  # no passphrase
    personal = s.vault.keys / "personal"
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "words", "-f", personal], check=True, capture_output=True)
    assert levels(keys.look(s)) == [OK]
    personal.chmod(0o640)
    assert set(levels(keys.look(s))) == {PROBLEM}
    personal.chmod(0o600)
    page = s.vault.root / "page.txt"
    page.write_text("VAULTCLI RECOVERY PAGE 1\n")
    assert levels(keys.look(s)) == [PROBLEM]
    page.unlink()
    inside = s.vault.root / "keys"
    shutil.copytree(s.vault.keys, inside)
    assert PROBLEM in levels(keys.look(replace(s, vault=replace(s.vault, keys=inside))))
    (s.vault.keys / "machine").unlink()
    assert levels(keys.look(s)) == [PROBLEM]
    assert levels(keys.look(replace(s, vault=replace(s.vault, keys=Path("/nowhere"))))) == [PROBLEM]


def test_permissions(s, tmp_path):
    for folder in (s.vault.root, s.vault.chart, s.vault.chart / ".git"):
        folder.chmod(0o755)
    tmp_path.chmod(0o700)
    assert levels(permissions.look(s)) == [OK]
    (s.vault.chart / ".git").chmod(0o775)
    assert levels(permissions.look(s)) == [PROBLEM]
    (s.vault.chart / ".git").chmod(0o700)
    assert levels(permissions.look(s)) == [OK]


def test_backup(s, world, tmp_path, monkeypatch):
    assert levels(backup.look(s)) == [PROBLEM]
    (tmp_path / "usb").mkdir()
    back_up(world, tmp_path / "usb")
    assert levels(backup.look(s)) == [OK, ADVICE]  # on the same disk
    monkeypatch.setattr(destinations, "is_apart", lambda *_: True)
    back_up(world, tmp_path / "usb")
    assert levels(backup.look(s)) == [OK]
    later = on(s, now=s.machine.now + timedelta(days=60))
    assert levels(backup.look(later)) == [OK]  # nothing was recorded since
    world.write("ada", vaults.NOTE)
    assert "1 commits recorded since" in next(iter(backup.look(later))).what
    assert levels(backup.look(later)) == [PROBLEM]
    assert levels(backup.look(on(s, now=s.machine.now + timedelta(days=10)))) == [ADVICE]
    assert levels(backup.look(s)) == [OK]


def test_remotes(s, tmp_path):
    assert levels(agreements.look(s)) == [OK]
    remotes.add(s.chart, "own", str(tmp_path / "x"), remotes.OWN, tmp_path)
    assert levels(agreements.look(s)) == [OK]
    subprocess.run(["git", "-C", s.vault.chart, "remote", "add", "hub", "https://example.org/x"], check=True)
    assert levels(agreements.look(s)) == [PROBLEM]


def test_hooks(s):
    folder = s.vault.chart / ".git" / "hooks"
    assert levels(hooks.look(s)) == [OK]
    (folder / "pre-commit").write_text("#!/bin/sh\nexit 0\n")
    assert levels(hooks.look(s)) == [ADVICE]
    (folder / "commit-msg").unlink()
    assert levels(hooks.look(s)) == [PROBLEM, ADVICE]
    (folder / "pre-push").chmod(0o600)
    assert levels(hooks.look(s)) == [PROBLEM, ADVICE, ADVICE]


def test_pins(s):
    assert levels(pinned.look(s)) == [OK]
    where = pins.path(s.chart.policies.genesis, s.chart.repository.clone_id)
    where.write_text("{}")
    assert levels(pinned.look(s)) == [PROBLEM]
    where.unlink()
    assert levels(pinned.look(s)) == [PROBLEM]


def test_copies(s, world, tmp_path):
    settings.add_vault(s.vault.root)
    settings.add_vault(tmp_path / "gone")
    assert levels(copies.look(s)) == [OK]
    shutil.copytree(s.vault.root, tmp_path / "copied", symlinks=True)
    other = replace(s.vault, root=tmp_path / "copied", chart=tmp_path / "copied" / "chart")
    (other.root / "vault.toml").write_text(other.text())
    settings.add_vault(other.root)
    assert levels(copies.look(s)) == [PROBLEM]
    config = other.chart / ".git" / "config"
    subprocess.run(["git", "config", "--file", config, "vaultcli.clone", "0" * 16], check=True)
    assert levels(copies.look(s)) == [OK]
    pins.create(s.chart.policies.genesis, "0" * 16, {}, how=pins.ADOPTED, now=world.tick())
    assert levels(copies.look(s)) == [ADVICE]


def test_versions(s, monkeypatch):
    assert levels(versions.look(s)) == [OK]

    def broken(_: object) -> None:
        raise GitTrouble("practice.toml: version 9 is not known")

    monkeypatch.setattr(Chart, "policies", property(broken))
    assert levels(versions.look(s)) == [PROBLEM]


def test_folders(s, world):
    assert levels(worktrees.look(s)) == [OK]
    (world.folder("ada") / ".git").unlink()
    assert levels(worktrees.look(s)) == [ADVICE]
    mark = s.vault.chart / ".git/vaultcli/heads/client" / world.clients["bo"]
    mark.unlink()
    assert levels(worktrees.look(s)) == [ADVICE, ADVICE]


def test_repository(s):
    assert levels(repository.look(s)) == [OK]
    (s.vault.chart / ".git" / "info" / "grafts").write_text("x\n")
    assert levels(repository.look(s)) == [ADVICE]


def test_objects(s, monkeypatch):
    assert levels(objects.look(s)) == [OK]
    monkeypatch.setattr(plumbing.Git, "loose", lambda _: 5000)
    assert levels(objects.look(s)) == [ADVICE]


def test_index(s):
    import sqlite3

    path = s.vault.chart / ".git/vaultcli/index.sqlite"
    path.unlink(missing_ok=True)
    assert levels(index.look(s)) == [OK]
    assert not path.exists()
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE x (y)")
    base.close()
    assert levels(index.look(s)) == [OK]
    path.write_bytes(b"no index at all" * 100)
    assert levels(index.look(s)) == [ADVICE]


def test_clock(s):
    assert levels(clock.look(s)) == [OK]
    assert levels(clock.look(on(s, now=s.machine.now - timedelta(hours=2)))) == [PROBLEM]
    assert levels(clock.look(on(s, now=s.machine.now.replace(year=1970)))) == [PROBLEM]


@pytest.mark.parametrize(("free", "level"), [(5 << 30, OK), (500 << 20, ADVICE), (5 << 20, PROBLEM)])
def test_space(s, monkeypatch, free, level):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1 << 40, 0, free))  # type: ignore[attr-defined]
    assert levels(space.look(s)) == [level]


def test_a_check_that_stumbles_does_not_stop_the_others(world, monkeypatch):
    shutil.rmtree(world.vault.root / "chart" / ".git" / "vaultcli")
    machine = Machine(world.tick())
    monkeypatch.setattr(shutil, "disk_usage", lambda _: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    rows = table.vault(machine, world.vault)
    assert {row.check.name for row in rows} >= {"space", "keys", "clock"}
    assert next(row for row in rows if row.check.name == "space").health.level == PROBLEM


def test_a_chart_that_cannot_be_opened_is_said(world):
    subprocess.run(["git", "-C", world.vault.chart, "config", "core.fsmonitor", "/bin/false"], check=True)
    (row,) = table.vault(Machine(world.tick()), world.vault)
    assert row.check.name == "chart"
    assert "core.fsmonitor" in row.health.what


def test_it_changes_nothing_and_answers_for_programs(world):
    def state() -> dict[str, tuple[int, int]]:
        tops = (world.vault.root, Path(os.environ["HOME"]))
        return {str(one): (one.lstat().st_mtime_ns, one.lstat().st_size) for top in tops for one in top.rglob("*")}

    (world.folder("ada") / ".git").unlink()  # something to mend
    before = state()
    time.sleep(0.01)
    done = helpers.run_here(["--vault", str(world.vault.root), "doctor", "--json"])
    assert done.code == 1
    assert '"check": "worktrees"' in done.out
    assert state() == before
