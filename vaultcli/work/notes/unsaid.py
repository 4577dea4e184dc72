"""A note that was recorded, and whose command could not say so: its text, given again, makes no second note."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.places.chart.chart import Chart


def note(chart: Chart, client_id: str, path: str) -> None:
    """Remember which note it was; where that cannot be written, nothing is remembered."""
    with suppress(VaultError, OSError):
        files.put(_file(chart), f"{client_id} {path}\n".encode())


def again(chart: Chart, client_id: str, text: str, time: str) -> str:
    """The path of that note, if the same text is given for the same client and time; asked once.

    Args:
        chart: the chart.
        client_id: whose note is to be written.
        text: as given.
        time: as given; empty where none was.
    """
    said = (files.small(str(_file(chart))) or "").rstrip("\n")
    if not said:
        return ""
    with suppress(OSError):
        _file(chart).unlink()
    client, _, path = said.partition(" ")
    raw = (chart.recorded(client, path) or b"").decode("utf-8", "replace") if client == client_id else ""
    return path if text.strip() and text.strip() in raw and time in raw else ""


def _file(chart: Chart) -> Path:
    return chart.repository.directory / "vaultcli" / "unsaid"
