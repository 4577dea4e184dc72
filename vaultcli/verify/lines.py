"""One line verified, in whichever process walks it: its part of the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from vaultcli.ground.errors import BadInput, VaultError
from vaultcli.ground.git.catfile import Reader
from vaultcli.ground.git.plumbing import Git
from vaultcli.places.audit import working
from vaultcli.places.audit.working import Place
from vaultcli.places.chart.chart import LAYOUT
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.line import BRANCH
from vaultcli.record.rules import succession
from vaultcli.record.rules.policy import Policies
from vaultcli.record.rules.succession import Earlier
from vaultcli.verify import commits, excuses, fold, pinned, remarks, tally, workfiles
from vaultcli.verify.commits import History
from vaultcli.verify.excuses import Excuse, Excused
from vaultcli.verify.fold import Folded, Unreadable
from vaultcli.verify.tally import Counts, Tally


@dataclass(frozen=True)
class Succeeded:
    """A line that replaced another: always printed.

    Args:
        branch: the line.
        commit: its root (`sha256:HEX`).
        ground: why, in the word of its succession.toml.
        replaced: how many commits the old line had; `head` its newest (`sha256:HEX`).
        left_out: how many files were left behind.
        sealed: SHA-256 of the bundle that keeps the old line, or empty where it was deleted.
    """

    branch: str
    commit: str
    ground: str
    replaced: int
    head: str
    left_out: int
    sealed: str


@dataclass(frozen=True)
class LineReport:
    """What is to be said of one line.

    Args:
        branch: the line; `head` its newest commit (bare id).
        tally: who, when, how many.
        findings: what was found, without what is excused; `excused` that.
        excuses: its signed exceptions.
        succeeded: what it replaced, oldest first.
        remarks: what is no finding, and worth a sentence.
        stamp: of its working files; empty where they may not be taken as read next time.
        cached: whether the line itself was verified before on this machine and has not moved.
    """

    branch: str
    head: str
    tally: Tally = field(default_factory=Tally)
    findings: tuple[Finding, ...] = ()
    excused: tuple[Excused, ...] = ()
    excuses: tuple[Excuse, ...] = ()
    succeeded: tuple[Succeeded, ...] = ()
    remarks: tuple[Finding, ...] = ()
    stamp: str = ""
    cached: bool = False

    @property
    def clean(self) -> bool:
        """Whether there is nothing that anybody has to know of this line, so that a cache may remember it."""
        return not (self.findings or self.excused or self.excuses or self.succeeded)


@dataclass(frozen=True)
class Context:
    """What the walk of every line needs.

    Args:
        top: the chart's folder; None for a repository without working files.
        directory: the git directory.
        object_format: `sha256` or `sha1`.
        policies: every policy, judged.
        now: the clock, seconds since 1970.
        heads: branch to head (bare id).
        pinned: branch to pinned head (bare id).
    """

    top: Path | None
    directory: Path
    object_format: str
    policies: Policies
    now: int
    heads: Mapping[str, str] = field(default_factory=dict)
    pinned: Mapping[str, str] = field(default_factory=dict)

    def reader(self) -> Reader:
        """A fresh reader."""
        return Reader(Git(self.directory, object_format=self.object_format))

    def place(self, branch: str) -> Place | None:
        """Where a line's working files are."""
        if self.top is None:
            return None
        if branch == BRANCH:
            return Place(branch, self.top, self.directory, LAYOUT.apart)
        folder = LAYOUT.place(branch)
        if folder is None:
            return None
        admin = self.directory / "worktrees" / branch.replace("/", "-")
        return Place(branch, self.top / folder, admin, shown=f"{folder}/")


@dataclass(frozen=True)
class Batch:
    """What a batch of lines gives: a report each, and the objects that were hashed on the way."""

    reports: list[LineReport]
    seen: set[str]
    bad: dict[str, str]


def practice(reader: Reader, heads: Mapping[str, str], now: int) -> tuple[Folded, Policies]:
    """Fold the practice line, where there is one: every policy of the vault.

    Args:
        reader: gives objects.
        heads: branch to head (bare id).
        now: the clock, seconds since 1970.
    """
    head = heads.get(BRANCH)
    history = commits.walk(reader, {BRANCH: head})[0] if head else History(BRANCH)
    folded, policies = fold.practice(reader, history, now)
    if not policies.items:
        folded.findings.append(Finding(BRANCH, "no-policy", "there is no policy to judge anything by", branch=BRANCH))
    return folded, policies


def walk(context: Context, branches: Sequence[str]) -> Batch:
    """Walk some clients' lines from head to root and fold them."""
    with context.reader() as reader:
        histories = commits.walk(reader, {branch: context.heads[branch] for branch in branches})
        reports = [_report(context, reader, history) for history in histories]
    return Batch(reports, reader.seen, reader.bad)


def _report(context: Context, reader: Reader, history: History) -> LineReport:
    """A line's report, whatever is on it: what no rule foresaw ends the judging of this line, and of no other."""
    try:
        return report(context, reader, fold.client(reader, history, context.policies, context.now))
    except (VaultError, LookupError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        text = f"holds what no rule foresaw ({type(error).__name__}); the line could not be judged"
        found = Finding(history.branch, "unreadable", text, branch=history.branch)
        return LineReport(history.branch, context.heads.get(history.branch, ""), findings=(found,))


def report(context: Context, reader: Reader, folded: Folded) -> LineReport:
    """What is to be said of a folded line, its pin and its working files included."""
    branch, line = folded.branch, folded.line
    oids = [oid for oid, _ in folded.history.commits]
    folded.findings += pinned.line(reader, branch, context.pinned.get(branch, ""), oids, line.old_oids)
    counted = tally.of(line)
    if branch == BRANCH:
        counted = replace(counted, counts=Counts(commits=len(oids)))
        final = workfiles.policy_paths(folded.files)
    else:
        final = workfiles.signed_paths(line)
    place = context.place(branch)
    stamp = ""
    if place is not None and folded.complete:
        seen = working.compare(place, folded.files, final, context.object_format, context.now)
        folded.findings += seen.findings
        more = Counts(edited=seen.edited, unrecorded=seen.unrecorded)
        counted, stamp = counted + Tally(more), seen.stamp
    found = excuses.of(folded, context.policies)
    left, excused = excuses.apply(folded.findings, found)
    return LineReport(
        branch, context.heads.get(branch, ""), counted, tuple(left), tuple(excused), tuple(found), _succeeded(folded),
        tuple(remarks.of(folded)), stamp,
    )  # fmt: skip


def _succeeded(folded: Folded) -> tuple[Succeeded, ...]:
    """Every succession that led to this line, oldest first, as its root tells them."""
    oid = folded.files.get(succession.PATH)
    if oid is None or not folded.history.commits:
        return ()
    try:
        said = succession.parse(folded.read(oid).decode("utf-8", "replace"))
    except (Unreadable, BadInput):
        return ()
    rest = len(said.left_out) - sum(one.left_out for one in said.earlier)
    newest = Earlier(messages.trailer(folded.history.commits[0][0]), said.ground, said.sealed, rest)
    found, start = [], 0
    for one in (*said.earlier, newest):
        end = len(said.commits) if one is newest else said.commits.index(one.root)
        head = said.commits[end - 1]
        found.append(Succeeded(folded.branch, one.root, one.ground, end - start, head, one.left_out, one.sealed))
        start = end
    return tuple(found)
