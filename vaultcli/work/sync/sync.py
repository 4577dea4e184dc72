"""Bringing two machines together: fetch, judge every new commit, follow, send. Nothing is ever merged or rewritten.

Points 17 and 18 of the trust rules, `docs/sync.md` for users. What comes is judged as if it were about to be recorded
here, with every signature checked; what goes is judged as the other side will judge it.
`psychotherapy/repository/sync` merges, because sealed files can be kept side by side unread; a line of a chart has one order,
and is never merged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Conflict, NotFound, Refused
from vaultcli.ground.repository import remote as gitremote
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.repository.working import look, place
from vaultcli.places.chart.chart import Chart
from vaultcli.places.chart.incoming import (
    AHEAD,
    ANOTHER,
    APART,
    BEHIND,
    Arrival,
    At,
    Gate,
    is_line,
    relation,
)
from vaultcli.places.machine import pins
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.line import BRANCH
from vaultcli.work.people import holds
from vaultcli.work.sync.remotes import Remote

_HEADS = "refs/heads/"


@dataclass(frozen=True)
class Diverged:
    """A line that went on in two places: our head and theirs (bare ids), and the remote."""

    branch: str
    ours: str
    theirs: str
    remote: str


@dataclass
class Outcome:
    """What one sync did.

    Args:
        remote: its name.
        received: lines that were brought forward here.
        sent: lines that were brought forward there.
        refused: lines whose new commits there are not admitted; nothing of them moved.
        held: lines whose commits here the other side would not admit; nothing of them was sent.
        diverged: lines that went on in both places; nothing of them moved.
        kept: working files (relative to the chart) that somebody edited; they stay, the record has another text.
        ignored: refs of the remote that are no lines.
        lost: lines of which the remote no longer has what it had; sent again.
    """

    remote: str
    received: list[Arrival] = field(default_factory=list)
    sent: list[Arrival] = field(default_factory=list)
    refused: list[Arrival] = field(default_factory=list)
    held: list[Arrival] = field(default_factory=list)
    diverged: list[Diverged] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether both places now have the same."""
        return not (self.refused or self.held or self.diverged)


@dataclass(frozen=True)
class LastSync:
    """When this copy was last synced: the remote, the time, and whether both places had the same afterwards."""

    remote: str
    time: datetime
    whole: bool


def sync(chart: Chart, remote: Remote, now: datetime, progress: Callable[[str], None] = lambda _: None) -> Outcome:
    """Sync a chart with one remote.

    Args:
        chart: the chart.
        remote: where to; its agreement is the caller's to ask for.
        now: the clock.
        progress: receives git's own lines.

    Raises:
        Refused: the remote holds another vault's record, or refuses what is sent.
        GitTrouble: it cannot be reached.
        Conflict: another command moved a line meanwhile.
    """
    repository, transport = chart.repository, gitremote.Remote(chart.repository.git, remote.url)
    there = transport.refs()
    theirs = {ref.removeprefix(_HEADS): oid for ref, oid in there.items() if _is_line_ref(ref)}
    outcome = Outcome(remote.name, ignored=[ref for ref in there if not _is_line_ref(ref)])
    wanted = [line for line, oid in theirs.items() if repository.objects.find(oid) is None and not _replaced(chart, line, oid)]
    transport.fetch([_HEADS + line for line in wanted], progress)
    _Sync(chart, remote.name, theirs, outcome, int(now.timestamp())).run(transport, progress)
    _remember(chart, remote.name, now, whole=outcome.whole)
    return outcome


def _replaced(chart: Chart, branch: str, theirs: str) -> bool:
    """Whether the remote still has a line that was succeeded here, whose old commits are not to come back."""
    return branch != BRANCH and theirs in chart.line(branch.partition("/")[2]).old_oids


def _is_line_ref(ref: str) -> bool:
    return ref.startswith(_HEADS) and is_line(ref.removeprefix(_HEADS))


