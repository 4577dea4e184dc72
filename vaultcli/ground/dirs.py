"""The user's own folders for state, settings and keys: those that `platformdirs` names.

On Linux that is one variable or one folder of the home (the XDG base directory specification), told here, as importing
platformdirs and what it imports takes longer than everything that a quick command reads. A test compares both. Whatever
is out of the ordinary is left to it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PLACES = {
    "state": ("XDG_STATE_HOME", ".local/state"),
    "config": ("XDG_CONFIG_HOME", ".config"),
    "data": ("XDG_DATA_HOME", ".local/share"),
}


def state() -> Path:
    """What this machine remembers: pins, caches; never synced, never backed up with a chart."""
    return _folder("state")


def config() -> Path:
    """The user's settings."""
    return _folder("config")


def data() -> Path:
    """What is kept for the user, keys above all."""
    return _folder("data")


def _folder(kind: str) -> Path:
    variable, usual = _PLACES[kind]
    named, home = os.environ.get(variable, ""), os.environ.get("HOME", "")
    # Android calls itself Linux
    if sys.platform == "linux" and "ANDROID_ROOT" not in os.environ:
        if named.startswith("/"):
            return Path(named) / "vaultcli"
        if not named and home.startswith("/"):
            return Path(home) / usual / "vaultcli"
    import platformdirs

    found: Path = getattr(platformdirs, f"user_{kind}_path")("vaultcli")
    return found
