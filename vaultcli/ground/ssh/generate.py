"""Keys that are made for a purpose: one that is only ever on paper, and one that lives in a FIDO token."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vaultcli.ground.errors import KeyTrouble
from vaultcli.ground.ssh import keyfiles
from vaultcli.ground.ssh.askpass import AskPass, Channel, private_folder
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sign import (
    Agent,
    Signer,
    _environment,
    _last_line,
    _Route,
    _start,
)
from vaultcli.ground.ssh.sshsig import PublicKey

if TYPE_CHECKING:
    from subprocess import Popen


def in_memory() -> bytes:
    """The text of a new Ed25519 private key in OpenSSH's form, without passphrase, on no disk."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )


class PaperSigner(Signer):
    """A signer whose private key is given as text: an agent of our own holds it, and no disk.

    Args:
        text: the private key in OpenSSH's form, without passphrase.
        source: where it was read from, for messages.

    Raises:
        KeyTrouble: it is no such key.
    """

    def __init__(self, text: bytes, source: Path) -> None:
        self.key = KeyFile(source)
        self.public = keyfiles.public_key_in(text, source)
        self._source = source
        self._text = text
        self._ask: AskPass | None = None
        self._answers: dict[str, str] = {}
        self._agent: Agent | None = None
        self._route: _Route | None = None
        self._waiting: tuple[str, Popen[bytes]] | None = None
        self._locked = False
        self._made: dict[tuple[str, bytes], str] = {}

    @property
    def _waits(self) -> bool:
        return False

    def _find_route(self) -> _Route:
        self._agent = Agent(KeyFile(self._source), None, self._text)
        self._agent.public_file.write_text(f"{self.public.line}\n", encoding="ascii")
        self.key = KeyFile(self._agent.public_file)
        return _Route(self._agent.socket, asks=False)


def on_token(path: Path, comment: str, ask: AskPass) -> PublicKey:
    """A new Ed25519 key inside the FIDO token that is plugged in; `path` gets the handle, which is useless without it.

    Args:
        path: where the handle goes; its folder exists.
        comment: words in the public key file.
        ask: asks for the token's PIN; the person touches the token meanwhile.

    Raises:
        KeyTrouble: no token, no touch, a wrong PIN, an OpenSSH without tokens, or a file of that name.
    """
    folder = keyfiles.staging(path)
    try:
        command = ["ssh-keygen", "-q", "-t", "ed25519-sk", "-f", str(folder / "key"), "-C", comment, "-N", ""]
        with Channel(private_folder(), own=True) as channel:
            process = _start(command, _environment(token=True) | channel.environment)
            _, stderr, _ = channel.converse(process, b"", ask, answers=2)
        if process.returncode != 0 or not (folder / "key").exists():
            raise KeyTrouble("no key was made in a token: is it plugged in, and was it touched", hint=_last_line(stderr))
        return keyfiles.publish(folder / "key", path)
    finally:
        keyfiles.clear(folder)
