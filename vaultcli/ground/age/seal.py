"""Encryption and decryption with age, whole files in memory only; the one module that calls pyrage.

Nothing here writes. A header is read before any key is tried (`ageheader`), plaintext is released only when all of it is
authenticated, and an error never carries what pyrage said, which may quote its input.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vaultcli.ground.age import header as ageheader
from vaultcli.ground.errors import BadInput, KeyTrouble

if TYPE_CHECKING:
    from pathlib import Path

    from pyrage import plugin as _plugin
    from pyrage import ssh as _ssh
    from pyrage import x25519 as _x25519

    Recipient = _x25519.Recipient | _ssh.Recipient | _plugin.RecipientPluginV1

_TRIES = 4
_USUAL = 18
"""The work factor of stock age. pyrage takes one by how long a small piece of work lasts at that moment, so that a machine
that is held up for some hundredths of a second makes it too low, or finds a good file's too high."""
_HELD_UP = "Excessive work"
"""How pyrage says so; what a header asks for was judged before (`header.WORK_FACTOR`)."""


@dataclass(frozen=True)
class Identity:
    """What opens age files; never shown, never compared by its text.

    Args:
        recipient: the public half, `age1...`, where it is known; empty for SSH keys and plugins.
        opener: pyrage's object.
    """

    recipient: str
    opener: Any

    def __repr__(self) -> str:
        return f"Identity({self.recipient or 'unnamed'})"


@dataclass(frozen=True)
class Secret:
    """An age identity with its text, for a file that is about to be sealed.

    Args:
        text: `AGE-SECRET-KEY-1...`.
        recipient: `age1...`.
    """

    text: str
    recipient: str

    def __repr__(self) -> str:
        return f"Secret({self.recipient})"

    @property
    def identity(self) -> Identity:
        """To open with."""
        return identity(self.text)


def generate() -> Secret:
    """A new identity."""
    from pyrage import x25519

    made = x25519.Identity.generate()
    return Secret(str(made), str(made.to_public()))


def identity(text: str) -> Identity:
    """The identity of one `AGE-SECRET-KEY-1...`.

    Raises:
        BadInput: it is none.
    """
    from pyrage import IdentityError, x25519

    try:
        opener = x25519.Identity.from_str(text)
    except (IdentityError, ValueError):
        raise BadInput("not an age identity") from None
    return Identity(str(opener.to_public()), opener)


def identities(text: str) -> list[Identity]:
    """Every identity of an identity file: one a line, with comments and blank lines between them.

    Raises:
        BadInput: a line is none, or there is none.
    """
    lines = [line.strip() for line in text.splitlines()]
    found = [identity(line) for line in lines if line and not line.startswith("#")]
    if not found:
        raise BadInput("the file holds no age identity")
    return found


def ssh_identity(private: bytes) -> Identity:
    """The identity of an OpenSSH private key without passphrase (Ed25519 or RSA).

    Raises:
        KeyTrouble: age cannot use it.
    """
    from pyrage import IdentityError, ssh

    try:
        return Identity("", ssh.Identity.from_buffer(private))
    except (IdentityError, ValueError):
        raise KeyTrouble("age cannot use this SSH key", hint="it uses Ed25519 and RSA keys") from None


def plugin_identity(lines: Iterable[str], ask: Callable[[str], str | None], tell: Callable[[str], None]) -> Identity:
    """The identity of a hardware token or another program, `AGE-PLUGIN-NAME-1...`.

    Args:
        lines: of an identity file.
        ask: asks the user for a passphrase or PIN.
        tell: shows a message such as "touch the token".

    Raises:
        KeyTrouble: the line is none, or the plugin is not installed.
    """
    from pyrage import plugin

    wanted = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    try:
        known = [plugin.Identity.from_str(line) for line in wanted]
        opener = plugin.IdentityPluginV1(known[0].plugin(), known, _Callbacks(ask, tell))
    except Exception:  # noqa: BLE001 - pyrage raises classes without a common base
        raise KeyTrouble("the age plugin's identity cannot be used", hint="is age-plugin-NAME on the PATH?") from None
    return Identity("", opener)


class _Callbacks:
    """What an age plugin may ask of the user."""

    def __init__(self, ask: Callable[[str], str | None], tell: Callable[[str], None]) -> None:
        self._ask, self._tell = ask, tell

    def display_message(self, message: str) -> None:
        self._tell(message)

    def confirm(self, message: str, yes_string: str, no_string: str | None) -> bool | None:
        """No plugin is answered but by a passphrase."""
        return None

    def request_public_string(self, description: str) -> str | None:
        """No plugin is answered but by a passphrase."""
        return None

    def request_passphrase(self, description: str) -> str | None:
        return self._ask(description)


