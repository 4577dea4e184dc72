"""Every sealed file opened, old versions too: what each says held against its place, its signature, and what it replaced.

`docs/spec/psychotherapy/verify.md`, part 3. Texts are opened in memory and forgotten; no word of one is in an answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from vaultcli.ground.errors import VaultError
from vaultcli.ground.git.catfile import Objects
from vaultcli.ground.process import workers
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.notes import access_log, sealed_file
from vaultcli.psychotherapy.repository.verdict import Opened, Version
from vaultcli.psychotherapy.unlock.keys import Keys
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.finding import Finding
from vaultcli.record.sealed import header, paths
from vaultcli.record.sealed.admission import BRANCH
from vaultcli.record.sealed.drawer import LOG

_PILE = 200


@dataclass(frozen=True)
class _Seen:
    """What one version said of itself."""

    sha256: str = ""
    previous: tuple[str, ...] = ()
    generation: int = 0
    unsigned: bool = False
    problem: str = ""


def check(
    store: Store,
    opener: Opener,
    versions: Sequence[Version],
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    processes: int | None = None,
) -> Opened:
    """Open everything.

    Args:
        store: the sealed files.
        opener: opens them; only `Keys` works in several processes.
        versions: of every sealed file, as a verdict has them.
        progress: told how many of how many are open.
        processes: how many work at once; as many as the machine has processors unless said.
    """
    known = opener.drawers()
    mine = [one for one in versions if (at := paths.parse(one.path)) is not None and not at.is_identity]
    here = [one for one in mine if _token(one) in known]
    many = (processes or workers.available()) if isinstance(opener, Keys) else 1
    piles = [here[at : at + _PILE] for at in range(0, len(here), _PILE)]
    seen: dict[str, _Seen] = {}
    for pile in workers.spread(lambda some: _pile(store, opener, known, some), piles, many):
        seen |= pile
        progress(len(seen), len(here))
    found = [finding for one in here for finding in _judge(one, seen, known[_token(one)], store.vault)]
    found += [*_ids(store), *access_log.check(store, opener)]
    ours = {one.path for one in here}
    head = {blob for path, (_, blob) in store.state.tree.items() if path in ours}
    return Opened(
        files=len(seen),
        closed=len({one.blob for one in mine}) - len(seen),
        unsigned=sum(1 for blob in head if blob in seen and seen[blob].unsigned and not seen[blob].problem),
        findings=tuple(sorted(set(found))),
        remarks=(*_two_drawers(known.values()), *_closed(sorted(set(store.drawers()) - set(known)))),
    )


def _pile(store: Store, opener: Opener, known: Mapping[str, Known], some: Sequence[Version]) -> dict[str, _Seen]:
    """Some versions opened, by blob; in a process of its own, which must not share a pipe to git."""
    with Objects(store.repository.git) as objects:
        raws = objects.read_many(one.blob for one in some)
        return {one.blob: _open(store, opener, known[_token(one)], one, raw.data) for one, raw in zip(some, raws, strict=True)}


def _open(store: Store, opener: Opener, known: Known, one: Version, raw: bytes) -> _Seen:
    at = paths.parse(one.path)
    assert at is not None
    try:
        contents = header.unpacked(opener.open(at.token, raw))
    except VaultError as error:
        return _Seen(problem=error.message)
    head = contents.header
    problem = sealed_file.problem_of(contents, known, at, store.state.signers)
    return _Seen(head.sha256, head.previous, head.generation, not head.machine, problem)


def _judge(one: Version, seen: Mapping[str, _Seen], known: Known, vault: str) -> list[Finding]:
    """One version against what it says, and against the version that stood at its path before."""

    def finding(rule: str, message: str) -> Finding:
        return Finding(one.path, rule, message, commit=f"sha256:{one.commit}", branch=BRANCH)

    it = seen[one.blob]
    if it.problem:
        return [finding("sealed-inside", it.problem)]
    before = seen.get(one.before)
    if known.kind == LOG:
        return [finding("access-log", "a piece of the access log was replaced")] if one.before else []
    if before is None or before.problem:
        # what came from elsewhere may follow versions that never were here
        stray = it.previous and not one.before and known.origin == vault
        return [finding("sealed-chain", "names a version before it, and there is none")] if stray else []
    if before.sha256 not in it.previous:
        return [finding("sealed-chain", "does not name the version that it replaced")]
    if it.generation < before.generation:
        return [finding("sealed-chain", "is sealed to an older generation than the version that it replaced")]
    allowed = {before.sha256, *(seen[blob].sha256 for blob in one.beside if blob in seen)}
    if not set(it.previous) <= allowed:
        return [finding("sealed-chain", "names a version that did not stand there")]
    return []


def _ids(store: Store) -> list[Finding]:
    """Each id once: additions name their note by it."""
    places = [at for at in map(paths.parse, store.state.tree) if at is not None and not at.is_identity and not at.beside]
    twice = {id_ for id_, count in Counter(at.id for at in places).items() if count > 1}
    return [Finding(at.path, "sealed-id", "another file has this id", branch=BRANCH) for at in places if at.id in twice]


def _token(one: Version) -> str:
    return one.path.partition("/")[0]


def _closed(tokens: Sequence[str]) -> list[str]:
    return [
        f"the drawer {token} does not open here: begun under an older epoch, on a machine that has not the new one, or planted"
        for token in tokens
    ]


def _two_drawers(known: Iterable[Known]) -> list[str]:
    rows: dict[str, list[str]] = {}
    for one in known:
        if one.kind != LOG and one.client:
            rows.setdefault(one.client, []).append(one.token)
    return [
        f"one client has {len(tokens)} drawers, {', '.join(sorted(tokens))}: two machines began one each, or somebody planted one"
        for tokens in rows.values()
        if len(tokens) > 1
    ]