class _Sync:
    """One sync, after the remote's commits are here."""

    def __init__(self, chart: Chart, name: str, theirs: Mapping[str, str], outcome: Outcome, now: int) -> None:
        self.chart = chart
        self.repository: Repository = chart.repository
        self.name = name
        self.theirs = dict(theirs)
        self.outcome = outcome
        self.now = now
        self.gate = Gate(self.repository, now)
        known = pins.load(self.gate.policies.genesis, self.repository.clone_id)
        self.pinned = known.heads if known is not None else {}
        self.before = tracked(chart, name)
        self.follow: dict[str, str] = {}

    def run(self, transport: gitremote.Remote, progress: Callable[[str], None]) -> None:
        """Follow, then send; where `practice` cannot be brought together, nothing else moves either."""
        send: dict[str, str | None] = {}
        lines = [BRANCH, *sorted((self.theirs.keys() | self.repository.lines().keys()) - {BRANCH})]
        for branch in (one for one in lines if is_line(one)):
            if self._receive(branch):
                send[branch] = self.theirs.get(branch)
            if branch == BRANCH and not self.outcome.whole:
                return
        self._track()
        self._send(transport, send, progress)

    def _receive(self, branch: str) -> bool:
        """Bring one line forward to what the remote has; True when ours is to be sent instead."""
        ours, theirs = self.repository.head(branch), self.theirs.get(branch)
        self._lost(branch, theirs)
        if theirs is None or _replaced(self.chart, branch, theirs):
            return True
        self.follow[branch] = theirs
        how = AHEAD if ours is None else relation(self.repository, ours, theirs)
        if how == BEHIND:
            return True
        if how in (AHEAD, APART):
            self._admit(self.gate.judge(branch, theirs))
        return False

    def _admit(self, arrival: Arrival) -> None:
        branch, old = arrival.branch, arrival.old
        if old is not None and any(one.rule == "rewritten" for one in arrival.findings):
            if branch == BRANCH and not self._is_same_vault(arrival.new):
                raise Refused(f"{self.name} {ANOTHER.replace('begins', 'has a record that begins')}", hint="nothing was changed")
            self.outcome.diverged.append(Diverged(branch, old, arrival.new, self.name))
        elif arrival.findings:
            self.follow.pop(branch)
            self.outcome.refused.append(arrival)
        elif arrival.succession and (held := self._held(arrival)) is not None:
            self.follow.pop(branch)
            self.outcome.refused.append(replace(arrival, findings=(held,)))
        elif (lost := self._forgets(arrival)) is not None:
            self.follow.pop(branch)
            self.outcome.refused.append(replace(arrival, findings=(lost,)))
        else:
            self.repository.advance(branch, arrival.new, expecting=old, succession=arrival.succession)
            pins.advance(self.gate.policies.genesis, self.repository.clone_id, {branch: arrival.new})
            self.outcome.received.append(arrival)
            self.outcome.kept += _kept(self.repository, branch, old, arrival.new)

    def _forgets(self, arrival: Arrival) -> Finding | None:
        """A line that was moved back here meanwhile must not be led past what this machine had recorded on it."""
        pinned, git = self.pinned.get(arrival.branch), self.repository.git
        if pinned is None or arrival.succession:
            return None
        if self.repository.objects.find(pinned) is not None and git.is_ancestor(pinned, arrival.new):
            return None
        text = f"does not hold {messages.trailer(pinned)[:19]}, the newest commit that this machine has seen"
        return Finding(arrival.branch, "rewritten", text, branch=arrival.branch)

    def _held(self, arrival: Arrival) -> Finding | None:
        """Following a succession deletes the line that was here."""
        now = datetime.fromtimestamp(self.now).astimezone()
        why = holds.lost_by(self.chart, arrival.branch.partition("/")[2], arrival.new, now)
        return Finding(arrival.branch, "hold", f"would delete what is held: {why}", branch=arrival.branch) if why else None

    def _is_same_vault(self, head: str) -> bool:
        return self.repository.git.is_ancestor(self.gate.policies.genesis, head)

    def _lost(self, branch: str, theirs: str | None) -> None:
        """Notice a remote that has gone back behind what it once showed us."""
        seen, ours = self.before.get(branch), self.repository.head(branch)
        if seen is None or seen == theirs or ours is None or self.repository.objects.find(seen) is None:
            return
        gone = theirs is None or relation(self.repository, seen, theirs) == BEHIND
        if gone:
            self.outcome.lost.append(branch)

    def _send(self, transport: gitremote.Remote, send: Mapping[str, str | None], progress: Callable[[str], None]) -> None:
        """Send what is judged good, `practice` first, all or none; a succession by itself, because it replaces a line."""
        gate = Gate(At(self.repository, self.theirs), self.now)
        good: list[Arrival] = []
        for branch, theirs in send.items():
            ours = self.repository.head(branch)
            if ours is None or ours == theirs:
                continue
            arrival = gate.judge(branch, ours)
            (self.outcome.held if arrival.findings else good).append(arrival)
        plain = [one.branch for one in good if not one.succession]
        if plain:
            transport.push(plain, progress)
        for one in good:
            if one.succession:
                transport.push([one.branch], progress, instead_of=one.old)
        self.outcome.sent = good
        self.before = tracked(self.chart, self.name)
        self.follow = {one.branch: one.new for one in good}
        self._track()

    def _track(self) -> None:
        """Bring `refs/remotes/NAME/` to what is known of the remote."""
        rows = [
            f"update refs/remotes/{self.name}/{branch} {oid}\n"
            for branch, oid in sorted(self.follow.items())
            if self.before.get(branch) != oid
        ]
        if rows:
            with self.repository.lock():
                self.repository.git.run("update-ref", "--stdin", data="".join(rows).encode())


