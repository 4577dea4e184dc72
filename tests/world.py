"""Small vaults made by hand, commit by commit, for tests that tamper with them.

A `World` writes real git objects with real signatures, made in process and in memory, so that a vault of a dozen commits
costs a few hundredths of a second and any rule of the record can be broken on purpose: `commit` takes every part of a
commit as an argument and checks nothing. `save` writes what was made into the repository, moves its branches and brings
the working files along.

    world = World(tmp_path)
    ada = world.client("ada")
    note = ada.draft("She came on time.")
    ada.sign(note)
    world.save()
    assert world.verify().exit_code == 0
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from tests import shelf
from tests.sshsign import SigningKey, ed25519_key
from vaultcli.ground.git.objects import (
    Ident,
    add_signature,
    format_commit,
    name_object,
)
from vaultcli.ground.git.tree import TreeEntry, format_tree
from vaultcli.ground.repository.repository import Repository
from vaultcli.places.chart.chart import LAYOUT
from vaultcli.places.machine import pins
from vaultcli.record.history import stamp
from vaultcli.record.history.line import Line
from vaultcli.record.history.stamp import Signing, Unsigned
from vaultcli.record.message import Message, trailer
from vaultcli.record.notes import attachment as attachments
from vaultcli.record.notes.attachment import Attachment
from vaultcli.record.practice import keyring as keyrings
from vaultcli.record.practice import practice as practices
from vaultcli.record.practice.keyring import Entry, Keyring
from vaultcli.record.practice.practice import Person, Practice
from vaultcli.record.rules.policy import GITATTRIBUTES, GITIGNORE
from vaultcli.record.rules.succession import Kept, LeftOut, Succession
from vaultcli.record.rules.succession import render as render_succession

if TYPE_CHECKING:
    from vaultcli.verify.verdict import Verdict

ZONE = timezone(timedelta(hours=-5))
START = datetime(2026, 11, 2, 9, 0, tzinfo=ZONE)
"""When the first commit of a world is made; each later one is a minute on."""
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=ZONE)
"""The clock of whoever verifies."""
VAULT = "k3v9000000000000"
LEE = Person("lee-example", "Lee Example", "PhD, licensed psychologist", ("clinician", "supervisor", "custodian"), "2026-11-02")
SAM = Person("sam-sample", "Sam Sample", "MA, trainee", ("trainee",), "2026-11-02", supervisor="lee-example")
RECOVERY = Ident("Recovery signer", "recovery")
PLAIN = "100644"


def key(name: str) -> SigningKey:
    """The key of that name: the same in every world."""
    return ed25519_key(hashlib.sha256(name.encode()).digest())


def ident(person: Person) -> Ident:
    """A person as author and committer."""
    return Ident(person.name, person.id)


@dataclass
class Branch:
    """One line as it is being made: its commits, and path to (mode, blob id) at the newest."""

    name: str
    commits: list[str] = field(default_factory=list)
    files: dict[str, tuple[str, str]] = field(default_factory=dict)


class World:
    """A vault in the making.

    Args:
        folder: an empty folder; the chart is made in `folder/chart`.
        object_format: `sha256` or `sha1`.
        trainee: whether Sam, whose notes need Lee's co-signature, works here too.

    Attributes:
        chart: the chart's folder; `git_dir` its git directory.
        lee, lee_machine, sam, sam_machine, recovery: keys.
        practice: the policy in force; `ring` its keys.
        branches: name to line.
        objects: objects made and not yet written.
    """

    def __init__(self, folder: Path, *, object_format: str = "sha256", trainee: bool = False) -> None:
        self.folder = folder
        self.chart = folder / "chart"
        self.git_dir = self.chart / ".git"
        self.object_format = object_format
        self.lee, self.lee_machine = key("lee"), key("lee machine")
        self.sam, self.sam_machine = key("sam"), key("sam machine")
        self.recovery = key("recovery")
        self.objects: dict[str, tuple[str, bytes]] = {}
        self.blobs: dict[str, bytes] = {}
        self.branches: dict[str, Branch] = {}
        self.clock = START
        self._ids = itertools.count(1)
        people = (LEE, SAM) if trainee else (LEE,)
        self.practice = Practice(VAULT, "Riverside Counseling", people)
        self.ring = self._first_ring(trainee)
        self.genesis = self._genesis()

    # parts

    def id(self) -> str:
        """A fresh id, the same in every run."""
        return f"{next(self._ids):016d}"

    def tick(self, minutes: int = 1) -> datetime:
        """The next moment."""
        self.clock += timedelta(minutes=minutes)
        return self.clock

    def store(self, kind: str, data: bytes) -> str:
        """Keep an object for `save`; its id."""
        oid = name_object(kind, data, self.object_format)
        self.objects[oid] = (kind, data)
        if kind == "blob":
            self.blobs[oid] = data
        return oid

    def tree(self, files: Mapping[str, tuple[str, str]]) -> str:
        """The id of the tree with these files: path to (mode, blob id)."""
        entries: list[TreeEntry] = []
        folders: dict[str, dict[str, tuple[str, str]]] = {}
        for path, (mode, oid) in files.items():
            name, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(name, {})[rest] = (mode, oid)
            else:
                entries.append(TreeEntry(mode, name, oid))
        entries += [TreeEntry("40000", name, self.tree(inner)) for name, inner in folders.items()]
        return self.store("tree", format_tree(entries))

    def endorse(
        self, signing: SigningKey, principal: str, kind: str, *, by: SigningKey, roles: tuple[str, ...] = ()
    ) -> Entry:  # fmt: skip
        """A signer's entry, vouched for by a key."""
        statement = keyrings.statement(VAULT, principal, kind, roles, signing.public)
        armour = by.sign(statement, keyrings.NAMESPACE)
        return Entry(principal, kind, roles, signing.public, self.clock.isoformat(), by.public.fingerprint, armour)

    def _first_ring(self, trainee: bool) -> Keyring:
        entries = [
            self.endorse(self.lee, LEE.id, "personal", by=self.lee, roles=("policy",)),
            self.endorse(self.recovery, "recovery", "recovery", by=self.lee, roles=("policy",)),
            self.endorse(self.lee_machine, LEE.id, "machine", by=self.lee),
        ]
        if trainee:
            entries.append(self.endorse(self.sam, SAM.id, "personal", by=self.sam))
            entries.append(self.endorse(self.sam_machine, SAM.id, "machine", by=self.sam))
        return Keyring(tuple(entries))

    # commits

    def commit(
        self,
        branch: str,
        changes: Mapping[str, bytes | None],
        message: str,
        *,
        signing: SigningKey | None = None,
        who: Ident | None = None,
        when: datetime | None = None,
        parents: Iterable[str] | None = None,
        mode: str = PLAIN,
        tree: str | None = None,
        edit: Callable[[bytes], bytes] = lambda payload: payload,
        sign: Callable[[bytes], str] | None = None,
        unsigned: bool = False,
    ) -> str:
        """Make a commit at the end of a line, whatever the rules say.

        Args:
            branch: the line; begun where it is new.
            changes: path to bytes, or None to take the file out.
            message: the whole message.
            signing: the key; Lee's machine key unless said.
            who: author and committer; Lee unless said.
            when: its time; a minute after the last one unless said.
            parents: ids; the line's head unless said.
            mode: of the changed files.
            tree: the id of the tree, in the place of what `changes` make.
            edit: changes the raw commit before it is signed.
            sign: makes the signature of the raw commit, in the place of `signing`.
            unsigned: leave the signature out.

        Returns:
            Its bare id.
        """
        line = self.branches.setdefault(branch, Branch(branch))
        for path, data in changes.items():
            if data is None:
                line.files.pop(path, None)
            else:
                line.files[path] = (mode, self.store("blob", data))
        moment = when or self.tick()
        person = who or ident(LEE)
        payload = edit(
            format_commit(
                tree=tree or self.tree(line.files),
                parents=tuple(line.commits[-1:] if parents is None else parents),
                author=person,
                committer=person,
                seconds=int(moment.timestamp()),
                zone=moment.strftime("%z"),
                message=message,
            )
        )
        used = signing or self.lee_machine
        armour = sign(payload) if sign else used.sign(payload, "git")
        oid = self.store("commit", payload if unsigned else add_signature(payload, armour, self.object_format))
        line.commits.append(oid)
        return oid

    def _genesis(self) -> str:
        files = {".gitignore": GITIGNORE, ".gitattributes": GITATTRIBUTES, **self._policy_files()}
        return self.commit("practice", files, "genesis\n", signing=self.lee)

    def _policy_files(self) -> dict[str, bytes]:
        return {
            practices.PATH: practices.render(self.practice).encode(),
            keyrings.PATH: keyrings.render(self.ring).encode(),
            keyrings.ALLOWED_PATH: keyrings.render_allowed(self.ring).encode(),
        }

    def policy(
        self, *, practice: Practice | None = None, ring: Keyring | None = None, files: Mapping[str, bytes | None] | None = None,
        **parts: object,
    ) -> str:  # fmt: skip
        """Record a policy, by Lee's personal key unless `parts` (of `commit`) say otherwise; its id."""
        self.practice, self.ring = practice or self.practice, ring or self.ring
        settings: dict[str, object] = {"signing": self.lee, **parts}
        return self.commit("practice", {**self._policy_files(), **(files or {})}, "policy\n", **settings)  # type: ignore[arg-type]

    def admit(self, *entries: Entry) -> str:
        """Record further keys."""
        return self.policy(ring=Keyring((*self.ring.entries, *entries)))

    def revoke(self, signing: SigningKey, *, reason: str = "lost", last_good: str = "", by: SigningKey | None = None) -> str:
        """Record that a key no longer counts on `practice` after a commit (the newest unless said)."""
        good = trailer(last_good or self.branches["practice"].commits[-1])
        when = self.tick().isoformat()
        ring = self.ring.with_revocation(signing.public.fingerprint, revoked=when, reason=reason, last_good=good)
        parts: dict[str, object] = {"signing": by} if by else {}
        if by is self.recovery:
            parts["who"] = RECOVERY
        return self.policy(ring=ring, **parts)

    def client(self, handle: str, *, open_line: bool = True) -> ClientLine:
        """A new client, its line begun."""
        line = ClientLine(self, self.id(), handle)
        if open_line:
            line.open()
        return line

    # on disk

    @property
    def repository(self) -> Repository:
        """The repository, an empty one at the first use."""
        if not self.git_dir.exists():
            shelf.of(("chart", self.object_format), self.folder, self._empty)
        return Repository.open(self.chart, LAYOUT)

    def _empty(self, folder: Path) -> None:
        Repository.create(folder / self.chart.name, LAYOUT, object_format=self.object_format).close()

    def save(self, *, pin: bool = True, checkout: bool = True) -> None:
        """Write what was made: objects, branches, working files; and pin the heads, as the commands do."""
        with self.repository as repository:
            repository.git.write_objects(self.objects)
            self.objects.clear()
            there = repository.lines()
            for name, line in self.branches.items():
                if line.commits and there.get(name) != line.commits[-1]:
                    repository.git.update_ref(f"refs/heads/{name}", line.commits[-1], there.get(name))
            if checkout:
                repository.recover()
            if pin:
                self.pin(repository.clone_id)

    def settings(self) -> Path:
        """Make the folder a vault that commands find: `vault.toml` beside the chart; its folder."""
        from vaultcli.places.machine.vault import Vault

        (self.folder / "vault.toml").write_text(Vault(self.folder, self.chart, self.folder / "keys", LEE.id).text())
        return self.folder

    def pin(self, clone: str) -> None:
        """Pin the heads as they are."""
        heads = self.heads
        if pins.load(self.genesis, clone) is None:
            pins.create(self.genesis, clone, heads, how=pins.INIT, now=START)
        else:
            pins.advance(self.genesis, clone, heads)

    @property
    def heads(self) -> dict[str, str]:
        """Branch to newest commit."""
        return {name: line.commits[-1] for name, line in self.branches.items() if line.commits}

    def verify(self, *, cold: bool = True, now: datetime | None = None) -> Verdict:
        """The verdict on the vault as it is on disk.

        Args:
            cold: read everything.
            now: the clock; `NOW` unless said.
        """
        from vaultcli.verify import vault

        return vault.verify(self.chart, now=now or NOW, cold=cold)

    def rules(self) -> list[str]:
        """The rules that are found broken, sorted, each once; excused ones in brackets."""
        verdict = self.verify()
        return sorted({one.rule for one in verdict.findings} | {f"({one.finding.rule})" for one in verdict.excused})

    def git(self, *args: str, cwd: Path | None = None, data: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """Plain git, as a stranger runs it."""
        import subprocess

        done = subprocess.run(
            ["git", *args], cwd=cwd or self.chart, input=data, capture_output=True, check=True, env={**os.environ, **(env or {})}
        )
        return done.stdout.decode()


PDF = b"%PDF-1.4\r\n%\x00\xff\xfe\r\n1 0 obj\n<<>>\r\nendobj\r\n%%EOF\r\n"
"""A small file with line ends of both kinds and a zero."""

NOTE = """---
format: dap
date: {date}
time: 14:00-14:53
place: office
cpt: 90834
id: {id}
---

## Data

{words}
"""


class ClientLine:
    """One client's line in the making; every method records one commit and returns the path that it is about.

    Args:
        world: the vault.
        client_id: the client's id.
        handle: their short name.
    """

    def __init__(self, world: World, client_id: str, handle: str) -> None:
        self.world, self.id, self.handle = world, client_id, handle
        self.branch = f"client/{client_id}"
        self.chain = Line(self.branch)
        self.texts: dict[str, bytes] = {}
        self.first: dict[str, str] = {}
        self.first_commit: dict[str, str] = {}

    @property
    def folder(self) -> Path:
        """Their working folder."""
        return self.world.chart / "clients" / self.id

    @property
    def commits(self) -> list[str]:
        """Every commit of the line, oldest first."""
        return self.world.branches[self.branch].commits

    @property
    def register(self) -> bytes:
        """The register entry."""
        return f"---\nname: {self.handle.title()} Example\nhandle: {self.handle}\nid: {self.id}\n---\n".encode()

    def message(self, event: str, *ids: str, policy: str = "", key: str = "", last_good: str = "") -> str:
        """A message of the grammar, under the newest policy unless said."""
        head = policy or self.world.branches["practice"].commits[-1]
        return Message(event, ids or (self.id,), trailer(head), key, last_good).text()

    def commit(self, event: str, changes: Mapping[str, bytes | None], *ids: str, **parts: object) -> str:
        """A commit of the line with a message of the grammar; `parts` as in `World.commit`."""
        message = parts.pop("message", None) or self.message(event, *ids)
        oid = self.world.commit(self.branch, changes, message, **parts)  # type: ignore[arg-type]
        for path, data in changes.items():
            if data is not None:
                self.texts[path] = data
                self.first.setdefault(path, self.world.clock.isoformat(timespec="seconds"))
                self.first_commit.setdefault(path, oid)
        return oid

    def open(self) -> str:
        """Begin the line."""
        return self.commit("open", {".gitattributes": GITATTRIBUTES, "client.md": self.register})

    def update(self, line: bytes) -> str:
        """Change the register entry: one more line of front matter."""
        return self.commit("register", {"client.md": self.texts["client.md"].replace(b"\n---\n", b"\n" + line + b"\n---\n", 1)})

    def note(self, words: str = "She came on time.", *, date: str = "2026-11-02", kind: str = "progress") -> tuple[str, bytes]:
        """Path and text of a new note, not recorded."""
        id_ = self.world.id()
        return f"notes/{date}-{kind}-{id_}.md", NOTE.format(date=date, id=id_, words=words).encode()

    def draft(self, words: str = "She came on time.", **parts: object) -> str:
        """Record a draft; its path."""
        path, raw = self.note(words)
        self.commit("draft", {path: raw}, id_of(path), **parts)
        return path

    def redraft(self, path: str, words: str, **parts: object) -> str:
        """Record a draft again with other words."""
        head, found, _ = self.texts[path].partition(b"## Data\n\n")
        self.commit("draft", {path: head + found + words.encode() + b"\n"}, id_of(path), **parts)
        return path

    def stamped(self, path: str, raw: bytes, *, meaning: str = "author", by: Person = LEE, when: datetime | None = None) -> bytes:
        """The text with its block, next in the line's chain; nothing is recorded and the chain does not move."""
        kind, id_, target = kind_of(path)
        signing = Signing(trailer(self.world.genesis), by, when or self.world.clock, "system", "vaultcli 0.1.0")
        one = Unsigned(path, kind, id_, target, raw, meaning, self.first.get(path, ""))
        return stamp.stamp([one], signing, self.chain)[0][2]

    def signed(
        self, path: str, raw: bytes, *, meaning: str = "author", by: Person = LEE, signing: SigningKey | None = None,
        when: datetime | None = None,
    ) -> dict[str, bytes]:  # fmt: skip
        """The text with its block and its signature, as changes for a commit; the chain moves on."""
        moment = when or self.world.clock + timedelta(minutes=1)
        stamped = self.stamped(path, raw, meaning=meaning, by=by, when=moment)
        self.chain.number, self.chain.newest = self.chain.number + 1, hashlib.sha256(stamped).hexdigest()
        armour = (signing or (self.world.lee if by is LEE else self.world.sam)).sign(stamped, f"{kind_of(path)[0]}@vaultcli.v1")
        return {path: stamped, f"{path}.sig": armour.encode()}

    def sign(self, *paths: str, raw: bytes | None = None, by: Person = LEE, **parts: object) -> str:
        """Sign notes: drafts recorded before, or one new text; the last one's path."""
        changes: dict[str, bytes] = {}
        for path in paths:
            changes |= self.signed(path, raw or self.texts[path], by=by)
        self.commit("sign", changes, *map(id_of, paths), **self._machine(by), **parts)
        return paths[-1]

    def attachment(self, raw: bytes = PDF, *, ending: str = "pdf", kind: str = "consent") -> tuple[str, bytes, str]:
        """A file to be attached, not recorded: path and text of its descriptor, and its own path."""
        id_ = self.world.id()
        stored = f"attachments/{id_}.{ending}"
        said = Attachment(
            stored, "Consent.pdf", kind, "application/pdf", len(raw), hashlib.sha256(raw).hexdigest(), "2026-11-02"
        )  # fmt: skip
        return f"notes/2026-11-02-attachment-{id_}.md", attachments.render(said, "On paper, too."), stored

    def attach(self, raw: bytes = PDF, **parts: object) -> tuple[str, str]:
        """Attach a file; its descriptor's path, and its own."""
        path, text, stored = self.attachment(raw)
        self.commit("attach", {**self.signed(path, text), stored: raw}, id_of(path), **parts)
        return path, stored

    def add(
        self, kind: str, path: str, lines: str, body: str = "", *, meaning: str = "author", by: Person = LEE, event: str = "",
        **parts: object,
    ) -> str:  # fmt: skip
        """Add a signed file of that kind to a note; its path."""
        id_ = self.world.id()
        own = f"{path.removesuffix('.md')}.{kind}-{id_}.md"
        raw = f"---\n{lines}id: {id_}\n---\n{body}".encode()
        events = {"cosignature": "cosign", "withdrawal": "withdraw", "attestation": "attest"}
        changes = self.signed(own, raw, meaning=meaning, by=by)
        self.commit(event or events.get(kind, "amend"), changes, id_, **self._machine(by), **parts)
        return own

    def correct(self, path: str, words: str, *, of: str = "", by: Person = LEE, **parts: object) -> str:
        """Correct a signed note (or its correction `of`): the whole text again, with other words."""
        head, _, _ = self._unsigned(path).partition(b"## Data\n\n")
        lines = head + b"## Data\n\n" + words.encode() + b"\n"
        raw = lines.replace(b"\n---\n", f"\ncorrects: {self.sha256(of or path)}\nreason: a slip\n---\n".encode(), 1)
        id_ = self.world.id()
        own = f"{path.removesuffix('.md')}.correction-{id_}.md"
        self.commit("amend", self.signed(own, raw, by=by), id_, **self._machine(by), **parts)
        return own

    def addendum(self, path: str, words: str, *, to: str = "", **parts: object) -> str:
        """Add words to a signed note."""
        return self.add("addendum", path, f"adds-to: {self.sha256(to or path)}\n", f"\n{words}\n", **parts)  # type: ignore[arg-type]

    def cosign(self, *paths: str, by: Person = LEE, **parts: object) -> str:
        """Co-sign a note and what was added to it: the note's path first."""
        covers = ", ".join(map(self.sha256, paths))
        return self.add("cosignature", paths[0], f"covers: [{covers}]\n", meaning="cosigner", by=by, **parts)  # type: ignore[arg-type]

    def withdraw(self, path: str, *, reason: str = "entered-in-error", meaning: str = "author", **parts: object) -> str:
        """Withdraw a note."""
        lines = f"withdraws: {self.sha256(path)}\nreason: {reason}\n"
        return self.add("withdrawal", path, lines, meaning=meaning, **parts)  # type: ignore[arg-type]

    def attest(self, path: str, words: str = "I wrote this and could not sign it.", **parts: object) -> str:
        """Attest to an unsigned note."""
        return self.add("attestation", path, f"attests: {self.sha256(path)}\n", f"\n{words}\n", **parts)  # type: ignore[arg-type]

    def settle(self, revoked: SigningKey, last_good: str, **parts: object) -> str:
        """Record up to which commit of this line a revoked key counts."""
        message = self.message("settle", key=revoked.public.fingerprint, last_good=trailer(last_good))
        settings: dict[str, object] = {"signing": self.world.lee, **parts}
        return self.commit("settle", {}, message=message, **settings)

    def excuse(self, commit: str, rule: str, reason: str = "a known slip of the tool", **parts: object) -> str:
        """Record a signed exception: this rule, at that commit; its path."""
        id_ = self.world.id()
        path = f"exceptions/{id_}.md"
        raw = f"---\nexcuses: {trailer(commit)}\nfinding: {rule}\nreason: {reason}\nid: {id_}\n---\n".encode()
        settings: dict[str, object] = {"signing": self.world.lee, **parts}
        self.commit("exception", self.signed(path, raw, meaning="policy"), id_, **settings)
        return path

    def succeed(self, *, without: Iterable[str] = (), ground: str = "misfiled-text", **parts: object) -> str:
        """Begin the line anew without some notes and what was added to them; the new root."""
        old = self.world.branches[self.branch]
        gone = {p for p in old.files for w in without if p.startswith((w.removesuffix("md"), f"attachments/{id_of(w)}."))}
        numbers = {path: _number(self.texts[path]) for path in old.files if path.endswith(".md")}
        keep = sorted(path for path in old.files if path not in gone and path != ".gitattributes")
        kept = tuple(Kept(p, self.sha256(p), trailer(self.first_commit[p]), self.first[p], LEE.id) for p in keep)
        left = tuple(LeftOut(id_of(p), self.sha256(p), numbers[p]) for p in sorted(gone) if p.endswith(".md"))
        said = Succession(ground, "", tuple(map(trailer, old.commits)), kept, left)
        files = {".gitattributes": GITATTRIBUTES, **{p: self.texts[p] for p in keep}}
        self.world.branches[self.branch] = Branch(self.branch)
        settings: dict[str, object] = {"signing": self.world.lee, **parts}
        return self.commit("succeed", {**files, "succession.toml": render_succession(said).encode()}, **settings)

    def sha256(self, path: str) -> str:
        """The SHA-256 of a file as it stands."""
        return hashlib.sha256(self.texts[path]).hexdigest()

    def _unsigned(self, path: str) -> bytes:
        from vaultcli.record.notes import block

        return block.without(self.texts[path])

    def _machine(self, by: Person) -> dict[str, object]:
        return {} if by is LEE else {"signing": self.world.sam_machine, "who": ident(SAM)}


def id_of(path: str) -> str:
    """The id that a file's own name ends with."""
    return Path(path).name.removesuffix(".md").rpartition("-")[2]


def kind_of(path: str) -> tuple[str, str, str]:
    """Kind, id and target of a signed file, from its path."""
    if path.startswith("exceptions/"):
        return "exception", id_of(path), ""
    stem, dot, addition = Path(path).name.removesuffix(".md").partition(".")
    if not dot:
        return "note", stem.rpartition("-")[2], ""
    return addition.rpartition("-")[0], addition.rpartition("-")[2], stem.rpartition("-")[2]


def _number(raw: bytes) -> int:
    from vaultcli.record.notes import block

    found = block.parse(raw)
    return found.number if found else 0


def ended(person: Person, day: str) -> Person:
    """The person, no longer working here."""
    return replace(person, until=day)
