"""Beginning the sealed notes: keys, first commit, recovery page, epoch file, pin, branch; in an order that a kill cannot harm.

Until the branch stands there is nothing. Repeated with the same page, an interrupted beginning is completed from the page, which
names the first commit and holds `epoch.age`; without a page it begins anew. It does so only where all says that nothing was kept
(`places/sealed/remains`), and an `epoch.age` that is there stays, under a dated name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.age import seal as age
from vaultcli.ground.age.seal import Secret
from vaultcli.ground.errors import BadInput, Conflict, Refused
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.objects import Ident
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.ssh import generate
from vaultcli.ground.ssh import sign as ssh
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sign import Signer
from vaultcli.places.machine import keystore
from vaultcli.places.remote import hooks
from vaultcli.places.sealed import copies, pins, readme, remains, settings
from vaultcli.places.sealed.copies import Copy
from vaultcli.places.sealed.pins import Pins
from vaultcli.places.sealed.settings import Settings
from vaultcli.places.sealed.store import LAYOUT, day_of
from vaultcli.psychotherapy.keys import usb_copies
from vaultcli.psychotherapy.unlock import epoch as epoch_file
from vaultcli.psychotherapy.unlock.clinician import PLUGIN, SSH, Ask, clinician
from vaultcli.psychotherapy.unlock.epoch import open_epoch
from vaultcli.record.message import oid_of, trailer
from vaultcli.record.sealed import (
    admission,
    epochs,
    paths,
    signers,
)
from vaultcli.record.sealed import recovery_page as page
from vaultcli.record.sealed.drawer import Epoch, Key
from vaultcli.record.sealed.recovery_page import Page
from vaultcli.record.sealed.signers import Entry, Signers

PAGE_LABEL = "recovery page"


@dataclass(frozen=True)
class Wanted:
    """What the user chose.

    Args:
        root: the vault's folder.
        by: the originator, name and credentials.
        repository: where the sealed files go.
        page: the file for the recovery page; None for none.
        copy: a folder on a stick for the second copy, and what it is called; None for none. Without both
            it is a single copy.
        identity: `clinician.age`, `ssh:PATH` or `plugin:PATH`.
        recipient: the public half of an adopted SSH or plugin identity.
        keys: the key store; the default place when None.
        object_format: `sha256` or `sha1`.
    """

    root: Path
    by: str
    repository: Path
    page: Path | None
    identity: str = settings.CLINICIAN
    recipient: str = ""
    keys: Path | None = None
    object_format: str = "sha256"
    copy: tuple[Path, str] | None = None


@dataclass
class Founded:
    """What was made, a few words each."""

    settings: Settings
    genesis: str = ""
    made: list[str] = field(default_factory=list)


def is_founded(known: Settings) -> bool:
    """Whether the repository has its first commit."""
    directory = known.repository / ".git"
    if not directory.is_dir() or "vaultcli.clone" not in gitconfig.read_settings(directory).values:
        return False
    with Repository.open(known.repository, LAYOUT) as repository:
        return repository.head(admission.BRANCH) is not None


def refuse_begun(known: Settings) -> None:
    """Stop before any question, and before anything is written, where notes were begun.

    Raises:
        Conflict: they are there, or something says that they were.
    """
    if is_founded(known):
        raise Conflict("this vault keeps psychotherapy notes already", hint="`vaultcli keys copies` says where epoch.age is")
    remains.refuse_beginning(known)


def put_epoch(known: Settings, sealed: bytes, now: datetime) -> None:
    """Make a file this machine's `epoch.age`; another one that is there stays beside it, under a name with the day."""
    if files.digest_of(known.epoch) != files.digest(sealed):
        remains.put_aside(known.epoch, now.date().isoformat())
        epoch_file.put(known.epoch, sealed)