def _kept(repository: Repository, branch: str, old: str | None, new: str) -> list[str]:
    """Working files that are not what the new head has, because somebody had edited them."""
    top = repository.folder(branch)
    if top is None:
        return []
    kept = []
    for change in repository.changes(old, new):
        file = place(top, change.path)
        found = None
        with suppress(BadInput):
            found = look(file, repository.object_format) if file is not None else None
        if file is None or (found and found.blob) != change.after:
            kept.append(str((top / change.path).relative_to(repository.path)))
    return kept


def tracked(chart: Chart, name: str) -> dict[str, str]:
    """The heads that a remote had when it was last seen: branch to bare id."""
    prefix = f"refs/remotes/{name}/"
    return {ref.removeprefix(prefix): oid for ref, oid in chart.repository.git.refs(prefix).items()}


def diverged(chart: Chart, client_id: str = "") -> list[Diverged]:
    """Lines that had gone on in two places when a remote was last seen; of one client, or of all."""
    found = []
    prefix = "refs/remotes/"
    for ref, theirs in chart.repository.git.refs(prefix).items():
        name, _, branch = ref.removeprefix(prefix).partition("/")
        if not is_line(branch) or (client_id and branch != f"client/{client_id}"):
            continue
        ours = chart.repository.head(branch)
        if ours is None or relation(chart.repository, ours, theirs) != APART:
            continue
        if branch == BRANCH or theirs not in chart.line(branch.partition("/")[2]).old_oids:
            found.append(Diverged(branch, ours, theirs, name))
    return found


def refuse_diverged(chart: Chart, client_id: str) -> None:
    """Stop before signing on a line that has gone on in two places: the chain of signed files would fork.

    Raises:
        Conflict: it has; both heads are named.
    """
    for one in diverged(chart, client_id):
        raise Conflict(
            f"{one.branch} has diverged: {messages.trailer(one.ours)[:19]} here, "
            f"{messages.trailer(one.theirs)[:19]} at {one.remote}; nothing is signed on it until it is one line again",
            hint=f"read both: `git log {one.ours[:12]}` and `git log {one.theirs[:12]}`; docs/sync.md says how to go on",
        )


def last_sync(chart: Chart) -> LastSync | None:
    """The newest sync of this copy, with whichever remote; None before the first."""
    return max(syncs(chart).values(), key=lambda one: one.time, default=None)


def syncs(chart: Chart) -> dict[str, LastSync]:
    """The newest sync with each remote, by its name."""
    return {
        name: LastSync(name, datetime.fromisoformat(str(row["time"])), bool(row["whole"])) for name, row in _record(chart).items()
    }


def _record(chart: Chart) -> dict[str, dict[str, str | bool]]:
    with suppress(NotFound, BadInput, ValueError, KeyError, TypeError, AttributeError):
        rows = json.loads(files.read(_file(chart)))["remotes"]
        return {name: row for name, row in rows.items() if datetime.fromisoformat(row["time"]).tzinfo and "whole" in row}
    return {}


def _remember(chart: Chart, name: str, now: datetime, *, whole: bool) -> None:
    rows = {**_record(chart), name: {"time": now.isoformat(timespec="seconds"), "whole": whole}}
    value = {"vaultcli": 1, "remotes": dict(sorted(rows.items()))}
    with chart.repository.lock():
        files.put(_file(chart), (json.dumps(value, indent=1) + "\n").encode(), scratch=chart.repository.scratch)


def _file(chart: Chart) -> Path:
    return chart.repository.directory / "vaultcli" / "sync.json"


