"""A test cannot see the machine: not its clock, not who and where it is; and it is told when it tries."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pexpect
import pytest

from tests import isolation, transcript
from tests.helpers import FakeEditor
from tests.isolation import RealWorld

WHO = "A Stranger <stranger@example.test>"
STAMP = int(datetime.fromisoformat(isolation.CLOCK).timestamp())
ABROAD = [
    {},
    {"PATH": os.environ["PATH"]},
    {"GIT_AUTHOR_DATE": isolation.CLOCK, "GIT_COMMITTER_DATE": isolation.CLOCK, "VAULTCLI_CLOCK": isolation.CLOCK},
    {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "VAULTCLI_CLOCK": isolation.CLOCK},
]  # fmt: skip
"""Environments that leave git the machine's clock, or the machine's settings and with them its identity."""


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that a fixture of the module makes, before any test has entered its own world."""
    return made(tmp_path_factory.mktemp("early"))


def made(folder: Path) -> Path:
    for command in ("git init -q", "git commit -q --allow-empty -m x", "git tag -a -m t v1", "git commit -q --allow-empty -m y"):
        subprocess.run(command.split(), cwd=folder, check=True)
    return folder


def told(folder: Path) -> set[str]:
    """Who and when, of the commits, the tag, and the log of what was moved."""
    show = ["git", "log", "--all", "--format=%an <%ae> %at%n%cn <%ce> %ct"]
    said = subprocess.run(show, cwd=folder, check=True, capture_output=True, text=True).stdout.splitlines()
    show = ["git", "for-each-ref", "--format=%(taggername) %(taggeremail) %(taggerdate:unix)", "refs/tags"]
    said += subprocess.run(show, cwd=folder, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = (folder / ".git" / "logs" / "HEAD").read_text().splitlines()
    said += [row.split(" ", 2)[2].partition("\t")[0].rpartition(" ")[0] for row in rows]
    return set(said)


def test_plain_git_has_the_clock_and_an_identity(tmp_path: Path) -> None:
    assert told(made(tmp_path)) == {f"{WHO} {STAMP}"}


def test_so_it_has_in_a_fixture_of_a_module(early: Path) -> None:
    assert told(early) == {f"{WHO} {STAMP}"}


def test_where_nobody_lives(tmp_path: Path) -> None:
    """On a machine without a name, for a user without one, git must not have asked for either."""
    nameless = f"{sys.executable} -c 'import socket; socket.sethostname(\"\")'"
    alone = ["unshare", "-u", "sh", "-c", f"{nameless} && git init -q && git commit -q --allow-empty -m x"]
    if os.geteuid() or shutil.which("unshare") is None:
        pytest.skip("SKIPPED: taking the machine's name away needs root, so it was NOT tried")
    subprocess.run(alone, cwd=tmp_path, check=True)
    assert told(tmp_path) == {f"{WHO} {STAMP}"}


def test_git_that_finds_no_identity_makes_none_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting that keeps git from asking for the host's name is in force."""
    made(tmp_path)
    commit = ["git", "-c", "user.name=", "-c", "user.email=", "commit", "-q", "--allow-empty", "-m", "z"]
    assert subprocess.run(commit, cwd=tmp_path, capture_output=True).returncode != 0


def test_a_repositorys_own_identity_and_that_of_a_command_go_over_it(tmp_path: Path) -> None:
    made(tmp_path)
    subprocess.run(["git", "-c", "user.name=Lee", "commit", "-q", "--allow-empty", "-m", "z"], cwd=tmp_path, check=True)
    assert f"Lee <stranger@example.test> {STAMP}" in told(tmp_path)


def test_a_page_commits_at_its_own_time(tmp_path: Path) -> None:
    """Each command of a page is a minute on, for plain git as for vaultcli."""
    page = "```console\n$ git init -q\n$ git commit -q --allow-empty -m x\n$ git commit -q --allow-empty -m y\n```\n"
    clock = datetime.fromisoformat("2031-01-02T10:00:00-05:00")
    assert transcript.run(page, transcript.World(tmp_path, FakeEditor(tmp_path), clock)) == page
    first = int((clock + timedelta(minutes=1)).timestamp())
    assert told_times(tmp_path) == {first, first + 60}


def told_times(folder: Path) -> set[int]:
    show = ["git", "log", "--format=%at%n%ct"]
    return set(map(int, subprocess.run(show, cwd=folder, check=True, capture_output=True, text=True).stdout.split()))


@pytest.mark.parametrize("environ", ABROAD, ids=["nothing", "path", "own settings", "own clock"])
def test_a_process_without_the_clock_or_the_settings_is_refused(environ: dict[str, str], tmp_path: Path) -> None:
    command = ["git", "init", "-q", str(tmp_path / "r")]
    with pytest.raises(RealWorld, match="would run without"):
        subprocess.run(command, env=environ)
    with pytest.raises(RealWorld):
        subprocess.Popen(["sh", "-c", "git init"], env=environ)
    with pytest.raises(OSError, match="would run without"):
        pexpect.spawn(shutil.which("git") or "", command[1:], env=environ).wait()
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("name", ["GIT_AUTHOR_DATE", "GIT_CONFIG_GLOBAL"])
def test_so_is_one_of_a_test_that_took_them_away(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(RealWorld, match=name):
        subprocess.run(["git", "version"])


def test_what_vaultcli_starts_is_its_own_affair(tmp_path: Path) -> None:
    """Its git has no settings of anybody, and no clock but the one that it is told."""
    from vaultcli.ground.git import command

    assert "GIT_AUTHOR_DATE" not in command.environment()
    from vaultcli.ground.repository.repository import Repository
    from vaultcli.places.chart.chart import LAYOUT

    Repository.create(tmp_path / "chart", LAYOUT).close()


def test_signals_that_a_background_shell_switches_off_are_on() -> None:
    """A closed terminal and Ctrl-C reach what the tests start, also under `nohup`."""
    asked = "import signal as s; print([s.getsignal(n) is s.SIG_IGN for n in (s.SIGINT, s.SIGQUIT, s.SIGHUP)])"
    assert signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert said == "[False, False, False]\n"
