"""What was opened on a machine that nobody has let in yet: sealed events that wait in the state folder.

`docs/spec/psychotherapy/sealed-file.md`, rule 13. Such a machine can record nothing, so it has no access log. It reads all the
same: whoever kept a clone and the second copy of `epoch.age` alone may have no other machine left. Once it is let in, its events
become the first ones of its log.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import VaultError
from vaultcli.places.machine import state
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.unlock.keys import Keys
from vaultcli.psychotherapy.unlock.opener import Opener
from vaultcli.record.sealed import logline
from vaultcli.record.sealed.logline import Event


def is_guest(store: Store) -> bool:
    """Whether this machine's key was never let in; one that was revoked is no guest.

    Raises:
        KeyTrouble: this machine's key is not there.
    """
    with store.signer() as signer:
        return store.state.signers.by_key(signer.public) is None


def keep(store: Store, event: Event) -> None:
    """Seal one event; returns when it is durable. The caller holds the log's turn.

    Args:
        store: the sealed files.
        event: what happens; its number is set here.
    """
    path = _place(store)
    before = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    # to the epoch that this machine has opened: one that came by sync alone is not believed
    raw = age.seal(replace(event, n=len(before) + 1).line.encode(), [store.pins.epoch[1]])
    files.make_dirs(path.parent)
    files.put(path, "".join(f"{line}\n" for line in [*before, base64.b64encode(raw).decode()]).encode())
    files.fsync_dir(path.parent)


def waiting(store: Store, opener: Opener) -> list[Event]:
    """The events that wait, oldest first; none while only an agent is there, which opens drawers and nothing else."""
    path = _place(store)
    if not path.exists() or not isinstance(opener, Keys):
        return []
    return [event for line in path.read_text(encoding="ascii").splitlines() for event in _opened(opener, line)]


def forget(store: Store) -> None:
    """They are in the log now."""
    _place(store).unlink(missing_ok=True)


def _opened(keys: Keys, line: str) -> list[Event]:
    """The event of a line; none where it was tampered with, or sealed to an epoch that is over."""
    try:
        raw = base64.b64decode(line, validate=True)
        return logline.parse(age.open_(raw, [age.identity(keys.epoch.key.secret)]))
    except (VaultError, binascii.Error):
        return []


def _place(store: Store) -> Path:
    return state.folder("access-log") / store.repository.clone_id / "guest"
