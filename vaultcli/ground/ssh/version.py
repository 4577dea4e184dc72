"""The version of the OpenSSH on the path."""

from __future__ import annotations

import re
import shutil

OLDEST = (8, 9)
"""The first whose `ssh-keygen` signs and checks everything that we ask of it."""
DATES = (9, 1)
"""The first that understands a signer list with dates, as it looks once a key was revoked."""


def version() -> tuple[int, ...]:
    """Its numbers; empty where there is no OpenSSH, or one that says no version."""
    import subprocess

    if shutil.which("ssh-keygen") is None or shutil.which("ssh") is None:
        return ()
    said = subprocess.run(["ssh", "-V"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    found = re.search(r"OpenSSH_[A-Za-z_]*(\d+)\.(\d+)", said.stderr + said.stdout)
    return (int(found[1]), int(found[2])) if found else ()
