"""What git's hooks ask: whether these refs may move, whether this is a message, whether this may be pushed.

The hooks guard people who use plain git. `reference-transaction` and `pre-receive` decide; the others say the same
earlier and in plainer words. `docs/spec/hooks.md` lists what passes. Nothing here writes anything.
`psychotherapy/repository/hook_checks` guards a repository that text in the clear must not enter at all; here text is what is
recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, NotFound, Refused
from vaultcli.ground.git.hookview import Offered, quarantine_of
from vaultcli.ground.git.objects import is_oid
from vaultcli.places.chart.incoming import (
    AHEAD,
    SAME,
    Gate,
    is_line,
    relation,
)
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.line import BRANCH
from vaultcli.work.sync.repair import Leftover, leftovers, mend

__all__ = ["Leftover", "Objection", "leftovers", "mend", "message", "pushed", "received", "transaction"]

_HEADS = "refs/heads/"
_GRAMMAR = "the message does not follow the grammar"
_FETCH = "`vaultcli sync` fetches and judges them"
_SAVE = "record with `vaultcli save`, `sign` or `amend`: what is recorded stays, and what is added names it"
_FOREIGN = {
    "refs/stash": (
        "a stash would keep a client's text outside the record",
        "leave the file as it is, a draft may wait; or record it with `vaultcli save`",
    ),
    "refs/tags/": ("tags do not belong in this record", "a commit is named by its id"),
    "refs/notes/": ("git notes do not belong in this record", "what is added to a note is an amendment: `vaultcli amend`"),
    "refs/replace/": ("this would show another object in the place of a recorded one", _SAVE),
}  # fmt: skip


@dataclass(frozen=True)
class Objection:
    """Why a hook says no: where, what is the matter, and what to do instead (may be empty)."""

    where: str
    text: str
    hint: str = ""


@dataclass(frozen=True)
class _Move:
    """One line of a ref transaction: where the ref is now, and where it is to go; None is nowhere."""

    ref: str
    now: str | None
    to: str | None

    @property
    def branch(self) -> str:
        return self.ref.removeprefix(_HEADS)


def transaction(directory: Path, admin: Path, text: str, now: int, environ: Mapping[str, str]) -> list[Objection]:
    """What stands against a ref transaction that git has prepared.

    Args:
        directory: the repository's git directory.
        admin: the git directory of the worktree in which git runs.
        text: lines `OLD NEW REF`, as `githooks(5)` has them.
        now: the clock, seconds since 1970.
        environ: of the hook.
    """
    rows = _rows(text)
    if all(ref.startswith("refs/remotes/") or not (ref.startswith("refs/") or ref == "HEAD") for _, _, ref in rows):
        return []
    with Offered(directory, quarantine=quarantine_of(directory, environ)) as source:
        moves = [_Move(ref, _now(source, ref), new) for _, new, ref in rows if ref.startswith("refs/")]
        found = _judge(source, moves, now)
        head = next((new for _, new, ref in rows if ref == "HEAD"), None)
        if head is not None and not found:
            found += _head(source, admin, head, moves)
    return found


def received(directory: Path, text: str, now: int, environ: Mapping[str, str]) -> list[Objection]:
    """What stands against a push that has arrived; the arguments of `transaction`."""
    with Offered(directory, quarantine=quarantine_of(directory, environ)) as source:
        moves = [_Move(ref, _now(source, ref), new) for _, new, ref in _rows(text)]
        return _judge(source, moves, now, messages.oid_of(source.settings.values.get("vaultcli.genesis", "")))


def _rows(text: str) -> list[tuple[str | None, str | None, str]]:
    """(old, new, ref) of each line; zeros are None.

    Raises:
        BadInput: it is not what git says to a hook.
    """
    rows = [line.split(" ", 2) for line in text.splitlines()]
    if not all(len(row) == 3 and is_oid(row[0]) and is_oid(row[1]) for row in rows):
        raise BadInput("this hook is called by git", hint="see githooks(5)")
    return [(old if old.strip("0") else None, new if new.strip("0") else None, ref) for old, new, ref in rows]


def _now(source: Offered, ref: str) -> str | None:
    found = source.objects.find(ref)
    return None if found is None else found.oid


def _judge(source: Offered, moves: Iterable[_Move], now: int, genesis: str = "") -> list[Objection]:
    """`practice` first, because later lines are judged by it."""
    gate: Gate | None = None
    found: list[Objection] = []
    for move in sorted(moves, key=lambda one: (one.ref != _HEADS + BRANCH, one.ref)):
        if move.to == move.now or move.ref.startswith("refs/remotes/"):
            continue
        objection = _never(move)
        if objection is not None:
            found.append(objection)
        elif move.to is not None and move.ref.startswith(_HEADS):
            gate = gate or Gate(source, now, genesis)
            found += _against(gate.judge(move.branch, move.to).findings)
    return found


def _never(move: _Move) -> Objection | None:
    """What is refused whatever it brings. A ref that does not belong here may be deleted."""
    if move.ref.startswith(_HEADS):
        if not is_line(move.branch):
            if move.to is None:
                return None
            return Objection(move.branch, "is no line of this record", "lines are begun by `vaultcli client add`")
        if move.to is None:
            return Objection(move.branch, "a line of the record is never deleted, nor packed away by git")
        return None
    if move.to is None:
        return None
    for begin, (text, hint) in _FOREIGN.items():
        if move.ref.startswith(begin):
            return Objection(move.ref, text, hint)
    return Objection(move.ref, "is no ref of this record")


def _against(findings: Iterable[Finding]) -> list[Objection]:
    """Findings in the words of somebody who typed a git command."""
    return [
        Objection(one.path, f"{one.message} ({one.rule}, at {one.commit[:19]})", _HINTS.get(one.rule, "")) for one in findings
    ]


_HINTS = {
    "rewritten": _SAVE,
    "merge": "two histories of a line are not merged; see docs/sync.md",
    "message": "`vaultcli save` writes the message; docs/spec/hooks.md shows its form",
    "commit-signature": "`vaultcli save` signs with this machine's key; docs/spec/hooks.md shows how plain git does",
    "note-changed": "`vaultcli amend` adds a correction and keeps what was signed",
    "vanished": "nothing recorded is removed; `vaultcli withdraw` ends a note",
}


def _head(source: Offered, admin: Path, to: str, moves: Iterable[_Move]) -> list[Objection]:
    """A folder's HEAD moves with its line; alone it would show, and build on, another commit than the newest."""
    try:
        said = files.read(admin / "HEAD", 4096).decode("utf-8", "replace").strip()
    except NotFound:
        return []
    ref = said.removeprefix("ref: ")
    now = ref if is_oid(ref) else _now(source, ref)
    moving = any(move.ref == ref and move.to == to for move in moves)
    if moving or now is None or not now.strip("0") or to == now:
        return []
    hint = "`git show COMMIT` shows an older one, `vaultcli log` lists them"
    return [Objection("HEAD", "a folder of the record always shows the newest commit of its line", hint)]


