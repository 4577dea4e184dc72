"""The whole chart verified: everything around the history, every line of it, every object, every working file.

`psychotherapy/repository/verify` opens nothing and asks of every object whether it is sealed; here lines are replayed and
every text is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from vaultcli.ground.errors import BadInput, NotFound
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.catfile import Reader
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.process import workers
from vaultcli.places.audit import gitdir, objectstore, working
from vaultcli.places.audit.objectstore import Store
from vaultcli.places.machine import pins
from vaultcli.record.finding import Finding
from vaultcli.record.history.line import BRANCH
from vaultcli.record.message import trailer
from vaultcli.record.rules.policy import Policies
from vaultcli.verify import cache as caches
from vaultcli.verify import lines, pinned, refs
from vaultcli.verify.cache import Cache
from vaultcli.verify.lines import Batch, Context, LineReport
from vaultcli.verify.refs import Refs
from vaultcli.verify.verdict import Verdict

BATCH = 8
"""Lines that one process walks side by side."""
FEW = 24
"""Lines below which a second process costs more than it saves."""
FOLDERS = 64
"""Folders below which a second process costs more than it saves where only their files' times are asked for."""
HANDFUL = 4000
"""Objects that are hashed in one piece of work."""

Progress = Callable[[int, int], None]
"""Told how many lines of how many are done."""


def silent(_done: int, _all: int) -> None:
    """No progress."""


@dataclass
class _Run:
    """One verification under way."""

    top: Path
    directory: Path
    object_format: str
    clone: str
    now: int
    processes: int
    progress: Progress
    cold: bool
    only: str = ""
    seen: set[str] = field(default_factory=set)
    bad: dict[str, str] = field(default_factory=dict)

    def take(self, batch: Batch) -> list[LineReport]:
        self.seen |= batch.seen
        self.bad |= batch.bad
        return batch.reports


def verify(
    chart: Path,
    *,
    now: datetime,
    cold: bool = False,
    only: str = "",
    processes: int | None = None,
    progress: Progress = silent,
) -> Verdict:
    """Verify a chart from its pinned genesis to its pinned heads, and bring the pins forward when nothing is wrong.

    Args:
        chart: its folder.
        now: the clock.
        only: one client's line (`client/ID`): that one, `practice`, and what lies around them.
        cold: read everything, whatever this machine has verified before.
        processes: how many work at once; as many as the machine has processors unless said.
        progress: told as lines are done.

    Raises:
        NotFound: there is no repository.
        BadInput: the pins are damaged.
    """
    directory = chart / ".git"
    if not (directory / "objects").is_dir() or directory.is_symlink():
        raise NotFound(f"there is no chart at {chart}")
    values = gitconfig.unjudged(directory / "config")
    object_format = values.get("extensions.objectformat", "sha1")
    clone = values.get("vaultcli.clone", "")
    many = processes or workers.available()
    return _verify(_Run(chart, directory, object_format, clone, int(now.timestamp()), many, progress, cold, only))


def _verify(run: _Run) -> Verdict:
    # before the heads: a line that another command records in meanwhile is further than its pin, and never behind it
    around, remarks = gitdir.look(run.directory, "the chart")
    try:
        known = pins.find(run.clone)
    except BadInput as error:
        known = []
        around.append(Finding("pins", "pins", f"what this machine remembers cannot be read ({error.message})"))
    found = refs.read(run.directory, run.object_format)
    around += [*gitdir.ready_made(run.directory, run.object_format), *found.findings]
    misplaced, looks = refs.heads(run.directory, run.top)
    around += misplaced
    remarks += looks
    clients = {branch.partition("/")[2] for branch in found.lines if branch.startswith("client/")}
    remarks += [f"clients/{name} is no client's: nothing in it is in the record" for name in working.nobodys(run.top, clients)]
    context, first, practice = _practice(run, found)
    genesis = context.policies.genesis
    mine = next((one for one in known if one.genesis == genesis), None)
    around += pinned.genesis(known, first)
    if mine is not None:
        around += pinned.vanished(mine, found.lines, run.only)
        context = replace(context, pinned=mine.heads)
    elif run.only and run.only not in found.lines:
        raise NotFound(f"there is no line {run.only}")
    there = objectstore.look(run.directory, run.object_format)
    remembered = Cache() if run.cold or mine is None else caches.load(genesis, run.clone, context.heads.get(BRANCH, ""))
    remembered = remembered if remembered.holds(there) else Cache()
    reports = [*practice(context), *_clients(run, context, remembered)]
    unreachable, more = _objects(run, remembered, there)
    around += more
    verdict = Verdict(
        genesis=trailer(genesis) if genesis else "",
        pins=mine or next(iter(known), None),
        pinned_by_hand=False,
        lines=tuple(reports),
        findings=tuple(sorted({*around, *(one for line in reports for one in line.findings)})),
        remarks=tuple(remarks),
        objects=len(run.seen),
        unreachable=unreachable,
        cold=run.cold,
        scope="client" if run.only else "vault",
        witness=context.policies.head.practice.witness if context.policies.items else "none",
    )
    if mine is not None:
        _finish(run, verdict, context, there, mine)
    return verdict


