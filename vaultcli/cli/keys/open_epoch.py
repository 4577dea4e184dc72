"""What the commands that care for the keys need: the epoch and the clinician's identities, after one passphrase."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultcli.ground.age.seal import Identity
    from vaultcli.places.sealed.copies import Copy
    from vaultcli.places.sealed.store import Store
    from vaultcli.psychotherapy.unlock.opener import Opener
    from vaultcli.record.sealed.drawer import Epoch


def unlocked(store: Store) -> tuple[Epoch, list[Identity]]:
    """What `epoch.age` holds, and what opened it."""
    from vaultcli.psychotherapy.unlock import epoch, epoch_switch
    from vaultcli.psychotherapy.unlock.epoch import open_epoch

    found = identities(store)
    epoch_switch.settle(store, lambda raw: open_epoch(raw, found))
    return open_epoch(epoch.read(store.settings.epoch), found), found


def identities(store: Store) -> list[Identity]:
    """The clinician's identities; an interrupted rotation is told."""
    from vaultcli.places.sealed.settings import CLINICIAN
    from vaultcli.psychotherapy.unlock.clinician import clinician

    found = clinician(store.settings, open_store.ask, terminal.warn)
    if store.settings.identity == CLINICIAN and len(found) > 1:
        terminal.warn("a rotation was interrupted: repeat `vaultcli keys rotate`")
    return found


def tell_sticks(updated: Sequence[Copy], stale: Sequence[Copy]) -> None:
    """Which sticks hold the new file, and which the old one."""
    for one in updated:
        terminal.say(terminal.escape(f"copy {one.label} brought up to date", keep=""))
    for one in stale:
        terminal.warn(terminal.escape(f"copy {one.label} could not be reached and is stale: {one.path}", keep=""))
    if stale:
        terminal.warn("plug it in and run `vaultcli keys copies check --update`")


def log(store: Store, opener: Opener, event: str, now: datetime, why: str = "") -> None:
    """Write an act of key care into the access log; where it cannot be, that is told."""
    from vaultcli.cli.psychotherapy.desk import GUEST
    from vaultcli.ground.errors import KeyTrouble
    from vaultcli.psychotherapy.notes import access_log

    try:
        if not access_log.keep(store, opener, event, now, why=why):
            terminal.warn(GUEST)
    except KeyTrouble as error:
        terminal.warn(f"not in the access log: {error.message}")
