"""`vault.toml`, read plainly where it is as we write it."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

import pytest

from vaultcli.ground.errors import BadInput
from vaultcli.places.machine import vault
from vaultcli.places.machine.vault import Vault


def test_what_we_write_is_read_without_a_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Vault(tmp_path, tmp_path / "chart", Path("/keys of ä"), "lee")
    (tmp_path / vault.NAME).write_text(made.text(), encoding="utf-8")
    monkeypatch.setattr(tomllib, "loads", lambda _: pytest.fail("the parser was asked"))
    assert vault.load(tmp_path) == made


def test_both_ways_agree() -> None:
    rng = random.Random(7)
    rows = ["vaultcli = 1", 'chart = "chart"', 'chart="chart"', 'keys = "/a b"', "keys = '/a'", 'keys = "\\\\a"']
    rows += ["# words", "", "[part]", "vaultcli = 01", "vaultcli = 1.5", 'a.b = "c"', 'principal = "ä"', 'principal = """x"""']
    rows += ["x = 1 # y", 'x = "a" # b', "\ty = 1", "y = 1\r", 'z = ""', '"z" = "q"', "n = 1979-05-27"]
    rows += ['q = "a\tb"', 'q = "\u2028"', 'q = "\x85"']
    told = 0
    for _ in range(3000):
        text = "\n".join(rng.sample(rows, rng.randint(0, 5))) + rng.choice(["\n", "", "\n\n"])
        plain = vault._plain(text)
        if plain is not None:
            told += 1
            assert plain == tomllib.loads(text), repr(text)
    assert told > 50


@pytest.mark.parametrize("raw", [b"vaultcli = \n", b"\xff", b'vaultcli = 1\nvaultcli = 1\nchart = "x"\n', b'vaultcli = 2\n'])
def test_what_is_none_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / vault.NAME).write_bytes(raw)
    with pytest.raises(BadInput):
        vault.load(tmp_path)
