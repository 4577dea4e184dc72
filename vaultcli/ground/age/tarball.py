"""Files sealed to age recipients as one tar, and opened again; streamed, so that the size does not matter.

`age -d -i KEY FILE | tar x` does the same (https://age-encryption.org/v1). The tar holds regular files with plain names.
"""

from __future__ import annotations

import contextlib
import os
import re
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import Any

from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import BadInput, DiskTrouble, KeyTrouble, NotFound
from vaultcli.ground.ssh.askpass import AskPass

_LIMIT = 1 << 20
_NO_NAME = re.compile(r'[<>:"\\|?*]')
_SEALED = (b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----")


def check_recipients(words: Sequence[str]) -> None:
    """Refuse what no file can be sealed to.

    Args:
        words: `age1...`, or an `ssh-ed25519` or `ssh-rsa` public key in one line.

    Raises:
        BadInput: one cannot be used.
    """
    for word in words:
        _recipient(word)


def _recipient(word: str) -> Any:  # noqa: ANN401 - pyrage has no types
    import pyrage

    try:
        if word.startswith("ssh-"):
            return pyrage.ssh.Recipient.from_str(word)
        return pyrage.x25519.Recipient.from_str(word)
    except pyrage.RecipientError as error:
        shown = word[:24] if word.isprintable() else "it"
        hint = "age1..., or an ssh-ed25519 or ssh-rsa public key"
        raise BadInput(f"{shown} is no recipient that a file can be sealed to: {error}", hint=hint) from None


def identities(path: Path, ask: AskPass | None) -> list[Any]:
    """The identities in a file: age's own, one that a passphrase protects (`age -p`), or an OpenSSH private key.

    Raises:
        KeyTrouble: there is none in it, or the passphrase is wrong or cannot be asked for.
    """
    import pyrage

    raw = files.read(path, _LIMIT)
    if raw.startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----"):
        return [_ssh(path, raw, ask)]
    if raw.startswith(_SEALED):
        opened = age.tried(raw, _asked(path, ask))
        if opened is None:
            raise KeyTrouble(f"that is not the passphrase of {path}")
        raw = opened
    lines = [line.strip() for line in raw.decode("utf-8", "replace").splitlines()]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-1")]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise KeyTrouble(f"{path} holds no identity that opens sealed files", hint="an age identity, or an OpenSSH private key")
    return found


def _ssh(path: Path, raw: bytes, ask: AskPass | None) -> Any:  # noqa: ANN401
    import pyrage
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as forms

    try:
        words = None
        with contextlib.suppress(ValueError, TypeError):
            key = forms.load_ssh_private_key(raw, None)
            words = b""
        if words is None:
            key = forms.load_ssh_private_key(raw, _asked(path, ask).encode())
        plain = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.OpenSSH, forms.NoEncryption())
        return pyrage.ssh.Identity.from_buffer(plain)
    except UnsupportedAlgorithm:
        hint = f"`age -d -i {path} content.tar.age | tar x` opens it, and what comes out can be restored"
        raise KeyTrouble(f"{path} is protected in a way that is not known here", hint=hint) from None
    except (ValueError, TypeError, pyrage.IdentityError):
        raise KeyTrouble(f"{path} cannot be used: a wrong passphrase, or a kind of key that opens no sealed files") from None


def _asked(path: Path, ask: AskPass | None) -> str:
    if ask is None:
        raise KeyTrouble(f"{path} is protected by a passphrase, and nobody can be asked", hint="run it at a terminal")
    return ask(f"passphrase of {path}")


def seal(contents: Mapping[str, Path], target: Path, recipients: Sequence[str]) -> None:
    """Write a new sealed file (0600), durably.

    Args:
        contents: name in the tar to the file that holds its bytes.
        target: the new file; a part of it stays where this raises.
        recipients: as in `check_recipients`.

    Raises:
        DiskTrouble: it could not be written, or a file could not be read.
    """
    import pyrage

    keys = [_recipient(word) for word in recipients]

    def pour(stream: BufferedIOBase) -> None:
        with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for name, path in sorted(contents.items()):
                info = tarfile.TarInfo(_checked(name))
                info.size, info.mode = path.stat().st_size, 0o600
                with path.open("rb") as source:
                    tar.addfile(info, source)

    with files.trouble(target, "write"):
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as out, _piped(pour) as source:
            try:
                pyrage.encrypt_io(source, out, keys)
            except pyrage.EncryptError as error:
                raise DiskTrouble(f"cannot write {target}: {error}") from error
    files.sync_file(target)


def unseal(source: Path, folder: Path, opened_by: Sequence[Any]) -> None:
    """Open a sealed file into an empty folder; what is there when this raises is to be thrown away.

    Args:
        source: the sealed file.
        folder: an empty folder.
        opened_by: from `identities`.

    Raises:
        KeyTrouble: none of them opens it.
        BadInput: it is damaged, or holds what no backup holds.
    """
    import pyrage

    wrong: list[Exception] = []

    def pour(stream: BufferedIOBase) -> None:
        try:
            with source.open("rb") as sealed:
                pyrage.decrypt_io(sealed, stream, list(opened_by))
        except pyrage.DecryptError as error:
            wrong.append(error)

    try:
        with _piped(pour) as stream:
            try:
                _extract(stream, folder)
            finally:
                while stream.read(1 << 20):
                    pass
    except (tarfile.TarError, EOFError) as error:
        wrong.append(error)
    if wrong:
        if "no matching keys" in str(wrong[0]).lower():
            raise KeyTrouble(f"no identity that was given opens {source}")
        raise BadInput(f"{source} is damaged: it cannot be opened to its end")


def _extract(stream: BufferedIOBase, folder: Path) -> None:
    """The files of a tar, written by ourselves: nothing but regular files, nowhere but in the folder."""
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for info in tar:
            data = tar.extractfile(info) if info.isreg() else None
            if data is None:
                raise BadInput(f"there is something in it that is no file: {info.name[:80]!r}")
            path = folder / _checked(info.name)
            files.make_dirs(path.parent)
            with files.trouble(path, "write"), path.open("xb") as out:
                while part := data.read(1 << 20):
                    out.write(part)


def _checked(name: str) -> str:
    if not is_plain(name):
        raise BadInput(f"this is no name of a file in a backup: {name[:80]!r}")
    return name


def is_plain(name: str) -> bool:
    """Whether a relative path is one that every disk can hold, and that leads nowhere else."""
    parts = PurePosixPath(name).parts
    if not 0 < len(parts) <= 12 or "/".join(parts) != name or not name.isprintable() or _NO_NAME.search(name):
        return False
    return all(part not in (".", "..", "/") and len(part.encode()) <= 200 and part == part.strip(" ") for part in parts)


@contextlib.contextmanager
def _piped(pour: Callable[[BufferedIOBase], None]) -> Iterator[BufferedIOBase]:
    """What a function writes, as a stream to read; it works in a thread of its own, and its errors come out here."""
    failed: list[BaseException] = []
    out, into = os.pipe()

    def run() -> None:
        with os.fdopen(into, "wb") as stream:
            try:
                pour(stream)
            except BrokenPipeError:
                pass
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
                failed.append(error)
            with contextlib.suppress(OSError):
                stream.flush()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with os.fdopen(out, "rb") as stream:
            yield stream
    finally:
        thread.join()
    if failed:
        raise failed[0]


def is_sealed(path: Path) -> bool:
    """Whether a file begins as age's files do."""
    try:
        with path.open("rb") as stream:
            return stream.read(64).startswith(_SEALED)
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
