"""Destroying one client's psychotherapy notes: the keys go, the files stay and open for nobody.

`docs/spec/psychotherapy/destruction.md`; the order of writes is its rule 3. `destroy` makes the commit, `go_on` does what
follows, again and again until nothing is left to do: after a kill, when a stick comes back, when the user confirms a place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import BadInput, Conflict, NotFound, Refused, VaultError
from vaultcli.ground.ssh import sshsig
from vaultcli.ground.ssh.sign import Signer
from vaultcli.ground.ssh.sshsig import BadSignature
from vaultcli.places.sealed import copies, destructions
from vaultcli.places.sealed.copies import Copy
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.handover import destination
from vaultcli.psychotherapy.keys import create, usb_copies
from vaultcli.psychotherapy.keys.usb_copies import spread
from vaultcli.psychotherapy.notes import recovery_copies
from vaultcli.psychotherapy.unlock import agent, epoch_switch
from vaultcli.psychotherapy.unlock import epoch as epoch_file
from vaultcli.psychotherapy.unlock.keys import Keys, check_epoch
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.message import trailer
from vaultcli.record.notes.hold import Free
from vaultcli.record.sealed import (
    destruction,
    epochs,
    header,
    paths,
    signers,
)
from vaultcli.record.sealed import recovery_page as page
from vaultcli.record.sealed.destruction import Destruction
from vaultcli.record.sealed.drawer import Epoch, Key
from vaultcli.record.sealed.recovery_page import Page
from vaultcli.record.sealed.signers import Entry

Open = Callable[[bytes], Epoch]
"""Opens an `epoch.age` with the clinician's own identity."""


@dataclass(frozen=True)
class Wanted:
    """What the user asked for.

    Args:
        known: the drawer.
        free: that no hold forbids it; `work.people.holds` gives it.
        certificate: where the certificate goes; must not exist.
        page: where the new recovery page goes; None for none.
        old_page: the page so far, whose recovery signer the new one carries on; None for none.
        shares: the hand-overs that were made of this drawer, as certificates name them.
    """

    known: Known
    free: Free
    certificate: Path
    page: Path | None = None
    old_page: Page | None = None
    shares: tuple[str, ...] = ()


@dataclass
class Step:
    """What `go_on` did or could not do.

    Args:
        rows: the destructions as they are now.
        replaced: labels of the places that hold the new epoch's file since.
        written: certificates that were written.
        trouble: why a certificate could not be written.
    """

    rows: list[Destruction] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)


def check(store: Store, wanted: Wanted) -> None:
    """Whether everything that destroying needs is at hand; nothing is written.

    Raises:
        Refused, Conflict, BadInput: a place does not do; no other copy would remain; or the old page is not this vault's.
    """
    settings, old = store.settings, wanted.old_page
    destination.check(settings, wanted.certificate, "the certificate")
    destination.check(settings, _signature_of(wanted.certificate), "the certificate's signature")
    if wanted.page is None:
        reachable = [one for one in copies.load(settings) if one.kind == copies.USB and copies.path_of(one)]
        if not reachable and not settings.single_copy:
            hint = "`--page FILE --old-page FILE`, or plug in a stick that `vaultcli keys copies` lists"
            raise Refused("after this no second copy of epoch.age would exist", hint=hint)
        return
    create.check_places(settings, wanted.page)
    if old is None:
        hint = "the recovery signer's key stands on it and nowhere else; without it, leave out --page"
        raise Refused("the new recovery page is made from the old one: --old-page FILE", hint=hint)
    if (old.vault, old.genesis) != (store.vault, trailer(store.pins.genesis)):
        raise BadInput("the old recovery page is of another vault")
    signer = store.state.signers.by_key(old.key)
    if signer is None or signer.kind != signers.RECOVERY or signer.revoked:
        raise BadInput("the key on the old recovery page is no recovery signer of this vault, or was revoked")


def destroy(store: Store, keys: Keys, open_: Open, wanted: Wanted, now: datetime, entry: Entry, signer: Signer) -> Destruction:
    """Begin the epoch in which the drawer opens for nobody, and put its file in this machine's place.

    `go_on` does the rest. Interrupted before the commit, nothing has happened; repeated with the same page, its secrets are used.

    Args:
        store: the sealed files.
        keys: unlocked, for the epoch that ends.
        open_: proves that the clinician will open the new one.
        wanted: see there; `check` was called.
        now: the clock.
        entry: this machine among the signers.
        signer: its key.

    Raises:
        BadInput: what was sealed does not open again; nothing was recorded.
        Conflict: the page's file is there and is of something else, or somebody is writing a note.
    """
    # one turn: a drawer that somebody else begins or changes in between would be sealed to the epoch that ends
    with store.repository.lock():
        return _destroy(store, keys, open_, wanted, now, entry, signer)


