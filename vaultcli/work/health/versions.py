"""Whether this version of vaultcli reads these files."""

from collections.abc import Iterator

from vaultcli.ground.errors import VaultError
from vaultcli.ground.version import __version__
from vaultcli.work.health.situation import Health, Situation, ok, problem


def look(s: Situation) -> Iterator[Health]:
    """The policy's and the settings' versions, by reading them."""
    try:
        count = len(s.chart.policies.items)
        if not count:
            raise VaultError("the vault has no policy")
        yield ok(f"vaultcli {__version__}; it reads the policy, version {count}")
    except VaultError as error:
        yield problem(
            f"vaultcli {__version__} cannot read the policy: {error.message}", "nothing can be judged without it", error.hint
        )