def message(directory: Path, admin: Path, raw: bytes) -> list[Objection]:
    """What stands against a commit message (`commit-msg`).

    Args:
        directory: the repository's git directory.
        admin: the git directory of the worktree in which git runs.
        raw: the message as it will be stored, or with git's comment lines still in it.
    """
    branch = branch_of(admin)
    lines = [line.rstrip() for line in raw.decode("utf-8", "replace").split("\n") if not line.startswith("#")]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"
    if messages.parse(text, practice=branch == BRANCH) is not None:
        return []
    if branch == BRANCH:
        return [Objection(branch, _GRAMMAR, "`vaultcli people` changes the policy")]
    with Offered(directory) as source:
        policy = messages.trailer(source.head(BRANCH) or "")
    hint = f"use `vaultcli save`; by hand, two paragraphs: `git commit -m 'draft ID' -m 'Policy: {policy}'`"
    return [Objection(branch, f"{_GRAMMAR}: no text of yours belongs there, names least of all", hint)]


def branch_of(admin: Path) -> str:
    """The line that a worktree shows.

    Raises:
        Refused: it shows none.
    """
    said = files.read(admin / "HEAD", 4096).decode("utf-8", "replace")
    branch = said.removeprefix("ref: refs/heads/").strip()
    if not said.startswith("ref: ") or not is_line(branch):
        raise Refused("this folder does not show its line of the record", hint="`vaultcli status --mend` puts it right")
    return branch


def pushed(directory: Path, text: str) -> list[Objection]:
    """What stands against a push that is about to be sent (`pre-push`).

    Args:
        directory: the repository's git directory.
        text: lines `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID`.
    """
    found: list[Objection] = []
    with Offered(directory) as source:
        for row in (line.split(" ") for line in text.splitlines()):
            local, there, theirs = row[1], row[2], row[3]
            branch = there.removeprefix(_HEADS)
            if not there.startswith(_HEADS) or not is_line(branch):
                found.append(Objection(there, "is no line of this record", "`vaultcli sync` sends every line and nothing else"))
            elif not local.strip("0"):
                found.append(Objection(branch, "a line of the record is never deleted"))
            elif theirs.strip("0") and source.objects.find(theirs) is None:
                found.append(Objection(branch, "the remote has commits that are not here", _FETCH))
            elif theirs.strip("0") and relation(source, theirs, local) not in (SAME, AHEAD):
                found.append(Objection(branch, "the remote's line would be rewritten", _SAVE))
            elif local != (head := source.head(branch)) and (head is None or not source.git.is_ancestor(local, head)):
                found.append(Objection(branch, "what would be sent there is not of this line"))
    return found