def found(wanted: Wanted, now: datetime, new_passphrase: Callable[[], str], ask: Ask | None = None) -> Founded:
    """Begin the sealed notes of a vault, or complete what was interrupted.

    Args:
        wanted: the answers.
        now: the clock.
        new_passphrase: asks, twice, for the passphrase of a new `clinician.age`.
        ask: asks for the passphrase of an adopted identity, which is tried before anything rests on it; not tried where None.

    Raises:
        Conflict: they are there already, something says that they were, or the page's file is.
        Refused: the repository or the key store would lie where it must not.
    """
    known = _settings(wanted)
    refuse_begun(known)
    check_places(known, wanted.page)
    if wanted.copy is not None:
        usb_copies.check_place(known, wanted.copy[0])
    begun = _begun_page(wanted.page)
    done = Founded(known)
    adopted = clinician(known, ask) if ask and known.identity.startswith((SSH, PLUGIN)) else []
    _write_settings(known, done)
    machine = make_machine_key(known, done.made)
    recipient = wanted.recipient or (
        epoch_file.clinician_recipient(known, adopted) if adopted else make_clinician(known, done.made, new_passphrase)
    )
    with open_or_create(known, wanted.object_format) as repository:
        if begun is None or repository.objects.find(oid_of(begun.genesis)) is None:
            begun = None
            oid, sealed = _first(repository, wanted, machine, recipient, now)
        else:
            oid, sealed = oid_of(begun.genesis), begun.sealed
        if adopted:
            open_epoch(sealed, adopted)
        put_epoch(known, sealed, now)
        done.made.append(settings.EPOCH)
        if wanted.copy is not None:
            _copy(known, *wanted.copy, sealed, now)
            done.made.append(f"copy {wanted.copy[1]}")
        if wanted.page is not None:
            copies.register(known, Copy(copies.PAGE, PAGE_LABEL, "", 1, now.date().isoformat()))
        _pin(repository, oid, now)
        repository.advance(admission.BRANCH, oid, expecting=None)
    done.settings = replace(known, beginning=False)
    settings.put(done.settings)
    hooks.install(known.repository / ".git", hooks.SEALED)
    done.genesis = trailer(oid)
    done.made.append("first commit")
    return done


def planned(root: Path, by: str, repository: Path, keys: Path | None) -> Settings:
    """The settings with which a beginning starts, or goes on where it was cut short.

    Args:
        root: the vault's folder.
        by: the originator.
        repository: where the sealed files go.
        keys: the key store; the one that is begun, or a new one, when None.
    """
    before = settings.load(root) if settings.present(root) else None
    folder = keys or (before.keys if before else keystore.default_folder(ids.new()))
    return Settings(root=root, repository=repository, keys=folder, by=by, beginning=True)


def _settings(wanted: Wanted) -> Settings:
    known = planned(wanted.root, wanted.by, wanted.repository, wanted.keys)
    return replace(known, identity=wanted.identity, single_copy=wanted.page is None and wanted.copy is None)


def _copy(known: Settings, folder: Path, label: str, sealed: bytes, now: datetime) -> None:
    """The second copy, on its stick before there is a first commit; registered first, so that a repetition knows it."""
    path = usb_copies.check_place(known, folder)
    registered = {one.path for one in copies.load(known)}
    if path.exists() and str(path) not in registered:
        raise Conflict(f"{path} is there already", hint="another folder: a copy is never written over another vault's")
    begun = Copy(copies.USB, label, str(path), 0, now.date().isoformat())
    copies.register(known, begun)
    files.make_dirs(path.parent)
    if files.digest_of(path) != files.digest(sealed):
        remains.put_aside(path, now.date().isoformat())
    usb_copies.write(known, begun, sealed, 1, now)


def check_places(known: Settings, sheet: Path | None) -> None:
    """Sealed files, their keys and the page stay apart from each other and from the chart.

    Raises:
        Refused: they would not.
        BadInput: the page's folder is not there.
    """
    from vaultcli.places.machine import vault as vaults

    chart = vaults.load(known.root)
    repository, store = known.repository.resolve(), known.keys.resolve()
    for inner, outer, what in (
        (store, repository, "the key store would lie inside the repository"),
        (store, chart.root.resolve(), "the key store would lie inside the vault"),
        (store, chart.keys.resolve(), "the key store would lie inside the chart's"),
        (repository, chart.chart.resolve(), "the repository would lie inside the chart"),
        (repository, store, "the repository would lie inside the key store"),
    ):
        if inner.is_relative_to(outer):
            raise Refused(what, hint="psychotherapy notes, their keys and the chart are kept apart")
    if sheet is not None:
        for folder in (repository, store, chart.root.resolve()):
            if sheet.resolve().is_relative_to(folder):
                hint = "a stick, or a folder that you print from"
                raise Refused(f"the recovery page {sheet} would lie inside {folder}", hint=hint)
        if not sheet.parent.is_dir():
            raise BadInput(f"there is no folder {sheet.parent} for the recovery page", hint="is the stick plugged in?")


def _begun_page(path: Path | None) -> Page | None:
    if path is None or not path.exists():
        return None
    try:
        return page.parse(files.read(path, 1 << 20).decode("utf-8", "replace"), str(path))
    except BadInput as error:
        raise Conflict(f"{path} exists and is no page of these notes", hint="a page is never overwritten") from error


