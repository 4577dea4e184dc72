"""The remotes of the psychotherapy repository: never the chart's, each with the agreement under which it may be held there.

Whoever stores sealed files without a key to them is a business associate none the less (45 CFR 160.103: "maintains"). The time of
the last sync is kept in `.git/vaultcli/sync.json`, as for the chart. `docs/psychotherapy/sync.md`.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, NotFound, Refused
from vaultcli.ground.git import config as gitconfig
from vaultcli.places.remote import hooks, remotes
from vaultcli.places.remote.remotes import OWN, Remote, Words
from vaultcli.places.sealed.store import Store
from vaultcli.record.message import trailer
from vaultcli.record.sealed.admission import BRANCH

__all__ = ["OWN", "Remote", "add", "addresses", "chosen", "init_bare", "last", "listed", "refuse_shared", "remember"]

_WORDS = Words("vaultcli psychotherapy sync", "psychotherapy notes, sealed as they are")
_CHART = "the chart"


def listed(store: Store) -> list[Remote]:
    """The remotes, by name."""
    return remotes.listed(store.repository.directory)


def chosen(store: Store, chart: Path, name: str | None) -> list[Remote]:
    """The remote of that name, or all of them.

    Args:
        store: the sealed files.
        chart: the chart's folder.
        name: None for all.

    Raises:
        NotFound: there is none.
        Refused: nothing says by what right it may hold the notes, or the chart is synced there.
    """
    found = remotes.chosen(store.repository.directory, name, _WORDS)
    for one in found:
        refuse_shared(chart / ".git", one.url, _CHART)
    return found


def add(store: Store, chart: Path, name: str, url: str, agreement: str, base: Path) -> Remote:
    """Record a remote; arguments and errors of `places.remotes.add`.

    Raises:
        Refused: the chart is synced there.
    """
    from vaultcli.ground.repository import remote as gitremote

    refuse_shared(chart / ".git", gitremote.address(url, base), _CHART)
    return remotes.add(store.repository, name, url, agreement, base, _WORDS)


def remove(store: Store, name: str) -> None:
    """Forget a remote; what it raises is that of `places.remotes.remove`."""
    remotes.remove(store.repository, name, _WORDS)


def init_bare(store: Store, path: Path) -> None:
    """Make an empty bare repository to sync through: for these notes only, with the hook that judges pushes.

    Raises:
        Conflict: there is something already.
    """
    form = store.repository.object_format
    remotes.init_bare(path, object_format=form, branch=BRANCH, genesis=trailer(store.pins.genesis))
    hooks.install_bare(path, hooks.SEALED)


def last(store: Store) -> dict[str, datetime]:
    """When each remote was last synced, by its name."""
    with suppress(NotFound, BadInput, ValueError, KeyError, TypeError, AttributeError):
        rows = json.loads(files.read(_file(store)))["remotes"]
        return {name: datetime.fromisoformat(row["time"]) for name, row in rows.items()}
    return {}


def remember(store: Store, name: str, now: datetime) -> None:
    """Note that a remote has been synced."""
    rows = {**last(store), name: now}
    value = {"vaultcli": 1, "remotes": {key: {"time": rows[key].isoformat(timespec="seconds")} for key in sorted(rows)}}
    with store.repository.lock():
        files.put(_file(store), (json.dumps(value, indent=1) + "\n").encode(), scratch=store.repository.scratch)


def _file(store: Store) -> Path:
    return store.repository.directory / "vaultcli" / "sync.json"


# one place never holds both


def addresses(directory: Path) -> set[str]:
    """Where a repository is fetched from and pushed to, as they compare: a folder by what it is, an address in one spelling."""
    values = gitconfig.read_settings(directory).values
    said = [value for key, value in values.items() if re.fullmatch(r"remote\..+\.(?:url|pushurl)", key)]
    return {address(remotes.stored(text, directory)) for text in said}


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
