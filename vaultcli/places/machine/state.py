"""The folders of this machine's state folder, and whose each is: the chart's or the psychotherapy notes'.

The one list. What a statement of separation looks through follows from it, and nothing is kept in a folder that is not in it.
"""

from __future__ import annotations

from pathlib import Path

from vaultcli.ground import dirs

CHART = ("backups", "folded", "glance", "index", "pins", "practice", "restoring", "verified")
"""What it remembers of charts; whatever is in no list counts as a chart's."""
PSYCHOTHERAPY = ("access-log", "autosaves", "editing-psychotherapy", "pins-psychotherapy", "vaultcli-agent")
"""What it remembers of psychotherapy notes; sockets of agents too, where there is no folder for them elsewhere."""


def folder(name: str) -> Path:
    """One of them.

    Args:
        name: as it is listed.
    """
    assert name in CHART + PSYCHOTHERAPY, name
    return dirs.state() / name


def top() -> Path:
    """The state folder."""
    return dirs.state()
