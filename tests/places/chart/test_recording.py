"""What recording one note costs: processes and syncs as the kernel counts them; and the remembered line that it leaves."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests import vaults
from vaultcli.ground import ids
from vaultcli.places.chart import line_cache, replay
from vaultcli.places.chart.chart import Chart, Recording
from vaultcli.places.machine import vault

CODE = """
import os, sys
from datetime import datetime
from pathlib import Path
from vaultcli.places.machine import vault
from vaultcli.places.chart.chart import Chart, Recording
_, where, client, path, id_, now = sys.argv
raw = sys.stdin.buffer.read()
with Chart(vault.load(Path(where))) as chart:
    chart.repository.recover()
    os.access("/begin", os.F_OK)
    chart.record(client, Recording("draft", (id_,), {path: raw}), datetime.fromisoformat(now))
    os.access("/end", os.F_OK)
"""
PROCESSES = ["git cat-file", "git update-index", "git update-ref", "ssh-keygen -q"]
"""One reads, one signs, one moves the branch, one keeps the index."""
SYNCS = {
    "objects: blob, folder, root, commit": 4,
    "the folders that they are in": 4,
    "objects, where a folder of it may be new": 1,
    "the branch": 1,
    "its folders": 3,
    "the working file and its folder": 2,
    "the index": 1,
    "the mark": 1,
    "the pins and their folder": 2,
}


@pytest.fixture
def world(tmp_path: Path) -> vaults.World:
    return vaults.make(tmp_path / "vault")


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace counts what every child does")
def test_one_recording_starts_four_processes_and_syncs_each_thing_once(world: vaults.World, tmp_path: Path) -> None:
    world.write("ada", vaults.NOTE)
    id_, trace = ids.new(), tmp_path / "trace"
    raw = vaults.NOTE.replace(b"{id}", id_.encode())
    argv = [str(world.vault.root), world.clients["ada"], f"notes/2026-11-20-progress-{id_}.md", id_, world.tick().isoformat()]
    command = ["strace", "-f", "-s", "4096", "-e", "trace=execve,fsync,fdatasync,access,faccessat,faccessat2", "-o", str(trace)]
    done = subprocess.run([*command, sys.executable, "-c", CODE, *argv], input=raw, capture_output=True)
    if b"ptrace" in done.stderr.lower():
        pytest.skip("tracing is not permitted here")
    assert done.returncode == 0, done.stderr
    text = trace.read_text(errors="replace")
    during = text[text.index('"/begin"') : text.index('"/end"')]
    assert sorted(started(during)) == PROCESSES
    assert len(re.findall(r"\bf(?:data)?sync\(", during)) == sum(SYNCS.values())


def started(trace: str) -> list[str]:
    """The commands that were started, by name and first word; one that is sought in several folders counts once."""
    tried = re.findall(r"^(\d+) .*execve\(\"[^\"]*\", \[(.*?)\], ", trace, re.MULTILINE)
    found = []
    for _, words in dict.fromkeys(tried):
        name, *said = re.findall(r'"((?:[^"\\]|\\.)*)"', words)
        while name == "git" and said[0].startswith("-"):
            said = said[2:] if said[0] == "-c" else said[1:]
        found.append(f"{name} {said[0]}")
    return found


def test_a_line_that_grew_here_is_what_the_next_command_would_fold(world: vaults.World) -> None:
    for _ in range(3):
        world.write("ada", vaults.NOTE)
    with Chart(vault.load(world.vault.root)) as chart:
        known = chart.line(world.clients["ada"])
        assert known == replay.replay_line(chart.repository, known.branch, chart.policies)
        assert len(known.oids) == 4


def test_the_next_command_need_not_fold_what_was_recorded(world: vaults.World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.write("ada", vaults.NOTE)
    calls: Counter[str] = Counter()
    monkeypatch.setattr(replay, "replay_on", lambda *_: calls.update(["on"]))
    monkeypatch.setattr(replay, "replay_line", lambda *_: calls.update(["anew"]))
    with world.chart() as chart:
        assert chart.line(world.clients["ada"]).oids
        assert line_cache.file(chart.repository.clone_id, f"client/{world.clients['ada']}").path.exists()
    assert not calls


def test_two_recordings_by_one_chart_follow_each_other(world: vaults.World) -> None:
    with world.chart() as chart:
        for _ in range(2):
            id_ = ids.new()
            raw = vaults.NOTE.replace(b"{id}", id_.encode())
            change = {f"notes/2026-11-20-progress-{id_}.md": raw}
            oid = chart.record(world.clients["bo"], Recording("draft", (id_,), change), world.tick())
            assert chart.line(world.clients["bo"]).head == oid == chart.repository.head(f"client/{world.clients['bo']}")


def test_whoever_recorded_keeps_house_last(world: vaults.World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaultcli.ground.repository.repository.MANY", 0)
    kept = "vaultcli.ground.repository.repository.Repository.tidy"
    monkeypatch.setattr(kept, lambda self: called.append(self.head("practice")))
    called: list[str] = []
    with world.chart() as chart:
        chart.policies  # noqa: B018 - a look
    assert not called
    world.write("ada", vaults.NOTE)
    assert len(called) == 1
