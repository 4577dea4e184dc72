"""Whether git is there, and new enough."""

from collections.abc import Iterator

from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git import command as gitcall
from vaultcli.work.health.situation import Health, Machine, ok, problem


def look(_: Machine) -> Iterator[Health]:
    """The version of git against the oldest that signs with SSH keys."""
    try:
        yield ok(f"git {'.'.join(map(str, gitcall.version()))}")
    except GitTrouble as error:
        oldest = ".".join(map(str, gitcall.OLDEST))
        yield problem(error.message, f"git signs and checks with SSH keys since {oldest}", error.hint)
