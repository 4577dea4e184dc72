"""Where two repositories are synced, compared: chart and psychotherapy notes never have one place for both."""

from __future__ import annotations

import os
import re
from pathlib import Path

from vaultcli.ground.errors import Refused
from vaultcli.ground.git import config as gitconfig


def addresses(directory: Path) -> set[str]:
    """Where a repository is fetched from and pushed to, as they compare: a folder by what it is, an address in one spelling."""
    values = gitconfig.read_settings(directory).values
    said = [value for key, value in values.items() if re.fullmatch(r"remote\..+\.(?:url|pushurl)", key)]
    return set(map(address, said))


def address(url: str) -> str:
    """An address in one spelling."""
    if url.startswith("/"):
        return os.path.realpath(url)
    scp = re.fullmatch(r"(?:[^@/]+@)?([^:/]+):(?!//)(.+)", url)
    plain = f"{scp[1]}/{scp[2]}" if scp else re.sub(r"^[a-z+]+://(?:[^@/]*@)?", "", url)
    host, _, rest = plain.partition("/")
    rest = re.sub(r"/+", "/", rest).strip("/").removesuffix(".git")
    return f"{host.lower().partition(':')[0]}/{rest}"


def refuse_shared(other: Path, url: str, whose: str) -> None:
    """Stop before one place holds both.

    Args:
        other: the git directory of the one that is not to be synced there; need not exist.
        url: where to.
        whose: the other one in words.

    Raises:
        Refused: the other one is synced there.
    """
    if (other / "config").is_file() and address(url) in addresses(other):
        raise Refused(f"{whose} is synced with this place already", hint="psychotherapy notes and chart have places of their own")
