"""Configuration, hooks and attributes that run programs, planted in a vault or in a copy to adopt: we run none of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import vaults
from tests.ground.git.test_hostile import VECTORS

TEXT = ("-m", "She came on time.")
COMMANDS = {
    "status": (("status",), {0}),
    "list": (("list",), {0}),
    "show": (("show", "ada"), {0}),
    "log": (("log", "ada"), {0}),
    "diff": (("diff", "ada"), {0}),
    "new": (("new", "ada", "09:00-09:53", *TEXT, "--draft"), {0}),
    "save": (("save",), {0}),
    "sign": (("sign", "--yes"), {0}),
    "amend": (("amend", "ada", *TEXT), {0}),
    "client": (("client", "edit", "ada", "--place", "video"), {0}),
    "export": (("export", "ada", "-o", "out"), {0, 10}),
    "verify": (("verify",), {0, 1}),
    "sync": (("sync",), {0, 1, 3}),
}
REFUSED = {name: vector for name, vector in VECTORS.items() if vector.refused}
HOOKS = ("pre-commit", "reference-transaction", "post-index-change", "post-checkout", "pre-push", "commit-msg", "update")




@pytest.fixture
def world(tmp_path, monkeypatch):
    world = vaults.make(tmp_path / "vault")
    world.write("ada", vaults.NOTE)
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\nexit 1\n")
    evil.chmod(0o755)
    (tmp_path / "evil.inc").write_text(f"[core]\n fsmonitor = {evil}\n")
    (tmp_path / "hooks").mkdir()
    for name in HOOKS:
        shutil.copy(evil, tmp_path / "hooks" / name)
    monkeypatch.chdir(world.vault.root)
    return world


def filled(text: str, tmp_path: Path) -> str:
    for word, path in (("EVIL", "evil"), ("OTHER", "other"), ("HOOKS", "hooks")):
        text = text.replace(word, str(tmp_path / path))
    return text


def plant(chart: Path, text: str, tmp_path: Path) -> None:
    with (chart / ".git" / "config").open("a") as config:
        config.write(filled(text, tmp_path))


def stock(folder: Path, *args: str) -> None:
    who = ("-c", "user.name=x", "-c", "user.email=x@y.test", "-c", "commit.gpgSign=false")
    subprocess.run(["git", *who, *args], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)


@pytest.mark.parametrize("name", REFUSED)
def test_a_dangerous_configuration_stops_every_command(name, world, tmp_path, cli):
    plant(world.vault.chart, REFUSED[name].config, tmp_path)
    # the first wall stands in the one door to the chart; a few vectors try it from every command
    asked = COMMANDS if name in ("fsmonitor", "include") else {"status": COMMANDS["status"], "new": COMMANDS["new"]}
    for args, _ in asked.values():
        done = cli(*args)
        # `verify` looks without obeying, and makes a finding of it
        assert done.code == (1 if args == ("verify",) else 8), (args, done)
        assert "git configuration" in done.out + done.err
    assert not (tmp_path / "sprung").exists()


def test_hooks_attributes_and_the_environment_run_nothing(world, tmp_path, cli, monkeypatch):
    chart = world.vault.chart
    plant(chart, "[core]\n hooksPath = HOOKS\n", tmp_path)
    shutil.copytree(tmp_path / "hooks", chart / ".git" / "hooks", dirs_exist_ok=True)
    for admin in (chart / ".git" / "worktrees").iterdir():
        (admin / "config.worktree").write_text(filled("[core]\n fsmonitor = EVIL\n hooksPath = HOOKS\n", tmp_path))
    (chart / ".git" / "config.worktree").write_text(filled("[core]\n fsmonitor = EVIL\n", tmp_path))
    (chart / ".git" / "info" / "attributes").write_text("* filter=x diff=x\n")
    settings = {"GIT_CONFIG_COUNT": "3", "GIT_EXTERNAL_DIFF": "EVIL", "GIT_SSH_COMMAND": "EVIL", "GIT_CONFIG_GLOBAL": "EVIL.inc"}
    keys = (("core.fsmonitor", "EVIL"), ("filter.x.clean", "EVIL"), ("diff.x.textconv", "EVIL"))
    settings |= {f"GIT_CONFIG_KEY_{n}": key for n, (key, _) in enumerate(keys)}
    settings |= {f"GIT_CONFIG_VALUE_{n}": value for n, (_, value) in enumerate(keys)}
    with monkeypatch.context() as patch:
        for key, value in settings.items():
            patch.setenv(key, filled(value, tmp_path))
        for args, codes in COMMANDS.values():
            done = cli(*args)
            assert done.code in codes, (args, done)
            assert not (tmp_path / "sprung").exists(), args
    # the control: stock git springs the hooks and the environment
    stock(chart, "commit", "--allow-empty", "-m", "x")
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize("where", ["config", "worktree"])
def test_worktree_configuration_is_refused_or_not_read(where, world, tmp_path, cli):
    chart = world.vault.chart
    folder = world.folder("ada")
    plant(chart, "[extensions]\n worktreeConfig = true\n", tmp_path)
    admin = chart / ".git" if where == "config" else next((chart / ".git" / "worktrees").glob(f"*{world.clients['ada']}"))
    (admin / "config.worktree").write_text(filled("[core]\n fsmonitor = EVIL\n", tmp_path))
    for args, codes in COMMANDS.values():
        done = cli(*args)
        assert done.code in codes | {8}, (args, done)
        assert not (tmp_path / "sprung").exists(), args
    stock(chart if where == "config" else folder, "status")
    assert (tmp_path / "sprung").exists()


def test_adopting_takes_over_neither_configuration_nor_hooks(world, tmp_path, cli):
    chart = world.vault.chart
    genesis = subprocess.run(
        ["git", "rev-list", "--max-parents=0", "practice"], cwd=chart, capture_output=True, text=True, check=True
    ).stdout.strip()
    plant(chart, "[core]\n fsmonitor = EVIL\n hooksPath = HOOKS\n[alias]\n st = !EVIL\n", tmp_path)
    plant(chart, '[uploadpack]\n packObjectsHook = EVIL\n[filter "x"]\n smudge = EVIL\n', tmp_path)
    shutil.copytree(tmp_path / "hooks", chart / ".git" / "hooks", dirs_exist_ok=True)
    (chart / ".git" / "info" / "attributes").write_text("* filter=x diff=x\n")
    new = tmp_path / "adopted"
    given = ("--genesis", f"sha256:{genesis}", "--keys", str(tmp_path / "newkeys"), "--as", "lee-example", "--yes")
    done = cli("init", str(new), "--adopt", str(chart), *given, "--name", "Lee Example")
    assert "Traceback" not in done.err
    assert done.code != 70, done
    assert not (tmp_path / "sprung").exists()
    if (new / "chart" / ".git" / "config").exists():
        assert "evil" not in (new / "chart" / ".git" / "config").read_text()
        for path in (new / "chart" / ".git" / "hooks").glob("*"):
            assert "sprung" not in path.read_text()
    assert os.path.lexists(new), done
    stock(chart, "status")
    assert (tmp_path / "sprung").exists()
