"""One client's line as a git bundle: what a stranger clones, reads and verifies, and nothing of any other client.

A bundle carries the client's line, `practice` up to the newest policy that the line names, and `HEAD`, so that `git clone`
checks the client's files out. Format: `docs/spec/bundle.md`, version 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import Conflict, GitTrouble, NotFound, Refused
from vaultcli.ground.repository import bundle as bundles
from vaultcli.places.chart.chart import Chart
from vaultcli.record.history.line import BRANCH, Line

WRONG_CLIENT = "wrong-client"


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk.

    Args:
        path: the file.
        sha256: of its bytes.
        heads: ref (`HEAD`, `refs/heads/...`) to bare commit id.
    """

    path: Path
    sha256: str
    heads: dict[str, str]


def bundle(chart: Chart, client_id: str, path: Path, verified: str = "") -> Bundle:
    """Write a client's line into a new file, to be given away.

    Args:
        chart: the chart.
        client_id: whose line.
        path: the new file (0600).
        verified: the head (bare id) that was verified just now, where it was.

    Raises:
        NotFound: there is no such client.
        Refused: the line holds a text that was withdrawn as wrong-client, and so belongs to somebody else; or it is a group's.
        Conflict: something has that name already, or the line has moved on since it was verified.
    """
    with chart.repository.lock():
        line = chart.line(client_id)
        if not line.oids:
            raise NotFound(f"no client with the id {client_id}")
        if chart.is_group(client_id):
            hint = "each member has a chart of their own"
            raise Refused("the line of a group names its members and is never given away", hint=hint)
        if verified and line.head != verified:
            raise Conflict("something was recorded while the record was being verified", hint="run the command again")
        count = len(misfiled(line))
        if count:
            what = "a text that was" if count == 1 else f"{count} texts that were"
            raise Refused(
                f"the line holds {what} withdrawn as wrong-client, so none of its history can be given away",
                hint="until `vaultcli succeed` begins it anew without them, nobody else can check that an export is complete",
            )
        return write(chart, line, path)


def check_new(path: Path) -> None:
    """Stop where a bundle would be written over something.

    Raises:
        Conflict: something has that name already.
    """
    if path.exists() or path.is_symlink():
        raise Conflict(f"{path} is there already", hint="name a new file")


def misfiled(line: Line) -> list[str]:
    """The stems of notes that were withdrawn as wrong-client, sorted."""
    return sorted(stem for stem in line.by_note if (one := line.withdrawn(stem)) is not None and one.reason == WRONG_CLIENT)


def heads_of(chart: Chart, line: Line) -> dict[str, str]:
    """The branches of a bundle of this line, with their commits."""
    return {line.branch: line.head, BRANCH: chart.policies.items[line.policy].oid}


def write(chart: Chart, line: Line, path: Path) -> Bundle:
    """Write a line into a new bundle and read it back, whatever the line holds; the caller holds the lock."""
    repository = chart.repository
    refs = {f"refs/heads/{branch}": oid for branch, oid in heads_of(chart, line).items()}
    files.make_dirs(repository.scratch)
    with files.made(path) as temporary:
        bundles.write(repository.git, repository.scratch, refs, f"refs/heads/{line.branch}", temporary)
    return read_back(chart, line, path)


def read_back(chart: Chart, line: Line, path: Path) -> Bundle:
    """A bundle of this line that is there already, read as somebody would who has nothing else.

    Raises:
        GitTrouble: it is damaged, or holds something else.
    """
    repository = chart.repository
    heads = heads_of(chart, line)
    listed, objects = bundles.read_back(repository.git, repository.scratch, path)
    wanted = {f"refs/heads/{branch}": oid for branch, oid in heads.items()} | {"HEAD": line.head}
    if listed != wanted or objects != repository.git.leads_to(*heads.values()):
        raise GitTrouble(f"{path} does not hold exactly this line", hint="move the file away and repeat the command")
    return Bundle(path, files.digest_in_pieces(path), listed)
