"""Bringing two machines' sealed notes together, without opening one: fetch, judge, follow or merge, send.

`docs/spec/psychotherapy/repository.md`, rule 8. Where both wrote, everything of both stays. A new epoch that arrives
is followed as far as the tombstones in it go, but nothing is sealed to it before this machine has received its `epoch.age`: only
what the clinician's own identity opened says whose epoch it is.
`work/sync/sync` never merges; here both sides' files can stand side by side, because nobody has to read them for that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from vaultcli.ground.errors import Conflict, NotVerified, Refused
from vaultcli.ground.repository import remote as gitremote
from vaultcli.ground.ssh.sign import Signer
from vaultcli.places.sealed import history, pins, readme
from vaultcli.places.sealed.store import Store
from vaultcli.record.finding import Finding
from vaultcli.record.sealed import admission, paths, signers
from vaultcli.record.sealed.admission import BRANCH

_REF = f"refs/heads/{BRANCH}"


@dataclass
class Outcome:
    """What one sync did.

    Args:
        received: how many commits came.
        sent: how many went.
        merged: whether two histories were brought together.
        beside: the paths where both texts of one note are kept.
        epoch: the number of an epoch that began elsewhere and whose `epoch.age` is not here yet; 0 otherwise.
        drawers: the tokens of drawers that came, with the principal that began each.
    """

    received: int = 0
    sent: int = 0
    merged: bool = False
    beside: list[str] = field(default_factory=list)
    epoch: int = 0
    drawers: list[tuple[str, str]] = field(default_factory=list)


def sync(store: Store, url: str, now: datetime, signer: Signer, progress: Callable[[str], None] = lambda _: None) -> Outcome:
    """Sync the sealed notes with one remote.

    Args:
        store: the sealed files.
        url: as `remote.address` gives it.
        now: the clock.
        signer: this machine's key, for a merge.
        progress: receives git's own lines.

    Raises:
        Refused: the remote holds something else.
        NotVerified: what it holds does not hold by the rules; nothing was followed.
        Conflict: both sides changed what cannot be merged.
    """
    store.refuse_doubts(now)
    git, outcome = store.repository.git, Outcome()
    transport = gitremote.Remote(git, url)
    there = transport.refs()
    theirs = there.get(_REF)
    if set(there) - {_REF}:
        raise Refused(f"{url} holds other refs than these notes have", hint="psychotherapy notes have a remote of their own")
    if theirs is not None:
        if store.repository.objects.find(theirs) is None:
            transport.fetch([_REF], progress)
        _follow(store, theirs, now, signer, outcome)
    if store.head != theirs:
        outcome.sent = len(git.rev_list(store.head, without=(theirs,) if theirs else ()))
        transport.push([BRANCH], progress)
    known, epochs = store.pins, store.state.epochs
    outcome.epoch = epochs.number if known.epoch != (epochs.number, epochs.recipient) else 0
    return outcome


def _follow(store: Store, theirs: str, now: datetime, signer: Signer, outcome: Outcome) -> None:
    git, ours = store.repository.git, store.head
    if theirs == ours or git.is_ancestor(theirs, ours):
        return
    if not git.is_ancestor(store.pins.genesis, theirs):
        raise Refused("the remote holds the notes of another vault; nothing was changed")
    fresh = git.rev_list(theirs, without=(ours,))
    steps = list(history.walk(store.repository, fresh, int(now.timestamp()), readme.TEXT))
    _refuse([one for step in steps for one in step.findings])
    outcome.received, outcome.drawers = len(fresh), _begun(steps)
    if git.is_ancestor(ours, theirs):
        with store.repository.lock():
            store.repository.advance(BRANCH, theirs, expecting=ours)
            pins.put(replace(store.pins, head=theirs))
        return
    _merge(store, theirs, now, signer, outcome)


def _begun(steps: list[history.Step]) -> list[tuple[str, str]]:
    """Drawers that these commits begin: whoever has a machine's key can begin one, so that each is told."""
    found = []
    for step in steps:
        places = (at for at in map(paths.parse, step.changed) if at is not None and at.is_identity)
        entry = step.state.signers.by_key(step.key) if step.state and step.key else None
        found += [(at.token, entry.principal if entry else "") for at in places if at.path not in step.before]
    return sorted(found)


def _refuse(found: list[Finding]) -> None:
    if found:
        said = "".join(f"\n  {one.text()}" for one in found[:5])
        raise NotVerified(f"what the remote holds does not hold by the rules; nothing was changed:{said}")


def _merge(store: Store, theirs: str, now: datetime, signer: Signer, outcome: Outcome) -> None:
    """Record the one merge that these two heads make."""
    repository, ours = store.repository, store.head
    mine, other = store.state, history.state_at(repository, theirs)
    if gone := history.revoked(repository, (ours, theirs), (mine.signers, other.signers)):
        raise NotVerified(f"{gone[0]}; nothing was changed", hint="docs/psychotherapy/sync.md says how to go on")
    bases = history.bases_of(repository, (ours, theirs))
    tree, wrong = admission.merged(bases, mine, other, repository.objects.blob)
    if wrong:
        raise Conflict(
            "both machines changed the keys of one drawer, or began an epoch: " + ", ".join(wrong),
            hint="nothing was changed; docs/psychotherapy/sync.md says how to go on",
        )
    union = signers.union(mine.signers, other.signers)
    changes = {
        path: repository.objects.blob(blob)
        for path, (_, blob) in tree.items()
        if mine.tree.get(path, ("", ""))[1] != blob and path not in (paths.SIGNERS, paths.ALLOWED)
    }
    if union != mine.signers:
        changes |= {paths.SIGNERS: union.raw, paths.ALLOWED: union.allowed}
    store.record(changes, now, by=signer, other=theirs)
    outcome.merged = True
    outcome.beside = sorted(path for path in changes if (at := paths.parse(path)) is not None and at.beside)
