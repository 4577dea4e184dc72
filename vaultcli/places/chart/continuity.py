"""Whether a line is still the one that this machine knows, asked before anything is built on it.

What stands at or before the pinned head was recorded here or verified. What came after it by another way (plain git past
the hooks, a folder that a service or a backup exchanged) is judged as if it arrived now, with every signature checked.
`docs/decisions/0030-built-on-what-is-known.md` says why.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from vaultcli.ground.errors import NotVerified, Unfinished, VaultError
from vaultcli.ground.repository.repository import Repository
from vaultcli.places.machine import pins
from vaultcli.record.finding import Finding
from vaultcli.record.history.line import BRANCH
from vaultcli.record.message import oid_of, trailer

MENDING = frozenset({"exception", "settle"})
"""Events that answer a finding; they may be recorded on a line that has one."""
_APART = frozenset({"rewritten", "rollback", "genesis"})
"""Rules that say that this is another history: nothing at all is recorded on it."""


def doubts(repository: Repository, genesis: str, branches: Sequence[str] = ()) -> list[Finding]:
    """What stands against building on these lines; nothing where they stand where this machine saw them last.

    Args:
        repository: the chart.
        genesis: bare id of the first commit of `practice`, as found.
        branches: the lines that are about to be built on; `practice` is always looked at.

    Returns:
        Findings that no signed exception excuses. None for a copy that this machine has never pinned: there is nothing to
        hold it against, and every verdict says UNPINNED.
    """
    known = pins.load(genesis, repository.clone_id)
    if known is None:
        others = pins.find(repository.clone_id)
        text = "begins with another first commit than this machine has pinned"
        return [Finding(BRANCH, "genesis", text, branch=BRANCH)] if others else []
    lines = (BRANCH, *(branch for branch in branches if branch != BRANCH))
    heads = {branch: repository.head(branch) for branch in lines}
    if all(known.heads.get(branch) == head for branch, head in heads.items()):
        return []
    from vaultcli.places.chart.incoming import At, Gate
    from vaultcli.record.times import FAR

    # a clock that was set back is no reason to refuse a note; `verify` tells of dates that lie ahead of it
    gate = Gate(At(repository, known.heads), FAR, genesis)
    found: list[Finding] = []
    for branch, head in heads.items():
        pinned = known.heads.get(branch)
        if head is None and pinned is not None:
            text = f"ends before {trailer(pinned)[:19]}: this machine has seen this line, and it is gone"
            found.append(Finding(branch, "rollback", text, commit=trailer(pinned), branch=branch))
        elif head is not None and head != pinned:
            found += [_apart(one, pinned) if one.rule == "rewritten" else one for one in gate.judge(branch, head).findings]
    return found


def _apart(found: Finding, pinned: str | None) -> Finding:
    """The words of `verify` for a line that does not go on from its pinned head."""
    text = "does not hold the newest commit that this machine has seen"
    return Finding(found.branch, "rewritten", text, commit=trailer(pinned or ""), branch=found.branch)


def refuse(repository: Repository, found: Sequence[Finding], event: str) -> None:
    """Stop before building on a line that is not what this machine knows.

    Raises:
        NotVerified: it is another history, or holds commits that the rules do not admit and the event is no answer to them.
    """
    apart = [one for one in found if one.rule in _APART]
    if apart:
        raise NotVerified(f"nothing is recorded here: {apart[0].text()}", hint=_way_back(repository, apart[0]))
    if found and event not in MENDING:
        rows = "; ".join(one.text() for one in found[:5])
        raise NotVerified(
            f"nothing is recorded after commits that did not come from vaultcli and do not verify: {rows}",
            hint="`vaultcli verify` says more; a signed exception lets the line go on: `vaultcli exception add`",
        )


@contextmanager
def building(repository: Repository, genesis: str, branch: str, event: str) -> Iterator[Callable[[str], None]]:
    """Recording on a line that this machine knows: the lock is held, and what was recorded is pinned.

    Args:
        repository: the chart.
        genesis: bare id of the first commit of `practice`.
        branch: the line.
        event: what is to be recorded.

    Yields:
        What is called with the new commit's id; a line with findings is not pinned by what answers them.

    Raises:
        NotVerified: as `refuse`.
    """
    with repository.lock():
        found = doubts(repository, genesis, (branch,))
        refuse(repository, found, event)

        def pin(oid: str) -> None:
            if found:
                return
            try:
                pins.advance(genesis, repository.clone_id, {BRANCH: repository.head(BRANCH) or "", branch: oid})
            except (VaultError, OSError) as error:
                done = "signed and recorded" if event == "sign" else "recorded"
                why = error.message if isinstance(error, VaultError) else str(error.strerror)
                text = f"{branch}: {done}; what could not be written: {pins.path(genesis, repository.clone_id)}, {why}"
                hint = "do not repeat the command; once that can be written, `vaultcli verify` brings the pins up to date"
                raise Unfinished(text, hint=hint) from error

        yield pin


def _way_back(repository: Repository, found: Finding) -> str:
    """How the line comes to hold again what this machine has seen."""
    kept = "what you typed stays in its file; "
    if not found.commit:
        return f"{kept}adopt the chart that was here again: `vaultcli init --adopt`"
    oid = oid_of(found.commit)
    if repository.objects.find(oid) is None:
        return f"{kept}`vaultcli sync` fetches what another copy still has"
    git, move = f"git -C {shlex.quote(str(repository.path))}", f"update-ref refs/heads/{found.branch} {oid}"
    head = repository.head(found.branch)
    if head is None or repository.git.is_ancestor(head, oid):
        return f"{kept}that commit is still here: `{git} {move}`"
    # the hook refuses this, as it takes away what stands there now
    command = f"{git} -c core.hooksPath=/dev/null {move}"
    return f"{kept}compare both; to go back to what was here, and drop what stands there now: `{command}`"
