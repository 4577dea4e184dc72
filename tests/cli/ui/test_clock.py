"""The system's clock, and one set for tests."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from vaultcli.cli.ui import clock
from vaultcli.ground.errors import BadInput


@pytest.fixture(autouse=True)
def _unwound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_start", None)
    monkeypatch.setattr(clock, "_calls", 0)


def test_a_set_clock_ticks_a_second_at_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULTCLI_CLOCK", "2026-11-23T20:00:00+00:00")
    for _ in range(2):
        clock.wind()
        assert [clock.now().isoformat() for _ in range(2)] == ["2026-11-23T15:00:00-05:00", "2026-11-23T15:00:01-05:00"]
    assert clock.clock_source() == "set"


@pytest.mark.parametrize(("name", "value"), [("VAULTCLI_TESTING", "0"), ("VAULTCLI_CLOCK", "")])
def test_the_system_clock_otherwise(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    clock.wind()
    now = clock.now()
    assert clock.clock_source() == "system"
    assert now.microsecond == 0
    assert now.utcoffset() is not None
    assert abs(now - datetime.now().astimezone()) < timedelta(seconds=5)


def test_a_clock_that_is_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULTCLI_CLOCK", "noon")
    with pytest.raises(BadInput, match="VAULTCLI_CLOCK is not a time"):
        clock.wind()
