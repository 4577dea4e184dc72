"""Points of the fault sweep every day, and every point in the long suite; `python -m tests.faults.sweep` has further modes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import shim
from tests.faults.cases import CASES
from tests.faults.sweep import Case, sweep

STRIDE = {"record": 31, "begin": 31, "packs": 17, "tidy": 7}
"""Every how manieth point of each case is tried every day; housekeeping makes few calls."""
MODES = ("kill", "full", "failing-once")


@pytest.mark.parametrize("case", CASES)
def test_no_fault_loses_or_mixes_anything(case: str, fault_library: Path, tmp_path: Path) -> None:
    modes = [shim.MODES[mode] for mode in MODES]
    report = sweep(CASES[case], tmp_path, fault_library, modes=modes, stride=STRIDE[case], offset=STRIDE[case] // 2)
    assert min(report.tried[mode] for mode in MODES) >= 2
    assert report.wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("mode", MODES)
def test_no_fault_anywhere_does(case: str, mode: str, fault_library: Path, tmp_path: Path) -> None:
    report = sweep(CASES[case], tmp_path, fault_library, modes=[shim.MODES[mode]])
    assert report.tried[mode] == report.calls > STRIDE[case]
    assert report.wrong == []


def test_the_sweep_finds_a_command_that_is_not_careful(fault_library, tmp_path):
    work = tmp_path / "work"
    work.mkdir()

    def oracle(world, outcome):
        text = (world / "note").read_text()
        return [] if text in {"old", "new" * 9} else [f"neither old nor new: {text!r}"]

    def setup(world):
        (world / "note").write_text("old")

    case = Case("careless", setup, ("sh", "-c", "printf newnewnewnewnewnewnewnewnew > note"), oracle)
    report = sweep(case, work, fault_library, modes=[shim.MODES["torn"]])
    assert any("neither old nor new" in text for text in report.wrong)
