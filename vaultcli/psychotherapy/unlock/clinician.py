"""The clinician's own identities, by which `epoch.age` opens: a file under a passphrase, an SSH key, or a plugin's.

`docs/spec/psychotherapy/keys.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.age.seal import Identity
from vaultcli.ground.errors import KeyTrouble
from vaultcli.ground.ssh.askpass import TRIES
from vaultcli.places.sealed.settings import Settings

SSH, PLUGIN = "ssh:", "plugin:"

Ask = Callable[[str], str]
"""Asks for a passphrase; given what it is for."""


def clinician(settings: Settings, ask: Ask, tell: Callable[[str], None] = lambda _: None) -> list[Identity]:
    """The clinician's own identities, by which `epoch.age` opens.

    Args:
        settings: where they are.
        ask: asks for a passphrase, up to three times; a plugin's PIN, once.
        tell: shows what a plugin says, such as "touch the token".

    Raises:
        KeyTrouble: not there, or the passphrase is wrong.
    """
    named = settings.identity
    if named.startswith(SSH):
        return _tried(lambda ask: [age.ssh_identity(_ssh_private(Path(named.removeprefix(SSH)).expanduser(), ask))], ask)
    if named.startswith(PLUGIN):
        path = Path(named.removeprefix(PLUGIN)).expanduser()
        lines = files.read(path).decode("utf-8", "replace").splitlines()
        return [age.plugin_identity(lines, ask, tell)]
    path = settings.keys / named
    if not path.is_file():
        hint = "is the key store mounted? `vaultcli psychotherapy init --adopt` makes it anew from the page"
        raise KeyTrouble(f"the clinician's identity is not there: {path}", hint=hint)
    return _tried(lambda ask: age.read_identity_file(path, lambda _: ask("psychotherapy notes")), ask)


def _tried(open_: Callable[[Ask], list[Identity]], ask: Ask) -> list[Identity]:
    """Three tries for a passphrase; whoever gives an answer twice, or none, gives up."""
    given: list[str] = []

    def asked(what: str) -> str:
        given.append(ask(f"{what}; wrong, try again" if given else what))
        return given[-1]

    while True:
        before = len(given)
        try:
            return open_(asked)
        except KeyTrouble:
            if len(given) in (before, TRIES) or not given[-1] or given[-1] in given[:-1]:
                raise


def _ssh_private(path: Path, ask: Ask) -> bytes:
    """An OpenSSH private key without its passphrase, in memory."""
    from cryptography.hazmat.primitives import serialization

    raw = files.read(path)
    try:
        try:
            key = serialization.load_ssh_private_key(raw, None)
        except (TypeError, ValueError):
            key = serialization.load_ssh_private_key(raw, ask(str(path)).encode())
    except (ValueError, TypeError):
        raise KeyTrouble(f"{path}: the passphrase is wrong, or it is no SSH private key") from None
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, plain)
