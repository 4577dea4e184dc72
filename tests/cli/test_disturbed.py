"""Whole commands, disturbed at a few of their file system calls every day, and at every one of them in the long suite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import everyday
from tests.faults import shim
from tests.faults.commands import COMMANDS, try_out
from tests.faults.preloaded import Preloaded

POINTS = 2
"""How many points of each command and mode are tried every day."""
CALLS = {
    "new": 112, "sign-lines": 180, "save-put-back": 32, "amend": 100, "psychotherapy-new": 70, "psychotherapy-destroy": 176,
}  # fmt: skip
"""The commands, and about how many calls they make."""
MODES = ("kill", "full")
PARTS = 4
"""Into how many tests the whole of a command is divided, for several processors."""


@pytest.fixture(scope="module")
def python(fault_library: Path) -> Iterator[Preloaded]:
    with Preloaded(fault_library) as made:
        yield made


@pytest.mark.parametrize("name", everyday.some(CALLS, 2))
def test_a_disturbed_command_loses_nothing_and_can_be_repeated(name: str, python: Preloaded, tmp_path: Path) -> None:
    assert name in COMMANDS
    stride = CALLS[name] // POINTS
    report = try_out(name, tmp_path, python, modes=[shim.MODES[mode] for mode in MODES], stride=stride, offset=stride // 2)
    assert min(report.tried[mode] for mode in MODES) >= POINTS
    assert report.wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", CALLS)
def test_every_call_of_it(name: str, mode: str, part: int, python: Preloaded, tmp_path: Path) -> None:
    report = try_out(name, tmp_path, python, modes=[shim.MODES[mode]], stride=PARTS, offset=part)
    assert report.calls >= CALLS[name] // 2
    assert report.tried[mode] == len(range(1 + part, report.calls + 1, PARTS))
    assert report.wrong == []
