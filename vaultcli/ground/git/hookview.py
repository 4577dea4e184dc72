"""The lines of a git directory as a hook sees them: bare or not, with the objects of a push that is still under way.

During a push git keeps what has arrived in a quarantine folder, and tells its hooks by environment variables which our
git calls never inherit. They are read here, checked to lie where git puts them, and handed on. See `git-receive-pack(1)`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.history import History
from vaultcli.ground.git.plumbing import Git

_QUARANTINE = ("incoming-", "tmp_objdir-incoming-")
"""How git names the folder, in `objects/`."""


class _Visitor(Git):
    """git asked on behalf of a hook."""

    def __init__(self, directory: Path, *, object_format: str, extra: Mapping[str, str]) -> None:
        super().__init__(directory, object_format=object_format)
        self._extra = dict(extra)

    def environment(self, index_of: Path | None = None) -> dict[str, str]:
        """The environment of a call, with the quarantine and the index that this hook was called for."""
        return {**super().environment(index_of), **self._extra}


class Offered(History):
    """A git directory to judge by; read only, a context manager.

    Args:
        directory: the git directory itself.
        quarantine: where the objects of a running push are, if there is one.
        index: the index of the commit that is being made, if there is one.

    Raises:
        GitTrouble: its configuration could run programs.
    """

    def __init__(self, directory: Path, *, quarantine: Path | None = None, index: Path | None = None) -> None:
        self.directory = directory
        self.settings = gitconfig.read_settings(directory)
        self.object_format = self.settings.object_format
        extra = {} if index is None else {"GIT_INDEX_FILE": str(index)}
        if quarantine is not None:
            extra["GIT_OBJECT_DIRECTORY"] = str(quarantine)
            extra["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = str(directory / "objects")
        super().__init__(_Visitor(directory, object_format=self.object_format, extra=extra))

    def staged(self) -> dict[str, tuple[str, str]]:
        """Every file of the index: path to (mode, blob id).

        Raises:
            GitTrouble: a merge is under way, so that a path stands there more than once.
        """
        rows = self.git.run("ls-files", "--stage", "-z").decode("utf-8", "surrogateescape").split("\0")
        found: dict[str, tuple[str, str]] = {}
        for head, _, path in (row.partition("\t") for row in rows if row):
            mode, oid, stage = head.split(" ")
            if stage != "0":
                raise GitTrouble(f"{path} is in conflict")
            found[path] = (mode, oid)
        return found


def quarantine_of(directory: Path, environ: Mapping[str, str]) -> Path | None:
    """The quarantine that git announced to its hook, if it lies in that git directory.

    Raises:
        GitTrouble: it lies elsewhere.
    """
    said = environ.get("GIT_QUARANTINE_PATH")
    if not said:
        return None
    path = Path(os.path.realpath(said))
    inside = path.parent == Path(os.path.realpath(directory / "objects"))
    if not inside or not path.name.startswith(_QUARANTINE):
        raise GitTrouble("the objects of this push are not where git keeps them")
    return path
