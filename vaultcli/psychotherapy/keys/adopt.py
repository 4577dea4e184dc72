"""Taking over the sealed notes on another machine, or after all at home was lost: a clone and a second copy of `epoch.age`.

The page, or a folder from a stick, opens the epoch; the repository's whole history is judged from the first commit that the page
or the user names; this machine's key is admitted by the paper, or waits for another machine and reads meanwhile. Each step is
left out where it was done before, so that an interrupted adoption is completed by repeating it, and a lost key store is made anew
beside a repository that is still there.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.age.seal import Identity
from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble, NotFound, Refused, Unpinned
from vaultcli.ground.git.history import ref_of
from vaultcli.ground.repository import remote as gitremote
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.ssh import generate
from vaultcli.ground.ssh.keyfiles import public_key_of
from vaultcli.places.machine import keystore
from vaultcli.places.remote import hooks
from vaultcli.places.sealed import copies, history, pins, readme, settings
from vaultcli.places.sealed.copies import Copy
from vaultcli.places.sealed.pins import Pins
from vaultcli.places.sealed.settings import CLINICIAN, Settings
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.keys import create, machines, usb_copies
from vaultcli.psychotherapy.unlock import epoch as epoch_file
from vaultcli.psychotherapy.unlock import keys
from vaultcli.psychotherapy.unlock.clinician import Ask, clinician
from vaultcli.psychotherapy.unlock.epoch import open_epoch
from vaultcli.record.message import COMMIT, oid_of, trailer
from vaultcli.record.sealed.admission import BRANCH
from vaultcli.record.sealed.drawer import Epoch
from vaultcli.record.sealed.recovery_page import Page

_FETCHED = "refs/vaultcli/adopting/"
# nothing but the one branch is asked for, and one that is not there is no error of git's
_UNREACHED = "is it the right address, and may you read there? `git ls-remote` tries it"
_SPECS = (f"+refs/heads/seale*:{_FETCHED}heads/seale*", f"+refs/remotes/origin/seale*:{_FETCHED}origin/seale*")


@dataclass(frozen=True)
class Wanted:
    """What is taken over.

    Args:
        root: the vault's folder.
        by: the originator.
        source: a folder, a bundle, or a URL.
        repository: where the sealed files go.
        genesis: the first commit, `sha256:HEX`.
        page: the recovery page; None where `epoch` is given.
        epoch: an `epoch.age`, beside which `clinician.age` lies where it has one.
        identity: `clinician.age`, `ssh:PATH` or `plugin:PATH`.
        keys: the key store; the default place when None.
    """

    root: Path
    by: str
    source: str
    repository: Path
    genesis: str
    page: Page | None = None
    epoch: Path | None = None
    identity: str = CLINICIAN
    keys: Path | None = None


@dataclass
class Adopted:
    """What came of it.

    Args:
        settings: as this machine knows them now.
        commits: how many were judged; 0 where that was done before.
        drawers: how many drawers the keys open.
        admitted: whether this machine may record.
        line: its public key, for `vaultcli keys admit` on another machine.
        made: what was made, a few words each.
    """

    settings: Settings
    commits: int = 0
    drawers: int = 0
    admitted: bool = False
    line: str = ""
    made: list[str] = field(default_factory=list)


def adopt(
    wanted: Wanted,
    now: datetime,
    ask: Ask,
    new_passphrase: Callable[[], str],
    progress: Callable[[str], None] = lambda _: None,
) -> Adopted:
    """Take over the sealed notes.

    Args:
        wanted: what, and with which keys.
        now: the clock.
        ask: asks for the passphrase of an identity that is there.
        new_passphrase: asks, twice, for that of a new `clinician.age`; only with a page.
        progress: receives git's own lines.

    Raises:
        Refused: it is not the repository of that genesis, its history breaks the rules, or the keys belong to another one.
        KeyTrouble: nothing at hand opens the epoch.
        Conflict: the folder holds something else, or the keys are of an epoch that is over.
    """
    _check(wanted)
    known = _settings(wanted)
    create.check_places(known, None)
    done = Adopted(known)
    done.commits = _bring(wanted, known, now, progress)
    with Store(known) as store:
        epoch, identities = _epoch(wanted, known, ask)
        keys.check_epoch(store, epoch)
        settings.put(known)
        files.make_dirs(known.keys)
        machine = create.make_machine_key(known, done.made)
        _place_keys(wanted, done, epoch, identities, ask, new_passphrase, now)
        _pin(store, wanted.genesis, epoch, now)
        done.line = public_key_of(machine.path).line
        done.drawers = len(keys.Keys(store, epoch).drawers())
        _register(wanted, known, epoch, now)
        done.admitted = _admitted(store, wanted.page, done, now)
    hooks.install(known.repository / ".git", hooks.SEALED)
    return done


def _check(wanted: Wanted) -> None:
    if re.fullmatch(COMMIT, wanted.genesis) is None:
        raise BadInput("--genesis is a whole id with its algorithm, as on the recovery page", hint="sha256: and 64 digits")
    if wanted.page is not None and wanted.page.genesis != wanted.genesis:
        raise Refused("the recovery page belongs to other notes than --genesis names")


def _settings(wanted: Wanted) -> Settings:
    before = settings.load(wanted.root) if settings.present(wanted.root) else None
    if before is not None and before.repository.absolute() != wanted.repository.absolute():
        raise Conflict(f"this vault keeps its psychotherapy notes in {before.repository} already")
    folder = wanted.keys or (before.keys if before else _free(wanted))
    return Settings(wanted.root, wanted.repository, folder, wanted.by, wanted.identity)


def _free(wanted: Wanted) -> Path:
    """A key store of a name of its own; by genesis and vault, so that a repetition finds what an interruption left."""
    place = files.digest(str(wanted.root.resolve()).encode())
    return keystore.default_folder(f"psychotherapy-{oid_of(wanted.genesis)[:8]}-{place[:8]}")


# the repository


def _bring(wanted: Wanted, known: Settings, now: datetime, progress: Callable[[str], None]) -> int:
    """Fetch and judge, unless that was done before; the number of commits."""
    there = known.repository.exists() and any(known.repository.iterdir())
    if there and not (known.repository / ".git").is_dir():
        raise Conflict(f"{known.repository} is not empty", hint="adopt into a new folder, or name one with --repository")
    try:
        return _fetch(wanted, known, now, progress)
    except Exception:
        if not there:
            shutil.rmtree(known.repository, ignore_errors=True)
        raise


def _fetch(wanted: Wanted, known: Settings, now: datetime, progress: Callable[[str], None]) -> int:
    genesis = oid_of(wanted.genesis)
    with create.open_or_create(known, wanted.genesis.partition(":")[0]) as repository:
        head = repository.head(BRANCH)
        if head is not None and _is_pinned(repository, genesis):
            return 0
        if head is None:
            gitremote.Remote(repository.git, _source(wanted.source), _UNREACHED).fetch(_SPECS, progress)
            head = _newest(repository, wanted.source)
        oids = _judged(repository, head, genesis, now)
        if repository.head(BRANCH) is None:
            _clear(repository)
            repository.advance(BRANCH, head, expecting=None)
        for ref, oid in repository.git.refs(_FETCHED).items():
            repository.git.update_ref(ref, None, oid)
        return len(oids)


def _clear(repository: Repository) -> None:
    """Take away what stands in the line's place and names no commit: git would not write over it."""
    place = repository.directory / ref_of(BRANCH)
    if place.is_dir() and not any(place.iterdir()):
        place.rmdir()
    elif os.path.lexists(place):
        place.unlink()


