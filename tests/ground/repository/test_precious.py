"""A prune beside a save: git that deletes what no branch leads to *yet*, stopped between marking and sweeping."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.faults import shim
from tests.ground.worlds import LINE, plain, save
from tests.helpers import store_object
from vaultcli.ground.git.objects import name_object


def test_no_stock_git_deletes_a_commit_that_is_being_recorded(repo, fault_library, tmp_path):
    save(repo, {"notes/a.md": b"one\n"})
    prune = _stopped_prune(repo, fault_library, tmp_path)
    assert prune.wait(10) != 0, "prune was not refused"
    assert b"precious-objects" in prune.stderr.read()
    head = save(repo, {"notes/b.md": b"two\n"})
    for words in (("repack", "-adq"), ("gc", "-q", "--prune=now"), ("prune", "--expire=now")):
        subprocess.run(["git", "-C", repo.path, *words], capture_output=True)
    assert repo.git.fsck() == []
    assert repo.head(LINE) == head


def test_without_the_mark_the_same_prune_loses_it(repo, fault_library, tmp_path):
    save(repo, {"notes/a.md": b"one\n"})
    plain(repo.path, "config", "--unset", "extensions.preciousObjects")
    prune = _stopped_prune(repo, fault_library, tmp_path)
    _until_stopped(prune.pid)
    save(repo, {"notes/b.md": b"two\n"})
    os.kill(prune.pid, signal.SIGCONT)
    prune.wait(10)
    assert repo.git.fsck() != []


def test_our_own_housekeeping_keeps_what_nothing_leads_to(repo):
    save(repo, {"notes/a.md": b"one\n"})
    store_object(repo.git, b"nothing leads here\n")
    assert repo.tidy(many=1)
    assert repo.objects.find(name_object("blob", b"nothing leads here\n", repo.object_format)) is not None


def _stopped_prune(repo, library: Path, work: Path) -> subprocess.Popen[bytes]:
    """Stock `git prune`, which stops itself as it is about to delete its first object: it has marked, and not yet swept."""
    number = 0
    while not name_object("blob", b"%d\n" % number, repo.object_format).startswith("00"):
        number += 1
    store_object(repo.git, b"%d\n" % number)
    (work / "counter").write_bytes(bytes(8))
    env = {**os.environ, "LD_PRELOAD": str(library), **shim.settings(work / "counter", 1, shim.Mode("stop", "stop"), None)}
    return subprocess.Popen(["git", "-C", repo.path, "prune", "--expire=now"], env=env, stderr=subprocess.PIPE)


def _until_stopped(pid: int) -> None:
    until = time.monotonic() + 10
    while (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < until, "prune was not stopped"
        time.sleep(0.005)
