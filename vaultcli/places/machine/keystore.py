"""The key store: this machine's key, and the key with which a person signs.

It lies outside every vault, in the user's data directory or on a stick, and never enters a history or a backup of one.
"""

from __future__ import annotations

from pathlib import Path

from vaultcli.ground import dirs, files
from vaultcli.ground.errors import KeyTrouble
from vaultcli.ground.ssh import sign as ssh
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.places.machine.vault import Vault

AGENT = "agent:"


def default_folder(vault_id: str) -> Path:
    """Where a vault's keys are kept when nothing else is said."""
    return dirs.data() / "keys" / vault_id


def machine(vault: Vault) -> KeyFile:
    """This machine's key, which records commits.

    Raises:
        KeyTrouble: it is not there.
    """
    path = vault.keys / vault.machine_key
    if not path.is_file():
        raise KeyTrouble(
            f"this machine's key is not there: {path}",
            hint="is the key store mounted? a new machine is enrolled with `vaultcli init --adopt`",
        )
    return KeyFile(path)


def personal(vault: Vault) -> KeyFile:
    """The key with which the person signs: a file here or elsewhere, or one that their agent holds.

    Raises:
        KeyTrouble: it is not there, or the agent does not hold it.
    """
    named = vault.personal_key
    if named.startswith(AGENT):
        return _from_agent(vault, named.removeprefix(AGENT))
    path = vault.keys / named
    if not named or not path.is_file():
        hint = "is the key store mounted? another key is named in vault.toml, personal-key"
        raise KeyTrouble(f"no personal signing key: {path}", hint=hint)
    return KeyFile(path)


def _from_agent(vault: Vault, fingerprint: str) -> KeyFile:
    """A public key file for a key whose other half the agent holds."""
    public = vault.keys / "personal-agent.pub"
    if public.is_file() and ssh.public_key_of(public).fingerprint == fingerprint:
        return KeyFile(public)
    key = next((key for key in ssh.agent_keys() if key.fingerprint == fingerprint), None)
    if key is None:
        raise KeyTrouble(f"the agent does not hold {fingerprint}", hint="add it with ssh-add")
    files.make_dirs(vault.keys)
    files.create(public, f"{key.line}\n".encode())
    return KeyFile(public)


def public(key: KeyFile) -> PublicKey:
    """The public half of a key file."""
    return ssh.public_key_of(key.path)
