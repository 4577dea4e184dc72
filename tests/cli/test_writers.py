"""Six terminals write in one vault at once: nothing that was acknowledged is lost, and the record verifies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import vaults
from tests.faults.command_oracle import acknowledged, untrue

TOP = Path(__file__).parents[2]
WRITER = """
import sys
from tests.helpers import run_here

who, many = sys.argv[1], int(sys.argv[2])
for number in range(many):
    for line in (["new", who, "-m", f"Text {number} of {sys.argv[3]}.", "--draft"], ["save", who]):
        done = run_here(line)
        assert done.code == 0, (line, done.code, done.err)
        print(done.out, flush=True)
"""


MANY = int(os.environ.get("VAULTCLI_WRITES") or 2)
"""How many notes each of the six writes."""


def test_six_writers_at_once_lose_nothing(tmp_path, cli):
    world = vaults.make(tmp_path / "vault")
    argv = [sys.executable, "-c", WRITER]
    env = {**os.environ, "PYTHONPATH": str(TOP)}
    writers = [
        subprocess.Popen(
            [*argv, who, str(MANY), str(n)],
            cwd=world.vault.root,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n, who in enumerate(("ada", "bo") * 3)
    ]
    ended = [writer.communicate(timeout=300) for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 6, [err for _, err in ended]
    said = acknowledged("".join(out for out, _ in ended))
    drafts = {path for verb, _, path in said if verb == "draft"}
    # a draft that another terminal's `save` recorded first is unchanged for the one who wrote it
    unchanged = sum(out.count("unchanged ") for out, _ in ended)
    assert len(drafts) + unchanged == 6 * MANY
    assert untrue(tmp_path, said) == []
    assert len(world.notes("ada")) + len(world.notes("bo")) == 6 * MANY
    texts = sorted(note.read_text().splitlines()[-1] for handle in ("ada", "bo") for note in world.notes(handle))
    assert texts == sorted(f"Text {number} of {n}." for n in range(6) for number in range(MANY))
    assert cli("verify", cwd=world.vault.root).code == 0
    assert cli("save", cwd=world.vault.root).out == "nothing to save\n"
