"""A practice of thirty years, signed note by note, made in a minute: what `init` and years of work would have left.

    made = generate(folder, clients=300, notes=120)
    made.vault          # as the commands know it

Keys are made from a seed and signatures in process; every object is real, in packs as `git repack` leaves them; branches,
work trees, marks, pins, `vault.toml` and the key store are where the commands expect them, so that all of them work there
and `vaultcli verify` finds nothing. The same seed gives the same record, byte for byte, on every machine.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random

from tests.bench.line import LineMaker, Made, Staff
from tests.bench.pack import Pack
from tests.sshsign import SigningKey, ed25519_key
from vaultcli.ground.git.objects import (
    Ident,
    add_signature,
    format_commit,
    name_object,
)
from vaultcli.ground.git.tree import TreeEntry, format_tree
from vaultcli.ground.process import workers
from vaultcli.ground.repository.repository import Repository
from vaultcli.places.chart.chart import LAYOUT
from vaultcli.places.machine import pins
from vaultcli.places.machine.vault import Vault
from vaultcli.record.history.line import BRANCH
from vaultcli.record.practice import keyring, practice
from vaultcli.record.practice.keyring import Entry, Keyring
from vaultcli.record.practice.practice import Person, Practice
from vaultcli.record.rules.policy import GITATTRIBUTES, GITIGNORE

ZONE = timezone(timedelta(hours=-5))
BEGAN = datetime(1995, 1, 2, 9, 0, tzinfo=ZONE)
YEARS = 30
VAULT = "bench00000000000"
LEE = Person("lee-example", "Lee Example", "PhD, licensed psychologist", ("clinician", "supervisor", "custodian"), "1995-01-02")
SAM = Person("sam-sample", "Sam Sample", "MA, trainee", ("trainee",), "2004-09-01", supervisor="lee-example")
SAM_CAME = datetime(2004, 9, 1, 9, 0, tzinfo=ZONE)
TOGETHER = 16
"""Clients whose objects share a pack."""


@dataclass(frozen=True)
class Generated:
    """A practice on disk.

    Args:
        vault: as Lee's machine knows it.
        clients: handle to id.
        notes: how many notes were signed.
        objects: how many git objects there are.
    """

    vault: Vault
    clients: dict[str, str]
    notes: int
    objects: int


@dataclass
class _Policies:
    """The practice line: its commits, and what was in force when."""

    files: dict[str, bytes] = field(default_factory=dict)
    commits: list[tuple[str, datetime]] = field(default_factory=list)

    def at(self, moment: datetime) -> str:
        """The commit whose policy is in force."""
        return [oid for oid, since in self.commits if since <= moment][-1]


def generate(folder: Path, *, clients: int = 300, notes: int = 120, seed: int = 1) -> Generated:
    """Make a practice in a folder that does not exist yet.

    Args:
        folder: becomes the parent of `practice` (the vault) and `keys` (the key store).
        clients: how many.
        notes: signed notes of each.
        seed: another one gives other words, ids and dates.
    """
    staff, ring = _staff(seed)
    folder.mkdir(parents=True)
    vault = Vault(folder / "practice", folder / "practice" / "chart", folder / "keys", LEE.id)
    with Repository.create(vault.chart, LAYOUT) as repository:
        policies, objects = _practice(repository, staff, ring)
        heads = {BRANCH: policies.commits[-1][0]}
        put_files(vault.chart, vault.chart / ".git", policies.files)

        def work(batch: list[int]) -> list[Made]:
            return _some(repository, staff, policies, batch, notes, seed)

        batches = [list(range(at, min(at + TOGETHER, clients))) for at in range(0, clients, TOGETHER)]
        made = [one for part in workers.spread(work, batches, workers.available()) for one in part]
        heads |= {one.branch: one.head for one in made}
        repository.git.run(
            "update-ref", "--stdin", data="".join(f"create refs/heads/{b} {o}\n" for b, o in heads.items()).encode()
        )
        for branch, head in heads.items():
            repository.marks.set(branch, head)
        pins.create(policies.commits[0][0], repository.clone_id, heads, how=pins.INIT, now=BEGAN)
    _own(vault, staff)
    handles = {one.handle: one.client for one in sorted(made, key=lambda one: one.handle)}
    return Generated(vault, handles, clients * notes, objects + sum(one.objects for one in made))


def _staff(seed: int) -> tuple[Staff, list[Keyring]]:
    """Everybody's keys, and the ring before and after Sam came."""
    keys = {
        name: ed25519_key(hashlib.sha256(f"{seed} {name}".encode()).digest())
        for name in ("lee", "lee-machine", "sam", "sam-machine", "recovery")
    }
    lee, sam = keys["lee"], keys["sam"]

    def entry(key: SigningKey, principal: str, kind: str, by: SigningKey, moment: datetime, roles: tuple[str, ...] = ()) -> Entry:
        said = keyring.statement(VAULT, principal, kind, roles, key.public)
        return Entry(
            principal, kind, roles, key.public, moment.isoformat(), by.public.fingerprint, by.sign(said, keyring.NAMESPACE)
        )

    first = Keyring((
        entry(lee, LEE.id, "personal", lee, BEGAN, ("policy",)),
        entry(keys["recovery"], "recovery", "recovery", lee, BEGAN, ("policy",)),
        entry(keys["lee-machine"], LEE.id, "machine", lee, BEGAN),
    ))  # fmt: skip
    second = first.with_entry(entry(sam, SAM.id, "personal", sam, SAM_CAME))
    second = second.with_entry(entry(keys["sam-machine"], SAM.id, "machine", sam, SAM_CAME))
    staff = Staff({LEE.id: (LEE, lee, keys["lee-machine"]), SAM.id: (SAM, sam, keys["sam-machine"])})
    return staff, [first, second]


