"""A repository of psychotherapy notes, one commit a note over twenty-five years, made in half a minute.

Beside a chart that registers the clients. Identities, headers, archives, age files, lists and the first commit are the program's
own; signatures are made in process, and `git index-pack` reads the one pack that is written. Ids and keys are new each time.
"""

from __future__ import annotations

import shutil
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests import sshsign
from tests.bench.generate import LEE, ZONE, generate, put_files, put_pack
from tests.bench.pack import Pack
from tests.bench.words import Prose
from vaultcli.ground import files
from vaultcli.ground.age import seal as age
from vaultcli.ground.git.objects import (
    Ident,
    add_signature,
    format_commit,
    name_object,
)
from vaultcli.places.machine import vault as vaults
from vaultcli.places.sealed import pins, settings
from vaultcli.places.sealed.settings import Settings
from vaultcli.places.sealed.store import Store, day_of
from vaultcli.psychotherapy.keys import create
from vaultcli.psychotherapy.notes import drawers
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.unlock import keys
from vaultcli.psychotherapy.unlock.opener import Known
from vaultcli.record.notes.client import parse as parse_client
from vaultcli.record.sealed import header, paths
from vaultcli.record.sealed.admission import BRANCH, IDENT, MESSAGE
from vaultcli.record.sealed.drawer import CLIENT
from vaultcli.record.sealed.paths import Sealed
from vaultcli.record.sealed.signers import Entry

BEGAN = datetime(2001, 1, 2, 9, 0, tzinfo=ZONE)
YEARS = 25
WORDS = 250
"""Of a note."""
IDENTITY = "plain.txt"
"""The clinician's identity, without a passphrase: what is measured is not scrypt."""


@dataclass(frozen=True)
class Site:
    """A vault with psychotherapy notes.

    Args:
        root: its folder.
        clients: the handles in the register, each with a drawer.
        notes: how many were made.
    """

    root: Path
    clients: tuple[str, ...]
    notes: int

    @property
    def settings(self) -> Settings:
        """Where they are."""
        return settings.load(self.root)

    def store(self) -> Store:
        """The sealed files."""
        return Store(self.settings)


def site(top: Path, clients: int, each: int) -> Site:
    """The notes of that size, made where there are none."""
    where = top / f"psychotherapy-{clients}x{each}"
    if not (where / "done").exists():
        shutil.rmtree(where, ignore_errors=True)
        make(where, clients, each)
        (where / "done").touch()
    handles = (parse_client(file.read_bytes()).handle for file in (where / "practice" / "chart").glob("clients/*/client.md"))
    return Site(where / "practice", tuple(sorted(handles)), clients * each)


def use_up(done: Site) -> None:
    """Say that a site is not as it was made; next time it is made anew."""
    (done.root.parent / "done").unlink(missing_ok=True)


def make(where: Path, clients: int, each: int) -> Settings:
    """A chart of so many clients without notes, and so many psychotherapy notes of each.

    Args:
        where: becomes the folder of `practice` and the two key stores.
        clients: how many.
        each: notes of each client.
    """
    known = _found(generate(where, clients=clients, notes=0).vault.root, where / "psychotherapy-keys")
    with Store(known) as store, store.machine() as (entry, _):
        maker = _Maker(store, known, entry)
        vault = vaults.load(known.root)
        for folder in sorted((vault.chart / "clients").iterdir()):
            client = parse_client((folder / "client.md").read_bytes())
            maker.drawer(client.id, client.name)
        step = timedelta(days=YEARS * 365) / (clients * each)
        for number in range(clients * each):
            maker.note(number % clients, BEGAN + step * number)
        maker.put()
    return known


def _found(root: Path, folder: Path) -> Settings:
    """The beginning, as `psychotherapy init` makes it; no second copy of the epoch's file."""
    files.make_dirs(folder)
    secret = age.generate()
    files.create(folder / IDENTITY, create.identity_text(secret))
    wanted = create.Wanted(
        root=root,
        by=f"{LEE.name}, PhD",
        repository=root / "psychotherapy",
        page=None,
        identity=IDENTITY,
        recipient=secret.recipient,
        keys=folder,
    )
    known = replace(create.found(wanted, BEGAN, lambda: "").settings, single_copy=True)
    settings.put(known)
    return known


