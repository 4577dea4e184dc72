"""Texts that were thrown away: a copy of each stays beside the record for a day, in case the key was the wrong one.

Below `.git/vaultcli/discarded/` of the chart, which no sync, bundle or export takes along: `SECONDS-CLIENT-NAME.md`, the
seconds since 1970 when it was thrown away. The next command after a day deletes it. Sealed notes leave none.
"""

from __future__ import annotations

import contextlib
import os
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.places.chart.chart import Chart

DAY = 24 * 60 * 60
"""Seconds for which a copy stays."""


def folder(chart: Chart) -> Path:
    """Where the copies lie."""
    return chart.repository.directory / "vaultcli" / "discarded"


def keep(chart: Chart, client: str, path: str, raw: bytes, now: datetime) -> Path:
    """A copy of a text that is about to be thrown away.

    Args:
        chart: the chart.
        client: the client's id.
        path: of the draft on the client's line.
        raw: its bytes.
        now: the clock.

    Returns:
        Where the copy lies.
    """
    files.make_dirs(folder(chart))
    file = folder(chart) / f"{int(now.timestamp())}-{client}-{path.rpartition('/')[2]}"
    files.put(file, raw)
    return file


def sweep(chart: Chart, now: datetime) -> None:
    """Delete the copies that are older than a day; what cannot be deleted waits for the next time."""
    try:
        there = os.listdir(folder(chart))  # noqa: PTH208  nearly always there is no such folder, and this is every command's path
    except OSError:
        return
    for name in there:
        seconds = name.partition("-")[0]
        if seconds.isdecimal() and int(now.timestamp()) - int(seconds) > DAY:
            with contextlib.suppress(OSError):
                (folder(chart) / name).unlink()
