"""Drawers: one for each client whose psychotherapy notes are kept, and one for each machine's access log."""

from __future__ import annotations

from datetime import datetime

from vaultcli.ground import ids
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import Refused
from vaultcli.places.sealed.store import Store
from vaultcli.record.sealed import admission, paths
from vaultcli.record.sealed.drawer import Drawer, Key


def fresh(store: Store, kind: str, client_id: str, name: str, now: datetime) -> Drawer:
    """A new drawer, not recorded.

    Args:
        store: the sealed files.
        kind: `client` or `log`.
        client_id: the client's id in the register; empty for a log.
        name: the client's.
        now: the clock; only its day is kept.
    """
    secret = age.generate()
    key = Key(secret.recipient, secret.text)
    return Drawer(store.vault, ids.new(), kind, client_id, name, now.date().isoformat(), store.vault, (key,))


def sealed(store: Store, one: Drawer) -> dict[str, bytes]:
    """A drawer's identity, sealed to the epoch in force: path to bytes; its recipients are pinned when it is recorded.

    Raises:
        Refused: the epoch is not the one that this machine has pinned.
    """
    current = store.state.epochs
    if store.pins.epoch != (current.number, current.recipient):
        raise Refused(
            "another epoch is in force than this machine knows; nothing was written",
            hint="`vaultcli psychotherapy verify` says who began it",
        )
    raw = age.seal(one.text, [current.recipient])
    assert not admission.sealed_problem(raw)
    store.expect_drawer(one.token, one.recipients)
    return {paths.identity(one.token): raw}