class _Folder:
    """A git tree that grows; entries are kept as git orders them."""

    def __init__(self) -> None:
        self._names: list[bytes] = []
        self._entries: list[bytes] = []

    def put(self, name: str, oid: str, *, folder: bool = False) -> None:
        """A name's new object."""
        # git orders a folder as if its name ended in a slash
        key = name.encode() + (b"/" if folder else b"")
        entry = (b"40000 " if folder else b"100644 ") + name.encode() + b"\0" + bytes.fromhex(oid)
        at = bisect_left(self._names, key)
        if self._names[at : at + 1] == [key]:
            self._entries[at] = entry
        else:
            self._names.insert(at, key)
            self._entries.insert(at, entry)

    def tree(self) -> tuple[str, bytes]:
        """Its id and bytes."""
        raw = b"".join(self._entries)
        return name_object("tree", raw, "sha256"), raw


class _Maker:
    """The history in the making, after the first commit."""

    def __init__(self, store: Store, known: Settings, entry: Entry) -> None:
        self._store, self._by, self._entry = store, known.by, entry
        self._key = _in_memory(known.keys / known.machine_key)
        self._prose = Prose(Random(1))
        self._epoch = store.state.epochs.recipient
        self._head, self._day = store.head, store.state.time
        self._top = _Folder()
        self.files: dict[str, bytes] = {path: store.raw(path) for path in paths.CLEAR}
        for path in paths.CLEAR:
            self._top.put(path, store.state.tree[path][1])
        self._drawers: list[tuple[Known, dict[str, bytes]]] = []
        self._folders: dict[str, _Folder] = {}
        self._recipients: dict[str, tuple[str, ...]] = {}
        self._commits: list[tuple[str, bytes]] = []
        self._tops: list[tuple[str, bytes]] = []
        self._inner: dict[str, list[tuple[str, bytes]]] = {}
        self._blobs: list[tuple[str, bytes]] = []

    def drawer(self, client_id: str, name: str) -> None:
        """A drawer, which comes with its first note."""
        one = drawers.fresh(self._store, CLIENT, client_id, name, BEGAN)
        self._drawers.append((keys.known_of(one), {paths.identity(one.token): age.seal(one.text, [self._epoch])}))
        self._recipients[one.token] = one.recipients
        self._folders[one.token], self._inner[one.token] = _Folder(), []

    def note(self, number: int, now: datetime) -> None:
        """A note in the drawer of that number, and its commit."""
        known, first = self._drawers[number]
        text = f"---\ndate: {now:%Y-%m-%d}\n---\n\n{self._prose.paragraph(WORDS)}".encode()
        contents = {header.NOTE_FILE: text}
        head = notes.head_of(known, header.NOTE, now, contents, by=self._by, machine=self._entry)
        plain = header.packed(head, self._key.sign(head.raw, header.NAMESPACE), contents)
        self._record(known.token, {**first, Sealed(known.token, head.id).path: age.seal(plain, [known.recipient])}, now)
        first.clear()

    def _record(self, token: str, changes: Mapping[str, bytes], now: datetime) -> None:
        for path, raw in changes.items():
            self.files[path] = raw
            self._blobs.append((name_object("blob", raw, "sha256"), raw))
            self._folders[token].put(path.partition("/")[2], self._blobs[-1][0])
        self._inner[token].append(self._folders[token].tree())
        self._top.put(token, self._inner[token][-1][0], folder=True)
        self._tops.append(self._top.tree())
        when = day_of(now, self._day)
        who, self._day = Ident(*IDENT), int(when.timestamp())
        payload = format_commit(
            tree=self._tops[-1][0],
            parents=(self._head,),
            author=who,
            committer=who,
            seconds=self._day,
            zone="+0000",
            message=MESSAGE,
        )
        raw = add_signature(payload, self._key.sign(payload, "git"), "sha256")
        self._head = name_object("commit", raw, "sha256")
        self._commits.append((self._head, raw))

    def put(self) -> None:
        """Everything into the repository: objects, branch, pins, working files."""
        pack, repository = Pack(), self._store.repository
        for oid, raw in reversed(self._commits):
            pack.add("commit", raw, oid)
        pack.add_chain(self._tops)
        for versions in self._inner.values():
            pack.add_chain(versions)
        for oid, raw in self._blobs:
            pack.add("blob", raw, oid)
        put_pack(repository, pack)
        repository.git.run("update-ref", f"refs/heads/{BRANCH}", self._head)
        repository.marks.set(BRANCH, self._head)
        pins.put(replace(self._store.pins, head=self._head, drawers=self._recipients))
        put_files(self._store.settings.repository, repository.directory, self.files)


def _in_memory(path: Path) -> sshsign.SigningKey:
    """A machine's key as one that signs without a process."""
    private = serialization.load_ssh_private_key(path.read_bytes(), None)
    assert isinstance(private, ed25519.Ed25519PrivateKey)
    return sshsign.ed25519_key(private.private_bytes_raw())
