"""The branch of the sealed notes, written anew where it cannot be read: only where the pin and all else that is known agree."""

from __future__ import annotations

from vaultcli.ground.errors import NotVerified, Unpinned
from vaultcli.ground.repository import lost
from vaultcli.ground.repository.repository import Repository
from vaultcli.places.sealed import history, pins, readme
from vaultcli.record.times import FAR


def line(repository: Repository, branch: str) -> str | None:
    """The commit at which the branch stood; as `places.chart.mend.line`.

    Raises:
        GitTrouble: what is known disagrees.
        NotVerified: the commits that lead there do not hold.
    """
    try:
        pinned = pins.find(repository.clone_id)
    except Unpinned:
        return None
    found = lost.newest(repository, branch, {"the pin": pinned.head, **lost.known(repository, branch)})
    commits = repository.git.rev_list(found)
    steps = history.walk(repository, commits, FAR, readme.TEXT, pinned.genesis)
    findings = [one for step in steps for one in step.findings]
    if findings or commits[0] != pinned.genesis:
        said = findings[0].text() if findings else "it begins with another first commit"
        raise NotVerified(f"the branch {branch} cannot be read, and {found[:12]} does not verify: {said}")
    return found
