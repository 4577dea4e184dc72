"""Gits that are started: their failures, and those that wait for their input."""

from __future__ import annotations

import contextlib

import pytest

from tests.ground.worlds import LINE, save
from vaultcli.ground.errors import Conflict
from vaultcli.ground.repository.repository import Layout, Repository


def test_a_lock_of_somebody_elses_git_is_a_conflict_that_names_it(repo):
    save(repo, {"notes/a.md": b"one\n"})
    lock = repo.directory / "refs" / "heads" / f"{LINE}.lock"
    lock.write_bytes(b"")
    with pytest.raises(Conflict) as caught:
        save(repo, {"notes/a.md": b"two\n"})
    assert str(lock) in caught.value.hint


def test_a_git_that_was_started_ahead_and_not_needed_leaves_no_lock(tmp_path):
    """A save that fails before it gets to the index must not keep the next one from it."""
    import time

    from vaultcli.ground.git.plumbing import INDEX, MOVE, Git

    Repository.create(tmp_path / "r", Layout(main="practice")).close()
    git = Git(tmp_path / "r" / ".git")
    lock = tmp_path / "r" / ".git" / "index.lock"
    with contextlib.suppress(RuntimeError), git.ahead(MOVE, INDEX):
        until = time.monotonic() + 60
        while not lock.exists() and time.monotonic() < until:
            pass
        assert lock.exists()
        raise RuntimeError
    assert not lock.exists()
    git.run(*INDEX, data=b"")
