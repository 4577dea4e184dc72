"""`list` at a terminal: what stands there can be typed, at 80 columns and at 60."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pexpect
import pytest

from tests import vaults
from tests.helpers import SCRIPTS, run_here
from vaultcli.cli.see import list as listing


@pytest.mark.parametrize(("columns", "lines"), [(80, 2), (60, 4)])
def test_handles_and_short_ids_fit_and_can_be_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int, lines: int
) -> None:
    world = vaults.make(tmp_path / "practice")
    monkeypatch.chdir(world.vault.root)
    for client in ("ada", "bo"):
        world.write(client, vaults.NOTE)
    child = pexpect.spawn(
        str(SCRIPTS / "vaultcli"), ["list", "--since", "2026-11-01"], encoding="utf-8", timeout=90, dimensions=(24, columns),
        env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip
    child.expect(pexpect.EOF)
    shown = str(child.before).strip().splitlines()
    assert len(shown) == lines
    assert max(map(len, shown)) <= columns
    assert "…" not in "".join(shown)
    for line in shown[:: lines // 2]:
        found = re.match(r"([0-9a-z]{6,})  (ada|bo) {2,3}2026-11-20  09:00-09:53", line)
        assert found is not None, line
        assert run_here(["show", found[1]]).out.count(f"({found[2]})") == 1


def test_an_id_is_as_long_as_it_has_to_be() -> None:
    assert listing._shortest([]) == 6
    assert listing._shortest(["abcdefgh" + "1" * 8, "abcdefgi" + "1" * 8]) == 8
