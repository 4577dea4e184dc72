"""A RAM disk of macOS: `hdiutil` makes it, and it is mounted on a folder of our own, out of sight of Finder and Spotlight.

Written from Apple's manual pages (hdiutil(1), newfs_hfs(8), mount(8)) and not yet run on a Mac.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

SECTORS = 64 * 1024 * 1024 // 512
"""64 MiB: a note of the greatest size, twice."""


def attach(folder: Path) -> None:
    """Make a RAM disk and mount it on an empty folder.

    Raises:
        OSError: one of the programs is missing or refused.
    """
    device = _run("hdiutil", "attach", "-nomount", f"ram://{SECTORS}").strip()
    try:
        _run("newfs_hfs", "-v", "private", device)
        _run("mount", "-t", "hfs", "-o", "nobrowse,nodev,nosuid", device, str(folder))
    except OSError:
        with contextlib.suppress(OSError):
            _run("hdiutil", "detach", "-force", device)
        raise
    folder.chmod(0o700)


def eject(folder: Path) -> None:
    """Unmount what is mounted on a folder and give its memory back; nothing where nothing is."""
    if not os.path.ismount(folder):
        return
    with contextlib.suppress(OSError):
        # hdiutil takes a mount point for the device
        _run("hdiutil", "detach", "-force", str(folder))


def _run(*argv: str) -> str:
    import subprocess

    done = subprocess.run(argv, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    return done.stdout.decode("utf-8", "replace")
