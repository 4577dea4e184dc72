"""The user's own settings: what cannot be read is told and keeps its bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaultcli.ground.errors import BadInput
from vaultcli.places.machine import settings


@pytest.mark.parametrize("raw", [b"vaults = [", b"\0\0\0", b"\xff", b'vaults = "x"\n', b"vaults = [1]\n", b"vaults = {}\n"])
def test_what_cannot_be_read_is_told_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(raw)
    monkeypatch.setenv(settings.VARIABLE, str(file))
    with pytest.raises(BadInput, match=r"settings\.toml"):
        settings.add_vault(tmp_path)
    assert file.read_bytes() == raw


def test_a_comment_keeps_its_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('# mine\nprivate-editors = ["code"]  # so it is\n', encoding="utf-8")
    monkeypatch.setenv(settings.VARIABLE, str(file))
    settings.confirm_editor("gedit")
    settings.add_vault(tmp_path)
    assert file.read_text(encoding="utf-8").startswith('# mine\nprivate-editors = ["code", "gedit"]  # so it is\n')
    assert settings.vaults() == [tmp_path]
