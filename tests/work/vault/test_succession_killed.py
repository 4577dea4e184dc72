"""Kill -9 anywhere in a succession leaves the old line or the new root, whole; the next command finishes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import everyday, vaults
from tests.work import lines
from tests.work.vault.test_succession import MISFILED, judged, made, succeed
from vaultcli.places.machine import pins
from vaultcli.work.vault import succession

KILLED = 9
STEPS = ("unlink", "rename", "link", "fsync", "mkdir")


def die_at(step: int) -> None:
    """End this process, as kill -9 would, right before its step-th change to the disk or start of git."""
    left = [step]

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **settings: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                os._exit(KILLED)
            return real(*args, **settings)

        return call

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))
    subprocess.Popen = type("Popen", (subprocess.Popen,), {"__init__": counted(subprocess.Popen.__init__)})  # type: ignore[misc]


def run_and_die(world: vaults.World, step: int, place: Path | None) -> bool:
    """Succeed in a child that dies at that step; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        try:
            die_at(step)
            succeed(world, place=place)
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, KILLED)
    return code == KILLED


def sweep(folder: Path, steps: range, *, sealed: bool) -> set[str]:
    """Try every step; which outcomes there were."""
    world = made(folder)
    place = folder / "stick"
    old = lines.git(world.vault.chart, "rev-parse", f"client/{world.clients['ada']}").strip()
    shutil.copytree(world.vault.root, folder / "kept", symlinks=True)
    shutil.copytree(pins.folder(), folder / "pins")
    outcomes = set()
    for step in steps:
        shutil.rmtree(pins.folder())
        shutil.copytree(folder / "pins", pins.folder())
        shutil.rmtree(world.vault.root)
        shutil.copytree(folder / "kept", world.vault.root, symlinks=True)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        if not run_and_die(world, step, place if sealed else None):
            break
        outcomes.add(check(world, old, place if sealed else None))
    return outcomes


def check(world: vaults.World, old: str, place: Path | None) -> str:
    """What the next command finds."""
    with world.chart() as chart:
        chart.repository.recover()
    line, found = judged(world)
    assert found == []
    assert lines.git(world.vault.chart, "fsck", "--strict", "--full", "--no-dangling") == ""
    if line.head == old:
        assert len(world.notes("ada")) == 5
        done = succeed(world, place=place)
        assert (done.sealed is not None) == (place is not None)
        outcome = "old"
    else:
        outcome = "new"
    line, found = judged(world)
    assert found == []
    assert line.old_oids[-1] == old
    assert len(world.notes("ada")) == 2
    assert not any(MISFILED.encode() in raw for raw in lines.everything(world.vault.chart).values())
    assert not list((world.vault.chart / ".git/vaultcli/retired").glob("*/*"))
    assert not list((world.vault.chart / ".git/vaultcli/tmp").iterdir())
    with world.chart() as chart:
        assert chart.repository.working(line.branch).clean
        with pytest.raises(succession.Refused):
            succession.plan(chart, world.clients["ada"], "misfiled-text")
    assert place is None or len(list(place.iterdir())) == 1
    return outcome


STEPS_TRIED = everyday.some([(13, 39), *((first, 4) for first in range(1, 5))], 9)
"""The first step, and every so manieth; the slow ones together are every step."""


@pytest.mark.parametrize(("first", "stride"), STEPS_TRIED)
def test_killed_while_the_old_line_is_deleted(tmp_path: Path, first: int, stride: int) -> None:
    assert sweep(tmp_path, range(first, 1000, stride), sealed=False) == {"old", "new"}


@pytest.mark.parametrize(("first", "stride"), STEPS_TRIED)
def test_killed_while_the_old_line_is_sealed(tmp_path: Path, first: int, stride: int) -> None:
    assert sweep(tmp_path, range(first, 1000, stride), sealed=True) == {"old", "new"}
