"""Writing a sealed note: where it goes, that it can be sealed, and recording it once.

Nothing here asks or prints, and nothing in the clear is written anywhere. A note is sealed to the recipient that this machine has
pinned; the first note of a client and the client's new drawer are one commit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from vaultcli.ground import ids, resources
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import BadInput, Conflict, VaultError
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.notes import access_log, drawers, recovery_copies
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.notes.files import Opened
from vaultcli.psychotherapy.notes.recovery_copies import Autosave
from vaultcli.psychotherapy.unlock import agent, keys
from vaultcli.psychotherapy.unlock.agent import Agent
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.sealed import header, text
from vaultcli.record.sealed.drawer import CLIENT, Drawer
from vaultcli.record.sealed.paths import Sealed

SHRUNK = 10
"""A text with fewer than a tenth of its words is asked about."""


@dataclass(frozen=True)
class Target:
    """The file that is being written.

    Args:
        known: its drawer.
        id: of the file.
        kind: `note`, `addition` or `attachment`.
        to: the note that it belongs to.
        base: the version that it replaces, with `blob` as recorded; None for a new file.
        also: a further version that it takes in: the other text of a merge.
        drawer: a drawer that is made with it; `identity` is what is recorded for that.
    """

    known: Known
    id: str
    kind: str
    to: str = ""
    base: Opened | None = None
    blob: str = ""
    also: tuple[str, ...] = ()
    drawer: Drawer | None = field(default=None, repr=False)
    identity: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def previous(self) -> tuple[str, ...]:
        """By the hash of their headers, the versions that it replaces."""
        return ((self.base.header.sha256,) if self.base else ()) + self.also

    @property
    def path(self) -> str:
        """In the repository."""
        return Sealed(self.known.token, self.id).path

    @property
    def autosave(self) -> Autosave:
        """Its recovery copy."""
        return Autosave(self.known.token, self.id)


def shape() -> bytes:
    """The template of a psychotherapy note."""
    return resources.text("templates", "psychotherapy/note.md").encode()


def first(store: Store, client_id: str, name: str, now: datetime) -> Target:
    """A note in a drawer that is made with it; nothing is recorded before the note is.

    Raises:
        Refused: another epoch is in force than this machine knows.
    """
    one = drawers.fresh(store, CLIENT, client_id, name, now)
    return Target(keys.known_of(one), ids.new(), header.NOTE, drawer=one, identity=drawers.sealed(store, one))


def fresh(known: Known, kind: str = header.NOTE, to: str = "") -> Target:
    """A new file in a drawer that is there."""
    return Target(known, ids.new(), kind, to)


def again(store: Store, file: Opened, also: tuple[str, ...] = ()) -> Target:
    """The next version of a file."""
    head = file.header
    return Target(file.known, head.id, head.kind, head.to, file, store.state.tree[file.at.path][1], also)


def begun(target: Target, facts: text.Facts) -> bytes:
    """The text that the editor opens on."""
    values = {"date": facts.date, "context": facts.context, "session": facts.session, "id": target.id}
    return text.begun(shape(), values)


def pasted(target: Target, raw: bytes, facts: text.Facts) -> bytes:
    """A text that was written elsewhere, as this file.

    Raises:
        BadInput: it is no UTF-8 text.
    """
    values = {"date": facts.date, "context": facts.context, "session": facts.session, "id": target.id}
    return text.pasted(raw, values)


def prove(store: Store, target: Target, now: datetime) -> None:
    """Whether what is written can be sealed and recorded: asked before the editor opens, so that nobody types in vain.

    Raises:
        Refused: the drawer is sealed to another recipient than this machine has pinned, or to none.
        NotVerified: the repository is not what this machine knows.
        KeyTrouble: this machine's key is not there.
    """
    store.refuse_doubts(now)
    with store.machine() as (entry, signer):
        empty = dict.fromkeys(header.FILES[target.kind], b"")
        head = notes.head_of(
            target.known, target.kind, now, empty, by=store.settings.by, machine=entry, id_=target.id, to=target.to
        )
        notes.sealed(store, target.known, head, empty, signer)


def keep(store: Store, target: Target, raw: bytes, now: datetime) -> None:
    """A sealed recovery copy of a state of the text."""
    # a copy is a note's text whatever it belongs to; `to` says where it goes
    head = recovery_copies.head_of(target.known, target.kind, target.id, target.to, target.previous, raw, now)
    recovery_copies.put(store, target.known, head, raw, target.identity)


def clean(raw: bytes) -> bytes:
    """A text as it is recorded: without the template's prompts.

    Raises:
        BadInput: it is no UTF-8 text.
    """
    text.check(raw)
    return text.stripped(raw, shape())


def shrunk(target: Target, raw: bytes) -> str:
    """Why a text that replaces another should be asked about, a sentence; empty where nothing is odd."""
    if target.base is None:
        return ""
    before, now = text.written(target.base.contents.text), text.written(raw)
    if before and not now:
        return f"nothing is left of {before} words"
    return f"{now} of {before} words are left" if now * SHRUNK < before else ""


def record(
    store: Store,
    opener: Opener,
    target: Target,
    files: Mapping[str, bytes],
    now: datetime,
    *,
    title: str = "",
    signed: bool = True,
) -> str:
    """Seal the files of a target and record them, with what waits of the access log; its recovery copy is removed.

    Args:
        store: the sealed files.
        opener: opens again what was sealed, where it can.
        target: what is written.
        files: as the kind has them.
        now: the clock.
        title: the name that an attached file had.
        signed: False for what somebody sealed elsewhere (rule 8).

    Returns:
        The commit's bare id; empty where this is what is recorded already.

    Raises:
        Conflict: the file was replaced since it was opened.
        Refused: the recipient is not the pinned one, or the rules do not admit it.
        BadInput: it is too long, or does not open to what was sealed.
    """
    base = target.base
    if base is not None and base.contents.files == dict(files) and not target.also and not (base.unsigned and signed):
        recovery_copies.remove(store, target.autosave)
        return ""
    with store.machine() as (entry, signer):
        known = _as_it_is(opener, target)
        head = notes.head_of(
            known,
            target.kind,
            now,
            files,
            by=store.settings.by,
            machine=entry if signed else None,
            id_=target.id,
            to=target.to,
            previous=target.previous,
            title=title,
        )
        changes = notes.sealed(store, known, head, files, signer if signed else None)
        _compare(store, opener, target, known, changes)
        with access_log.carried(store) as log, store.repository.lock():
            if store.state.tree.get(target.path, ("", ""))[1] != target.blob:
                hint = "`vaultcli psychotherapy recover` has the text, where an editor saved it"
                raise Conflict(f"{target.path} was replaced since it was opened", hint=hint)
            oid = store.record({**_identity(store, target), **changes, **log}, now, by=signer)
    recovery_copies.remove(store, target.autosave)
    return oid


def _as_it_is(opener: Opener, target: Target) -> Known:
    """The drawer now: it may have got a new generation while the text was written."""
    if target.drawer is None:
        # an agent that was locked meanwhile knows nothing, and what was read at the beginning may still do
        with contextlib.suppress(VaultError):
            return opener.drawers().get(target.known.token, target.known)
    return target.known


def _identity(store: Store, target: Target) -> Mapping[str, bytes]:
    """What is recorded for a new drawer, sealed to the epoch that is in force now; called under the lock.

    An epoch that began while the text was written has made `target.identity` a file that nobody opens. One that began on another
    machine and was not received yet has not: then this machine's old epoch opens it, and `keys receive` seals it over.
    """
    current = store.state.epochs
    if target.drawer is None or store.pins.epoch != (current.number, current.recipient):
        return target.identity
    return drawers.sealed(store, target.drawer)


def _compare(store: Store, opener: Opener, target: Target, known: Known, changes: Mapping[str, bytes]) -> None:
    """Open what was just sealed, with the new drawer's own key or with what is unlocked."""
    if target.drawer is not None:
        secret = age.identity(target.drawer.generations[-1].secret)
        for raw in changes.values():
            header.unpacked(age.open_(raw, [secret]))
    elif reads(store, opener):
        notes.compared(store, opener, known, changes)


