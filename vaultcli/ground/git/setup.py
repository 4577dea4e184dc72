"""Making a repository of ours: init, configuration, attributes and a clone id; and what is found in one that is not ours.

GitPython is asked for `init` only, and imported late (80 ms): `docs/decisions/0103-two-libraries-at-the-edge.md`.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from vaultcli.ground import ids, newfolder
from vaultcli.ground.errors import Conflict, GitTrouble
from vaultcli.ground.files import create, fsync_dir, make_dirs, put, read, small, sync_tree, trouble
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.command import environment, version
from vaultcli.ground.git.plumbing import Git

ATTRIBUTES = "* -filter !diff !merge -ident -working-tree-encoding -text\n"
"""`info/attributes`, which win over every `.gitattributes`: for people who use plain git, bytes stay what they are."""

_FOREIGN = ("shallow", "info/grafts", "objects/info/alternates", "refs/replace", "config.worktree", "modules")
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
    # made beside its place, synced, then given its name: git asks the disk to keep none of it
    with newfolder.folder(path) as making:
        with _scrubbed():
            import git

            with _trouble(f"make a repository in {path}"):
                git.Repo.init(making, object_format=object_format, initial_branch=branch).close()
        sync_tree(making)
        with trouble(path, "write in"):
            (making / ".git").rename(path / ".git")
        fsync_dir(path)


def configure(path: Path, values: Mapping[str, str]) -> None:
    """Set keys (`section.name`, `section.sub.name`) in a repository's own configuration, all or none, durably.

    They are set in a copy, which takes the file's place: a kill leaves the old configuration, and no lock on it.
    """
    config, scratch = path / ".git" / "config", _scratch(path / ".git")
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


def prepare(path: Path, config: Mapping[str, str]) -> None:
    """Give a repository that was just made our configuration, attributes and a clone id of its own."""
    directory = path / ".git"
    scratch = _scratch(directory)
    for left in scratch.iterdir():
        left.unlink()
    make_dirs(directory / "info")
    put(directory / "info" / "attributes", ATTRIBUTES.encode(), scratch=scratch)
    fsync_dir(directory / "info")
    # the clone id comes last: a repository that has it is complete
    configure(path, {**gitconfig.OURS, **config})
    configure(path, {"vaultcli.clone": ids.new()})


def half_made(path: Path) -> bool:
    """Whether a repository is there that has no clone id and no history: our own `create`, interrupted."""
    directory = path / ".git"
    if not (directory / "config").is_file():
        return False
    settings = gitconfig.read_settings(directory)
    return "vaultcli.clone" not in settings.values and not Git(directory, object_format=settings.object_format).refs()


def keep_objects(path: Path, settings: gitconfig.Settings) -> bool:
    """Have stock git delete nothing in a copy that was made before that was usual; whether it was set now."""
    if settings.values.get("extensions.preciousobjects") == "true":
        return False
    keys = ("core.repositoryFormatVersion", "extensions.preciousObjects")
    configure(path, {key: gitconfig.OURS[key] for key in keys})
    return True


def mend_head(directory: Path, branch: str) -> bool:
    """Write `HEAD` anew where it is missing or empty, as a power cut leaves it; git takes such a folder for no repository.

    Args:
        directory: the git directory.
        branch: the line that its top folder shows.

    Returns:
        Whether it was written. One that says anything is somebody's, and stays.

    Raises:
        DiskTrouble: it cannot be written.
    """
    text = small(f"{directory}/HEAD")
    if text is not None and text.strip("\0 \t\r\n"):
        return False
    put(directory / "HEAD", f"ref: refs/heads/{branch}\n".encode(), scratch=_scratch(directory))
    fsync_dir(directory)
    return True


def _scratch(directory: Path) -> Path:
    scratch = directory / "vaultcli" / "tmp"
    make_dirs(scratch)
    return scratch


def oddities(directory: Path, settings: gitconfig.Settings) -> tuple[str, ...]:
    """What is in a git directory that we do not put there, each a short sentence for `doctor`.

    `audit/gitdir` looks at the same for a verdict, and says what plain git would make of it.

    Args:
        directory: the git directory.
        settings: its configuration.
    """
    found = [f"unknown configuration key {key}" for key in settings.unknown]
    found += [f".git/{name} exists" for name in _FOREIGN if (directory / name).exists()]
    attributes = directory / "info" / "attributes"
    if not attributes.is_file() or attributes.read_text(errors="replace") != ATTRIBUTES:
        found.append(".git/info/attributes is not ours")
    exclude = directory / "info" / "exclude"
    if exclude.is_file() and any(
        line.strip() and not line.startswith("#") for line in exclude.read_text(errors="replace").splitlines()
    ):
        found.append(".git/info/exclude hides files")
    return tuple(found)