def _write_settings(known: Settings, done: Founded) -> None:
    # the folder first: settings without their key store mean that its disk is away
    files.make_dirs(known.keys)
    settings.put(known)
    done.made.append(settings.NAME)


def make_machine_key(known: Settings, made: list[str]) -> KeyFile:
    """This machine's key; made where it is not there."""
    path = known.keys / known.machine_key
    if not path.exists():
        # a key that a kill cut short has its public half alone, which nobody has admitted anywhere
        path.with_name(f"{path.name}.pub").unlink(missing_ok=True)
        ssh.generate(path, "", None)
        made.append("machine key")
    return KeyFile(path)


def make_clinician(known: Settings, made: list[str], new_passphrase: Callable[[], str]) -> str:
    """Make `clinician.age` where it is not there; its recipient."""
    path = known.keys / known.identity
    passphrase = new_passphrase()
    if path.exists():
        return clinician(known, lambda _: passphrase)[0].recipient
    secret = age.generate()
    files.create(path, age.seal_with_passphrase(identity_text(secret), passphrase))
    made.append(known.identity)
    return secret.recipient


def identity_text(secret: Secret) -> bytes:
    """An identity file as `age-keygen` writes it, without a date."""
    return f"# public key: {secret.recipient}\n{secret.text}\n".encode()


def open_or_create(known: Settings, object_format: str) -> Repository:
    """The repository, made or completed where it is not whole."""
    directory = known.repository / ".git"
    if directory.is_dir() and "vaultcli.clone" in gitconfig.read_settings(directory).values:
        return Repository.open(known.repository, LAYOUT)
    return Repository.create(known.repository, LAYOUT, object_format=object_format)


def _first(repository: Repository, wanted: Wanted, machine: KeyFile, recipient: str, now: datetime) -> tuple[str, bytes]:
    """Store the first commit and write the page; the commit's id and the bytes of `epoch.age`."""
    vault, secret, day = ids.new(), age.generate(), now.date().isoformat()
    paper = (generate.in_memory(), age.generate()) if wanted.page else None
    epoch = Epoch(vault, 1, Key(secret.recipient, secret.text), recipient, paper[1].recipient if paper else "")
    sealed = epoch_file.sealed(epoch)
    with Signer(machine) as signer:
        entries = [self_endorsed(vault, signers.MACHINE, signer, day)]
        if paper and wanted.page:
            with generate.PaperSigner(paper[0], wanted.page) as recovery:
                entries.append(self_endorsed(vault, signers.RECOVERY, recovery, day))
        ring = Signers(vault, tuple(entries))
        epoch_list = epochs.Epochs((epochs.Epoch(secret.recipient, day),))
        changes = {
            paths.README: readme.TEXT,
            paths.ATTRIBUTES: admission.ATTRIBUTES,
            paths.SIGNERS: ring.raw,
            paths.ALLOWED: ring.allowed,
            paths.EPOCHS: epoch_list.raw,
        }
        oid = repository.root(
            changes,
            message=admission.MESSAGE,
            ident=Ident(*admission.IDENT),
            when=day_of(now),
            sign=lambda payload: signer.sign(payload, "git"),
        )
    if paper and wanted.page:
        sheet = Page(vault, trailer(oid), day, 1, paper[0], paper[1].text, sealed)
        files.create(wanted.page, page.render(sheet).encode(), mode=0o600)
    return oid, sealed


def self_endorsed(vault: str, kind: str, signer: Signer, day: str) -> Entry:
    """An entry of the first commit, whose key vouches for itself."""
    principal = signers.new_principal(kind)
    text = signers.statement(vault, principal, kind, signer.public)
    armour = signer.sign(text, signers.NAMESPACE)
    return Entry(principal, kind, signer.public, day, signer.public.fingerprint, armour)


def _pin(repository: Repository, oid: str, now: datetime) -> None:
    """Pin the first commit; what an interrupted beginning pinned before is forgotten."""
    folder = pins.path(oid, repository.clone_id).parent.parent
    for stale in folder.glob(f"*/{repository.clone_id}.json"):
        stale.unlink()
    found = epochs.parse(repository.read(oid, paths.EPOCHS) or b"")
    since = now.isoformat(timespec="seconds")
    pins.put(Pins(oid, repository.clone_id, "init", since, oid, (found.number, found.recipient)))
