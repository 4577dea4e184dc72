"""Small file systems for the search: a disk whose raw bytes can be read, and a memory that can be full. Both need root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def can_mount() -> bool:
    """Whether this process may mount: root, with loop devices."""
    return os.geteuid() == 0 and Path("/dev/loop-control").exists()


@contextmanager
def raw_disk(folder: Path, megabytes: int = 48) -> Iterator[tuple[Path, Path]]:
    """A new ext4 disk in a file.

    Args:
        folder: an empty folder for both.
        megabytes: its size.

    Returns:
        where it is mounted, and the file.
    """
    image, at = folder / "disk.img", folder / "disk"
    at.mkdir()
    with image.open("wb") as stream:
        stream.truncate(megabytes << 20)
    _run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", str(image))
    _run("mount", "-o", "loop", str(image), str(at))
    try:
        at.chmod(0o777)
        yield at, image
    finally:
        _run("umount", "-l", str(at))
        image.unlink()


@contextmanager
def small_memory(folder: Path, megabytes: int = 12) -> Iterator[Path]:
    """A tmpfs that is soon full, mounted on a new folder."""
    at = folder / "memory"
    at.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "none", str(at))
    try:
        yield at
    finally:
        _run("umount", "-l", str(at))


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)
