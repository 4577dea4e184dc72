"""`epoch.age` as a file: sealed to whom it names, opened by the clinician or by the paper, and held against the repository.

`docs/spec/psychotherapy/keys.md`, rule 2. An age file does not tell to whom it is sealed, so the text in it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.age import header as ageheader
from vaultcli.ground.age import seal as age
from vaultcli.ground.age.seal import Identity
from vaultcli.ground.errors import BadInput, KeyTrouble
from vaultcli.ground.ssh import keyfiles
from vaultcli.places.sealed.settings import Settings
from vaultcli.psychotherapy.unlock.clinician import PLUGIN, SSH
from vaultcli.record.sealed import drawer
from vaultcli.record.sealed.drawer import Epoch
from vaultcli.record.sealed.recovery_page import Page

LIMIT = 64 * 1024
"""Bytes of an `epoch.age`; ours has about one thousand."""
_COMMENTS = ("# recipient:", "#    recipient:", "# public key:", "#    public key:")


def sealed(epoch: Epoch) -> bytes:
    """The file's bytes.

    Raises:
        BadInput: the text names nobody that it could be sealed to.
    """
    return age.seal(epoch.text, epoch.recipients)


def read(path: Path) -> bytes:
    """The bytes of such a file from anywhere; whether it opens is another question.

    Raises:
        BadInput: too long, or no binary age file.
    """
    raw = files.read(path, LIMIT)
    try:
        ageheader.read(raw)
    except BadInput as error:
        raise BadInput(f"{path}: {error.message}") from None
    return raw


def put(path: Path, data: bytes) -> None:
    """Write a key file, its name durable too: the order in which the files of a key change is what keeps every note openable."""
    files.put(path, data)
    files.fsync_dir(path.parent)


def open_epoch(raw: bytes, with_: list[Identity]) -> Epoch:
    """What an `epoch.age` holds.

    Raises:
        KeyTrouble: none of the identities opens it.
        BadInput: it is none.
    """
    epoch = drawer.parse_epoch(age.open_(raw, with_))
    if age.identity(epoch.key.secret).recipient != epoch.key.recipient:
        raise BadInput("epoch.age names another recipient than its identity has")
    return epoch


def opened_by_paper(page: Page) -> Epoch:
    """What a recovery page holds, by nothing but the page.

    Raises:
        KeyTrouble: the page does not open itself.
        BadInput: what it holds is no epoch, or another than its lines name.
    """
    epoch = open_epoch(page.sealed, [age.identity(page.identity)])
    if (epoch.vault, epoch.number) != (page.vault, page.epoch):
        raise BadInput("the page's lines name another vault or epoch than the epoch.age on it")
    return epoch


def clinician_recipient(settings: Settings, identities: Sequence[Identity]) -> str:
    """The public half of the clinician's identity: of `clinician.age` itself, of the SSH key, or as the plugin's file says.

    Raises:
        KeyTrouble: a plugin's identity file does not name its recipient.
    """
    named = settings.identity
    if named.startswith(SSH):
        return keyfiles.public_key_of(Path(named.removeprefix(SSH)).expanduser()).line
    if not named.startswith(PLUGIN):
        return identities[0].recipient
    path = Path(named.removeprefix(PLUGIN)).expanduser()
    for line in files.read(path, LIMIT).decode("utf-8", "replace").splitlines():
        for comment in _COMMENTS:
            if line.lower().startswith(comment):
                return line[len(comment) :].strip()
    raise KeyTrouble(f"{path} does not name its recipient", hint="add the line that the plugin printed: # recipient: age1...")