def _destroy(store: Store, keys: Keys, open_: Open, wanted: Wanted, now: datetime, entry: Entry, signer: Signer) -> Destruction:
    recovery_copies.settled(store, now)
    check_epoch(store, keys.epoch)
    if wanted.known.token not in store.drawers():
        raise NotFound("there is no such drawer, or it was destroyed already")
    epoch, sealed = _coming(store, keys, wanted, now)
    if open_(sealed) != epoch:
        raise BadInput("the new epoch.age does not open with your identity; nothing was changed")
    changes = _sealed_over(store, keys, epoch, wanted.known.token)
    begun = epochs.Epoch(epoch.key.recipient, now.date().isoformat(), (wanted.known.token,))
    changes[paths.EPOCHS] = store.state.epochs.with_epoch(begun).raw
    row = _row(store, wanted, epoch, now, entry)
    epoch_switch.lay(store.settings, epoch, sealed)
    destructions.register(store.settings, row)
    store.record(changes, now, by=signer)
    epoch_switch.take(store, sealed, epoch)
    return row


def _coming(store: Store, keys: Keys, wanted: Wanted, now: datetime) -> tuple[Epoch, bytes]:
    """The new epoch and its file; from the page that an interrupted command left, else made, with its page."""
    number = store.state.epochs.number + 1
    if wanted.page is not None and wanted.page.exists():
        return _begun(store, keys, wanted.page, number)
    secret = age.generate()
    paper = age.generate() if wanted.page else None
    key = Key(secret.recipient, secret.text)
    epoch = Epoch(store.vault, number, key, keys.epoch.clinician, paper.recipient if paper else "")
    sealed = epoch_file.sealed(epoch)
    epoch_switch.lay(store.settings, epoch, sealed)
    if wanted.page is not None and wanted.old_page is not None and paper is not None:
        old = wanted.old_page
        sheet = Page(store.vault, old.genesis, now.date().isoformat(), number, old.private, paper.text, sealed)
        files.create(wanted.page, page.render(sheet).encode())
    return epoch, sealed


def _begun(store: Store, keys: Keys, place: Path, number: int) -> tuple[Epoch, bytes]:
    try:
        sheet = page.parse(files.read(place, 1 << 20).decode("utf-8", "replace"), str(place))
        epoch = epoch_file.opened_by_paper(sheet)
    except VaultError as error:
        raise Conflict(f"{place} exists and is no page of these notes", hint="a page is never overwritten") from error
    if (epoch.vault, epoch.number, epoch.clinician) != (store.vault, number, keys.epoch.clinician):
        raise Conflict(f"{place} exists and is of another epoch", hint="a page is never overwritten")
    return epoch, sheet.sealed


def _sealed_over(store: Store, keys: Keys, epoch: Epoch, destroyed: str) -> dict[str, bytes]:
    """Every surviving drawer's identity for the new epoch, each opened again and compared: path to bytes."""
    identity, passed = age.identity(epoch.key.secret), {destroyed, *keys.unready()}
    if identity.recipient != epoch.key.recipient:
        raise BadInput("the new epoch names another recipient than its identity has")
    changes = {}
    for token in store.drawers():
        if token in passed:
            continue
        text = keys.drawer(token).text
        raw = age.seal(text, [epoch.key.recipient])
        if age.open_(raw, [identity]) != text:
            raise BadInput(f"the drawer {token} does not open in the new epoch; nothing was recorded")
        changes[paths.identity(token)] = raw
    return changes


def _row(store: Store, wanted: Wanted, epoch: Epoch, now: datetime, entry: Entry) -> Destruction:
    settings = store.settings
    others = (one for one in store.state.signers.entries if one.kind == signers.MACHINE and one.principal != entry.principal)
    machines = [one.principal for one in others if not one.revoked or one.reason in ("lost", "compromised")]
    known = [f"{one.kind} {one.label}" for one in copies.behind(settings, epoch.number)]
    places = [f"machine {entry.principal}", *known, *(f"machine {one}" for one in machines)]
    if wanted.page is not None:
        copies.register(settings, Copy(copies.PAGE, f"recovery page {epoch.number}", "", epoch.number, now.date().isoformat()))
    return Destruction(
        token=wanted.known.token,
        epoch=epoch.number,
        made=now.isoformat(timespec="seconds"),
        certificate=str(wanted.certificate.resolve()),
        places=tuple(dict.fromkeys(places)),
        shares=wanted.shares,
    )


# what follows


def _happened(store: Store) -> list[Destruction]:
    return [one for one in destructions.load(store.settings) if one.token in store.state.epochs.destroyed]


