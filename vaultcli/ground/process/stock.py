"""Running a stock command as a stranger would, for the demo: plain git and ssh-keygen, without any help of ours."""

from __future__ import annotations

import os
from pathlib import Path


def run(command: str, folder: Path) -> tuple[str, int]:
    """Run a shell command.

    Args:
        command: for `sh -c`.
        folder: where.

    Returns:
        What it printed on both streams, and its exit code.
    """
    import subprocess

    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"LC_ALL": "C", "GIT_PAGER": "cat", "PAGER": "cat", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr, done.returncode