def recipient(text: str) -> Recipient:
    """What pyrage seals to: an age (`age1...`) or SSH (`ssh-ed25519 ...`, `ssh-rsa ...`) public key.

    Raises:
        BadInput: it is neither.
    """
    from pyrage import RecipientError, plugin, ssh, x25519

    text = text.strip()
    try:
        if text.startswith("ssh-"):
            return ssh.Recipient.from_str(text)
        try:
            return x25519.Recipient.from_str(text)
        except RecipientError:
            known = plugin.Recipient.from_str(text)
            return plugin.RecipientPluginV1(known.plugin(), [known], [], _Callbacks(lambda _: None, lambda _: None))
    except Exception:  # noqa: BLE001 - pyrage raises classes without a common base
        raise BadInput("not an age or SSH public key that age can use") from None


def seal(data: bytes, recipients: Sequence[str]) -> bytes:
    """Seal to public keys; what comes out was read again as far as that needs no secret.

    Args:
        data: all of it.
        recipients: `age1...` or SSH public keys; at least one.

    Raises:
        BadInput: one cannot be used; nothing is sealed to the others alone.
    """
    import pyrage

    if not recipients:
        raise BadInput("nothing is sealed to nobody")
    sealed = pyrage.encrypt(data, [recipient(one) for one in recipients])
    header = ageheader.read(sealed)
    if len(header.recipients) != len(recipients) or header.plaintext != len(data):
        raise BadInput("age did not seal to the recipients that were asked for")
    return sealed


def open_(raw: bytes, with_: Sequence[Identity]) -> bytes:
    """Open an age file; the whole plaintext or none.

    Raises:
        BadInput: it is no age file, or a damaged one.
        KeyTrouble: none of the identities opens it.
    """
    import pyrage

    header = ageheader.read(raw)
    if any(one.type == ageheader.SCRYPT for one in header.stanzas):
        raise KeyTrouble("the file is sealed with a passphrase, not to a key")
    try:
        return pyrage.decrypt(raw, [one.opener for one in with_])
    except Exception as error:  # noqa: BLE001 - pyrage raises classes without a common base
        if "No matching keys" in str(error):
            raise KeyTrouble("none of the keys at hand opens it") from None
        raise BadInput("the age file is damaged") from None


def seal_with_passphrase(data: bytes, passphrase: str) -> bytes:
    """Seal under a passphrase, as `age -p` does.

    A work factor below that of stock age is asked for again, and the highest of some tries is taken.

    Raises:
        KeyTrouble: the passphrase is empty, or age chose a work factor that we should not read again.
    """
    import pyrage

    if not passphrase:
        raise KeyTrouble("the passphrase is empty")
    best, highest = b"", 0
    for _ in range(_TRIES):
        sealed = pyrage.passphrase.encrypt(data, normal(passphrase))
        try:
            (stanza,) = ageheader.read(sealed).stanzas
        except BadInput:
            continue
        if (factor := int(stanza.arguments[1])) > highest:
            best, highest = sealed, factor
        if highest >= _USUAL:
            break
    if not best:
        raise KeyTrouble("age chose a work factor that is too high to be read again", hint="try once more")
    return best


def open_with_passphrase(raw: bytes, passphrase: str) -> bytes:
    """Open what is sealed under a passphrase.

    Raises:
        BadInput: it is no such file, asks for too much work, or is damaged.
        KeyTrouble: the passphrase is wrong, or the machine is too busy.
    """
    header = ageheader.read(raw)
    if [one.type for one in header.recipients] != [ageheader.SCRYPT]:
        raise BadInput("the age file is not sealed with a passphrase")
    opened = tried(raw, normal(passphrase))
    if opened is None:
        raise KeyTrouble("the passphrase is wrong, or the file is damaged")
    return opened


def tried(raw: bytes, passphrase: str) -> bytes | None:
    """What a passphrase opens, taken as it is given; None where it opens nothing.

    Raises:
        KeyTrouble: the machine is too busy.
    """
    import pyrage

    for _ in range(_TRIES):
        try:
            return pyrage.passphrase.decrypt(raw, passphrase)
        except Exception as error:  # noqa: BLE001 - pyrage raises classes without a common base
            if _HELD_UP not in str(error):
                return None
    raise KeyTrouble("the machine is too busy to open what is sealed with a passphrase", hint="try once more")


def normal(passphrase: str) -> str:
    """A passphrase in the form in which it is used (Unicode NFC), so that two keyboards agree."""
    return unicodedata.normalize("NFC", passphrase)


def is_armoured(raw: bytes) -> bool:
    """Whether the file is age's text form."""
    return raw.lstrip(b" \t\r\n").startswith(ageheader.ARMOUR)


def read_identity_file(path: Path, ask: Callable[[str], str]) -> list[Identity]:
    """The identities of a file, which may be sealed with a passphrase.

    Args:
        path: the file.
        ask: asks for its passphrase.

    Raises:
        BadInput, KeyTrouble: see `open_with_passphrase` and `identities`.
    """
    from vaultcli.ground import files

    return opened_identities(files.read(path), path, ask)


def opened_identities(raw: bytes, path: Path, ask: Callable[[str], str]) -> list[Identity]:
    """The identities in the bytes of such a file; arguments and errors of `read_identity_file`."""
    if raw.startswith(ageheader.MAGIC) or is_armoured(raw):
        raw = open_with_passphrase(raw, ask(f"passphrase of {path.name}"))
    try:
        return identities(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not an age identity file") from None
