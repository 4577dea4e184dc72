"""`init` begins a vault where nothing is, completes its own beginning, and stops where something cannot be read."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import vaults
from tests.vaults import World
from vaultcli.ground.errors import Conflict, VaultError
from vaultcli.places.machine import settings
from vaultcli.work.people.keys import KeyChoice
from vaultcli.work.vault import create
from vaultcli.work.vault.create import Founder

STATES: dict[str, Callable[[Path], object]] = {
    "a wrong byte in the line": lambda chart: line(chart).write_text("x" + line(chart).read_text()[1:]),
    "an empty line": lambda chart: line(chart).write_bytes(b""),
    "no line": lambda chart: line(chart).unlink(),
    "no refs": lambda chart: shutil.rmtree(chart / ".git/refs"),
    "no chart": shutil.rmtree,
    "no git folder": lambda chart: shutil.rmtree(chart / ".git"),
}


def line(chart: Path) -> Path:
    return chart / ".git/refs/heads/practice"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = vaults.make(tmp_path / "v", clients=("ada",))
    settings.add_vault(made.vault.root)
    return made


def everything(top: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


def begin(world: World, page: Path) -> create.Founded:
    return create.found(world.vault.root, Founder("Lee", "", "Lee", page, KeyChoice("new", ""), "lee"), vaults.START, None)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("listed", [True, False])
def test_nothing_begins_where_something_cannot_be_read(world: World, tmp_path: Path, state: str, listed: bool) -> None:
    if not listed:
        settings.path().unlink()
    STATES[state](world.vault.chart)
    before = everything(tmp_path)
    if not listed and state in ("no chart", "no git folder"):
        return
    with pytest.raises(VaultError):
        begin(world, tmp_path / "another.txt")
    assert everything(tmp_path) == before


def test_the_hint_leads_back(world: World, tmp_path: Path) -> None:
    head = line(world.vault.chart).read_text()
    for state in ("a wrong byte in the line", "an empty line", "no line"):
        STATES[state](world.vault.chart)
        with pytest.raises(Conflict) as told:
            begin(world, tmp_path / "another.txt")
        subprocess.run(told.value.hint.partition(" puts ")[0], shell=True, check=True)
        assert line(world.vault.chart).read_text() == head