def _is_pinned(repository: Repository, genesis: str) -> bool:
    """Whether this copy was taken over before.

    Raises:
        Conflict: it is of other notes.
    """
    try:
        found = pins.find(repository.clone_id)
    except Unpinned:
        return False
    if found.genesis != genesis:
        raise Conflict(f"{repository.path} holds other psychotherapy notes already")
    return True


def _source(text: str) -> str:
    """The source as git gets it; a vault's folder stands for its sealed notes."""
    url = gitremote.address(text, Path.cwd())
    if not gitremote.is_local(url):
        return url
    path = Path(url)
    if not path.exists():
        raise NotFound(f"there is nothing to adopt at {path}", hint="is the disk there?")
    return str(settings.load(path).repository) if settings.present(path) else url


def _newest(repository: Repository, source: str) -> str:
    """The head that came: of the source's own branch, or the one that it tracks."""
    found = repository.git.refs(_FETCHED)
    heads = [oid for ref, oid in found.items() if ref.rpartition("/")[2] == BRANCH]
    if not heads:
        raise Refused(f"{source} holds no psychotherapy notes: it has no branch called {BRANCH}")
    newest = heads[0]
    for oid in heads[1:]:
        newest = oid if repository.git.is_ancestor(newest, oid) else newest
    return newest


