"""A small vault in memory for the trust rules: real keys, no disk, no git; commits are facts with made-up ids."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from tests import sshsign
from tests.sshsign import SigningKey
from vaultcli.ground.git.objects import Commit, Ident
from vaultcli.ground.git.tree import Change
from vaultcli.ground.ssh import sshsig
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.commit import Facts, unmade
from vaultcli.record.history.line import Line
from vaultcli.record.notes import block
from vaultcli.record.notes.block import Block
from vaultcli.record.practice import keyring, practice
from vaultcli.record.practice.keyring import Entry, Keyring
from vaultcli.record.practice.practice import Person, Practice
from vaultcli.record.rules import admission, policy_commit
from vaultcli.record.rules.policy import GITATTRIBUTES, PINNED, Policies
from vaultcli.record.times import git_time

START = 1_795_000_000
ZONE = "-0500"
NOW = START + 10_000_000
VAULT = "k3v9k3v9k3v9k3v9"
ADA = "4r0q4r0q4r0q4r0q"
BO = "5s1r5s1r5s1r5s1r"



def register(client: str = ADA, handle: str = "ada", more: str = "") -> bytes:
    """A client's entry."""
    return f"---\nname: Ada Example\nhandle: {handle}\n{more}id: {client}\n---\n".encode()


REGISTER = register()

LEE = Person("lee-example", "Lee Example", "PhD", ("clinician", "supervisor", "custodian"), "2026-11-22")
SAM = Person("sam-demo", "Sam Demo", "MA", ("trainee",), "2026-11-22", supervisor="lee-example")
KIM = Person("kim-demo", "Kim Demo", "LPC", ("clinician",), "2026-11-22")


@cache
def key(name: str) -> SigningKey:
    """One key for each name, the same in every run."""
    return sshsign.ed25519_key(hashlib.sha256(name.encode()).digest())


def ident(number: int) -> str:
    """An id that is different for each number."""
    return f"{number:016d}"


def entry(
    name: str, principal: str, kind: str, by: str = "", *, policy: bool = False, vault: str = VAULT, **changes: str
) -> Entry:
    """An endorsed entry for the key of that name; `by` names the endorsing key, itself by default."""
    roles = ("policy",) if policy else ()
    endorser = key(by or name)
    text = keyring.statement(vault, principal, kind, roles, key(name).public)
    made = Entry(
        principal, kind, roles, key(name).public, git_time(START, ZONE), endorser.public.fingerprint,
        endorser.sign(text, keyring.NAMESPACE),
    )  # fmt: skip
    return replace(made, **changes)


RING = Keyring(
    (
        entry("recovery", "recovery", "recovery", policy=True),
        entry("lee", "lee-example", "personal", policy=True),
        entry("lee-machine", "lee-example", "machine", "lee"),
        entry("sam", "sam-demo", "personal"),
        entry("sam-machine", "sam-demo", "machine", "sam"),
        entry("kim", "kim-demo", "personal"),
        entry("kim-machine", "kim-demo", "machine", "kim"),
    )
)
PRACTICE = Practice(VAULT, "Riverside", (LEE, SAM, KIM))
_COMMITS = iter(range(1, 1 << 60))


def facts(message: str, signer: str, name: tuple[str, str], **changes: object) -> Facts:
    """The facts of a commit that nothing is wrong with, but for the changes."""
    oid = hashlib.sha256(str(next(_COMMITS)).encode()).hexdigest()
    of_commit = {field: changes.pop(field) for field in changes.keys() & set(Commit._fields)}
    of_commit |= {who: Ident(*of_commit[who]) for who in ("author", "committer") if who in of_commit}
    commit = unmade((), name, START, ZONE, message)._replace(**{"oid": oid, **of_commit})
    return Facts(commit, "", key(signer).public if signer else None, "", ())._replace(**changes)


def rules(found: list[Finding]) -> set[str]:
    """The rules that were broken."""
    return {finding.rule for finding in found}


@dataclass
class World:
    """The practice line, and the blobs of all lines."""

    policies: Policies = field(default_factory=Policies)
    blobs: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    clock: int = START

    @classmethod
    def founded(cls) -> World:
        world = cls()
        assert world.policy(RING, PRACTICE) == []
        return world

    def put(self, raw: bytes) -> str:
        oid = hashlib.sha256(raw).hexdigest()
        self.blobs[oid] = raw
        return oid

    def read(self, oid: str) -> bytes:
        return self.blobs[oid]

    def tick(self) -> int:
        self.clock += 60
        return self.clock

    @property
    def head(self) -> str:
        return messages.trailer(self.policies.line.head)

    def policy(
        self, ring: Keyring | None = None, people: Practice | None = None, signer: str = "lee", *,
        put: Mapping[str, bytes | None] | None = None, message: str = "", **changes: object,
    ) -> list[Finding]:  # fmt: skip
        """Commit to `practice`; what is wrong with that."""
        ring = ring or self.policies.head.keyring
        people = people or self.policies.head.practice
        files: dict[str, bytes | None] = {path: bytes(raw) for path, raw in PINNED.items()}
        files[practice.PATH] = practice.render(people).encode()
        files[keyring.PATH] = keyring.render(ring).encode()
        files[keyring.ALLOWED_PATH] = keyring.render_allowed(ring).encode()
        files.update(put or {})
        diff = []
        for path, raw in files.items():
            before = self.files.get(path)
            if raw != before:
                after = None if raw is None else self.put(raw)
                diff.append(Change(path, None if before is None else self.put(before), after, 0o100644 if after else 0))
            self.files.pop(path, None)
            if raw is not None:
                self.files[path] = raw
        head, moment = self.policies.line.head, self.tick()
        who = ("Recovery signer", "recovery") if signer == "recovery" else (LEE.name, LEE.id)
        given: dict[str, object] = {
            "branch": "practice", "parents": (head,) if head else (), "changes": tuple(diff), "author_time": moment,
            "committer_time": moment,
        }  # fmt: skip
        made = facts(message or ("policy\n" if head else "genesis\n"), signer, who, **(given | changes))
        return policy_commit.admit(self.policies, made, self.files, sshsig.verify, NOW)

    def line(self, client: str = ADA) -> Client:
        """A client's line with its first commit."""
        client_line = Client(self, Line(f"client/{client}"))
        found = client_line.commit("open", {"client.md": register(client), ".gitattributes": GITATTRIBUTES}, ids=(client,))
        assert found == []
        return client_line


