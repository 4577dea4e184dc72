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


def test_everything_that_git_made_is_synced_before_it_is_said_to_be_made(tmp_path, monkeypatch):
    """git syncs next to nothing of what `init` makes; a power cut then leaves HEAD empty, which is no repository."""
    import os

    from vaultcli.ground import files

    synced: set[int] = set()
    real = files.sync
    monkeypatch.setattr(files, "sync", lambda handle: (synced.add(os.fstat(handle).st_ino), real(handle)))
    with Repository.create(tmp_path / "chart", LAYOUT) as made:
        scratch = made.directory / "vaultcli"
        unsynced = [
            path.relative_to(tmp_path)
            for path in [made.path, made.directory, *made.directory.rglob("*")]
            if path.stat().st_ino not in synced and not path.is_relative_to(scratch)
        ]
    assert unsynced == []


def test_a_head_that_says_nothing_is_written_anew(repo):
    (repo.directory / "HEAD").write_bytes(b"")
    told = []
    with Repository.open(repo.path, LAYOUT, tell=told.append):
        assert plain(repo.path, "status", "--porcelain") == ""
    assert len(told) == 1