def reads(store: Store, opener: Opener) -> bool:
    """Whether what is unlocked opens notes, or knows only where they go."""
    if not isinstance(opener, Agent):
        return True
    state = agent.state(store.vault)
    return state is not None and state.reading


def recovered(store: Store, opener: Opener, known: Known, one: Autosave) -> tuple[Target, bytes]:
    """What a recovery copy was to become, and its text.

    Raises:
        NotVerified, BadInput, KeyTrouble: the copy does not open.
    """
    copy = recovery_copies.opened(store, opener, known, one)
    at = Sealed(known.token, one.id)
    if at.path not in store.state.tree:
        return Target(known, one.id, copy.header.kind, copy.header.to), copy.text
    now = notes.read(store, opener, known, at)
    # where the note was replaced meanwhile, the copy becomes the newest text and what came between stays a version before it
    return again(store, now), copy.text


def signed_again(store: Store, opener: Opener, file: Opened, now: datetime) -> str:
    """Sign what somebody sealed elsewhere, unchanged.

    Raises:
        BadInput: it is signed already.
    """
    if not file.unsigned:
        raise BadInput(f"{file.at.id} is signed already")
    return record(store, opener, again(store, file), file.contents.files, now, title=_title(file))


def _title(file: Opened) -> str:
    return next((one.title for one in file.header.files if one.title), "")

