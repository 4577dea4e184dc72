"""When the times of files may be believed: what has the same times as before has the same bytes, once it is old enough."""

from __future__ import annotations

import os
from pathlib import Path

SETTLED = 2_000_000_000
"""Nanoseconds that the newest file must be older than our reading: within the clock's steps a later edit could hide."""


def disk_clock(probe: Path) -> int:
    """The time by the file system's own clock, which is the one that file times are compared with; 0 if it cannot be had."""
    try:
        handle = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError:
        return 0
    try:
        os.utime(handle)
        return os.fstat(handle).st_mtime_ns
    finally:
        os.close(handle)
