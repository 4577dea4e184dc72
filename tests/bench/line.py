"""One client's line of history in the making: weekly notes over some years, and what happens to notes."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from tests.bench.pack import Pack
from tests.bench.words import Prose
from tests.sshsign import SigningKey
from vaultcli.ground.git.objects import (
    Ident,
    add_signature,
    format_commit,
    name_object,
)
from vaultcli.ground.ids import ALPHABET, LENGTH
from vaultcli.record.message import Message, trailer
from vaultcli.record.notes.block import Block
from vaultcli.record.practice.practice import Person
from vaultcli.record.rules.policy import GITATTRIBUTES

TOOL = "vaultcli 0.1.0"
FORMATS = {
    "dap": ("Data", "Assessment", "Plan"),
    "soap": ("Subjective", "Objective", "Assessment", "Plan"),
    "birp": ("Behavior", "Intervention", "Response", "Plan"),
}
CODES = ("90834", "90837", "90832")
DIAGNOSES = ("F33.1", "F41.1", "F43.10", "F43.23", "F42.2")
EVENTS = {"cosignature": "cosign", "withdrawal": "withdraw"}


@dataclass(frozen=True)
class Staff:
    """Who works here: principal to the person, their own key and their machine's."""

    people: dict[str, tuple[Person, SigningKey, SigningKey]]


@dataclass(frozen=True)
class Made:
    """A finished line: its branch, client and head, and how many objects were packed with it."""

    branch: str
    client: str
    handle: str
    head: str
    objects: int = 0


@dataclass(frozen=True)
class Signed:
    """What was signed last: path, the author's bytes, their SHA-256 once signed."""

    path: str
    raw: bytes
    sha256: str


