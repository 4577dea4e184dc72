"""The remotes of a repository: where it is synced to, and by what right a stranger's machine may hold it.

A remote is stored as plain git stores it (`remote.NAME.url`), with one line of ours beside it: the agreement under which
whoever keeps that machine may hold clinical records, or that it is the practice's own. `docs/sync.md`.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Conflict, NotFound, Refused
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git import setup
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.repository import remote as gitremote
from vaultcli.ground.repository.repository import Repository

OWN = "own machine"
RESERVED = ("add", "list", "init-bare", "now", "remove")
"""Words that are commands and no remotes."""


class Words(NamedTuple):
    """How refusals speak: of the command for remotes, and of what would be held there."""

    command: str
    records: str


_ADDRESS = re.compile(r"remote\.(.+)\.url")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_BARE = {
    "core.repositoryFormatVersion": "1",
    "extensions.preciousObjects": "true",
    "core.logAllRefUpdates": "always",
    "core.fsync": "all",
    "core.fsyncMethod": "fsync",
    "gc.auto": "0",
    "gc.packRefs": "false",
    "maintenance.auto": "false",
    "receive.denyNonFastForwards": "true",
    "receive.denyDeletes": "true",
    "receive.fsckObjects": "true",
    "transfer.fsckObjects": "true",
}
"""How a bare repository is configured: durable, checked on the way in, never rewritten."""


@dataclass(frozen=True)
class Remote:
    """A place that a chart is synced with.

    Args:
        name: as the user calls it.
        url: an absolute path, or a URL over ssh or https; anything else is what plain git has, and is refused when it is used.
        agreement: `OWN`, or the agreement as the user wrote it down; empty where nothing is recorded.
    """

    name: str
    url: str
    agreement: str


def listed(directory: Path) -> list[Remote]:
    """The remotes of a git directory, by name; addresses that plain git stored in another form are given in ours."""
    values = gitconfig.read_settings(directory).values
    names = sorted(found[1] for found in map(_ADDRESS.fullmatch, values) if found)
    urls = {name: stored(values[f"remote.{name}.url"], directory) for name in names}
    return [Remote(name, urls[name], values.get(f"vaultcli.{name}.agreement", "")) for name in names]


def stored(text: str, directory: Path) -> str:
    """An address out of a repository's configuration in the one form that we compare and use; as it is where it has none.

    Args:
        text: as it stands there.
        directory: the git directory; plain git takes a relative path from the folder that has it.
    """
    try:
        return gitremote.address(text, directory.parent)
    except BadInput:
        return text


def chosen(directory: Path, name: str | None, words: Words) -> list[Remote]:
    """The remote of that name, or all of them.

    Args:
        directory: the git directory.
        name: None for all.
        words: how the refusal speaks.

    Raises:
        NotFound: there is none.
        Refused: nothing says by what right it may hold the record.
    """
    there = listed(directory)
    found = [one for one in there if name in (None, one.name)]
    if not found:
        known = f"; there are {', '.join(one.name for one in there)}" if there else ""
        raise NotFound(f"no remote {name or 'yet'}{known}", hint=f"`{words.command} add NAME URL` names one")
    for one in found:
        if not one.agreement:
            _refuse_unagreed(one.name, one.url, words)
    return found


def _refuse_unagreed(name: str, url: str, words: Words) -> None:
    raise Refused(
        f"nothing is recorded of the right by which {name} may hold {words.records}",
        hint=f"`{words.command} add {name} {url}` with --own-machine, or with --agreement and which one, by whom, since when",
    )


def add(repository: Repository, name: str, url: str, agreement: str, base: Path, words: Words) -> Remote:
    """Record a remote, or what is agreed about one that is there.

    Args:
        repository: whose.
        name: what to call it.
        url: as typed.
        agreement: `OWN` or the agreement in one line.
        base: what a relative path is relative to.
        words: how the refusal speaks.

    Raises:
        BadInput: name, address or agreement cannot be taken.
        Refused: no agreement.
        Conflict: the name is another remote's.
    """
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise BadInput(f"a remote cannot be called {name}", hint="lower-case letters, digits and hyphens, as in usb or server-2")
    address = gitremote.address(url, base)
    if not agreement:
        _refuse_unagreed(name, url, words)
    if not agreement.isprintable() or len(agreement) > 300:
        raise BadInput("an agreement is noted in one line of at most 300 characters")
    before = next((one for one in listed(repository.directory) if one.name == name), None)
    if before is not None and before.url != address:
        raise Conflict(f"{name} is already the name of {before.url}", hint="choose another name")
    with repository.lock():
        setup.configure(
            repository.path,
            {
                f"remote.{name}.url": address,
                f"remote.{name}.fetch": f"+refs/heads/*:refs/remotes/{name}/*",
                f"remote.{name}.tagOpt": "--no-tags",
                f"vaultcli.{name}.agreement": agreement,
            },
        )
    return Remote(name, address, agreement)


def remove(repository: Repository, name: str, words: Words) -> list[str]:
    """Forget a remote, and what was last seen of it as far as it is part of what is here.

    Args:
        repository: whose.
        name: of the remote.
        words: how the refusal speaks.

    Returns:
        Lines of which the remote had something that is not part of the line here; their last known heads stay.

    Raises:
        NotFound: there is none of that name.
    """
    if all(one.name != name for one in listed(repository.directory)):
        raise NotFound(f"no remote {name}", hint=f"`{words.command} list` names them")
    prefix, git = f"refs/remotes/{name}/", repository.git
    with repository.lock():
        left: list[tuple[str, str]] = []
        gone: list[tuple[str, str]] = []
        for ref, oid in sorted(git.refs(prefix).items()):
            branch = ref.removeprefix(prefix)
            ours = repository.head(branch)
            here = ours is not None and repository.objects.find(oid) is not None and git.is_ancestor(oid, ours)
            (gone if here else left).append((branch, f"delete {ref} {oid}\n"))
        if gone:
            git.run("update-ref", "--stdin", data="".join(row for _, row in gone).encode())
        config = repository.directory / "config"
        # the address last: without an agreement nothing is synced there
        for section in (f"vaultcli.{name}", f"remote.{name}"):
            git.run("config", "--file", str(config), "--remove-section", section, ok=(0, 128))
        files.sync_file(config)
        return [branch for branch, _ in left]


def init_bare(path: Path, *, object_format: str, branch: str, genesis: str) -> None:
    """Make an empty bare repository to sync through, with our configuration and no hook yet.

    Args:
        path: its folder; must not exist, or be empty.
        object_format: `sha256` or `sha1`, as the repository here has it.
        branch: to which its HEAD points.
        genesis: the first commit (`sha256:HEX`): no other record can be pushed there.

    Raises:
        Conflict: there is something already.
    """
    if _is_begun(path):
        shutil.rmtree(path / "objects", ignore_errors=True)
        shutil.rmtree(path / "refs", ignore_errors=True)
        for name in ("HEAD", "config"):
            (path / name).unlink(missing_ok=True)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Conflict(f"{path} exists already and is not empty")
    files.make_dirs(path)
    git = Git(path, object_format=object_format)
    git.run("init", "--bare", "--quiet", "--template=", f"--object-format={object_format}", f"--initial-branch={branch}")
    for key, value in {**_BARE, "vaultcli.genesis": genesis}.items():
        git.run("config", "--file", str(path / "config"), key, value)
    # git itself makes none of it durable
    files.sync_tree(path)


def _is_begun(path: Path) -> bool:
    """Whether this is what `init_bare` leaves when it is killed, or its power fails: no object, no line, no genesis noted."""
    if not path.is_dir() or path.is_symlink() or not any(path.iterdir()):
        return False
    if {file.name for file in path.iterdir()} - {"HEAD", "config", "objects", "refs"}:
        return False
    if any(file.is_file() for name in ("objects", "refs") for file in (path / name).rglob("*")):
        return False
    return "vaultcli.genesis" not in gitconfig.unjudged(path / "config")
