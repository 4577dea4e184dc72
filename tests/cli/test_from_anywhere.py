"""Commands outside of a vault, where this user has one; and a supervisor who does not co-sign yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import vaults
from tests.helpers import run_here
from vaultcli.places.machine import settings


def test_the_only_vault_is_meant_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = vaults.make(tmp_path / "practice")
    other = vaults.make(tmp_path / "other")
    monkeypatch.chdir(tmp_path)
    assert "no vault here" in run_here(["status"]).err
    settings.add_vault(made.vault.root)
    assert run_here(["client", "show", "ada"]).code == 0
    settings.add_vault(other.vault.root)
    assert "no vault here" in run_here(["client", "show", "ada"]).err
    assert run_here(["--vault", str(tmp_path / "nowhere"), "status"]).code != 0


def test_a_remark_of_a_supervisor_stays_out_of_the_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = vaults.make(tmp_path / "practice", people=(vaults.LEE, vaults.SAM))
    monkeypatch.chdir(world.vault.root)
    own = (world.vault.root / "vault.toml").read_text()
    before, world.vault = world.vault, world.as_person("sam-trainee")
    (world.vault.root / "vault.toml").write_text(world.vault.text())
    note = world.write("ada", vaults.NOTE)
    assert run_here(["sign", "--yes"]).code == 0
    world.vault = before
    (world.vault.root / "vault.toml").write_text(own)
    answered = run_here(["cosign"], stdin="n\nName the technique.\n")
    assert answered.code == 0
    (remarks,) = Path.home().glob("remarks-sam-trainee-*.txt")
    assert str(remarks) in answered.err
    assert remarks.stat().st_mode & 0o777 == 0o600
    text = remarks.read_text()
    assert f"vaultcli amend {note.stem[-16:]}\nName the technique.\n" in text
    with world.chart() as chart:
        assert [one.block.kind for one in chart.line(world.clients["ada"]).signed.values()] == ["note"]
    assert "co-signed ada" in run_here(["cosign"], stdin="c\n").out