class LineMaker:
    """A line in the making.

    Args:
        number: of the client; every twelfth is seen by the trainee, while there is one.
        chance: the source of chance.
        staff: who signs.
        genesis: the vault's first commit (bare id).
        policy_at: gives the policy in force at a moment (bare id).
        begin: the day of the first session.
    """

    def __init__(
        self, number: int, chance: Random, staff: Staff, genesis: str, policy_at: Callable[[datetime], str], begin: datetime
    ) -> None:
        self._chance, self._prose, self._staff = chance, Prose(chance), staff
        self._genesis, self._policy_at, self._clock = genesis, policy_at, begin
        self.client = self._id()
        self.branch = f"client/{self.client}"
        self.handle = f"{self._prose.name().lower()}-{number}"
        self._format = chance.choice(tuple(FORMATS))
        self._code, self._diagnosis = chance.choice(CODES), chance.choice(DIAGNOSES)
        by_trainee = number % 12 == 5 and len({policy_at(begin), genesis}) == 2
        self._author = "sam-sample" if by_trainee else "lee-example"
        self.files: dict[str, bytes] = {}
        self._blobs: dict[str, bytes] = {}
        self._names: list[str] = []
        self._entries: list[bytes] = []
        self._notes = ""
        self._top: dict[str, tuple[bytes, str]] = {}
        self._folders: list[tuple[str, bytes]] = []
        self._trees: list[tuple[str, bytes]] = []
        self._commits: list[tuple[str, bytes]] = []
        self._number, self._newest = 0, ""

    @property
    def made(self) -> Made:
        """The line as it is now."""
        return Made(self.branch, self.client, self.handle, self._commits[-1][0])

    # what happens

    def write(self, notes: int) -> None:
        """The client's opening, so many signed notes, and a draft that is still open with some."""
        self._open()
        chance = self._chance
        for week in range(notes):
            self._clock += timedelta(days=7)
            self._session()
            start = self._clock
            path, raw = self._text(start)
            if chance.random() < 0.1:
                self._tick(5)
                self._record("draft", {path: raw}, path, self._author)
                raw = raw[:-1] + b" " + self._prose.sentence().encode() + b"\n"
            self._tick(chance.randrange(4, 600))
            signed = self._sign("sign", path, raw, "author", self._author)
            self._after(signed)
            if week % 50 == 49:
                self._register()
            self._clock = start
        if chance.random() < 0.05:
            self._clock += timedelta(days=7)
            self._session()
            path, raw = self._text(self._clock)
            self._tick(3)
            self._record("draft", {path: raw}, path, self._author)

    def _after(self, signed: Signed) -> None:
        """What is added to a note later: a correction, an addendum, a co-signature, a withdrawal, or mostly nothing."""
        drawn = self._chance.random()
        texts = [signed]
        self._tick(700)
        if drawn < 0.04:
            head, found, rest = signed.raw.partition(b"\n---\n")
            changed = (
                head + f"\ncorrects: {signed.sha256}\nreason: typing error".encode() + found + rest.rstrip(b".\n") + b", or so.\n"
            )
            texts.append(self._add("correction", signed, changed))
        elif drawn < 0.06:
            body = f"\n{self._prose.sentence()}\n"
            texts.append(self._add("addendum", signed, f"---\nadds-to: {signed.sha256}\nid: {{id}}\n---\n{body}".encode()))
        if self._author != "lee-example":
            covers = ", ".join(one.sha256 for one in texts)
            self._add("cosignature", signed, f"---\ncovers: [{covers}]\nid: {{id}}\n---\n".encode(), "cosigner", "lee-example")
        if 0.06 <= drawn < 0.07:
            lines = f"withdraws: {signed.sha256}\nreason: entered-in-error\nid: {{id}}"
            self._add("withdrawal", signed, f"---\n{lines}\n---\n".encode())

    def _open(self) -> None:
        name = f"{self._prose.name()} {self._prose.name()}"
        rows = (
            f"name: {name}", f"handle: {self.handle}", "kind: individual", "place: office", f"format: {self._format}",
            f"cpt: {self._code}", f"diagnoses: [{self._diagnosis}]", f"opened: {self._clock:%Y-%m-%d}", f"id: {self.client}",
        )  # fmt: skip
        raw = "\n".join(("---", *rows, "---", "")).encode()
        self._record("open", {".gitattributes": GITATTRIBUTES, "client.md": raw}, "", "lee-example")

    def _register(self) -> None:
        self._record(
            "register", {"client.md": self.files["client.md"] + f"\n{self._prose.sentence()}\n".encode()}, "", "lee-example"
        )

    def _session(self) -> None:
        self._clock = self._clock.replace(hour=self._chance.randrange(8, 18), minute=0, second=self._chance.randrange(60))

    def _tick(self, minutes: int) -> None:
        self._clock += timedelta(minutes=minutes)

    def _id(self) -> str:
        return "".join(self._chance.choices(ALPHABET, k=LENGTH))

    def _text(self, start: datetime) -> tuple[str, bytes]:
        """Path and bytes of a note about the session that began then; the clock moves to its end."""
        id_ = self._id()
        self._tick(53)
        sections = FORMATS[self._format]
        words = self._chance.randrange(150, 300)
        body = "".join(f"\n## {title}\n\n{self._prose.paragraph(words // len(sections))}" for title in sections)
        rows = (
            f"format: {self._format}", f"date: {start:%Y-%m-%d}", f"time: {start:%H:%M}-{start + timedelta(minutes=53):%H:%M}",
            "place: office", f"cpt: {self._code}", f"diagnoses: [{self._diagnosis}]", "goals: [g1]", f"id: {id_}",
        )  # fmt: skip
        return f"notes/{start:%Y-%m-%d}-progress-{id_}.md", ("\n".join(("---", *rows, "---", "")) + body).encode()

    # signing

    def _add(self, kind: str, to: Signed, raw: bytes, meaning: str = "author", by: str = "") -> Signed:
        id_ = self._id()
        path = f"{to.path.removesuffix('.md')}.{kind}-{id_}.md"
        return self._sign(EVENTS.get(kind, "amend"), path, raw.replace(b"{id}", id_.encode()), meaning, by or self._author, kind)

    def _sign(self, event: str, path: str, raw: bytes, meaning: str, by: str, kind: str = "note") -> Signed:
        person, key, _ = self._staff.people[by]
        stamped = self._stamp(path, raw, kind, meaning, person)
        self._number, self._newest = self._number + 1, hashlib.sha256(stamped).hexdigest()
        armour = key.sign(stamped, f"{kind}@vaultcli.v1").encode()
        self._record(event, {path: stamped, f"{path}.sig": armour}, path, by)
        return Signed(path, raw, self._newest)

    def _stamp(self, path: str, raw: bytes, kind: str, meaning: str, person: Person) -> bytes:
        stem = path.removeprefix("notes/").removesuffix(".md")
        moment = self._clock.isoformat(timespec="seconds")
        block = Block(
            kind=kind,
            id=stem[-LENGTH:],
            target=stem.partition(".")[0][-LENGTH:] if kind != "note" else "",
            line=self.branch,
            genesis=trailer(self._genesis),
            by=person.id,
            name=person.name,
            credentials=person.credentials,
            meaning=meaning,
            cosigner=person.supervisor if kind in ("note", "correction", "addendum") else "",
            time=moment,
            clock="system",
            lateness=self._lateness(raw) if kind == "note" else None,
            recorded=self._recorded(path) or moment,
            tool=TOOL,
            number=self._number + 1,
            follows=(self._newest,) if self._newest else (),
        )
        head, found, body = raw.partition(b"\n---\n")
        return head + b"\n" + "\n".join(block.lines()).encode() + found + body

    def _lateness(self, raw: bytes) -> int:
        at = raw.index(b"date: ") + 6
        end = raw.index(b"time: ") + 12
        over = datetime.fromisoformat(f"{raw[at : at + 10].decode()}T{raw[end : end + 5].decode()}").replace(
            tzinfo=self._clock.tzinfo
        )
        return int((self._clock - over).total_seconds() // 3600)

    def _recorded(self, path: str) -> str:
        return self._drafted[1] if self._drafted[0] == path else ""

    _drafted = ("", "")

    # objects

    def _record(self, event: str, changes: dict[str, bytes], path: str, by: str) -> None:
        """A commit with these files, signed by that person's machine."""
        if event == "draft":
            self._drafted = (path, self._clock.isoformat(timespec="seconds"))
        for name, data in changes.items():
            self.files[name] = data
            self._place(name, self._keep(data))
        person, _, machine = self._staff.people[by]
        own = path.removesuffix(".md")[-LENGTH:] or self.client
        who = Ident(person.name, person.id)
        payload = format_commit(
            tree=self._tree(),
            parents=tuple(oid for oid, _ in self._commits[-1:]),
            author=who,
            committer=who,
            seconds=int(self._clock.timestamp()),
            zone="-0500",
            message=Message(event, (own,), trailer(self._policy_at(self._clock))).text(),
        )
        raw = add_signature(payload, machine.sign(payload, "git"), "sha256")
        self._commits.append((name_object("commit", raw, "sha256"), raw))

    def _keep(self, data: bytes) -> str:
        oid = name_object("blob", data, "sha256")
        self._blobs[oid] = data
        return oid

    def _place(self, path: str, oid: str) -> None:
        folder, slash, name = path.partition("/")
        if not slash:
            self._top[folder] = (b"100644", oid)
            return
        entry = b"100644 " + name.encode() + b"\0" + bytes.fromhex(oid)
        at = bisect_left(self._names, name)
        if self._names[at : at + 1] == [name]:
            self._entries[at] = entry
        else:
            self._names.insert(at, name)
            self._entries.insert(at, entry)

    def _tree(self) -> str:
        if self._entries:
            raw = b"".join(self._entries)
            oid = name_object("tree", raw, "sha256")
            if self._top.get("notes") != (b"40000", oid):
                self._folders.append((oid, raw))
                self._top["notes"] = (b"40000", oid)
        top = b"".join(
            mode + b" " + name.encode() + b"\0" + bytes.fromhex(oid) for name, (mode, oid) in sorted(self._top.items())
        )
        oid = name_object("tree", top, "sha256")
        self._trees.append((oid, top))
        return oid

    def add_commits(self, pack: Pack) -> None:
        """The commits, newest first, as git packs them."""
        for oid, raw in reversed(self._commits):
            pack.add("commit", raw, oid)

    def add_rest(self, pack: Pack) -> None:
        """Folders and files."""
        for oid, raw in reversed(self._trees):
            pack.add("tree", raw, oid)
        pack.add_chain(self._folders)
        for oid, raw in self._blobs.items():
            pack.add("blob", raw, oid)
