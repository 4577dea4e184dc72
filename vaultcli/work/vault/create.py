"""Making a vault: keys, recovery page, first commit, pin. Repeatable: what is there is kept, what is missing is made.

The order makes every interruption harmless: settings, keys, repository; then the first commit as an object that no
branch leads to; then the recovery page, which names it; then the pin; and last the branch. Until the branch stands
there is no vault, and whoever repeats the command with the same page completes it without another signature.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble, Refused
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git import plumbing
from vaultcli.ground.git.objects import Ident
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.ssh import generate, sshsig
from vaultcli.ground.ssh.askpass import AskPass
from vaultcli.ground.ssh.sign import Signer
from vaultcli.ground.ssh.sshsig import BadSignature
from vaultcli.places.chart import policy as policies
from vaultcli.places.chart.chart import LAYOUT, refuse
from vaultcli.places.machine import keystore, pins, settings
from vaultcli.places.machine.vault import NAME, Vault, load
from vaultcli.places.remote import hooks
from vaultcli.record import message as messages
from vaultcli.record.history.line import BRANCH
from vaultcli.record.paper import recovery_page
from vaultcli.record.paper.recovery_page import RecoveryPage
from vaultcli.record.practice import practice as practices
from vaultcli.record.practice.keyring import RECOVERY, Keyring
from vaultcli.record.practice.practice import Person, Practice
from vaultcli.work.people import keys as people_keys
from vaultcli.work.people.keys import KeyChoice
from vaultcli.work.vault import begun

FOUNDER_ROLES = ("clinician", "supervisor", "custodian")
_PAGE_LIMIT = 1 << 20
_NEW_PAGE = "name a new file: a page is never overwritten"


@dataclass(frozen=True)
class Founder:
    """The answers to the four questions, and what follows from options.

    Args:
        name: as it will stand in signatures.
        credentials: likewise.
        practice: the practice's name.
        page: the file that the recovery page goes into.
        key: where the personal key comes from.
        principal: the person's id.
        keys: the key store; the default place when None.
        object_format: `sha256` or `sha1`.
    """

    name: str
    credentials: str
    practice: str
    page: Path
    key: KeyChoice
    principal: str
    keys: Path | None = None
    object_format: str = "sha256"


@dataclass
class Founded:
    """What `found` made, and what was there.

    Attributes:
        vault: as this machine knows it.
        genesis: the first commit, `sha256:HEX`.
        made: each piece that was made, in a few words; `kept` likewise.
        hooks: hooks of somebody else's that were left alone.
    """

    vault: Vault
    genesis: str = ""
    made: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    hooks: tuple[str, ...] = ()

    def note(self, piece: str, *, new: bool) -> None:
        """Remember a piece."""
        (self.made if new else self.kept).append(piece)


def existing(root: Path) -> Vault | None:
    """The vault that an earlier `init` began or finished in this folder, or None."""
    return load(root) if (root / NAME).is_file() else None


def is_founded(vault: Vault) -> bool:
    """Whether the vault has its first commit."""
    if not (vault.chart / ".git").is_dir() or "vaultcli.clone" not in gitconfig.read_settings(vault.chart / ".git").values:
        return False
    with Repository.open(vault.chart, LAYOUT) as repository:
        return repository.head(BRANCH) is not None


def found(root: Path, founder: Founder, now: datetime, ask: AskPass | None) -> Founded:
    """Make a vault, or complete one that was interrupted while being made.

    Args:
        root: the vault's folder, absolute; made when missing.
        founder: the answers.
        now: the clock.
        ask: asks for the personal key's passphrase.

    Raises:
        Refused: the page or the key store would lie inside the vault, or the folder holds something else.
        KeyTrouble: the personal key cannot be used.
        Conflict: the page's file is there and is another vault's, or a vault was begun here and cannot be read.
    """
    plumbing.version()
    before = existing(root)
    vault = _settings(root, founder, before)
    # an interrupted `init` may have left a part of either; the page's holds a secret
    for file in (root / NAME, founder.page):
        files.clear_stale(file, 0)
    done = Founded(vault)
    if before is not None and is_founded(before):
        return complete(done, now)
    begun.refuse(root, vault.chart)
    _check_places(root, vault, founder.page)
    page = _page(founder.page)
    if page is not None and not vault.chart.exists():
        raise Conflict(f"{founder.page} is the recovery page of another vault", hint=_NEW_PAGE)
    _write_settings(vault, before, done)
    for key in (vault.machine_key, "personal"):
        done.kept += [f"key {key}"] if (vault.keys / key).exists() else []
    keys = people_keys.make_keys(vault, founder.key, ask)
    done.made += [f"key {key}" for key in keys]
    ask = people_keys.asker(founder.key, keys, ask)
    fresh = not (vault.chart / ".git").exists()
    with _repository(vault, founder.object_format) as repository:
        done.note("chart", new=fresh)
        oid = _begun(repository, vault, page, founder.page) if page else None
        if oid is None:
            oid = _first_commit(repository, founder, vault, now, ask)
        done.note(f"recovery page {founder.page}", new=page is None)
        _pin(repository, oid, now)
        repository.advance(BRANCH, oid, expecting=None)
    done.made.append("first commit")
    return complete(done, now)


def complete(done: Founded, now: datetime) -> Founded:
    """What comes after the first commit: the pin if it was lost on the way, hooks, and the user's list of vaults."""
    vault = done.vault
    with Repository.open(vault.chart, LAYOUT) as repository:
        repository.recover()
        first = repository.history(BRANCH)[0]
        done.genesis = messages.trailer(first.oid)
        if not pins.find(repository.clone_id) and _is_own_beginning(repository, vault):
            _pin(repository, first.oid, now)
            done.made.append("pin")
        if repository.keep_objects():
            done.made.append("git's setting to delete nothing")
    installed = hooks.install(vault.chart / ".git", hooks.CHART)
    done.hooks = installed.foreign
    done.note("hooks", new=bool(installed.written))
    settings.add_vault(vault.root)
    return done


