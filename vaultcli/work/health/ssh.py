"""Whether OpenSSH is there, and new enough."""

from collections.abc import Iterator

from vaultcli.ground.ssh import version as sshversion
from vaultcli.work.health.situation import Health, Machine, advice, ok, problem


def look(_: Machine) -> Iterator[Health]:
    """OpenSSH's version against what signing and checking need."""
    found = sshversion.version()
    said = f"OpenSSH {'.'.join(map(str, found))}"
    if not found:
        yield problem("OpenSSH was not found", "ssh-keygen makes every signature", "install OpenSSH 8.9 or newer")
    elif found < sshversion.OLDEST:
        yield problem(f"{said} is too old", "it cannot make every signature that a record needs", "install OpenSSH 8.9 or newer")
    elif found < sshversion.DATES:
        why = "once a key is revoked, ssh-keygen has to understand dates in the signer list, or a stranger's check with it fails"
        yield advice(said, why, "OpenSSH 9.1 or newer does; vaultcli itself checks without it")
    else:
        yield ok(said)
