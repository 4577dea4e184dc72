"""A git directory of ours: made, completed after an interruption, and what is strange in one."""

from __future__ import annotations

import pytest

from tests.ground.worlds import LAYOUT, PRACTICE, plain
from vaultcli.ground.errors import Conflict
from vaultcli.ground.repository.repository import Repository


def test_create_refuses_a_repository_and_completes_its_own_half(tmp_path):
    from vaultcli.ground.git import setup as gitsetup

    gitsetup.init(tmp_path / "half", object_format="sha256", branch=PRACTICE)
    with Repository.create(tmp_path / "half", LAYOUT) as made:
        assert made.oddities() == ()
        clone = made.clone_id
    with pytest.raises(Conflict):
        Repository.create(tmp_path / "half", LAYOUT)
    with Repository.open(tmp_path / "half", LAYOUT) as again:
        assert again.clone_id == clone


def test_a_new_repository_has_no_hooks_whatever_the_users_template_says(tmp_path, monkeypatch):
    template = tmp_path / "template" / "hooks"
    template.mkdir(parents=True)
    (template / "post-checkout").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path / "template"))
    with Repository.create(tmp_path / "chart", LAYOUT) as made:
        assert not (made.directory / "hooks").exists()


def test_oddities_are_named(repo):
    (repo.directory / "shallow").write_text("")
    (repo.directory / "info" / "exclude").write_text("notes/hidden.md\n")
    plain(repo.path, "config", "mystery.key", "1")
    with Repository.open(repo.path, LAYOUT) as again:
        assert again.oddities() == (
            "unknown configuration key mystery.key",
            ".git/shallow exists",
            ".git/info/exclude hides files",
        )


def test_a_lock_that_a_killed_configuration_left_stops_nothing(tmp_path):
    with Repository.create(tmp_path / "chart", LAYOUT) as repo:
        (repo.directory / "config.lock").touch()
        from vaultcli.ground.git import setup as gitsetup

        gitsetup.configure(repo.path, {"user.name": "Lee"})
        assert "name = Lee" in (repo.directory / "config").read_text()
        assert list(repo.scratch.iterdir()) == []
