"""The chart: one git repository, a line of history for the practice's policy and one for each client.

Every recording goes through `record`: the commit is judged by the same rules as `verify` uses before it is made, signed by
this machine's key, and durable when the call returns. `docs/spec/history.md` describes what it leaves on disk.
`places/sealed/store` records what it cannot read, on one line for all clients; here each client has a line, and rules that
read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from vaultcli.ground.errors import BadInput, GitTrouble, KeyTrouble, NotFound, Refused, VaultError
from vaultcli.ground.git.objects import Ident, name_object
from vaultcli.ground.repository.repository import Layout, Repair, Repository
from vaultcli.places.machine.vault import Vault
from vaultcli.record.notes.find_client import Accept, find

# the rules, the signer and the pins are brought in by what needs them: looking at a line that is remembered needs none
if TYPE_CHECKING:
    from vaultcli.ground.ssh.sshsig import PublicKey
    from vaultcli.places.chart.policy_cache import Gist
    from vaultcli.record.finding import Finding
    from vaultcli.record.history.commit import Facts
    from vaultcli.record.history.line import Line
    from vaultcli.record.message import Message
    from vaultcli.record.notes.client import Client
    from vaultcli.record.practice.practice import Person
    from vaultcli.record.rules.policy import Policies, Policy

T = TypeVar("T")
BRANCH = "practice"
"""The line of the practice's policy, as in `record.rules.policy`."""
_FOLDERS = {"client": "clients", "disclosure": "disclosure", "group": "groups"}


def _place(branch: str) -> str | None:
    kind, _, id_ = branch.partition("/")
    return f"{_FOLDERS[kind]}/{id_}" if kind in _FOLDERS and id_ else None


LAYOUT = Layout(main=BRANCH, place=_place, apart=frozenset(_FOLDERS.values()))
"""`practice` at the top of the chart, `client/ID` in `clients/ID`."""


class Outside(Protocol):
    """Does an act that signs under a lock, and gives what it gives."""

    def __call__(self, act: Callable[[], T], /) -> T:
        """What the act gives."""


def _at_once(act: Callable[[], T], /) -> T:
    return act()


@dataclass(frozen=True)
class Recorder:
    """Who records a commit: author and committer, the key, and how it signs (namespace `git`).

    `ready` may be called once a signature is about to be wanted, so that it takes less time. `outside` does what signs under a
    lock, and waits for people and agents while it is not held (`Signer.outside`).
    """

    ident: Ident
    key: PublicKey
    sign: Callable[[bytes], str]
    ready: Callable[[], None] = lambda: None
    outside: Outside = _at_once


@dataclass(frozen=True)
class Recording:
    """What one commit on a client's line is to record.

    Args:
        event: the event word.
        ids: the ids that the message names.
        changes: path to new bytes.
        seen: SHA-256 of the working files as the user saw them (None: no file); any other is not overwritten.
        settle: for a settlement, the revoked key's fingerprint and the last good commit (`sha256:HEX`).
    """

    event: str
    ids: tuple[str, ...]
    changes: Mapping[str, bytes] = field(default_factory=dict)
    seen: Mapping[str, str | None] | None = None
    settle: tuple[str, str] = ("", "")


