"""What makes a git directory ours: configuration, attributes and a clone id; and what is found in one that is not ours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.plumbing import Git

ATTRIBUTES = "* -filter !diff !merge -ident -working-tree-encoding -text\n"
"""`info/attributes`, which win over every `.gitattributes`: for people who use plain git, bytes stay what they are."""

_FOREIGN = ("shallow", "info/grafts", "objects/info/alternates", "refs/replace", "config.worktree", "modules")


def prepare(path: Path, config: Mapping[str, str]) -> None:
    """Give a repository that was just made or cloned our configuration, attributes and a clone id of its own."""
    from vaultcli.ground.git import setup as gitsetup

    directory = path / ".git"
    files.make_dirs(directory / "vaultcli" / "tmp")
    for left in (directory / "vaultcli" / "tmp").iterdir():
        left.unlink()
    files.make_dirs(directory / "info")
    files.put(directory / "info" / "attributes", ATTRIBUTES.encode(), scratch=directory / "vaultcli" / "tmp")
    # the clone id comes last: a repository that has it is complete
    gitsetup.configure(path, {**gitconfig.OURS, **config})
    gitsetup.configure(path, {"vaultcli.clone": ids.new()})


def half_made(path: Path) -> bool:
    """Whether a repository is there that has no clone id and no history: our own `create`, interrupted."""
    directory = path / ".git"
    if not (directory / "config").is_file():
        return False
    settings = gitconfig.read_settings(directory)
    return "vaultcli.clone" not in settings.values and not Git(directory, object_format=settings.object_format).refs()


def oddities(directory: Path, settings: gitconfig.Settings) -> tuple[str, ...]:
    """What is in a git directory that we do not put there: each a short sentence.

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
