"""The user's folders are those that platformdirs names."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from vaultcli.ground import dirs

VARIABLES = {"state": "XDG_STATE_HOME", "config": "XDG_CONFIG_HOME", "data": "XDG_DATA_HOME"}


@pytest.mark.parametrize("kind", sorted(VARIABLES))
@pytest.mark.parametrize("home", ["/home/lee", "/home/lee/", "//home/lee", "/", "", "lee", None])
@pytest.mark.parametrize("named", ["/far/away", "/far/away/", "/", " /far", "far", "~/far", "", None])
def test_as_platformdirs_says(kind: str, home: str | None, named: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("HOME", home), (VARIABLES[kind], named)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    found: Path = getattr(dirs, kind)()
    assert found == getattr(platformdirs, f"user_{kind}_path")("vaultcli")
    assert str(found) == str(getattr(platformdirs, f"user_{kind}_path")("vaultcli"))