class Chart:
    """The chart of one vault; a context manager.

    Args:
        vault: where it is.
        tell: receives what was mended, as it happens.
        waiting: called once when another command holds the lock.
        remark: receives what is passed over, a sentence each.
    """

    def __init__(
        self, vault: Vault, *, tell: Callable[[Repair], None] = lambda _: None, waiting: Callable[[], None] = lambda: None,
        remark: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.vault = vault
        try:
            self.repository = Repository.open(vault.chart, LAYOUT, tell=tell, waiting=waiting)
        except GitTrouble:
            from vaultcli.places.chart import mend

            if not (said := mend.config(vault.chart)):
                raise
            tell(Repair("", said))
            self.repository = Repository.open(vault.chart, LAYOUT, tell=tell, waiting=waiting)
        self.repository.seek = self._seek
        self._lines: dict[str, Line] = {}
        self._grown: set[str] = set()
        self._remark = remark
        self._unread: set[str] = set()
        self._policies: Policies | None = None
        self._policy_head = ""

    def __enter__(self) -> Chart:
        return self

    def __exit__(self, *_: object) -> None:
        # after the last word: it only spares the next command some time
        for line in filter(None, map(self._lines.get, self._grown)):
            from vaultcli.places.chart import line_cache

            line_cache.save(self.repository, line, self.repository.head(BRANCH) or "")
        self.repository.keep_house()
        self.repository.close()

    def _seek(self, branch: str) -> str | None:
        from vaultcli.places.chart import mend

        return mend.line(self.repository, branch)

    # what is there

    @property
    def policies(self) -> Policies:
        """Every policy, oldest first."""
        from vaultcli.places.chart import replay

        head = self.repository.head(BRANCH) or ""
        if self._policies is None or self._policy_head != head:
            self._policies, self._policy_head = replay.replay_practice(self.repository), head
        return self._policies

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.policies.head

    def gist(self, head: str) -> Gist:
        """What quick commands need of the policies, remembered where it can be.

        Args:
            head: the newest commit of `practice` (bare id).
        """
        from vaultcli.places.chart import policy_cache

        return policy_cache.at(self.repository.clone_id, head, lambda: self.policies)

    @cached_property
    def genesis(self) -> str:
        """The vault's first commit, `sha256:HEX`."""
        from vaultcli.record.message import trailer

        return trailer(self.policies.genesis)

    @property
    def me(self) -> Person:
        """Whose machine this is.

        Raises:
            KeyTrouble: nobody of that id works here any more.
        """
        person = self.policy.practice.person(self.vault.principal)
        if person is None or person.until:
            raise KeyTrouble(
                f"{self.vault.principal} is not among the people of this practice",
                hint="the founder enrols people with `vaultcli people add`",
            )
        return person

    def client_ids(self, lines: Iterable[str] | None = None) -> list[str]:
        """The ids of all clients, sorted; `lines` where every line was read before."""
        every = self.repository.lines() if lines is None else lines
        return sorted(branch.partition("/")[2] for branch in every if branch.startswith("client/"))

    def register(self, client_id: str) -> Client:
        """A client's entry in the register: the newest that can be read as this client's.

        Where the one recorded last cannot, that is told once, and nothing ends because of it; where none can, the client is
        called by the id.

        Raises:
            NotFound: there is no such line.
        """
        from vaultcli.record.notes import client

        raw = self.recorded(client_id, client.PATH)
        if raw is None and self.repository.head(f"client/{client_id}") is None:
            raise NotFound(f"no client with the id {client_id}")
        made: Client | None = None
        with contextlib.suppress(BadInput):
            made = client.parse(raw or b"", f"clients/{client_id}/{client.PATH}")
            if made.id == client_id and made.kind != client.GROUP:
                return made
        return self._accepted(client_id, raw, made)

    def _accepted(self, client_id: str, raw: bytes | None, newest: Client | None) -> Client:
        """The entry that the line itself has in force: of a group's, and where the newest file is not this client's entry."""
        from vaultcli.record.notes import client

        line: Line | None = None
        with contextlib.suppress(VaultError):
            line = self.line(client_id)
            if newest is not None and raw is not None and line.entry == self._blob(raw):
                return newest
        said = "the entry before it is used" if line is not None and line.entry else "the client is called by the id"
        self.passed_over(f"clients/{client_id}/{client.PATH}", f"cannot be read as this client's register entry; {said}")
        if line is not None and line.entry:
            return replace(client.parse(self.repository.objects.blob(line.entry)), newest=False)
        kind = client.GROUP if line is not None and line.group else "individual"
        named = {"name": client_id, "handle": client_id, "kind": kind, "id": client_id}
        return client.Client(client_id, client_id, client_id, kind, named, newest=False)

    def passed_over(self, path: str, text: str) -> None:
        """Tell once of a file that the record has a problem with, and that a command goes on without."""
        if path not in self._unread:
            self._unread.add(path)
            self._remark(f"{path}: {text} (`vaultcli verify` says more)")

    def entry_in_force(self, client_id: str) -> bytes:
        """The bytes of the newest entry that can be read as this client's.

        Raises:
            BadInput: there is none.
        """
        from vaultcli.record.notes import client

        line = self.line(client_id)
        if not line.entry:
            raise BadInput(
                f"clients/{client_id}/{client.PATH}: no register entry of this client can be read",
                hint="`vaultcli client edit` without options opens it in your editor",
            )
        return self.repository.objects.blob(line.entry)

    def clients(self) -> list[Client]:
        """The register, by name; entries as last recorded."""
        return sorted(map(self.register, self.client_ids()), key=lambda one: (one.name.casefold(), one.id))

    def client(self, word: str) -> Client:
        """The one client that a word means: a handle, an id or its beginning, or a unique part of a name.

        Raises:
            NotFound: nobody, or more than one; the candidates are listed.
        """
        return find(self.clients(), word, Accept.ANY)

    def is_group(self, client_id: str) -> bool:
        """Whether a line is a group's: it holds the register entry and nothing else."""
        from vaultcli.record.notes import client

        try:
            return self.register(client_id).kind == client.GROUP
        except NotFound:
            return False

    def line(self, client_id: str) -> Line:
        """A client's line as it stands at its head; a copy is needed before it is changed."""
        from vaultcli.places.chart import line_cache

        branch = f"client/{client_id}"
        head = self.repository.head(branch) or ""
        cached = self._lines.get(branch)
        if cached is None or cached.head != head:
            practice = self.repository.head(BRANCH) or ""
            cached = line_cache.line(self.repository, branch, practice, lambda: self.policies)
            self._lines[branch] = cached
        return cached

    def forget(self, client_id: str) -> None:
        """Let go of what was read of a line, for whoever walks over all of them; it is read again when it is asked for."""
        if f"client/{client_id}" not in self._grown:
            self._lines.pop(f"client/{client_id}", None)
        self.repository.objects.forget()

    def folder(self, client_id: str) -> Path:
        """The client's working folder."""
        return self.vault.chart / "clients" / client_id

    def recorded(self, client_id: str, path: str) -> bytes | None:
        """A file's bytes as last recorded, or None."""
        head = self.repository.head(f"client/{client_id}")
        return None if head is None else self.repository.read(head, path)

    # recording

    @contextlib.contextmanager
    def recorder(self) -> Iterator[Recorder]:
        """This machine as a recorder.

        Raises:
            KeyTrouble: the machine key is not there, or not admitted.
        """
        from vaultcli.ground.ssh.sign import Signer
        from vaultcli.places.machine import keystore

        key, me = keystore.machine(self.vault), self.me
        entry = self.policy.keyring.by_key(keystore.public(key))
        if entry is None or entry.revoked or entry.principal != me.id:
            raise KeyTrouble(
                "this machine's key is not admitted in this practice",
                hint="a key with the policy role admits it with `vaultcli people add`",
            )
        with Signer(key) as signer:
            sign, ready = (lambda payload: signer.sign(payload, "git")), (lambda: signer.ready("git"))
            yield Recorder(Ident(me.name, me.id), entry.key, sign, ready)

    def record(self, client_id: str, recording: Recording, now: datetime, by: Recorder | None = None) -> str:
        """Record one event on a client's line.

        Args:
            client_id: whose line.
            recording: what.
            now: the clock.
            by: who records; this machine when left out.

        Returns:
            The new commit's bare id, once it is durable.

        Raises:
            Refused: the rules do not admit it; nothing was written.
            NotVerified: the line, or `practice`, is not what this machine knows and does not verify; nothing was written.
            Conflict: the line or a file moved on meanwhile.
        """
        if by is None:
            with self.recorder() as machine:
                return self.record(client_id, recording, now, machine)
        me = by
        return by.outside(lambda: self._record(client_id, recording, now, me))

    def _record(self, client_id: str, recording: Recording, now: datetime, by: Recorder) -> str:
        from vaultcli.places.chart import continuity

        branch = f"client/{client_id}"
        if recording.event not in ("open", "register", "settle", "exception") and self.is_group(client_id):
            raise Refused("the line of a group holds its entry and nothing else", hint="what happened is in its members' notes")
        by.ready()
        with continuity.building(self.repository, self.policies.genesis, branch, recording.event) as pin:
            line = self.line(client_id)
            message = self._message(recording)
            facts = self._coming(line, recording, message, now, by)
            refuse(self._admit(facts, line.copy(), recording))
            oid = self.repository.record(
                branch,
                recording.changes,
                message=message.text(),
                ident=by.ident,
                when=self.when(line, now),
                sign=by.sign,
                expecting=line.head or None,
                seen=recording.seen,
            )
            pin(oid)
            grown = line.copy()
            self._admit(facts._replace(commit=facts.commit._replace(oid=oid)), grown, recording)
            self._lines[branch] = grown
            self._grown.add(branch)
            return oid

    def successor(self, client_id: str, recording: Recording, now: datetime, by: Recorder) -> str:
        """Store the root of a line that is to succeed a client's line; no branch leads to it yet.

        Args:
            client_id: whose line.
            recording: everything that the root holds.
            now: its time.
            by: a key with the policy role.

        Returns:
            Its bare id.

        Raises:
            Refused: the rules do not admit it; nothing was written.
        """
        from vaultcli.record.history.line import Line

        message = self._message(recording)
        refuse(self.judge(Line(f"client/{client_id}"), recording, message, now, by))
        return self.repository.root(recording.changes, message=message.text(), ident=by.ident, when=now, sign=by.sign)

    def when(self, line: Line, now: datetime) -> datetime:
        """The clock, or the newest commit's time where the clock runs behind it: history never runs backwards."""
        from vaultcli.record import times

        return times.onward(now, line.time)

    def signing_time(self, line: Line, now: datetime) -> datetime:
        """The moment of a signature: the clock's, or up to 300 s later where the line or the policy is dated later.

        Raises:
            Refused: one of them is dated further ahead; a time that this clock did not show is never signed.
        """
        from vaultcli.record import times

        newest = max(line.time, self.policy.time)
        ahead = newest - int(now.timestamp())
        if ahead > times.CLOCKS:
            where = line.branch if line.time == newest else BRANCH
            said = f"dated {-(-ahead // 60)} minutes ahead of this machine's clock, {now:%Y-%m-%d %H:%M}"
            hint = "is the clock right? Else sign when that time has come; `vaultcli save` keeps the text"
            raise Refused(f"the newest commit of {where} is {said}", hint=hint)
        return times.onward(now, newest)

    def _message(self, recording: Recording) -> Message:
        from vaultcli.record.message import Message, trailer

        key, last_good = recording.settle
        return Message(recording.event, recording.ids, trailer(self.policy.oid), key, last_good)

    def judge(self, line: Line, recording: Recording, message: Message, now: datetime, by: Recorder) -> list[Finding]:
        """What the rules find wrong with a commit that is about to be made."""
        return self._admit(self._coming(line, recording, message, now, by), line.copy(), recording)

    def _coming(self, line: Line, recording: Recording, message: Message, now: datetime, by: Recorder) -> Facts:
        """The commit that is about to be made; its id is still empty."""
        from vaultcli.ground.git.tree import Change
        from vaultcli.record.history.commit import coming

        changes = [Change(path, line.files.get(path), self._blob(raw)) for path, raw in sorted(recording.changes.items())]
        who = (by.ident.name, by.ident.email)
        return coming(line.branch, line.head, who, self.when(line, now), message.text(), by.key, changes)

    def _blob(self, raw: bytes) -> str:
        return name_object("blob", raw, self.repository.object_format)

    def _admit(self, facts: Facts, line: Line, recording: Recording) -> list[Finding]:
        """Judge a commit of ours and take it into the line; what it records is not in the repository yet."""
        from vaultcli.places.chart import replay
        from vaultcli.record.rules import admission

        blobs = {self._blob(raw): raw for raw in recording.changes.values()}

        def read(oid: str) -> bytes:
            return blobs[oid] if oid in blobs else self.repository.objects.blob(oid)

        return admission.admit(facts, line, self.policies, read, replay.trusting, facts.commit.author_time)


def refuse(found: list[Finding]) -> None:
    """Stop on findings against a commit that is about to be made.

    Raises:
        Refused: there are some.
    """
    if found:
        said = "; ".join(f"{one.path}: {one.message}" for one in found)
        hint = f"the rule is {found[0].rule}; `vaultcli verify --explain {found[0].rule}` says more"
        raise Refused(f"the record's rules do not admit this: {said}", hint=hint)