def _practice(repository: Repository, staff: Staff, rings: list[Keyring]) -> tuple[_Policies, int]:
    """The practice line: the beginning, and the day the trainee came."""
    pack, policies, parent = Pack(), _Policies(), ()
    people = ((LEE,), (LEE, SAM))
    for ring, who, moment, message in zip(rings, people, (BEGAN, SAM_CAME), ("genesis\n", "policy\n"), strict=True):
        policies.files = {
            ".gitignore": GITIGNORE,
            ".gitattributes": GITATTRIBUTES,
            practice.PATH: practice.render(Practice(VAULT, "Riverside Counseling", who)).encode(),
            keyring.PATH: keyring.render(ring).encode(),
            keyring.ALLOWED_PATH: keyring.render_allowed(ring).encode(),
        }
        entries = [TreeEntry("100644", name, pack.add("blob", data)) for name, data in policies.files.items()]
        tree, lee = pack.add("tree", format_tree(entries)), Ident(LEE.name, LEE.id)
        payload = format_commit(
            tree=tree, parents=parent, author=lee, committer=lee, seconds=int(moment.timestamp()), zone="-0500", message=message
        )
        oid = pack.add("commit", add_signature(payload, staff.people[LEE.id][1].sign(payload, "git"), "sha256"))
        policies.commits.append((oid, moment))
        parent = (oid,)
    put_pack(repository, pack)
    return policies, len(pack)


def _some(repository: Repository, staff: Staff, policies: _Policies, numbers: list[int], notes: int, seed: int) -> list[Made]:
    """Some clients' lines, their objects in one pack and their working files in place."""
    makers = []
    for number in numbers:
        chance = Random(f"{seed} {number}")
        begin = BEGAN + timedelta(days=7 + chance.randrange(max(1, YEARS * 365 - notes * 7 - 60)))
        maker = LineMaker(number, chance, staff, policies.commits[0][0], policies.at, begin)
        maker.write(notes)
        makers.append(maker)
    pack = Pack()
    for maker in makers:
        maker.add_commits(pack)
    for maker in makers:
        maker.add_rest(pack)
    put_pack(repository, pack)
    for maker in makers:
        repository.worktrees.link(maker.branch)
        put_files(repository.folder(maker.branch), repository.worktrees.admin(maker.branch), maker.files)
    first = makers[0].made
    return [Made(first.branch, first.client, first.handle, first.head, len(pack)), *(maker.made for maker in makers[1:])]


def put_pack(repository: Repository, pack: Pack) -> None:
    """A pack among the objects, with the index that git makes of it."""
    raw = pack.bytes()
    file = repository.directory / "objects" / "pack" / f"pack-{raw[-32:].hex()}.pack"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(raw)
    repository.git.run("index-pack", str(file))
    file.chmod(0o444)


def put_files(top: Path, admin: Path, contents: dict[str, bytes]) -> None:
    """The working files and the index of a line."""
    for folder in {Path(path).parent for path in contents}:
        (top / folder).mkdir(parents=True, exist_ok=True)
    for path, data in contents.items():
        (top / path).write_bytes(data)
    body = b"".join(_index(contents))
    (admin / "index").write_bytes(body + hashlib.sha256(body).digest())


def _index(contents: dict[str, bytes]) -> Iterator[bytes]:
    """An index as `git update-index --index-info` writes it: without times. Format: git's `gitformat-index`, version 2."""
    yield struct.pack(">4sLL", b"DIRC", 2, len(contents))
    for path, data in sorted((path.encode(), data) for path, data in contents.items()):
        entry = struct.pack(">24xL12x32sH", 0o100644, bytes.fromhex(name_object("blob", data, "sha256")), len(path)) + path
        yield entry + b"\0" * (8 - len(entry) % 8)


def _own(vault: Vault, staff: Staff) -> None:
    """What is this machine's: the settings and the key store."""
    vault.keys.mkdir(mode=0o700)
    _, personal, machine = staff.people[LEE.id]
    personal.write(vault.keys / vault.personal_key, "lee-example personal")
    machine.write(vault.keys / vault.machine_key, "lee-example machine")
    (vault.root / "vault.toml").write_text(vault.text())
