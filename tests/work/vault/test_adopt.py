"""Adopting: nothing of the other repository runs or decides; what is not the vault that was named leaves no trace."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests import shelf, vaults
from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble, NotFound, Refused
from vaultcli.ground.repository.remote import Remote
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.ssh import generate
from vaultcli.places.chart.chart import Chart
from vaultcli.places.machine import pins
from vaultcli.verify import vault
from vaultcli.work.people import keys
from vaultcli.work.people.keys import KeyChoice
from vaultcli.work.vault import admit_machine
from vaultcli.work.vault import adopt as adoption
from vaultcli.work.vault.admit_machine import Wanted

AS_LEE = ("-c", "user.name=Lee Example", "-c", "user.email=lee-example")


@shelf.made_once
def world(tmp_path) -> vaults.World:
    made = vaults.make(tmp_path / "v", [vaults.LEE, vaults.SAM])
    made.write("ada", vaults.NOTE)
    return made


def git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", "-C", folder, *args], check=True, capture_output=True, text=True).stdout


def wanted(world: vaults.World, source: Path | str | None = None, **more: object) -> Wanted:
    with world.chart() as chart:
        genesis = chart.genesis
    key = KeyChoice(str(world.vault.keys / "personal"))
    given = Wanted(str(source or world.vault.root), genesis, principal="lee-example", key=key)
    return replace(given, **more)  # type: ignore[arg-type]


def adopt(world: vaults.World, root: Path, source: Path | str | None = None, **more: object) -> admit_machine.Adopted:
    return adoption.adopt(root, wanted(world, source, **more), world.tick(), None)


def whole(world: vaults.World, done: admit_machine.Adopted) -> None:
    """Every line is there with its files, pinned, and verifies."""
    verdict = vault.verify(done.vault.chart, now=world.tick())
    assert verdict.findings == ()
    assert verdict.pins is not None
    assert verdict.pins.how == pins.ADOPTED
    with Chart(done.vault) as chart:
        assert {one.handle for one in chart.clients()} == set(world.clients)
        for handle, client in world.clients.items():
            assert (chart.folder(client) / "client.md").read_bytes() == (world.folder(handle) / "client.md").read_bytes()
            working = chart.repository.working(f"client/{client}")
            assert (working.edited, working.new, working.missing) == ((), (), ())
        assert chart.repository.git.refs("refs/vaultcli/") == {}


def test_a_vaults_folder(world, tmp_path):
    done = adopt(world, tmp_path / "again")
    whole(world, done)
    assert len(done.admitted) == 1  # the machine's; the personal key was there


def test_a_bundle_and_clones_of_every_kind(world, tmp_path):
    chart = world.vault.chart
    git(chart, "bundle", "create", "-q", str(tmp_path / "all.bundle"), "--all")
    git(tmp_path, "clone", "-q", "--bare", str(chart), "bare.git")
    git(tmp_path, "clone", "-q", str(chart), "plain")
    for number, source in enumerate(("all.bundle", "bare.git", "plain")):
        done = adopt(world, tmp_path / f"again{number}", tmp_path / source, keys=tmp_path / f"keys{number}")
        whole(world, done)


def test_the_other_repository_runs_nothing_and_leaves_no_configuration(world, tmp_path):
    chart, ran = world.vault.chart, tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 >>{ran}\ncat\n")
    program.chmod(0o755)
    programs = ("core.fsmonitor", "core.sshCommand", "core.editor", "core.pager", "filter.x.smudge", "uploadpack.packObjectsHook")
    for key in programs:
        git(chart, "config", key, str(program))
    git(chart, "config", "core.hooksPath", str(tmp_path / "hooks"))
    (tmp_path / "hooks").mkdir()
    for name in ("post-checkout", "pre-receive", "reference-transaction", "post-merge", "post-index-change", "pre-auto-gc"):
        (tmp_path / "hooks" / name).symlink_to(program)
        (chart / ".git" / "hooks").mkdir(exist_ok=True)
        (chart / ".git" / "hooks" / name).unlink(missing_ok=True)
        (chart / ".git" / "hooks" / name).symlink_to(program)
    done = adoption.adopt(tmp_path / "again", _hostile(world, chart), world.tick(), None)
    assert not ran.exists()
    config = (done.vault.chart / ".git" / "config").read_text()
    assert str(program) not in config
    assert "hooksPath" not in config


def _hostile(world: vaults.World, chart: Path) -> Wanted:
    """What is asked for when the other chart may not even be opened by us."""
    genesis = f"sha256:{git(chart, '-c', 'core.fsmonitor=false', 'rev-list', '--max-parents=0', 'practice').strip()}"
    return Wanted(str(chart), genesis, principal="lee-example", key=KeyChoice(str(world.vault.keys / "personal")))


@pytest.mark.parametrize("there", [False, True])
def test_another_genesis_leaves_nothing(world, tmp_path, there):
    root = tmp_path / "again"
    if there:
        root.mkdir()
    with pytest.raises(Refused, match="this is another vault: its first commit is"):
        adopt(world, root, genesis="sha256:" + "0" * 64)
    assert root.exists() == there
    assert not there or list(root.iterdir()) == []


@pytest.mark.parametrize("genesis", ["", "sha256:12", "0" * 64, "--upload-pack=x"])
def test_a_genesis_is_whole(world, tmp_path, genesis):
    with pytest.raises(BadInput, match="--genesis"):
        adopt(world, tmp_path / "again", genesis=genesis)


def test_sources_that_are_none(world, tmp_path):
    with pytest.raises(NotFound):
        adopt(world, tmp_path / "again", tmp_path / "nowhere")
    git(tmp_path, "init", "-q", "--object-format=sha256", "empty")
    with pytest.raises(Refused, match="no vault"):
        adopt(world, tmp_path / "again", tmp_path / "empty")
    for source in ("ext::sh -c touch% ran", "file:///nowhere", "--upload-pack=touch ran"):
        with pytest.raises((BadInput, NotFound)):
            adopt(world, tmp_path / "again", source)
    assert not (tmp_path / "again").exists()
    assert not Path("ran").exists()


def test_a_policy_that_breaks_the_rules_is_not_adopted(world, tmp_path):
    chart = world.vault.chart
    git(chart, *AS_LEE, "commit", "-q", "--no-verify", "--allow-empty", "-m", "policy")
    with pytest.raises(Refused, match="breaks the rules"):
        adopt(world, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_line_with_a_finding_is_adopted_and_told(world, tmp_path):
    folder = world.folder("ada")
    git(folder, *AS_LEE, "commit", "-q", "--no-verify", "--allow-empty", "-m", "x")
    done = adopt(world, tmp_path / "again")
    assert {one.rule for one in done.findings} >= {"message", "commit-signature"}
    assert done.lines == 3


class Killed(BaseException):
    """What ends a command at once."""


STEPS = [
    (Repository, "create"),
    (Remote, "fetch"),
    (Repository, "advance"),
    (pins, "create"),
    (keys, "make_keys"),
    (admit_machine, "enrol"),
]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(("where", "name"), STEPS, ids=lambda value: getattr(value, "__name__", value))
def test_killed_at_any_step_and_repeated_it_is_whole(world, tmp_path, monkeypatch, where, name, after):
    real = getattr(where, name)

    def dies(*args, **settings):
        if after:
            real(*args, **settings)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(where, name, dies)
        with pytest.raises(Killed):
            adopt(world, tmp_path / "again")
    done = adopt(world, tmp_path / "again")
    whole(world, done)


def test_a_second_vault_does_not_take_the_place_of_the_first(world, tmp_path):
    adopt(world, tmp_path / "again")
    other = vaults.make(tmp_path / "other")
    with pytest.raises(Conflict):
        adopt(other, tmp_path / "again", principal="")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    with pytest.raises(Conflict, match="thesis"):
        adopt(world, tmp_path / "full")


def test_a_chart_that_lost_its_settings_is_never_taken_for_one_half_adopted(world, tmp_path):
    (world.vault.root / "vault.toml").unlink()
    chart = world.vault.chart
    before = sorted(path for path in chart.rglob("*") if path.is_file())
    for source, genesis in ((chart, "sha256:" + "0" * 64), (tmp_path / "nowhere", "sha256:" + "0" * 64)):
        with pytest.raises(Conflict, match="not empty"):
            adopt(world, world.vault.root, source, genesis=genesis)
    with pytest.raises(Conflict, match="not empty"):
        adopt(world, world.vault.root, chart)
    assert sorted(path for path in chart.rglob("*") if path.is_file()) == before


def test_a_half_adopted_vault_does_not_become_another_one(world, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(pins, "create", lambda *_, **__: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            adopt(world, tmp_path / "again")
    other = vaults.make(tmp_path / "other", clients=("eve",))
    with pytest.raises(Conflict):
        adopt(other, tmp_path / "again")
    with pytest.raises(NotFound):
        adopt(world, tmp_path / "again", tmp_path / "nowhere")
    whole(world, adopt(world, tmp_path / "again"))


def test_another_vaults_folder_is_not_touched(world, tmp_path):
    """Not even its settings, where nobody has let that machine in yet."""
    key = world.vault.keys.parent / "sam-trainee" / "personal"
    done = adopt(world, tmp_path / "again", principal="sam-trainee", key=KeyChoice(str(key)))
    before = (done.vault.root / "vault.toml").read_bytes()
    other = vaults.make(tmp_path / "other")
    with pytest.raises(Conflict, match="another vault"):
        adopt(other, tmp_path / "again", principal="lee-example")
    assert (done.vault.root / "vault.toml").read_bytes() == before


def test_whose_machine_it_is(world, tmp_path):
    with pytest.raises(BadInput, match="more than one"):
        adopt(world, tmp_path / "again", principal="")
    with pytest.raises(KeyTrouble, match="a key of lee-example"):
        adopt(world, tmp_path / "again", principal="sam-trainee")


def test_a_person_without_the_policy_role_asks(world, tmp_path):
    key = world.vault.keys.parent / "sam-trainee" / "personal"
    done = adopt(world, tmp_path / "again", principal="sam-trainee", key=KeyChoice(str(key)))
    assert done.request is not None
    assert done.admitted == ()


def test_another_vaults_page_lets_nobody_in(world, tmp_path):
    from vaultcli.record.paper.recovery_page import RecoveryPage

    with world.chart() as chart:
        page = RecoveryPage("x", chart.policy.practice.vault, chart.genesis, "2026-11-22", generate.in_memory())
    with pytest.raises(KeyTrouble, match="not admitted"):
        adopt(world, tmp_path / "again", page=page, key=KeyChoice())
    with pytest.raises(Refused, match="another vault"):
        adopt(world, tmp_path / "more", page=replace(page, genesis="sha256:" + "0" * 64))