def _is_own_beginning(repository: Repository, vault: Vault) -> bool:
    """Whether the whole record is one commit that the personal key of this machine signed: then it is the one made here."""
    lines = repository.lines()
    commits = repository.history(BRANCH)
    if set(lines) != {BRANCH} or len(commits) != 1 or commits[0].signature is None:
        return False
    try:
        signed = sshsig.verify(commits[0].signature, commits[0].payload, "git")
        return signed.key == keystore.public(keystore.personal(vault))
    except (BadSignature, KeyTrouble):
        return False


def _settings(root: Path, founder: Founder, before: Vault | None) -> Vault:
    if before is not None and is_founded(before):
        return before
    keys = founder.keys or (before.keys if before else keystore.default_folder(ids.new()))
    return Vault(root, root / "chart", keys, founder.principal, personal_key=people_keys.named(founder.key))


def _write_settings(vault: Vault, before: Vault | None, done: Founded) -> None:
    path, text = vault.root / NAME, vault.text().encode()
    files.make_dirs(vault.root)
    if before is None:
        files.create(path, text)
    elif before != vault:
        files.replace(path, text, expecting=files.digest_of(path))
    done.note(NAME, new=before != vault)


def _check_places(root: Path, vault: Vault, page: Path) -> None:
    """Secrets stay apart from the record, which is copied and synced."""
    top = root.resolve()
    if vault.keys.resolve().is_relative_to(top):
        raise Refused(f"the key store {vault.keys} would lie inside the vault", hint="keys never travel with the record")
    for folder, what in ((top, "the vault"), (vault.keys.resolve(), "the key store")):
        if page.resolve().is_relative_to(folder):
            raise Refused(
                f"the recovery page {page} would lie inside {what}",
                hint="it is for the day when both are lost: a stick, or a folder that you print from",
            )
    known = {NAME, "chart"}
    strange = sorted(p.name for p in root.iterdir() if p.name not in known) if root.is_dir() else []
    if strange and not (root / NAME).exists():
        raise Refused(f"{root} is not empty: {strange[0]} is there", hint="name a new folder: vaultcli init DIR")


