"""The access log: what was opened through vaultcli on this machine, sealed before the text is shown, and chained.

`docs/spec/psychotherapy/sealed-file.md`, rules 11 to 13. Events wait in one sealed piece in the state folder, and go into the
repository with the next recording, with `lock` or with `psychotherapy save`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from vaultcli.ground import ids
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import BadInput, KeyTrouble, NotVerified, VaultError
from vaultcli.ground.ssh.sign import Signer
from vaultcli.places.sealed import log_state
from vaultcli.places.sealed.log_state import Memory
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.notes import drawers, guest_log, sealed_file
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.notes.files import Opened
from vaultcli.psychotherapy.unlock import keys
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.finding import Finding
from vaultcli.record.sealed import header, logline
from vaultcli.record.sealed.drawer import LOG, Drawer
from vaultcli.record.sealed.logline import Event
from vaultcli.record.sealed.paths import Sealed
from vaultcli.record.sealed.signers import Entry

RULE = "access-log"
FULL = 256 * 1024
"""Bytes of lines at which a waiting piece takes no more events."""


class Row(NamedTuple):
    """One event as it is listed.

    Attributes:
        machine: whose log it stands in; empty on a machine that nobody has let in yet.
        event: what happened.
        waiting: whether it is not recorded yet.
    """

    machine: str
    event: Event
    waiting: bool


def keep(
    store: Store, opener: Opener, event: str, now: datetime, *, token: str = "", ids_: Sequence[str] = (), why: str = ""
) -> bool:
    """Seal one event; returns when it is durable, so that the text may be shown.

    Args:
        store: the sealed files.
        opener: opens the piece that waits; where it cannot, that piece is recorded and the next begun.
        event: of `logline.EVENTS`.
        now: the clock.
        token: the drawer; empty for all of them.
        ids_: the files that were opened.
        why: a reason or a basis; never a name or a word of a note.

    Returns:
        whether it stands in this machine's log; on a machine that nobody has let in yet it waits outside (`guestlog`).

    Raises:
        KeyTrouble: this machine's key is not there, or was revoked.
        Refused: the log's drawer is not sealed to whom this machine has pinned.
    """
    clone = store.repository.clone_id
    made = Event(1, event, now.isoformat(timespec="seconds"), token, tuple(ids_), why)
    with log_state.turn(clone):
        if guest_log.is_guest(store):
            guest_log.keep(store, made)
            return False
        with store.machine() as (entry, signer):
            _append(store, opener, [*guest_log.waiting(store, opener), made], now, entry, signer)
            guest_log.forget(store)
        return True


def _append(store: Store, opener: Opener, events: Sequence[Event], now: datetime, entry: Entry, signer: Signer) -> None:
    """Put events behind those that are there, numbered anew."""
    memory = _memory(store, opener, entry)
    made = [replace(event, n=n) for n, event in enumerate(events, start=memory.newest + 1 if memory else 1)]
    if memory is None:
        _begin(store, entry, signer, made, now)
        return
    known = _drawer(opener, memory.token)
    before = _waiting(store, opener, known, memory)
    if memory.waiting and before is None:
        _record(store, memory, now, signer)
        memory = memory.recorded()
    log_state.put(store.repository.clone_id, _added(store, known, memory, [*(before or ()), *made], now, entry, signer))


def flush(store: Store, now: datetime) -> bool:
    """Record what waits; whether anything did. No secret is needed."""
    with carried(store) as changes:
        if changes:
            with store.machine() as (_, signer):
                store.record(changes, now, by=signer)
        return bool(changes)


@contextmanager
def carried(store: Store) -> Iterator[dict[str, bytes]]:
    """What waits, path to bytes, for the block to record together with what it records; then it waits no more."""
    clone = store.repository.clone_id
    with log_state.turn(clone):
        memory = _settled(store, log_state.load(clone))
        waits = memory is not None and bool(memory.waiting)
        yield {Sealed(memory.token, memory.waiting).path: memory.piece} if memory and waits else {}
        _settled(store, memory)


def _record(store: Store, memory: Memory, now: datetime, signer: Signer) -> None:
    store.record({Sealed(memory.token, memory.waiting).path: memory.piece}, now, by=signer)


def _settled(store: Store, memory: Memory | None) -> Memory | None:
    """The memory, after a piece that is recorded by now."""
    if memory is None or not memory.waiting or Sealed(memory.token, memory.waiting).path not in store.state.tree:
        return memory
    moved = memory.recorded()
    log_state.put(store.repository.clone_id, moved)
    return moved


def _memory(store: Store, opener: Opener, entry: Entry) -> Memory | None:
    """What is remembered; what the repository says where nothing is; None for a machine that has no log yet."""
    found = _settled(store, log_state.load(store.repository.clone_id))
    if found is not None:
        return found
    mine = [one for one in opener.drawers().values() if one.kind == LOG and one.name == entry.principal]
    for known in mine:
        pieces = _pieces(store, opener, known)
        if pieces:
            last = max((event.n for piece in pieces for event in _events(piece)), default=0)
            # one number is left out: whether an event waited when the memory was lost, nobody can say
            return Memory(known.token, pieces[-1].header.number, last + 1, pieces[-1].header.sha256)
    return None


def _drawer(opener: Opener, token: str) -> Known:
    found = opener.drawers().get(token)
    if found is None:
        hint = "`vaultcli lock`, then `vaultcli unlock`"
        raise KeyTrouble("what is unlocked does not know this machine's access log yet", hint=hint)
    return found


def _begin(store: Store, entry: Entry, signer: Signer, made: Sequence[Event], now: datetime) -> None:
    """The drawer of a machine's log and its first piece: recorded at once, so that a drawer never stands without a file."""
    one = drawers.fresh(store, LOG, "", entry.principal, now)
    # one turn: an epoch that began in between would leave the drawer sealed to the one that ended
    with store.repository.lock():
        changes = drawers.sealed(store, one)
        known = keys.known_of(one)
        memory = _added(store, known, Memory(one.token), made, now, entry, signer)
        _try(one, memory.piece)
        store.record(changes | {Sealed(one.token, memory.waiting).path: memory.piece}, now, by=signer)
    log_state.put(store.repository.clone_id, memory.recorded())


