"""Whether keys are where they should be, and nowhere beside the record."""

from collections.abc import Iterator
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.ground.ssh import keyfiles
from vaultcli.places.machine import keystore
from vaultcli.work.backup import destinations
from vaultcli.work.health.situation import Health, Situation, advice, ok, problem

_BESIDE = "whoever gets a copy of the record, a backup or a stick, would get the keys with it, and could sign in your name"
_SMALL = 1 << 16


def look(s: Situation) -> Iterator[Health]:
    """The key store, its files, and what lies at the top of the vault."""
    found = [*_store(s), *_beside(s)]
    yield from found or [ok("keys apart from the record, readable to you alone")]


def _store(s: Situation) -> Iterator[Health]:
    keys, vault = s.vault.keys, s.vault
    if any(keys.resolve().is_relative_to(top.resolve()) for top in (vault.root, vault.chart)):
        yield problem(
            f"the key store {keys} lies inside the vault", _BESIDE, "move it, and name the new place in vault.toml, keys"
        )
    if not keys.is_dir():
        yield problem(
            f"the key store is not there: {keys}", "nothing can be signed or recorded without it", "is its disk mounted?"
        )
        return
    for path in (keys, *sorted(one for one in keys.iterdir() if one.is_file() and one.suffix != ".pub")):
        if path.stat().st_mode & 0o077:
            yield problem(f"others may read {path}", "a key that others can read is theirs as well", f"chmod go= {path}")
    try:
        keystore.machine(vault)
    except VaultError as error:
        yield problem(error.message, "nothing can be recorded on this machine without it", error.hint)
    personal = vault.keys / vault.personal_key
    if (
        vault.personal_key
        and not vault.personal_key.startswith(keystore.AGENT)
        and personal.is_file()
        and not personal.stat().st_mode & 0o077
    ):
        yield from _personal(personal)


def _personal(path: Path) -> Iterator[Health]:
    try:
        bare = not keyfiles.is_encrypted(path)
    except VaultError as error:
        yield problem(error.message, "notes cannot be signed with it", error.hint)
        return
    if bare:
        why = "whoever copies the file can sign notes as you"
        yield advice("your signing key has no passphrase", why, f"ssh-keygen -p -f {path}, or use a token or an agent")


def _beside(s: Situation) -> Iterator[Health]:
    for top in dict.fromkeys((s.vault.root, s.vault.chart)):
        for path in sorted(top.iterdir()) if top.is_dir() else ():
            if path.is_file() and path.stat().st_size <= _SMALL and _is_secret(path):
                yield problem(
                    f"{path} looks like a private key or a recovery page", _BESIDE, "move it to another disk, or print it"
                )


def _is_secret(path: Path) -> bool:
    try:
        return destinations.is_secret(files.read(path, _SMALL))
    except VaultError:
        return False
