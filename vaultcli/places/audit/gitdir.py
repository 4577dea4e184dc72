"""What lies around a history and changes how plain git reads it: settings, grafts, borrowed objects, ready-made answers.

None of it changes our verdict, because the walk reads objects only. It would change what `git log` shows to whoever
checks us, so that each is a finding of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, GitTrouble, NotFound
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.git.setup import ATTRIBUTES
from vaultcli.record.finding import Finding

_FORBIDDEN = {
    "shallow": ("shallow", "history is cut off for plain git"),
    "info/grafts": ("grafts", "plain git is told other parents than the commits have"),
    "objects/info/alternates": ("alternates", "objects are borrowed from another repository"),
    "objects/info/http-alternates": ("alternates", "objects are borrowed from another repository"),
    "config.worktree": ("configuration", "a second configuration, which git reads as well"),
    "info/sparse-checkout": ("configuration", "plain git is told to leave files out of the folder"),
    "modules": ("configuration", "other repositories lie inside this one"),
}
_GRAPHS = ("objects/info/commit-graph", "objects/info/commit-graphs")


def look(directory: Path, what: str) -> tuple[list[Finding], list[str]]:
    """What is around this git directory.

    Args:
        directory: `.git`.
        what: whose it is, in the user's words: `the chart`.

    Returns:
        Findings, and remarks: harmless things worth a line.
    """
    found = [Finding(f".git/{name}", rule, text) for name, (rule, text) in _FORBIDDEN.items() if _is_there(directory / name)]
    found += [Finding(f".git/objects/pack/{file.name}", "alternates", "objects of this pack are only promised, not here")
              for file in sorted(directory.glob("objects/pack/*.promisor"))]  # fmt: skip
    remarks: list[str] = []
    try:
        settings = gitconfig.read_settings(directory)
        remarks += [f"git's configuration of {what} has a key that is not ours: {key}" for key in settings.unknown]
        found += [Finding(".git/config", "configuration", text) for text in _elsewhere(directory, settings.values)]
    except GitTrouble as error:
        found.append(Finding(".git/config", "configuration", error.message))
    attributes = directory / "info" / "attributes"
    if _is_there(attributes) and _text(attributes) != ATTRIBUTES:
        found.append(Finding(".git/info/attributes", "configuration", "plain git is told to change files on their way"))
    if any(row.strip() and not row.startswith("#") for row in _text(directory / "info" / "exclude").splitlines()):
        remarks.append("plain git is told to hide some files (.git/info/exclude); this verdict saw them")
    for folder in sorted((directory / "worktrees").glob("*/config.worktree")):
        found.append(Finding(f".git/worktrees/{folder.parent.name}/{folder.name}", "configuration", "a second configuration"))
    return found, remarks


def _elsewhere(directory: Path, values: Mapping[str, str]) -> Iterator[str]:
    """Settings that are harmless when they name the chart's own file or folder, and anything but that otherwise."""
    own = {
        "gpg.ssh.allowedsignersfile": (directory.parent / "allowed_signers", "plain git is told to believe other signers"),
        "core.hookspath": (directory / "hooks", "plain git is told to run the hooks of another folder"),
    }
    for key, (place, text) in own.items():
        said = values.get(key)
        if said is not None and (directory.parent / said).resolve() != place.resolve():
            yield text


def ready_made(directory: Path, object_format: str) -> list[Finding]:
    """Whether git's ready-made answers about the history, where there are any, are those that the objects give."""
    git = Git(directory, object_format=object_format)
    found = []
    if any((directory / name).exists() for name in _GRAPHS) and not _agrees(git, "core.commitGraph", "commit-graph"):
        found.append(Finding(".git/objects/info", "commit-graph", "the commit graph says other than the commits"))
    index = directory / "objects" / "pack" / "multi-pack-index"
    if index.exists() and not _agrees(git, "core.multiPackIndex", "multi-pack-index"):
        found.append(Finding(".git/objects/pack", "commit-graph", "the index over all packs says other than the packs"))
    return found


def _agrees(git: Git, key: str, command: str) -> bool:
    process = git.start("-c", f"{key}=true", command, "verify", pipe_in=False)
    process.communicate()
    return process.returncode == 0


def _is_there(path: Path) -> bool:
    """Whether something is there that says anything; git leaves empty files and folders behind."""
    if path.is_symlink():
        return True
    if path.is_dir():
        return any(path.iterdir())
    return path.exists() and (path.name == "config.worktree" or path.stat().st_size > 0)


def _text(path: Path) -> str:
    try:
        return files.read(path, 1 << 20).decode("utf-8", "replace")
    except NotFound:
        return ""
    except BadInput:
        return "\0"
