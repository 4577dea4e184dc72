"""Vaults with psychotherapy notes for tests: made by the program's own founding, with an identity that costs no time to open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests import shelf, vaults
from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.places.sealed.settings import Settings
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.keys import create
from vaultcli.psychotherapy.notes import drawers
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.notes.files import Opened
from vaultcli.psychotherapy.unlock.keys import Keys, known_of
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.sealed import drawer, header

PASSPHRASE = "correct horse battery staple"


@dataclass
class SealedWorld:
    """A vault with a chart and psychotherapy notes.

    Attributes:
        world: the chart's.
        settings: of the sealed notes; `clinician.age` has no passphrase here.
        page: the recovery page.
        now: a clock that goes on by itself.
    """

    world: vaults.World
    settings: Settings
    page: Path
    now: datetime

    def tick(self) -> datetime:
        """The next minute."""
        self.now += timedelta(minutes=1)
        return self.now

    def store(self) -> Store:
        """The sealed files, to be used in a `with`."""
        return Store(self.settings)

    def keys(self, store: Store) -> Keys:
        """Everything unlocked."""
        return Keys.unlock(store, lambda _: PASSPHRASE)

    def note(self, text: str, handle: str = "ada", known: Known | None = None) -> tuple[Known, str]:
        """Record a note; its drawer (made when the client has none) and its id."""
        with self.store() as store, store.machine() as (entry, signer):
            changes: dict[str, bytes] = {}
            client_id = self.world.clients[handle]
            if known is None:
                found = (one for one in self.keys(store).drawers().values() if one.client == client_id)
                known = next(found, None)
            if known is None:
                known, changes = new_drawer(store, client_id, handle.title(), self.tick())
            contents = {header.NOTE_FILE: text.encode()}
            head = notes.head_of(known, header.NOTE, self.tick(), contents, by=self.settings.by, machine=entry)
            changes |= notes.sealed(store, known, head, contents, signer)
            store.record(changes, self.now, by=signer)
            return known, head.id


def new_drawer(store: Store, client_id: str, name: str, now: datetime) -> tuple[Known, dict[str, bytes]]:
    """A drawer for a client, and what is recorded for it with its first file."""
    made = drawers.fresh(store, drawer.CLIENT, client_id, name, now)
    return known_of(made), drawers.sealed(store, made)


def opened(store: Store, opener: Opener, known: Known, id_: str) -> Opened:
    """A file of a drawer, by its id or the beginning of it."""
    (at,) = (one for one in store.files(known.token) if one.id.startswith(id_) and not one.beside)
    return notes.read(store, opener, known, at)


def make(tmp: Path, world: vaults.World) -> SealedWorld:
    """Psychotherapy notes for a chart that is there."""
    keys, page = tmp / "psychotherapy-keys", tmp / "paper" / "page.html"
    page.parent.mkdir(parents=True)
    files.make_dirs(keys)
    secret = age.generate()
    files.create(keys / "plain.txt", create.identity_text(secret))
    wanted = create.Wanted(
        root=world.vault.root,
        by="Lee Example, PhD",
        repository=world.vault.root / "psychotherapy",
        page=page,
        identity="plain.txt",
        recipient=secret.recipient,
        keys=keys,
    )
    done = create.found(wanted, vaults.START, lambda: PASSPHRASE)
    return SealedWorld(world, done.settings, page, vaults.START)


def begin(tmp: Path, *clients: str) -> SealedWorld:
    """A chart with these clients and its psychotherapy notes; a copy, see `tests/shelf.py`."""
    return shelf.of(("sealed", clients), tmp, lambda folder: make(folder, vaults.make(folder / "v", clients=clients)))