def _try(one: Drawer, piece: bytes) -> None:
    """Whether what was sealed to a new drawer opens with its own key."""
    header.unpacked(age.open_(piece, [age.identity(one.generations[-1].secret)]))


def _added(
    store: Store, known: Known, memory: Memory, events: Sequence[Event], now: datetime, entry: Entry, signer: Signer
) -> Memory:
    """The memory with a waiting piece of these events."""
    contents = {header.LOG_FILE: logline.render(events)}
    head = notes.head_of(
        known,
        header.LOG,
        now,
        contents,
        by=store.settings.by,
        machine=entry,
        id_=memory.waiting or ids.new(),
        number=memory.number + 1,
        previous=(memory.header,) if memory.header else (),
    )
    piece = sealed_file.seal(store, known, head, contents, signer)
    return Memory(memory.token, memory.number, memory.n, memory.header, head.id, events[-1].n, head.sha256, piece)


def _waiting(store: Store, opener: Opener, known: Known, memory: Memory) -> list[Event] | None:
    """The events that wait; None where they cannot be read now, or fill a piece."""
    if not memory.waiting:
        return []
    try:
        found = sealed_file.opened(store, opener, known, Sealed(memory.token, memory.waiting), memory.piece)
        raw = found.files[header.LOG_FILE]
        return logline.parse(raw) if len(raw) < FULL else None
    except KeyTrouble:
        return None
    except (BadInput, NotVerified):
        # what was tampered with stops no reading; the numbers that it held stay missing, and `check` tells it
        return []


# looking back


def rows(store: Store, opener: Opener) -> list[Row]:
    """Every event of every machine, oldest first."""
    found = []
    for known in _logs(opener):
        for piece in _pieces(store, opener, known):
            found += [Row(known.name, event, waiting=False) for event in _events(piece)]
    memory = _settled(store, log_state.load(store.repository.clone_id))
    if memory is not None and memory.waiting:
        known = _drawer(opener, memory.token)
        found += [Row(known.name, event, waiting=True) for event in _waiting(store, opener, known, memory) or ()]
    found += [Row("", event, waiting=True) for event in guest_log.waiting(store, opener)]
    return sorted(found, key=lambda row: (datetime.fromisoformat(row.event.time), row.machine, row.event.n))


