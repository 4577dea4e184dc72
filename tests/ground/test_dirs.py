"""The user's folders are those that platformdirs names."""

from __future__ import annotations

import itertools
from pathlib import Path

import platformdirs
import pytest

from vaultcli.ground import dirs

VARIABLES = {"state": "XDG_STATE_HOME", "config": "XDG_CONFIG_HOME", "data": "XDG_DATA_HOME"}


HOMES = ("/home/lee", "/home/lee/", "//home/lee", "/", "", "lee", None)
NAMED = ("/far/away", "/far/away/", "/", " /far", "far", "~/far", "", None)


def test_as_platformdirs_says(monkeypatch: pytest.MonkeyPatch) -> None:
    different = []
    for kind, home, named in itertools.product(sorted(VARIABLES), HOMES, NAMED):
        for name, value in (("HOME", home), (VARIABLES[kind], named)):
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        found: Path = getattr(dirs, kind)()
        theirs: Path = getattr(platformdirs, f"user_{kind}_path")("vaultcli")
        if (found, str(found)) != (theirs, str(theirs)):
            different.append(f"{kind} of HOME={home!r} {VARIABLES[kind]}={named!r}: {found}, not {theirs}")
    assert different == []