def _practice(run: _Run, found: Refs) -> tuple[Context, str, Callable[[Context], list[LineReport]]]:
    """Fold the practice line; the report on it waits until the pins are known, which are kept by its first commit."""
    head = found.lines.get(BRANCH)
    with Reader(Git(run.directory, object_format=run.object_format)) as reader:
        folded, policies = lines.practice(reader, found.lines, run.now)
    run.take(Batch([], reader.seen, reader.bad))
    history = folded.history
    first = history.commits[0][0] if history.commits and not history.findings else ""
    context = Context(run.top, run.directory, run.object_format, policies, run.now, found.lines)

    def report(context: Context) -> list[LineReport]:
        if not head:
            return [LineReport(BRANCH, "", findings=tuple(folded.findings))]
        with context.reader() as again:
            return run.take(Batch([lines.report(context, again, folded)], again.seen, again.bad))

    return context, first, report


def _clients(run: _Run, context: Context, remembered: Cache) -> list[LineReport]:
    """The clients' lines: those that moved are walked whole, the others looked up where that is allowed."""
    branches = sorted(branch for branch in context.heads if branch != BRANCH and run.only in ("", branch))
    if not context.policies.items:
        return []
    reports = _known(run, context, remembered, branches)
    todo = [branch for branch in branches if branch not in reports]
    run.progress(len(reports), len(branches))
    for batch in _spread(run, lambda names: lines.walk(context, names), _batches(todo)):
        reports.update((report.branch, report) for report in run.take(batch))
        run.progress(len(reports), len(branches))
    return [reports[branch] for branch in branches]


def _batches(branches: Sequence[str]) -> list[Sequence[str]]:
    size = BATCH if len(branches) >= FEW else max(1, len(branches))
    return [branches[at : at + size] for at in range(0, len(branches), size)]


def _spread(run: _Run, work: Callable[[Sequence[str]], Batch], items: Sequence[Sequence[str]]) -> Iterable[Batch]:
    return workers.spread(work, items, run.processes)


def _known(run: _Run, context: Context, remembered: Cache, branches: Sequence[str]) -> dict[str, LineReport]:
    """The lines that were clean and have not moved, their working files looked at again; the others have to be walked."""
    known = {}
    for branch in branches:
        old, head = remembered.lines.get(branch), context.heads[branch]
        if old is not None and old.head == head == context.pinned.get(branch, head):
            known[branch] = old
    size = max(FOLDERS // 2, -(-len(known) // run.processes)) if len(known) >= FOLDERS else max(1, len(known))
    names = list(known)
    pieces = [names[at : at + size] for at in range(0, len(names), size)]
    stamps: dict[str, str | None] = {}
    for piece in workers.spread(lambda some: [(branch, _stamp(context, branch)) for branch in some], pieces, run.processes):
        stamps.update(piece)
    return {
        branch: LineReport(branch, old.head, old.tally, remarks=old.remarks, stamp=old.stamp, cached=True)
        for branch, old in known.items()
        if stamps[branch] == old.stamp
    }


def _stamp(context: Context, branch: str) -> str | None:
    """What a line's working files look like now: empty where there is no folder, None where they are too fresh to tell."""
    place = context.place(branch)
    if place is None or not place.top.is_dir():
        return ""
    return working.stamp_of(place, context.now) or None


def _objects(run: _Run, remembered: Cache, there: Store) -> tuple[int | None, list[Finding]]:
    """Hash what the walk did not come by: unreachable objects too, and packs and loose files that are new."""
    whole = not run.only and (run.cold or not remembered.packs)
    found = list(there.findings)
    rest: list[str] = []
    if whole:
        rest = sorted(there.all - run.seen)
        found += objectstore.copies(run.directory, there, run.object_format)
    elif not run.only:
        new = (names for name, names in there.packs.items() if list(there.stamps[name]) != remembered.packs.get(name))
        rest = sorted(set(there.loose).union(*new) - run.seen)
    context = Context(None, run.directory, run.object_format, Policies(), run.now)
    pieces = [rest[at : at + HANDFUL] for at in range(0, len(rest), HANDFUL)]
    for batch in _spread(run, lambda oids: _hash(context, oids), pieces):
        run.take(batch)
    return (len(rest) if whole else None), found + _bad(run, there)


def _bad(run: _Run, there: Store) -> list[Finding]:
    """A finding for every object that could not be had."""
    found = []
    for oid, why in sorted(run.bad.items()):
        damaged = why == "damaged" or oid in there.all
        text = "is not what its name says, or cannot be read" if damaged else "is missing"
        rule = "damaged-object" if damaged else "missing-object"
        found.append(Finding(f".git/objects/{oid[:2]}/{oid[2:]}", rule, text))
    return found


def _hash(context: Context, oids: Sequence[str]) -> Batch:
    with context.reader() as reader:
        reader.check(oids)
    return Batch([], reader.seen, reader.bad)


def _finish(run: _Run, verdict: Verdict, context: Context, there: Store, mine: pins.Pins) -> None:
    """Bring the pins forward over what is clean, and remember it."""
    if verdict.findings:
        return
    heads: Mapping[str, str] = {line.branch: line.head for line in verdict.lines}
    pins.advance(context.policies.genesis, run.clone, heads, since=mine.heads)
    if run.only:
        return
    clean = {line.branch: caches.remember(line) for line in verdict.lines if line.clean and line.branch != BRANCH}
    cache = Cache(context.heads[BRANCH], clean, dict(there.stamps), caches.shortened(there.loose))
    caches.save(context.policies.genesis, run.clone, cache)