def _page(path: Path) -> RecoveryPage | None:
    """The page that an interrupted `init` wrote, if there is one.

    Raises:
        Conflict: the file is there and is something else.
    """
    if not path.parent.is_dir():
        raise BadInput(f"there is no folder {path.parent} for the recovery page", hint="is the stick plugged in?")
    if not path.exists():
        return None
    try:
        return recovery_page.parse(files.read(path, _PAGE_LIMIT).decode("utf-8", "replace"), str(path))
    except BadInput as error:
        raise Conflict(f"{path} exists and is no recovery page of this vault", hint="name a new file") from error


@contextmanager
def _repository(vault: Vault, object_format: str) -> Iterator[Repository]:
    directory = vault.chart / ".git"
    if directory.is_dir() and "vaultcli.clone" in gitconfig.read_settings(directory).values:
        repository = Repository.open(vault.chart, LAYOUT)
    else:
        repository = Repository.create(vault.chart, LAYOUT, object_format=object_format)
    with repository:
        yield repository


def _begun(repository: Repository, vault: Vault, page: RecoveryPage, path: Path) -> str:
    """The first commit that an interrupted `init` stored and wrote the page for.

    Raises:
        Conflict: the page belongs to another vault.
    """
    oid = messages.oid_of(page.genesis)
    if repository.objects.find(oid) is None:
        raise Conflict(f"{path} is the recovery page of another vault", hint=_NEW_PAGE)
    commit = repository.commit(oid)
    signed = sshsig.verify(commit.signature or "", commit.payload, "git")
    if signed.key != keystore.public(keystore.personal(vault)):
        raise Conflict(f"{path} names a first commit that another key signed", hint="name a new file")
    return oid


def _first_commit(repository: Repository, founder: Founder, vault: Vault, now: datetime, ask: AskPass | None) -> str:
    """Store the first commit, signed by the founder, and write the recovery page that names it."""
    vault_id = vault.keys.name if ids.is_id(vault.keys.name) else ids.new()
    person = Person(founder.principal, founder.name, founder.credentials, FOUNDER_ROLES, now.date().isoformat())
    practice = Practice(vault_id, founder.practice, (person,))
    secret = generate.in_memory()
    ident = Ident(person.name, person.id)
    with Signer(people_keys.personal(vault), ask) as personal, generate.PaperSigner(secret, founder.page) as recovery:
        ring = _ring(vault, practice, person, personal, recovery, now)
        changes = policies.genesis(practices.render(practice), ring)
        judged = policies.judge(repository, changes, ident, personal.public, now)
        refuse(judged.found)
        oid = repository.root(
            changes, message=judged.message, ident=ident, when=judged.when, sign=lambda text: personal.sign(text, "git")
        )
    page = RecoveryPage(founder.practice, vault_id, messages.trailer(oid), now.date().isoformat(), secret)
    files.create(founder.page, recovery_page.render(page).encode(), mode=0o600)
    return oid


def _ring(vault: Vault, practice: Practice, person: Person, personal: Signer, recovery: Signer, now: datetime) -> Keyring:
    machine = keystore.public(keystore.machine(vault))
    rows = (
        (person.id, "personal", personal.public, personal, True),
        (person.id, "machine", machine, personal, False),
        (RECOVERY, "recovery", recovery.public, recovery, True),
    )
    ring = Keyring(())
    for principal, kind, key, by, policy in rows:
        ring = ring.with_entry(people_keys.entry(practice.vault, principal, kind, key, by=by, now=now, policy=policy))
    return ring


def _pin(repository: Repository, oid: str, now: datetime) -> None:
    """Pin the first commit; what an interrupted beginning pinned before is forgotten."""
    for stale in pins.find(repository.clone_id):
        if stale.genesis != oid:
            pins.path(stale.genesis, stale.clone).unlink(missing_ok=True)
    if pins.load(oid, repository.clone_id) is None:
        pins.create(oid, repository.clone_id, {BRANCH: oid}, how=pins.INIT, now=now)
