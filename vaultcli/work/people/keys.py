"""Entering keys into the signer list: made here, vouched for, and admitted by a key with the policy role."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, KeyTrouble
from vaultcli.ground.ssh import keyfiles
from vaultcli.ground.ssh import sign as ssh
from vaultcli.ground.ssh.askpass import AskPass
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sign import Signer
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.places.machine import keystore
from vaultcli.places.machine.vault import Vault
from vaultcli.record.practice import keyring
from vaultcli.record.practice.keyring import Entry
from vaultcli.record.practice.practice import is_principal

NEW, TOKEN = "new", "token"


@dataclass(frozen=True)
class KeyChoice:
    """Where a person's signing key comes from.

    Args:
        where: `new`, `token`, `agent`, `agent:SHA256:...`, or the path of a key file.
        passphrase: of a new key; None for none.
    """

    where: str = NEW
    passphrase: str | None = None

    @property
    def made_here(self) -> bool:
        """Whether the key is made in the key store."""
        return self.where in (NEW, TOKEN)


def principal_of(name: str) -> str:
    """A person's id, made from the name: `Lee Example` is `lee-example`.

    Raises:
        BadInput: nothing of the name can stand in an id.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    if not is_principal(made):
        raise BadInput(f"no id can be made from the name {name}", hint="give one with --as, in small letters: --as lee-example")
    return made


def named(choice: KeyChoice) -> str:
    """How `vault.toml` names the key that was chosen.

    Raises:
        KeyTrouble: the agent holds none, or more than one, and none was named; no such file.
    """
    if choice.made_here:
        return "personal"
    if choice.where == "agent" or choice.where.startswith(keystore.AGENT):
        return keystore.AGENT + _in_agent(choice.where.removeprefix("agent").removeprefix(":")).fingerprint
    path = Path(choice.where).expanduser().absolute()
    ssh.public_key_of(path)
    return str(path)


def _in_agent(fingerprint: str) -> PublicKey:
    held = ssh.agent_keys()
    found = [key for key in held if fingerprint in ("", key.fingerprint)]
    if len(found) == 1:
        return found[0]
    listed = "".join(f"\n  {key.fingerprint}  {key.type}" for key in held)
    if not found:
        raise KeyTrouble(f"the agent does not hold {fingerprint or 'a key that may sign'}", hint="add it with ssh-add")
    raise KeyTrouble(f"the agent holds {len(found)} keys:{listed}", hint="name one: --key agent:SHA256:...")


def make_keys(vault: Vault, choice: KeyChoice, ask: AskPass | None) -> tuple[str, ...]:
    """Make what the key store lacks: the machine's key, and a personal one if it is to be here.

    Returns:
        The names of the keys that were made; those that were there are kept. What a killed command left of a key is
        cleared away.
    """
    files.make_dirs(vault.keys)
    if vault.keys.stat().st_mode & 0o077:
        vault.keys.chmod(0o700)
    keyfiles.clear_stale(vault.keys)
    made = []
    if not (vault.keys / vault.machine_key).exists():
        _fresh(vault.keys / vault.machine_key)
        ssh.generate(vault.keys / vault.machine_key, f"{vault.principal}, this machine", None)
        made.append(vault.machine_key)
    personal = vault.keys / vault.personal_key
    if vault.personal_key == "personal" and not personal.exists():
        _fresh(personal)
        if choice.where == TOKEN:
            from vaultcli.ground.ssh import generate

            if ask is None:
                raise KeyTrouble("a token asks for its PIN, and there is nobody to ask", hint="run this in a terminal")
            generate.on_token(personal, vault.principal, ask)
        else:
            ssh.generate(personal, vault.principal, choice.passphrase)
        made.append("personal")
    return tuple(made)


def asker(choice: KeyChoice, made: tuple[str, ...], ask: AskPass | None) -> AskPass | None:
    """How the passphrase is asked for: of a key that was made a moment ago it is known."""
    words = choice.passphrase
    if words is None or "personal" not in made or choice.where != NEW:
        return ask
    return lambda _: words


def _fresh(path: Path) -> None:
    """Clear away the public half that a killed command left: it is published first, and alone it is nothing."""
    public = path.with_name(f"{path.name}.pub")
    if public.exists() and not path.exists():
        public.unlink()


def personal(vault: Vault) -> KeyFile:
    """The key with which the person signs."""
    return keystore.personal(vault)


def entry(
    vault_id: str, principal: str, kind: str, key: PublicKey, *, by: Signer, now: datetime, policy: bool = False
) -> Entry:
    """A new entry of the signer list, vouched for.

    Args:
        vault_id: the practice's random id.
        principal: whose key it is.
        kind: of `keyring.KINDS`.
        key: the public key.
        by: the key that vouches.
        now: the clock.
        policy: whether the key gets the policy role.
    """
    roles = ("policy",) if policy else ()
    armour = by.sign(keyring.statement(vault_id, principal, kind, roles, key), keyring.NAMESPACE)
    added = now.isoformat(timespec="seconds")
    return Entry(principal, kind, roles, key, added, by.public.fingerprint, armour)
