"""The recovery page after its first printing: printed anew, given new secrets, tried.

`docs/spec/psychotherapy/keys.md`, rules 6 and 7. The recovery signer's key is on paper only; only it endorses its successor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.age.seal import Identity, Secret
from vaultcli.ground.errors import Conflict, KeyTrouble, Refused
from vaultcli.ground.ssh import generate
from vaultcli.ground.ssh.sign import Signer
from vaultcli.places.sealed import copies, settings
from vaultcli.places.sealed.copies import Copy
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.keys import create, machines, usb_copies
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.notes.files import Opened
from vaultcli.psychotherapy.unlock import epoch as epoch_file
from vaultcli.psychotherapy.unlock import keys
from vaultcli.psychotherapy.unlock.epoch import open_epoch
from vaultcli.psychotherapy.unlock.keys import Keys
from vaultcli.record.message import trailer
from vaultcli.record.sealed import recovery_page
from vaultcli.record.sealed.drawer import CLIENT, Epoch
from vaultcli.record.sealed.recovery_page import Page
from vaultcli.record.sealed.signers import MACHINE, RECOVERY, Signers

_LIMIT = 1 << 20


@dataclass(frozen=True)
class Printed:
    """What was done.

    Args:
        path: of the new page.
        kind: of the key on it: `recovery`, or `machine` where the recovery signer is lost.
        name: of that key among the signers.
        burn: whether an older page is to be burnt.
        updated, stale: sticks that hold the `epoch.age` on it, and those that could not be reached.
    """

    path: Path
    kind: str
    name: str
    burn: bool
    updated: tuple[Copy, ...] = ()
    stale: tuple[Copy, ...] = ()


def read(path: Path) -> Page:
    """The page in a file."""
    return recovery_page.parse(files.read(path, _LIMIT).decode("utf-8", "replace"), str(path))


def check(store: Store, sheet: Page) -> None:
    """Whether a page is of these notes.

    Raises:
        Refused: it is another vault's.
    """
    if sheet.vault != store.vault or sheet.genesis != trailer(store.pins.genesis):
        raise Refused("that page belongs to other psychotherapy notes")


def anew(store: Store, old: Page, path: Path, now: datetime) -> Printed:
    """The same secrets with today's `epoch.age`; whoever has the old page loses nothing, and gains nothing.

    Raises:
        Conflict: another epoch is in force than the page's, so its recovery identity opens nothing any more.
    """
    check(store, old)
    if old.epoch != store.state.epochs.number:
        hint = "the machine that began it printed its page; or `--renew`"
        raise Conflict(f"that page is of epoch {old.epoch}, and epoch {store.state.epochs.number} is in force", hint=hint)
    raw = files.read(store.settings.epoch)
    open_epoch(raw, [age.identity(old.identity)])
    _write(store, replace(old, made=now.date().isoformat(), sealed=raw), path, now)
    return Printed(path, *_key(store.state.signers, old), burn=True)


def first(store: Store, epoch: Epoch, identities: Sequence[Identity], path: Path, now: datetime) -> Printed:
    """A page where there was none: the first recovery signer, endorsed by this machine.

    Raises:
        Refused: there is a recovery signer.
    """
    if any(one.kind == RECOVERY for one in store.state.signers.entries):
        raise Refused(
            "there is a recovery page already, and its secrets are on it alone",
            hint="--old PAGE prints it anew; --old PAGE --renew gives it new secrets; --lost if it is gone",
        )
    with store.machine() as (_, signer):
        done = _fresh(store, epoch, identities, path, now, RECOVERY, signer)
    known = replace(store.settings, single_copy=False)
    if known != store.settings:
        settings.put(known)
    return done


def renewed(store: Store, old: Page, epoch: Epoch, identities: Sequence[Identity], path: Path, now: datetime) -> Printed:
    """New secrets in place of a page that somebody may have seen: a successor, endorsed by the old key, which ends with it.

    Raises:
        Refused: the page's key is not the recovery signer.
    """
    check(store, old)
    entry = store.state.signers.by_key(old.key)
    if entry is None or entry.kind != RECOVERY or entry.revoked:
        raise Refused("the key on that page is not the recovery signer, or no more", hint="--lost makes a page without it")
    with generate.PaperSigner(old.private, path) as signer:
        return replace(_fresh(store, epoch, identities, path, now, RECOVERY, signer, ended=entry.fingerprint), burn=True)


def without(store: Store, epoch: Epoch, identities: Sequence[Identity], path: Path, now: datetime) -> Printed:
    """A page although the old one is lost: it opens every note, and its key admits machines as a machine does."""
    with store.machine() as (_, signer):
        return replace(_fresh(store, epoch, identities, path, now, MACHINE, signer), burn=True)


def _fresh(
    store: Store, epoch: Epoch, identities: Sequence[Identity], path: Path, now: datetime, kind: str, by: Signer, ended: str = ""
) -> Printed:  # fmt: skip
    """A page with new secrets: written, then its key admitted, then `epoch.age` sealed to it."""
    keys.check_epoch(store, epoch)
    create.check_places(store.settings, path)
    if path.exists():
        raise Conflict(f"{path} exists", hint="a page is never overwritten")
    private, secret, day = generate.in_memory(), age.generate(), now.date().isoformat()
    sealed = _resealed(epoch, identities, secret)
    sheet = Page(store.vault, trailer(store.pins.genesis), day, epoch.number, private, secret.text, sealed)
    files.create(path, recovery_page.render(sheet).encode(), mode=0o600)
    ring = store.state.signers
    entry = machines.endorsed(ring, kind, sheet.key, by, day)
    after = ring.with_revocation(ended, day, "replaced") if ended else ring
    store.record(machines.listed(after.with_entry(entry)), now, by=by)
    fresh = usb_copies.Fresh(sealed, replace(epoch, recovery=secret.recipient), identities, usb_copies.proven(store, epoch))
    sticks = usb_copies.update_all(store.settings, fresh, now)
    epoch_file.put(store.settings.epoch, sealed)
    copies.register(store.settings, Copy(copies.PAGE, create.PAGE_LABEL, "", epoch.number, day))
    labels = {one.label for one in sticks}
    stale = tuple(one for one in copies.load(store.settings) if one.kind == copies.USB and one.label not in labels)
    return Printed(path, kind, entry.principal, False, tuple(sticks), stale)


def _resealed(epoch: Epoch, identities: Sequence[Identity], secret: Secret) -> bytes:
    """The epoch sealed to the clinician and the new page; both were tried."""
    fresh = replace(epoch, recovery=secret.recipient)
    sealed = epoch_file.sealed(fresh)
    for opener in (list(identities), [secret.identity]):
        if open_epoch(sealed, opener) != fresh:
            raise KeyTrouble("what was sealed does not open as it should; nothing was written")
    return sealed


def _write(store: Store, sheet: Page, path: Path, now: datetime) -> None:
    create.check_places(store.settings, path)
    files.create(path, recovery_page.render(sheet).encode(), mode=0o600)
    copies.register(store.settings, Copy(copies.PAGE, create.PAGE_LABEL, "", sheet.epoch, now.date().isoformat()))


def _key(ring: Signers, sheet: Page) -> tuple[str, str]:
    """Kind and name of the page's key; empty where it may do nothing."""
    entry = ring.by_key(sheet.key)
    return ("", "") if entry is None or entry.revoked else (entry.kind, entry.principal)


@dataclass(frozen=True)
class Tried:
    """What a page could do.

    Args:
        epoch: that it opened.
        drawers: how many drawers it opened.
        note: the file that was opened and whose signature holds; None where no note is kept yet.
        kind: of its key among the signers; empty where it is not admitted.
    """

    epoch: int
    drawers: int
    note: Opened | None
    kind: str


def tried(store: Store, sheet: Page, now: datetime) -> Tried:
    """Open the newest note of some client with the paper and the repository alone.

    Raises:
        KeyTrouble, BadInput, Conflict: it does not.
    """
    store.refuse_doubts(now)
    check(store, sheet)
    opener = Keys(store, epoch_file.opened_by_paper(sheet))
    known = [one for one in opener.drawers().values() if one.kind == CLIENT]
    places = [(one, at) for one in known for at in store.files(one.token)]
    note = notes.checked(notes.read(store, opener, *places[-1])) if places else None
    day = now.date().isoformat()
    copies.register(store.settings, Copy(copies.PAGE, create.PAGE_LABEL, "", sheet.epoch, day))
    return Tried(sheet.epoch, len(known), note, _key(store.state.signers, sheet)[0])


