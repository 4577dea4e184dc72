"""A stride of the fault sweep in the everyday suite; `python -m tests.faults.sweep` tries every point."""

from __future__ import annotations

import time
import warnings

import pytest

from tests.faults import shim
from tests.faults.cases import CASES
from tests.faults.sweep import Case, sweep

STRIDE = {"record": 17, "begin": 17, "packs": 11, "tidy": 7}
"""Every how manieth point of each case; housekeeping makes few calls."""


@pytest.fixture
def library(tmp_path):
    if reason := shim.why_not():
        warnings.warn(f"FAULTS WERE NOT INJECTED: {reason}", stacklevel=1)
        pytest.skip(f"faults were not injected: {reason}")
    return shim.build(tmp_path)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("mode", ["kill", "full", "failing-once"])
def test_no_fault_loses_or_mixes_anything(case, mode, library, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    # another offset each day, so that the stride meets every point in time
    report = sweep(
        CASES[case],
        work,
        library,
        modes=[shim.MODES[mode]],
        stride=STRIDE[case],
        offset=int(time.time() // 86400) % STRIDE[case],
    )
    assert report.tried[mode] >= 3
    assert report.wrong == []


def test_the_sweep_finds_a_command_that_is_not_careful(library, tmp_path):
    work = tmp_path / "work"
    work.mkdir()

    def oracle(world, outcome):
        text = (world / "note").read_text()
        return [] if text in {"old", "new" * 9} else [f"neither old nor new: {text!r}"]

    def setup(world):
        (world / "note").write_text("old")

    case = Case("careless", setup, ("sh", "-c", "printf newnewnewnewnewnewnewnewnew > note"), oracle)
    report = sweep(case, work, library, modes=[shim.MODES["torn"]])
    assert any("neither old nor new" in text for text in report.wrong)
