"""The clients' handles as the working files of the register say them: quick, without git, and judged by nobody."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.ground.frontmatter.peek import peek
from vaultcli.record.notes.client import PATH, is_handle


def handles(chart: Path) -> Iterator[tuple[str, str]]:
    """The name of each folder of a client, which is the client's id, with the handle; empty where none can be told.

    Args:
        chart: the chart's folder.
    """
    folder = chart / "clients"
    names: list[str] = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        names = os.listdir(folder)  # noqa: PTH208 - names, no paths: there are hundreds
    for name in names:
        said = ""
        with contextlib.suppress(VaultError):
            raw = (files.small(f"{folder}/{name}/{PATH}") or "").encode()
            said = peek(raw, ("handle",), cut=True).get("handle", "")
        yield name, said if is_handle(said) else ""
