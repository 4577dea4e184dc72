"""What is shipped beside the code: the folders `templates/` and `hooks/`.

In a wheel they lie inside the package, as `vaultcli/_data/...`. In a checkout they lie beside it and are used from
there, also when the checkout is installed editable: such an install leaves a copy in site-packages that nobody
refreshes, and this module finds everything from the place of the code that runs, never by searching the path.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Literal

from vaultcli.ground.errors import NotFound

PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of the code that runs."""

Kind = Literal["templates", "hooks"]


def folder(kind: Kind) -> Path:
    """The shipped folder of this kind.

    Raises:
        NotFound: the installation is incomplete.
    """
    return folder_of(PACKAGE, kind)


def folder_of(package: Path, kind: Kind) -> Path:
    """The shipped folder that belongs to the package in this folder.

    Raises:
        NotFound: there is none.
    """
    checkout = package.parent
    beside, inside = checkout / kind, package / "_data" / kind
    if (checkout / "pyproject.toml").is_file() and beside.is_dir():
        return beside
    if inside.is_dir():
        return inside
    raise NotFound(f"vaultcli is installed without its {kind}", hint="install it again")


def text(kind: Kind, name: str) -> str:
    """A shipped file's text.

    Args:
        kind: the folder.
        name: below it, with slashes: `notes/soap.md`.

    Raises:
        NotFound: no such file, or a name that leads out of the folder.
    """
    parts = PurePosixPath(name).parts
    path = folder(kind).joinpath(*parts)
    if not parts or ".." in parts or parts[0] == "/" or not path.is_file():
        raise NotFound(f"no file {name} in the shipped {kind}")
    return path.read_bytes().decode("utf-8")
