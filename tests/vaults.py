"""Vaults for tests of the commands that work in one, made from the formats themselves and quicker than `init`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests import shelf
from tests.helpers import signed
from vaultcli.ground import files, ids
from vaultcli.ground.git.objects import Ident
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.ssh import sign as ssh
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.places.chart.chart import LAYOUT, Chart, Recording
from vaultcli.places.machine import pins
from vaultcli.places.machine.vault import Vault
from vaultcli.record.notes import client
from vaultcli.record.practice import keyring, practice
from vaultcli.record.practice.keyring import Entry, Keyring
from vaultcli.record.practice.practice import Person, Practice
from vaultcli.record.rules.policy import GITATTRIBUTES, GITIGNORE

START = datetime.fromisoformat("2026-11-20T09:00:00-05:00")
LEE = Person("lee-example", "Lee Example", "PhD, licensed psychologist", ("clinician", "supervisor", "custodian"), "2026-11-20")
SAM = Person("sam-trainee", "Sam Trainee", "MA", ("trainee",), "2026-11-20", supervisor="lee-example")


@dataclass
class World:
    """A vault on disk.

    Attributes:
        vault: as the first person's machine knows it; `as_person` gives the others'.
        clients: handle -> id.
        now: a clock that goes on by itself, a minute for each recording made here.
    """

    vault: Vault
    clients: dict[str, str] = field(default_factory=dict)
    now: datetime = START

    def tick(self) -> datetime:
        """The next minute."""
        self.now += timedelta(minutes=1)
        return self.now

    def chart(self) -> Chart:
        """The chart, to be used in a `with`."""
        return Chart(self.vault)

    def as_person(self, principal: str) -> Vault:
        """The same vault on the machine of another person."""
        return Vault(self.vault.root, self.vault.chart, self.vault.keys.parent / principal, principal)

    def folder(self, handle: str) -> Path:
        """A client's working folder."""
        return self.vault.chart / "clients" / self.clients[handle]

    def notes(self, handle: str) -> list[Path]:
        """The notes and additions in a client's folder, sorted; signatures and hidden files left out."""
        return sorted(path for path in (self.folder(handle) / "notes").glob("*.md") if not path.name.startswith("."))

    def write(self, handle: str, raw: bytes, *, day: str = "2026-11-20", kind: str = "progress", record: bool = True) -> Path:
        """A note as an editor would leave it, recorded as a draft unless told otherwise; `{id}` in the text is its id."""
        id_ = ids.new()
        path = f"notes/{day}-{kind}-{id_}.md"
        raw = raw.replace(b"{id}", id_.encode())
        if not record:
            files.make_dirs(self.folder(handle) / "notes")
            files.create(self.folder(handle) / path, raw)
        else:
            with self.chart() as chart:
                chart.record(self.clients[handle], Recording("draft", (id_,), {path: raw}), self.tick())
        return self.folder(handle) / path


NOTE = b"""---
format: dap
date: 2026-11-20
time: 09:00-09:53
place: office
cpt: 90834
diagnoses: [F33.1]
goals: [g1]
id: {id}
---

## Data

She came on time and spoke of work.

## Assessment

Mood is lifting.

## Plan

Next week, same time.
"""


def make(root: Path, people: Sequence[Person] = (LEE,), clients: Sequence[str] = ("ada", "bo")) -> World:
    """A vault in an empty folder; a copy, see `tests/shelf.py`.

    Args:
        root: becomes the vault's folder.
        people: the first one is the founder.
        clients: handles; names are `Ada Example` and so on, with defaults for notes.
    """
    people, clients = tuple(people), tuple(clients)
    key = ("vault", root.name, people, clients)
    return shelf.of(key, root.parent, lambda folder: _made(folder / root.name, people, clients))


def _made(root: Path, people: Sequence[Person], clients: Sequence[str]) -> World:
    root.mkdir(parents=True, exist_ok=True)
    keys = root.parent / f"{root.name}-keys"
    made = Practice(ids.new(), "Riverside Counseling", tuple(people))
    ring = _ring(made, people, keys)
    with Repository.create(root / "chart", LAYOUT) as repository:
        contents = {
            ".gitignore": GITIGNORE,
            ".gitattributes": GITATTRIBUTES,
            practice.PATH: practice.render(made).encode(),
            keyring.PATH: keyring.render(ring).encode(),
            keyring.ALLOWED_PATH: keyring.render_allowed(ring).encode(),
        }
        founder = people[0]
        oid = repository.record(
            "practice",
            contents,
            message="genesis\n",
            ident=Ident(founder.name, founder.id),
            when=START,
            sign=lambda payload: signed(KeyFile(keys / founder.id / "personal"), payload, "git"),
            expecting=None,
        )
        pins.create(oid, repository.clone_id, {"practice": oid}, how=pins.INIT, now=START)
    vault = Vault(root, root / "chart", keys / founder.id, founder.id)
    (root / "vault.toml").write_text(vault.text())
    world = World(vault)
    with world.chart() as chart, chart.recorder() as by:
        for handle in clients:
            world.clients[handle] = add_client(chart, handle, world.tick(), by)
    return world


def add_client(chart: Chart, handle: str, now: datetime, by: object = None) -> str:
    """A client with the usual defaults; gives the id."""
    id_ = ids.new()
    name = " ".join(part.capitalize() for part in (*handle.split("-"), "example"))
    entry = {"name": name, "handle": handle, "kind": "individual", "place": "office", "format": "dap", "cpt": "90834"}
    entry |= {"opened": "2026-11-20", "id": id_}
    raw = client.draft({**entry, "diagnoses": ["F33.1"]})
    changes = {client.PATH: raw, ".gitattributes": GITATTRIBUTES}
    chart.record(id_, Recording("open", (id_,), changes), now, by)  # type: ignore[arg-type]
    return id_


def _ring(made: Practice, people: Sequence[Person], keys: Path) -> Keyring:
    ring = Keyring(())
    added = START.isoformat(timespec="seconds")
    for number, person in enumerate(people):
        files.make_dirs(keys / person.id)
        personal = ssh.generate(keys / person.id / "personal", f"{person.id} personal", None)
        machine = ssh.generate(keys / person.id / "machine", f"{person.id} machine", None)
        roles = () if number else ("policy",)
        for kind, key, held in (("personal", personal, roles), ("machine", machine, ())):
            ring = ring.with_entry(_entry(made, person, kind, key, held, added, keys, personal))
    return ring


def _entry(
    made: Practice, person: Person, kind: str, key: PublicKey, roles: tuple[str, ...], added: str, keys: Path, by: PublicKey
) -> Entry:
    text = keyring.statement(made.vault, person.id, kind, roles, key)
    armour = signed(KeyFile(keys / person.id / "personal"), text, keyring.NAMESPACE)
    return Entry(person.id, kind, roles, key, added, by.fingerprint, armour)
