"""A line whose branch cannot be read any more, found again by what is known of where it stood.

Known are commits that something here names: the pin, our mark, git's reflog, the heads that remotes were seen to have. The
line goes to the newest of them, if every other one lies in its past; where they disagree, or name what is not here, nobody
chooses: a head that is one too old may be the one before a revocation. `docs/spec/repository.md` says so to users.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, GitTrouble, NotFound
from vaultcli.ground.git.history import ref_of
from vaultcli.ground.git.objects import is_oid
from vaultcli.ground.repository.lines import Lines
from vaultcli.ground.repository.recovery import Marks

_LOG = 1 << 26


def known(repository: Lines, branch: str) -> dict[str, str]:
    """Commits at which the line is said to have stood: who says so, in a few words, to the bare id."""
    found = {}
    mark = Marks(repository.directory).get(branch)
    if mark is not None:
        found["the mark of its files"] = mark
    logged = _logged(repository.directory / "logs" / ref_of(branch))
    if logged:
        found["its reflog"] = logged
    for ref, oid in repository.git.refs("refs/remotes/").items():
        name, _, line = ref.removeprefix("refs/remotes/").partition("/")
        if line == branch:
            found[f"the remote {name}"] = oid
    return found


def _logged(file: Path) -> str:
    """The last whole entry of a reflog."""
    try:
        rows = files.read(file, _LOG).decode("utf-8", "replace").split("\n")
    except (NotFound, BadInput):
        return ""
    for row in reversed(rows):
        old, _, rest = row.partition(" ")
        new = rest.partition(" ")[0]
        if is_oid(old) and is_oid(new) and len(old) == len(new) and new.strip("0"):
            return new
    return ""


def newest(repository: Lines, branch: str, said: Mapping[str, str]) -> str:
    """The one commit that all others which are named lie before.

    Args:
        repository: whose line it was.
        branch: the line.
        said: who names a commit, to its bare id; not empty.

    Raises:
        GitTrouble: one of them is not here, or they do not lie on one line; each is named.
    """
    away = [who for who, oid in said.items() if repository.objects.find(oid) is None]
    if not away:
        for oid in dict.fromkeys(said.values()):
            if all(repository.git.is_ancestor(other, oid) for other in set(said.values()) - {oid}):
                return oid
    rows = "; ".join(f"{who} says {oid[:12]}{' (which is not here)' if who in away else ''}" for who, oid in said.items())
    hint = "nothing was written; docs/when-something-went-wrong.md, `A branch that cannot be read`, says how to go on"
    raise GitTrouble(f"the branch {branch} cannot be read, and what is known of it disagrees: {rows}", hint=hint)


def put_back(repository: Lines, branch: str, oid: str) -> None:
    """Write the branch anew, durably; the caller holds the lock and knows that there is none that can be read."""
    file = repository.directory / ref_of(branch)
    files.make_dirs(file.parent)
    files.put(file, f"{oid}\n".encode(), scratch=repository.scratch)
    repository.git.sync_ref(ref_of(branch))


def marked(directory: Path) -> Iterator[str]:
    """Every line that this copy once had: each has a mark."""
    top = directory / "vaultcli" / "heads"
    for file in top.glob("*") if top.is_dir() else ():
        if not file.is_dir():
            yield file.name
        else:
            yield from (f"{file.name}/{one.name}" for one in file.iterdir())