def go_on(store: Store, now: datetime, entry: Entry, signer: Signer, certificate: Path | None = None) -> Step:
    """Do what is left of every destruction, as far as it can be done now.

    Args:
        store: the sealed files; this machine's `epoch.age` is of the epoch in force (`Keys.unlock` saw to that).
        now: the clock.
        entry: this machine among the signers.
        signer: its key.
        certificate: where one that is due goes; where it was said to go before when left out.
    """
    step, settings = Step(), store.settings
    rows = _happened(store)
    if rows and store.pins.epoch[0] == store.state.epochs.number:
        step.replaced = spread(settings, store.state.epochs.number, now)
        usb_copies.sweep(settings)
    for row in rows:
        step.rows.append(_one(store, row, now, entry, signer, step, certificate))
    return step


def _one(
    store: Store, row: Destruction, now: datetime, entry: Entry, signer: Signer, step: Step, certificate: Path | None
) -> Destruction:
    sticks = {one.label for one in copies.load(store.settings) if one.kind == copies.USB and one.epoch >= row.epoch}
    own = set[str]()
    if store.pins.epoch[0] >= row.epoch and (entry.principal in row.replaced or _nobody_knows(store, step)):
        own = {entry.principal}
    there = {label for _, _, label in (place.partition(" ") for place in row.places)}
    moved = replace(row, replaced=tuple(sorted({*row.replaced, *(there & (sticks | own))})))
    if not row.certificates:
        recovery_copies.forget(store, row.token)
    if not row.certificates or moved.state != row.state:
        moved = _certified(store, moved, now, entry, signer, step, certificate)
    if moved != row:
        destructions.register(store.settings, moved)
    return moved


def _nobody_knows(store: Store, step: Step) -> bool:
    """Whether no agent has the old epoch in its memory; where one has, this machine stays pending on the certificate."""
    try:
        agent.forget(store)
    except VaultError as error:
        step.trouble.append(f"this machine stays pending: {error.message}; {error.hint}")
        return False
    return True


def confirm(store: Store, label: str, now: datetime, entry: Entry, signer: Signer, certificate: Path | None = None) -> Step:
    """Write down that a place keeps no older epoch, as the user declares, and the next certificates.

    Args:
        store: the sealed files.
        label: of the place.
        now: the clock.
        entry: this machine among the signers.
        signer: its key.
        certificate: where the next one goes; beside the one before when left out.

    Raises:
        NotFound: no place of that label is pending.
    """
    step = go_on(store, now, entry, signer)
    waiting = [row for row in step.rows if label in (one.label for one in row.pending)]
    if not waiting:
        raise NotFound(f"no pending place is called {label}", hint="`vaultcli psychotherapy destroy --status` lists them")
    for row in waiting:
        moved = row.with_confirmed(label, now.date().isoformat())
        # the declaration first: a certificate that could not be written can be written later
        destructions.register(store.settings, moved)
        moved = _certified(store, moved, now, entry, signer, step, certificate)
        destructions.register(store.settings, moved)
        step.rows[step.rows.index(row)] = moved
    for copy in copies.behind(store.settings, store.state.epochs.number):
        if copy.label == label:
            copies.forget(store.settings, label)
    return step


def _certified(
    store: Store, row: Destruction, now: datetime, entry: Entry, signer: Signer, step: Step, certificate: Path | None = None
) -> Destruction:
    """Write the next certificate of a destruction; what prevents it is told in `step`, and the row stays as it is."""
    first = Path(row.certificate)
    number = row.certificates + 1
    place = certificate or (first if number == 1 else first.with_name(f"{first.stem}-{number}{first.suffix}"))
    text = row.certificate_text(store.vault, entry.principal, now.isoformat(timespec="seconds"))
    try:
        if not _is_ours(place, row.token, number, signer):
            destination.check(store.settings, place, "the certificate")
            # the signature first: a text without one is what a kill must not leave
            files.put(_signature_of(place), signer.sign(text, header.NAMESPACE).encode())
            files.create(place, text)
    except VaultError as error:
        step.trouble.append(f"the certificate could not be written: {error.message}")
        return row
    step.written.append(place)
    return replace(row, certificates=number)


def _is_ours(place: Path, token: str, number: int, signer: Signer) -> bool:
    """Whether the certificate of that number is there already: a killed command wrote it and could not write that down."""
    try:
        text = files.read(place, 1 << 20)
        made = sshsig.verify(files.read(_signature_of(place), 1 << 16).decode("utf-8", "replace"), text, header.NAMESPACE)
    except (VaultError, BadSignature):
        return False
    begins = f"{destruction.CERTIFICATE} = 1\nnumber = {number}\n".encode()
    return made.key.blob == signer.public.blob and text.startswith(begins) and f'token = "{token}"\n'.encode() in text


def _signature_of(place: Path) -> Path:
    return place.with_name(place.name + ".sig")