@dataclass
class Client:
    """A client's line in that world; `commit` judges and takes in."""

    world: World
    line: Line
    made: int = 0

    def commit(
        self, event: str, put: Mapping[str, bytes | None], signer: str = "lee-machine", *,
        ids: tuple[str, ...] | None = None, message: str | None = None, policy: str = "", **changes: object,
    ) -> list[Finding]:  # fmt: skip
        """Commit these files; what is wrong with that."""
        found_ids: list[str] = []
        diff = []
        for path, raw in put.items():
            before = self.line.files.get(path)
            diff.append(Change(path, before, None if raw is None else self.world.put(raw), 0 if raw is None else 0o100644))
            own = path.partition("/")[2].removesuffix(".sig").removesuffix(".md").rpartition("-")[2]
            if own and own not in found_ids:
                found_ids.append(own)
        moment = self.world.tick()
        said = messages.Message(event, tuple(found_ids) if ids is None else ids, policy or self.world.head).text()
        given: dict[str, object] = {
            "branch": self.line.branch, "parents": (self.line.head,) if self.line.oids else (), "changes": tuple(diff),
            "author_time": moment, "committer_time": moment,
        }  # fmt: skip
        principal = next((e.principal for e in RING.entries if signer and e.key == key(signer).public), "lee-example")
        person = PRACTICE.person(principal)
        who = (person.name, person.id) if person else ("Recovery signer", "recovery")
        made = facts(said if message is None else message, signer, who, **(given | changes))
        return admission.admit(made, self.line, self.world.policies, self.world.read, sshsig.verify, NOW)

    def stem(self) -> str:
        """The stem of a new note."""
        self.made += 1
        return f"2026-11-22-progress-{ident(self.made)}"

    def block(self, path: str, person: Person = LEE, **changes: object) -> Block:
        """The block that a file at that path should carry if it were signed now."""
        name = path.partition("/")[2].removesuffix(".md")
        note, dot, tail = name.partition(".")
        kind = tail.rpartition("-")[0] if dot else ("exception" if path.startswith("exceptions/") else "note")
        first = self.line.recorded.get(path)
        moment = git_time(self.world.clock + 30, ZONE)
        meaning = {"cosignature": "cosigner", "exception": "policy"}.get(kind, "author")
        made = Block(
            kind=kind, id=name.rpartition("-")[2], target=note.rpartition("-")[2] if dot else "", line=self.line.branch,
            genesis=messages.trailer(self.world.policies.genesis), by=person.id, name=person.name,
            credentials=person.credentials, meaning=meaning,
            cosigner=person.supervisor if kind in ("note", "correction", "addendum", "late-entry") else "",
            time=moment, clock="system", lateness=None, recorded=first.time if first else moment, tool="vaultcli 0.1.0",
            number=self.line.number + 1, follows=(self.line.newest,) if self.line.newest else (),
        )  # fmt: skip
        return made._replace(**changes)

    def signed(
        self, path: str, text: str = "", signer: str = "lee", person: Person = LEE, rows: str = "", **changes: object
    ) -> dict[str, bytes]:
        """A signed file and its signature, ready to commit."""
        return seal(path, self.block(path, person, **changes), text, signer, rows)

    def sign(self, **changes: object) -> str:
        """A note, signed and recorded by Lee; its stem."""
        stem = self.stem()
        assert self.commit("sign", self.signed(f"notes/{stem}.md", "Came on time.\n", **changes)) == []
        return stem

    def add(self, stem: str, kind: str) -> str:
        """The path of a new addition to that note."""
        self.made += 1
        return f"notes/{stem}.{kind}-{ident(self.made)}.md"

    def sha(self, stem: str) -> str:
        """The SHA-256 of the note's bytes."""
        return hashlib.sha256(self.world.read(self.line.files[f"notes/{stem}.md"])).hexdigest()


def seal(path: str, said: Block, text: str = "", signer: str = "lee", rows: str = "", namespace: str = "") -> dict[str, bytes]:
    """A file with that block and the signature of that key over it."""
    own = f"id: {said.target or said.id}\n"
    raw = f"---\nformat: dap\n{own}{rows}{chr(10).join(said.lines())}\n---\n{text}".encode()
    assert block.parse(raw) in (said, None)
    armour = key(signer).sign(raw, namespace or said.namespace)
    return {path: raw, path + ".sig": armour.encode()}
