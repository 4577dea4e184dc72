"""Notes of one date and time stand in the order in which they were recorded, wherever notes are listed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import vaults
from tests.helpers import run_here

COUNT = 6
"""How many notes; their ids are random, and that they fall in order by themselves happens once in 720 times."""


def ok(*args: str) -> str:
    done = run_here(args)
    assert done.code == 0, done.err
    return done.out


def test_sessions_at_one_time_stand_as_they_were_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = vaults.make(tmp_path / "practice", clients=("ada",))
    monkeypatch.chdir(world.vault.root)
    for number in range(COUNT):
        # the clock of a test begins anew with each command, so the times of recording are set apart
        monkeypatch.setenv("VAULTCLI_CLOCK", f"2026-11-23T15:{number:02}:00-05:00")
        ok("new", "ada", "10:00-10:50", "-m", f"Maple {number}.", "--draft")
    listed = [one["recorded"] for one in json.loads(ok("list", "ada", "--json"))["notes"]]
    assert listed == sorted(listed, reverse=True)
    assert len(set(listed)) == COUNT
    ids = [one["id"] for one in json.loads(ok("list", "ada", "--json"))["notes"]]
    assert [one["id"] for one in json.loads(ok("search", "maple", "--json"))["hits"]] == ids
    assert [one["id"] for one in json.loads(ok("search", "maple", "--json", "--limit", "3"))["hits"]] == ids[:3]
    assert re.findall(r"Maple (\d)", ok("show", "ada") + ok("show", "ada~1")) == ["5", "4"]
    ok("sign", "ada", "--yes")
    assert re.findall(r"Maple (\d)", ok("export", "ada", "--stdout")) == list("012345")
