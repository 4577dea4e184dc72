"""What git's hooks ask in the psychotherapy repository: whether these refs may move, whether this may be committed.

They guard people who use plain git there. Every route that could carry a text in the clear into the repository ends in a
ref, and `reference-transaction` sees each of them: `commit -n`, `stash`, `cherry-pick`, `rebase`, `am`, `merge`, `notes`, `tag`,
`update-ref`.
Nothing here writes anything.
`work/sync/hook_checks` guards a chart, where text in the clear is what is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from vaultcli.ground.errors import BadInput
from vaultcli.ground.git.hookview import Offered, quarantine_of
from vaultcli.ground.git.objects import is_oid
from vaultcli.places.sealed import history, readme
from vaultcli.record.message import oid_of
from vaultcli.record.sealed import admission, paths
from vaultcli.record.sealed.admission import BRANCH

_REF = f"refs/heads/{BRANCH}"
_HINT = "`vaultcli psychotherapy new` and `edit` record what is sealed; plain git is for looking"
_PURGE = "what was staged in the clear lies in .git/objects by now: `vaultcli psychotherapy verify --purge` removes it"


class Objection(NamedTuple):
    """Why a hook says no: where, what is the matter, and what to do instead (may be empty)."""

    where: str
    text: str
    hint: str = ""


class _Move(NamedTuple):
    ref: str
    now: str | None
    to: str | None


def transaction(directory: Path, text: str, now: int, environ: Mapping[str, str]) -> list[Objection]:
    """What stands against a ref transaction that git has prepared.

    Args:
        directory: the repository's git directory.
        text: lines `OLD NEW REF`, as `githooks(5)` has them.
        now: the clock, seconds since 1970.
        environ: of the hook.
    """
    rows = [row for row in _rows(text) if row[1].startswith("refs/") and not row[1].startswith("refs/remotes/")]
    heads = [new for new, ref in _rows(text) if ref == "HEAD"]
    if not rows and not heads:
        return []
    with Offered(directory, quarantine=quarantine_of(directory, environ)) as source:
        moves = [_Move(ref, _now(source, ref), new) for new, ref in rows]
        found = _judge(source, moves, now, "")
        moving = {move.to for move in moves if move.ref == _REF} | {_now(source, _REF)}
        if not found and any(head not in moving for head in heads):
            found.append(Objection("HEAD", "the folder always shows the newest commit", "`git show COMMIT` shows an older one"))
        return found


def received(directory: Path, text: str, now: int, environ: Mapping[str, str]) -> list[Objection]:
    """What stands against a push that has arrived; the arguments of `transaction`."""
    with Offered(directory, quarantine=quarantine_of(directory, environ)) as source:
        moves = [_Move(ref, _now(source, ref), new) for new, ref in _rows(text)]
        return _judge(source, moves, now, oid_of(source.settings.values.get("vaultcli.genesis", "")))


def _rows(text: str) -> list[tuple[str | None, str]]:
    """(new, ref) of each line; zeros are None.

    Raises:
        BadInput: it is not what git says to a hook.
    """
    rows = [line.split(" ", 2) for line in text.splitlines()]
    if not all(len(row) == 3 and is_oid(row[0]) and is_oid(row[1]) for row in rows):
        raise BadInput("this hook is called by git", hint="see githooks(5)")
    return [(new if new.strip("0") else None, ref) for _, new, ref in rows]


def _now(source: Offered, ref: str) -> str | None:
    found = source.objects.find(ref)
    return None if found is None else found.oid


def _judge(source: Offered, moves: Iterable[_Move], now: int, genesis: str) -> list[Objection]:
    found: list[Objection] = []
    for move in moves:
        if move.to == move.now:
            continue
        if move.ref != _REF:
            if move.to is not None:
                text = "only the branch of sealed notes belongs here; anything else could keep a text in the clear"
                found.append(Objection(move.ref, text, _PURGE))
        elif move.to is None:
            found.append(Objection(BRANCH, "the branch of sealed notes is never deleted, nor packed away by git"))
        else:
            found += _line(source, move.now, move.to, now, genesis)
    return found


def _line(source: Offered, old: str | None, new: str, now: int, genesis: str) -> list[Objection]:
    if old is not None and not source.git.is_ancestor(old, new):
        return [Objection(BRANCH, "nothing recorded is taken back or rewritten", _HINT)]
    fresh = source.git.rev_list(new, without=(old,) if old else ())
    first = (genesis or fresh[0]) if old is None and fresh else ""
    if old is None and genesis and genesis not in fresh:
        return [Objection(BRANCH, "begins with another first commit than this repository is for")]
    said = [one for step in history.walk(source, fresh, now, readme.TEXT, first) for one in step.findings]
    return [Objection(one.path, f"{one.message} ({one.rule}, at {one.commit[:19]})", _HINT) for one in said]


def staged(directory: Path, index: Path) -> list[Objection]:
    """What stands against the staged files (`pre-commit`); their names are not repeated unless they are ours.

    Args:
        directory: the repository's git directory.
        index: the index that git will commit.
    """
    with Offered(directory, index=index) as source:
        after = source.staged()
        head = source.head(BRANCH)
        before = source.files(head) if head else {}
        found = []
        for path, entry in sorted(after.items()):
            if before.get(path) == entry:
                continue
            if paths.parse(path) is None:
                found.append(Objection("a staged file", "is no sealed file of these notes", _PURGE))
            elif said := admission.sealed_problem(source.objects.blob(entry[1])):
                found.append(Objection(path, said, _PURGE))
        if set(before) - set(after):
            found.append(Objection(BRANCH, "nothing recorded is removed", "`git restore --staged .` takes that back"))
        if not found and after != before:
            found.append(Objection(BRANCH, "plain git does not sign and date as these notes are", _HINT))
        return found
