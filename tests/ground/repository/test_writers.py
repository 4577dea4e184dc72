"""Several commands at once: each one waits its turn, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys

from tests.ground.worlds import LAYOUT, LINE, save
from vaultcli.ground.repository.repository import Repository

WRITER = """
import sys
from pathlib import Path
from tests.ground.worlds import LAYOUT, LINE, save
from vaultcli.ground.errors import Conflict
from vaultcli.ground.repository.repository import Repository

who, many = sys.argv[2], int(sys.argv[3])
with Repository.open(Path(sys.argv[1]), LAYOUT) as repo:
    for number in range(many):
        while True:
            try:
                print(save(repo, {f"notes/{who}-{number}.md": who.encode()}))
                break
            except Conflict as conflict:
                assert "moved on" in conflict.message, conflict.message
"""


def test_six_writers_at_once_lose_nothing(tmp_path):
    with Repository.create(tmp_path / "chart", LAYOUT) as repo:
        save(repo, {"client.md": b"c\n"})
        command = [sys.executable, "-c", WRITER, str(repo.path)]
        writers = [subprocess.Popen([*command, f"w{n}", "8"], stdout=subprocess.PIPE, text=True) for n in range(6)]
        said = [writer.communicate(timeout=120)[0].split() for writer in writers]
        assert [writer.returncode for writer in writers] == [0] * 6
        acknowledged = {oid for oids in said for oid in oids}
        history = repo.history(LINE)
        assert len(acknowledged) == 48
        assert acknowledged == {commit.oid for commit in history[1:]}
        assert [commit.parents for commit in history[1:]] == [(commit.oid,) for commit in history[:-1]]
        assert repo.working(LINE).clean
        assert len(repo.files(history[-1].oid)) == 49
        assert repo.git.fsck() == []


def test_a_child_that_outlives_its_parent_keeps_the_lock(tmp_path):
    """A killed command's git may still be writing: its lock must not be free before that has ended."""
    with Repository.create(tmp_path / "chart", LAYOUT) as repo, repo.lock():
        child = repo.git.start("cat-file", "--batch", inherit=True)
        lock = repo.directory / "vaultcli.lock"
        handle = repo._lock._handle
        assert handle is not None
        probe = "import fcntl, sys; fcntl.flock(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"

        def free() -> bool:
            return subprocess.run([sys.executable, "-c", probe, lock], capture_output=True).returncode == 0

        # what the kernel does when we die: our own descriptor goes
        repo._lock._handle = None
        import os

        os.close(handle)
        assert not free()
        child.communicate()
        assert free()
