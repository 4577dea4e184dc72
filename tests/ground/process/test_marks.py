"""A mark is one process's at a time, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaultcli.ground.errors import Conflict
from vaultcli.ground.process import marks


def test_a_mark_is_held_once(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "mark"
    with marks.mark(place) as free, marks.mark(place) as again:
        assert (free, again) == (True, False)
        assert marks.is_held(place)
    assert not marks.is_held(place)
    assert not place.exists()


def test_who_waits_in_vain_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "PATIENCE", 0.0)
    with marks.turn(tmp_path / "mark", "writing"), pytest.raises(Conflict), marks.turn(tmp_path / "mark", "writing"):
        pass
    with marks.turn(tmp_path / "mark", "writing"):
        pass


def test_a_mark_of_a_process_that_ended_is_free(tmp_path: Path) -> None:
    (tmp_path / "mark").touch()
    assert not marks.is_held(tmp_path / "mark")
