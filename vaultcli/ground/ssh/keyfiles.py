"""Key files on the disk: which key one holds, whether it has a passphrase, and putting a new one there safely."""

from __future__ import annotations

import binascii
import contextlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground.errors import KeyTrouble
from vaultcli.ground.ssh.sshsig import BadSignature, PublicKey, key_of
from vaultcli.ground.ssh.wire import Reader

_BEGIN = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_END = b"-----END OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"
_LIMIT = 65_536
_STAGING = ".new-key-"


@dataclass(frozen=True)
class KeyFile:
    """A key that signs.

    Args:
        path: a private key file, or a public one (`.pub`) whose other half an agent holds.
    """

    path: Path

    @property
    def needs_agent(self) -> bool:
        """Whether only an agent can sign: the file is a public key, and no private one lies beside it."""
        return self.path.suffix == ".pub" and not self.private.exists()

    @property
    def private(self) -> Path:
        """The private key file: `path`, or what lies beside a public one."""
        return self.path.with_suffix("") if self.path.suffix == ".pub" else self.path


def is_encrypted(path: Path) -> bool:
    """Whether the private key in a file has a passphrase; for a `.pub` file, the private key beside it, if any.

    Raises:
        KeyTrouble: no such file, a file that others may read, or no private key in it.
    """
    if path.suffix == ".pub":
        return path.with_suffix("").exists() and is_encrypted(path.with_suffix(""))
    content = _read_private(path)
    if content.startswith(_BEGIN):
        return _header(content, path)[0] != b"none"
    return b"ENCRYPTED" in content


def public_key_of(path: Path) -> PublicKey:
    """The public key of a key file, private or public, without its passphrase.

    Raises:
        KeyTrouble: no such file, a file that others may read, no key in it, or a key of a kind that may not sign.
    """
    try:
        if path.suffix == ".pub":
            return PublicKey.parse(_read(path).decode("utf-8", "replace"))
        content = _read_private(path)
        if content.startswith(_BEGIN):
            return key_of(_header(content, path)[1])
    except BadSignature as error:
        raise KeyTrouble(
            f"the key {path} cannot be used: {error}", hint="ssh-keygen -t ed25519 makes a good one"
        ) from None
    beside = path.with_name(path.name + ".pub")
    if not beside.exists():
        raise KeyTrouble(
            f"the key {path} is in an old format without its .pub file", hint="ssh-keygen -p -f KEYFILE converts it"
        )
    return public_key_of(beside)


def public_key_in(text: bytes, path: Path) -> PublicKey:
    """The public key of a private key's text in OpenSSH's own form; `path` names it in errors.

    Raises:
        KeyTrouble: it is no such text, or a key of a kind that may not sign.
    """
    try:
        if text.startswith(_BEGIN):
            return key_of(_header(text, path)[1])
    except BadSignature:
        pass
    raise KeyTrouble(f"the key in {path} cannot be read", hint="is it damaged")


def staging(path: Path) -> Path:
    """A new private folder beside `path`, where a key is made before it gets its name.

    Raises:
        KeyTrouble: there is a file of that name already, or no such folder.
    """
    import tempfile

    for name in (path, path.with_name(path.name + ".pub")):
        if os.path.lexists(name):
            raise KeyTrouble(f"there is a file {name} already", hint="choose another name; keys are never overwritten")
    try:
        return Path(tempfile.mkdtemp(prefix=_STAGING, dir=path.parent))
    except OSError as error:
        raise KeyTrouble(f"no key can be made in {path.parent}: {error.strerror}") from None


def publish(made: Path, path: Path) -> PublicKey:
    """Gives a finished key pair its names, public half first, on the disk before this returns; never over a file.

    Raises:
        KeyTrouble: a file of that name has appeared.
    """
    public = public_key_of(made)
    made.chmod(0o600)
    for source, target in ((made.with_name("key.pub"), path.with_name(path.name + ".pub")), (made, path)):
        _sync(source)
        try:
            os.link(source, target)
        except FileExistsError:
            raise KeyTrouble(f"there is a file {target} already", hint="keys are never overwritten") from None
    _sync(path.parent)
    return public


def clear(folder: Path) -> None:
    """Removes the staging folder."""
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def clear_stale(store: Path) -> None:
    """Removes what a killed command left of keys that it was making.

    It may be a whole private key: until the folder goes, it holds a second name of the one that was published last.

    Args:
        store: a folder of keys, in which no other command makes one now.
    """
    for left in store.glob(f"{_STAGING}*"):
        if left.is_dir() and not left.is_symlink():
            # what cannot be removed is met again when a key is made
            with contextlib.suppress(OSError):
                clear(left)


def check_passphrase(passphrase: str) -> None:
    """Raises KeyTrouble for a passphrase that OpenSSH would refuse or cut short."""
    if len(passphrase) < 5 or any(character in passphrase for character in "\r\n\0"):
        raise KeyTrouble("a passphrase has at least 5 characters and no line end", hint="a few words are best")
    if len(passphrase.encode()) > 1000:
        raise KeyTrouble("a passphrase has at most 1000 bytes")


def _header(content: bytes, path: Path) -> tuple[bytes, bytes]:
    """Cipher name and public key blob, which an OpenSSH private key file shows in the clear (`PROTOCOL.key`)."""
    try:
        body = content[len(_BEGIN) : content.index(_END)]
        reader = Reader(binascii.a2b_base64(body))
        magic, cipher = reader.take(len(_MAGIC)), reader.string()
        reader.string(), reader.string(), reader.take(4)
        public = reader.string()
    except (ValueError, binascii.Error):
        raise KeyTrouble(f"the key {path} cannot be read", hint="is it damaged") from None
    if magic != _MAGIC:
        raise KeyTrouble(f"the key {path} cannot be read", hint="is it damaged")
    return cipher, public


def _read_private(path: Path) -> bytes:
    content = _read(path)
    if b"PRIVATE KEY-----" not in content:
        raise KeyTrouble(f"{path} is not a private key", hint="name the file without .pub")
    mode = path.stat().st_mode
    if stat.S_IMODE(mode) & 0o077:
        raise KeyTrouble(f"the key {path} can be read by others", hint=f"chmod 600 {path}")
    return content


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LIMIT)
    except FileNotFoundError:
        raise KeyTrouble(f"there is no key {path}", hint="on a stick that is not plugged in, perhaps") from None
    except OSError as error:
        raise KeyTrouble(f"the key {path} cannot be read: {error.strerror}") from None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
