"""Making repositories: init, clone and configuration, through GitPython, which is imported late (80 ms).

GitPython's own object and index classes cannot read SHA-256 repositories, so nothing else is asked of it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from vaultcli.ground import ids
from vaultcli.ground.errors import Conflict, GitTrouble
from vaultcli.ground.files import create, fsync_dir, make_dirs, put, read
from vaultcli.ground.git.plumbing import Git, environment, version

_guard = threading.Lock()


@contextlib.contextmanager
def _scrubbed() -> Iterator[None]:
    """Our environment for git in the place of the process's own, which GitPython would hand on."""
    with _guard:
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(environment({"GIT_PYTHON_REFRESH": "quiet", "GIT_TEMPLATE_DIR": ""}))
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextlib.contextmanager
def _trouble(doing: str) -> Iterator[None]:
    import git

    try:
        yield
    except (git.GitCommandError, git.InvalidGitRepositoryError, git.NoSuchPathError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().strip("'").strip()
        last = said.splitlines()[-1].strip().removeprefix("fatal: ").rstrip("'.") if said else "no reason given"
        raise GitTrouble(f"cannot {doing}: {last}") from error


def init(path: Path, *, object_format: str, branch: str) -> None:
    """Make an empty repository without hooks, templates or commits.

    Args:
        path: its folder, created when missing.
        object_format: `sha256` or `sha1`.
        branch: the name of the line that its top folder shows.

    Raises:
        Conflict: there is a repository already.
        GitTrouble: git refused.
    """
    version()
    if (path / ".git").exists():
        raise Conflict(f"{path} is a git repository already")
    make_dirs(path)
    with _scrubbed():
        import git

        with _trouble(f"make a repository in {path}"):
            git.Repo.init(path, object_format=object_format, initial_branch=branch).close()
    fsync_dir(path)


def configure(path: Path, values: Mapping[str, str]) -> None:
    """Set keys (`section.name`, `section.sub.name`) in a repository's own configuration, all or none, durably.

    They are set in a copy, which takes the file's place: a kill leaves the old configuration, and no lock on it.
    """
    config, scratch = path / ".git" / "config", path / ".git" / "vaultcli" / "tmp"
    make_dirs(scratch)
    copy = scratch / f"config-{ids.new()}"
    try:
        create(copy, read(config), scratch=scratch)
        for key, value in values.items():
            Git(Path("/")).run("config", "--file", str(copy), key, value)
        raw = read(copy)
    finally:
        copy.unlink(missing_ok=True)
    put(config, raw, scratch=scratch)
    fsync_dir(config.parent)