def check(store: Store, opener: Opener) -> list[Finding]:
    """What is wrong with the access logs: pieces that do not open or verify, gaps in the chain, and what waits and is not there.

    Args:
        store: the sealed files.
        opener: opens them.
    """
    found: list[Finding] = []
    try:
        memory = _settled(store, log_state.load(store.repository.clone_id))
    except BadInput as error:
        found.append(Finding("access-log", RULE, error.message))
        memory = None
    for known in _logs(opener):
        chain = _Chain(known)
        for at in store.files(known.token):
            chain.open(store, opener, at)
        chain.walk()
        if memory is not None and memory.token == known.token:
            chain.compare(store, opener, memory)
        elif memory is None and not found and _is_own(store, known):
            chain.report("", "what this machine remembers of it is gone: events that waited to be recorded may be lost")
        found += chain.found
    if memory is not None and memory.token not in opener.drawers():
        found.append(Finding(memory.token, RULE, "this machine's access log is not in the repository"))
    return found


class _Chain:
    """One machine's log while it is checked."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.pieces: list[Opened] = []
        self.found: list[Finding] = []
        self.n = self.number = 0
        self.header = ""

    def report(self, path: str, message: str) -> None:
        self.found.append(Finding(path or self.known.token, RULE, message))

    def open(self, store: Store, opener: Opener, at: Sealed) -> None:
        try:
            piece = notes.read(store, opener, self.known, at)
        except VaultError as error:
            self.report(at.path, f"a piece of the access log cannot be opened: {error.message}")
            return
        if piece.problem:
            self.report(at.path, f"a piece of the access log {piece.problem}")
        else:
            self.pieces.append(piece)

    def walk(self) -> None:
        for piece in sorted(self.pieces, key=lambda one: one.header.number):
            self.step(piece.at.path, piece.contents)

    def step(self, path: str, contents: header.Contents) -> None:
        head = contents.header
        if head.machine != self.known.name:
            self.report(path, "was signed by another machine than the one whose log it is, or by none")
        if head.number != self.number + 1:
            self.report(path, f"piece {self.number + 1} of the access log is missing, or stands twice")
        if head.previous != ((self.header,) if self.header else ()):
            self.report(path, "does not follow the piece before it")
        try:
            events = logline.parse(contents.files[header.LOG_FILE])
        except BadInput as error:
            self.report(path, error.message)
            events = []
        for event in events:
            if event.n != self.n + 1:
                self.report(path, f"event {self.n + 1} of the access log is missing, or stands twice")
            self.n = event.n
        self.number, self.header = head.number, head.sha256

    def compare(self, store: Store, opener: Opener, memory: Memory) -> None:
        """What is recorded, and what waits, with what this machine remembers."""
        if (memory.number, memory.n, memory.header) != (self.number, self.n, self.header):
            self.report("", "does not end where this machine remembers it to: pieces were lost, or what is remembered is old")
        if not memory.waiting:
            return
        at = Sealed(memory.token, memory.waiting)
        try:
            contents = sealed_file.opened(store, opener, self.known, at, memory.piece)
        except VaultError as error:
            self.report("", f"the events that wait to be recorded cannot be opened: {error.message}")
            return
        self.step(at.path, contents)
        if (self.n, self.header) != (memory.last, memory.head):
            self.report("", "the events that wait to be recorded are not those that this machine remembers")


def _logs(opener: Opener) -> list[Known]:
    return [one for one in opener.drawers().values() if one.kind == LOG]


def _pieces(store: Store, opener: Opener, known: Known) -> list[Opened]:
    """The pieces of a log that open, in their order."""
    found = []
    for at in store.files(known.token):
        try:
            found.append(notes.read(store, opener, known, at))
        except BadInput:
            continue
    return sorted(found, key=lambda one: one.header.number)


def _events(piece: Opened) -> list[Event]:
    try:
        return logline.parse(piece.contents.files.get(header.LOG_FILE, b""))
    except BadInput:
        return []


def _is_own(store: Store, known: Known) -> bool:
    try:
        with store.machine() as (entry, _):
            return entry.principal == known.name
    except KeyTrouble:
        return False