def _judged(repository: Repository, head: str, genesis: str, now: datetime) -> list[str]:
    """Every commit, judged from the first one.

    Raises:
        Refused: it begins with another commit, or does not hold.
    """
    oids = repository.git.rev_list(head)
    roots = [oid for oid in oids if not repository.commit(oid).parents]
    if roots != [genesis]:
        raise Refused(
            f"these are other notes: they begin with {trailer(roots[0])}",
            hint="compare --genesis with the recovery page; nothing was kept",
        )
    steps = history.walk(repository, oids, int(now.timestamp()), readme.TEXT, genesis)
    found = [one for step in steps for one in step.findings]
    if found:
        said = "".join(f"\n  {one.text()}" for one in found[:5])
        raise Refused(f"its history does not hold by the rules:{said}", hint="fetch it from a place that you trust more")
    return oids


# the keys


def _epoch(wanted: Wanted, known: Settings, ask: Ask) -> tuple[Epoch, list[Identity]]:
    """The epoch as the paper or the clinician's identity opens it, and that identity where it was used."""
    if wanted.page is not None:
        return epoch_file.opened_by_paper(wanted.page), []
    assert wanted.epoch is not None
    beside = wanted.epoch.with_name(CLINICIAN)
    if wanted.identity != CLINICIAN:
        identities = clinician(known, ask)
    elif beside.is_file():
        identities = age.read_identity_file(beside, lambda _: ask("psychotherapy notes"))
    else:
        hint = "name yours with --identity, or take the recovery page"
        raise KeyTrouble(f"there is no {CLINICIAN} beside {wanted.epoch}", hint=hint)
    return open_epoch(epoch_file.read(wanted.epoch), identities), identities


def _place_keys(
    wanted: Wanted,
    done: Adopted,
    epoch: Epoch,
    identities: list[Identity],
    ask: Ask,
    new_passphrase: Callable[[], str],
    now: datetime,
) -> None:
    """The clinician's identity and `epoch.age` into the key store, each where it is not there."""
    known = done.settings
    own = known.keys / CLINICIAN
    if wanted.page is not None:
        if known.epoch.exists() and (own.exists() or known.identity != CLINICIAN):
            return
        if known.identity == CLINICIAN:
            recipient = create.make_clinician(known, done.made, new_passphrase)
        else:
            identities = clinician(known, ask)
            recipient = epoch_file.clinician_recipient(known, identities)
        fresh = replace(epoch, clinician=recipient, recovery=age.identity(wanted.page.identity).recipient)
        # what is there is sealed to a key that is gone, or cannot be read; it stays beside the new one
        create.put_epoch(known, epoch_file.sealed(fresh), now)
        done.made.append(settings.EPOCH)
        return
    assert wanted.epoch is not None
    if known.identity == CLINICIAN and not own.exists():
        files.create(own, files.read(wanted.epoch.with_name(CLINICIAN)))
        done.made.append(CLINICIAN)
    if not known.epoch.exists():
        files.create(known.epoch, epoch_file.read(wanted.epoch))
        done.made.append(settings.EPOCH)


def _pin(store: Store, genesis: str, epoch: Epoch, now: datetime) -> None:
    try:
        _ = store.pins
    except Unpinned:
        since = now.isoformat(timespec="seconds")
        in_force = epoch.number, epoch.key.recipient
        pins.put(Pins(oid_of(genesis), store.repository.clone_id, "adopt", since, store.head, in_force))


def _register(wanted: Wanted, known: Settings, epoch: Epoch, now: datetime) -> None:
    """What was used is a copy that exists."""
    day = now.date().isoformat()
    if wanted.page is not None:
        copies.register(known, Copy(copies.PAGE, create.PAGE_LABEL, "", epoch.number, day))
    elif wanted.epoch is not None:
        path = wanted.epoch.absolute()
        folder = path.parent.parent if path.parent.name == usb_copies.FOLDER else path.parent
        label = folder.name or "stick"
        copies.register(known, Copy(copies.USB, label, str(path), epoch.number, day, files.digest(files.read(path))))


def _admitted(store: Store, page: Page | None, done: Adopted, now: datetime) -> bool:
    """Let this machine in by the paper; False where another machine has to."""
    ring, key = store.state.signers, machines.parse(done.line)
    entry = ring.by_key(key)
    if entry is not None:
        return not entry.revoked
    paper = ring.by_key(page.key) if page is not None else None
    if page is None or paper is None or paper.revoked:
        return False
    with generate.PaperSigner(page.private, store.settings.keys) as signer:
        machines.admit(store, key, signer, now)
    return True
