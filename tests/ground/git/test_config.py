"""Settings that are plain enough are read here, as git reads them; everything else is git's."""

from __future__ import annotations

import random

import pytest

from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git import config as gitconfig

PIECES = (
    *("[core]\n", "[a.b]\n", '[remote "or.ig"]\n', "[Core]", "\tx = 1\n", "\tKey = a b\n", "\turl = ssh://h/x\n", "\tz = a  b\n"),
    *("\tf = +refs/heads/*:refs/r/*\n", " y=2\n", '\tq = "a"\n', "\tn\n", "#c\n", "\tv = a ;c\n", "\tw = a\\\n", "\t", "\n"),
    *('[x ""]\n', "\tfoo = ~/a\n", '[s "A.b"] k = 1\n', "\tt = a \n", "[core] \n", "\tu = a#b\n", "\te = -1\n", "\r\n", "\ufeff"),
)


def test_both_readers_agree(tmp_path):
    file, chance, taken = tmp_path / "config", random.Random(3), 0
    for _ in range(400):
        file.write_text("[core]\n" + "".join(chance.choice(PIECES) for _ in range(chance.randint(0, 3))), newline="")
        found = gitconfig._plain(file)
        if found:
            taken += 1
            assert found == gitconfig.listed(file), file.read_text()
    assert taken > 20


def test_our_own_is_read_without_git(repo, monkeypatch):
    monkeypatch.setattr(gitconfig, "listed", None)
    assert gitconfig.read_settings(repo.directory) == repo.settings


def test_a_plain_key_that_runs_a_program_is_refused_all_the_same(repo):
    config = repo.directory / "config"
    config.write_text(config.read_text() + "[core]\n\tfsmonitor = /tmp/x\n")
    assert gitconfig._plain(config)
    with pytest.raises(GitTrouble, match=r"core\.fsmonitor"):
        gitconfig.read_settings(repo.directory)
