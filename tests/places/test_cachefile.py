"""What is remembered comes back only by the same rules and for the same thing; whatever else a file holds, there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaultcli.ground import dirs
from vaultcli.places import cachefile
from vaultcli.places.cachefile import CacheFile

OF = {"clone": "4t7qk2m9x3hd8v5c"}
VALUE = {"heads": ["a", "b"], "count": 2}


@pytest.fixture
def kept() -> CacheFile:
    made = CacheFile(dirs.state() / "kind" / "one.json", 1, OF)
    made.save(VALUE)
    return made


def same(value: object) -> object:
    return value


def test_a_value_comes_back_and_only_its_owner_can_read_it(kept: CacheFile) -> None:
    assert kept.load(same) == VALUE
    assert kept.path.parent == dirs.state() / "kind"
    assert kept.path.stat().st_mode & 0o077 == 0
    assert kept.path.parent.stat().st_mode & 0o077 == 0


def test_a_new_value_takes_the_place_of_the_old_one_and_nothing_is_left_beside(kept: CacheFile) -> None:
    kept.save(5)
    assert kept.load(same) == 5
    assert [path.name for path in kept.path.parent.iterdir()] == ["one.json"]


@pytest.mark.parametrize("other", [{"number": 2}, {"of": {}}, {"of": {"clone": "0" * 16}}, {"of": OF | {"head": "x"}}])
def test_by_other_rules_or_of_something_else_it_is_not_believed(kept: CacheFile, other: dict[str, object]) -> None:
    assert kept._replace(**other).load(same) is None


def test_another_version_of_the_program_does_not_believe_it(kept: CacheFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cachefile, "__version__", "99.0")
    assert kept.load(same) is None


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"5", b"{}", b"\xff", b"[" * 100_000, b'{"rules": 1, "of": 1, "value": 1}'])
def test_what_cannot_be_read_is_nothing(kept: CacheFile, raw: bytes) -> None:
    kept.path.write_bytes(raw)
    assert kept.load(same) is None
    kept.save(VALUE)
    assert kept.load(same) == VALUE


@pytest.mark.parametrize("cut", [1, 9, 40])
def test_half_a_file_is_nothing(kept: CacheFile, cut: int) -> None:
    kept.path.write_bytes(kept.path.read_bytes()[:-cut])
    assert kept.load(same) is None


def test_no_file_or_no_regular_one_is_nothing(kept: CacheFile) -> None:
    there = kept.path.rename(kept.path.with_name("elsewhere.json"))
    assert kept.load(same) is None
    kept.path.symlink_to(there)
    assert kept.load(same) is None


@pytest.mark.parametrize("made", [lambda one: one["gone"], lambda one: one[5], lambda one: one.gone, lambda _: int("x")])
def test_a_value_of_another_shape_is_nothing(kept: CacheFile, made) -> None:
    assert kept.load(made) is None


def test_what_would_be_read_back_as_something_else_is_not_kept(kept: CacheFile) -> None:
    kept.save({1: 2}, lambda again: again == {1: 2})
    assert kept.load(same) == VALUE


def test_a_disk_that_refuses_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused = CacheFile(tmp_path / "file" / "one.json", 1, OF)
    refused.save(VALUE)
    assert refused.load(same) is None
