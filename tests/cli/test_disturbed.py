"""Whole commands, disturbed at a few of their file system calls; `python -m tests.faults.commands` tries every point."""

from __future__ import annotations

import os
import time
import warnings

import pytest

from tests.faults import shim
from tests.faults.commands import COMMANDS, try_out

POINTS = 2
"""How many points of each command and mode are tried each day."""
CALLS = {
    "new": 112, "sign-lines": 180, "save-put-back": 32, "amend": 100, "psychotherapy-new": 75, "psychotherapy-destroy": 176,
}  # fmt: skip
"""The commands, and how many calls they make."""
_TODAY = int(os.environ.get("VAULTCLI_FAULT_DAY") or time.time() // 86400)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    if reason := shim.why_not():
        warnings.warn(f"FAULTS WERE NOT INJECTED: {reason}", stacklevel=1)
        pytest.skip(f"faults were not injected: {reason}")
    return shim.build(tmp_path_factory.mktemp("shim"))


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("mode", ["kill", "full"])
def test_a_disturbed_command_loses_nothing_and_can_be_repeated(name, mode, library, tmp_path):
    assert name in COMMANDS
    stride = CALLS[name] // POINTS
    # other points each day, so that the stride meets every point in time
    offset = (_TODAY * 7 + len(mode)) % stride
    report = try_out(name, tmp_path, library, modes=[shim.MODES[mode]], stride=stride, offset=offset)
    assert report.tried[mode] >= POINTS
    assert report.wrong == []
