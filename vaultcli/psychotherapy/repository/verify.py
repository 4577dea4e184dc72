"""The psychotherapy repository verified without opening anything.

A walk from the pinned first commit over every commit, then every object, reachable or not, every ref, what lies around
them, and the folder. `docs/spec/psychotherapy/verify.md`. No content is ever part of an answer.
`verify/vault` replays a chart's lines and judges every text; here nothing is opened, and every object has to be sealed.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, GitTrouble, NotFound, Unpinned, VaultError
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.catfile import Reader
from vaultcli.ground.git.history import History
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.process import workers
from vaultcli.ground.repository.working import is_leftover
from vaultcli.places.audit import gitdir, objectstore, refs, working
from vaultcli.places.audit.working import Place
from vaultcli.places.remote import hooks
from vaultcli.places.sealed import history, pins, readme
from vaultcli.places.sealed.pins import Pins
from vaultcli.places.sealed.settings import Settings
from vaultcli.psychotherapy.repository import plaintext
from vaultcli.psychotherapy.repository.verdict import Counts, Verdict, Version
from vaultcli.record.finding import Finding
from vaultcli.record.message import trailer
from vaultcli.record.sealed import paths, signers
from vaultcli.record.sealed.admission import BRANCH, State
from vaultcli.record.sealed.tree import Listing

WHAT = "the psychotherapy repository"
_LINE = re.compile(rf"refs/heads/({BRANCH})")
_HANDFUL = 500
_PILES = 4
_LOGGED = re.compile(
    rf"recorded|(?:commit|rebase|cherry-pick|merge|pull|am)[^:]*: {BRANCH}|clone: from .*|fetch.*|(?:reset|checkout|Branch).*|"
)
_AGE = b"age-encryption.org/v1\n"

Progress = Callable[[int, int], None]


def silent(_done: int, _all: int) -> None:
    """No progress."""


@dataclass
class _Run:
    """One verification under way."""

    settings: Settings
    now: int
    progress: Progress
    source: History
    clone: str
    findings: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)
    begun: dict[str, bytes] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    state: State | None = None

    @property
    def directory(self) -> Path:
        return self.source.git.directory

    def report(self, path: str, rule: str, message: str) -> None:
        self.findings.append(Finding(path, rule, message, branch=BRANCH))


def verify(settings: Settings, *, now: datetime, progress: Progress = silent, processes: int | None = None) -> Verdict:
    """Verify without opening anything; the pinned head comes forward when nothing is wrong.

    Args:
        settings: where the notes are.
        now: the clock.
        progress: told how many of how many commits and objects are done.
        processes: how many work at once; as many as the machine has processors unless said.

    Raises:
        NotFound: there is no repository.
        BadInput: the pins are damaged.
    """
    directory = settings.repository / ".git"
    if not (directory / "objects").is_dir() or directory.is_symlink():
        raise NotFound(f"there is no psychotherapy repository at {settings.repository}")
    values = gitconfig.unjudged(directory / "config")
    git = Git(directory, object_format=values.get("extensions.objectformat", "sha1"))
    with History(git) as source:
        run = _Run(settings, int(now.timestamp()), progress, source, values.get("vaultcli.clone", ""))
        return _verify(run, processes or workers.available())


def _verify(run: _Run, processes: int) -> Verdict:
    found, remarks = gitdir.look(run.directory, WHAT)
    run.findings += [*found, *gitdir.ready_made(run.directory, run.source.git.object_format)]
    run.remarks += remarks
    there = refs.read(run.directory, run.source.git.object_format, _LINE)
    run.findings += there.findings
    known = _pins(run)
    head = there.lines.get(BRANCH, "")
    genesis = _walk(run, head, known)
    _against_pins(run, head, genesis, known)
    removable = _objects(run, processes)
    _around(run)
    _folder(run)
    findings = tuple(sorted(set(run.findings)))
    if known is not None and head and not findings and known.head != head:
        pins.put(replace(known, head=head))
    return Verdict(
        genesis=trailer(genesis) if genesis else "",
        head=head,
        pinned=known is not None,
        counts=run.counts,
        findings=findings,
        remarks=tuple(run.remarks),
        versions=tuple(run.versions),
        strays=tuple(removable),
    )


def _pins(run: _Run) -> Pins | None:
    try:
        return pins.find(run.clone)
    except Unpinned:
        return None


# the history


def _walk(run: _Run, head: str, known: Pins | None) -> str:
    """Judge every commit; the first one's id, as pinned or as found."""
    if not head:
        run.report(BRANCH, "rollback", "has no commit")
        return known.genesis if known else ""
    try:
        oids = run.source.git.rev_list(head)
        genesis = known.genesis if known else oids[0]
        good, names = True, set[str]()
        for number, step in enumerate(history.walk(run.source, oids, run.now, readme.TEXT, genesis), start=1):
            run.progress(number, len(oids))
            run.findings += step.findings
            run.state = step.state
            good = good and not step.findings
            if good and step.state is not None and isinstance(step.state.tree, Listing):
                # a new name in it is looked at when it comes: a folder can be empty, and then no file tells of it
                new = step.state.tree.top.keys() - names
                names |= new
                good = all(map(plaintext.belongs, new))
                run.judged |= {step.commit.tree} if good else set()
            _remember(run, step)
        if run.state is None:
            run.report(BRANCH, "sealed-list", "the commits after one whose lists cannot be read were not judged")
            return genesis
    except (GitTrouble, BadInput) as error:
        run.report(BRANCH, "damaged-object", f"the history cannot be read to its end: {error.message}")
        return known.genesis if known else ""
    _count(run, run.state, len(oids))
    return genesis


def _remember(run: _Run, step: history.Step) -> None:
    """What one commit brought: for the objects, for whoever opens the files, and for what a revoked key began."""
    for path, (_, blob) in step.changed.items():
        run.judged.add(blob)
        at = paths.parse(path)
        if at is None:
            continue
        if at.is_identity and step.key is not None:
            run.begun.setdefault(at.token, step.key.blob)
        before = _before(step, path)
        run.versions.append(Version(path, blob, before, _beside(step, path), step.commit.oid))
    if step.state is not None:
        run.judged |= {step.state.tree[path][1] for path in paths.CLEAR if path in step.state.tree}
    run.counts = replace(run.counts, merges=run.counts.merges + (len(step.commit.parents) > 1))


def _before(step: history.Step, path: str) -> str:
    entry = step.before.get(path)
    return entry[1] if entry else ""


def _beside(step: history.Step, path: str) -> tuple[str, ...]:
    at = paths.parse(path)
    if at is None or at.is_identity:
        return ()
    stem = path.removesuffix(paths.SUFFIX) + "."
    near = step.before.inside(at.token) if isinstance(step.before, Listing) else step.before
    return tuple(entry[1] for name, entry in near.items() if name.startswith(stem) and name != path)


def _count(run: _Run, state: State, commits: int) -> None:
    places = [at for at in map(paths.parse, state.tree) if at is not None]
    drawers = {at.token for at in places if at.is_identity}
    gone = state.epochs.destroyed
    entries = state.signers.entries
    run.counts = replace(
        run.counts,
        commits=commits,
        drawers=len(drawers - gone),
        destroyed=len(drawers & gone),
        files=sum(1 for at in places if not at.is_identity),
        machines=sum(1 for one in entries if one.kind == signers.MACHINE and not one.revoked),
        revoked=sum(1 for one in entries if one.revoked),
        epoch=state.epochs.number,
    )
    lost = {one.key.blob: one for one in entries if one.revoked and one.reason in ("lost", "compromised")}
    for token in sorted(drawers - gone):
        entry = lost.get(run.begun.get(token, b""))
        if entry is not None:
            run.remarks.append(
                f"the drawer {token} was begun by {entry.principal}, whose key was revoked since ({entry.reason}): "
                "who has that key may know what opens it"
            )


def _against_pins(run: _Run, head: str, genesis: str, known: Pins | None) -> None:
    if known is None:
        return
    if not head or run.state is None:
        return
    with contextlib.suppress(GitTrouble):
        if not run.source.git.is_ancestor(known.genesis, head):
            run.report(BRANCH, "genesis", "does not begin with the commit that this machine has pinned")
        elif run.source.objects.find(known.head) is None or not run.source.git.is_ancestor(known.head, head):
            run.report(BRANCH, "rollback", "does not hold the newest commit that this machine has seen")
    for token in sorted(known.drawers):
        if paths.identity(token) not in run.state.tree:
            run.report(token, "rollback", "this machine has written into this drawer, and it is not here")
    current = run.state.epochs
    if known.epoch != (current.number, current.recipient):
        run.remarks.append(
            f"epoch {current.number} began elsewhere, and its epoch.age is not here yet; nothing is sealed to it before that"
        )


# the objects


def _objects(run: _Run, processes: int) -> list[str]:
    """Hash and judge every object that there is; those that hold plaintext and that nothing leads to."""
    directory, format_ = run.directory, run.source.git.object_format
    there = objectstore.look(directory, format_)
    run.findings += [*there.findings, *objectstore.copies(directory, there, format_)]
    every = sorted(there.all)
    size = max(_HANDFUL, -(-len(every) // (processes * _PILES)))
    piles = [every[at : at + size] for at in range(0, len(every), size)]
    reached: set[str] = set()
    with contextlib.suppress(GitTrouble):
        reached = run.source.git.leads_to(*run.source.git.refs().values())
    bad: dict[str, str] = {}
    wrong: dict[str, str] = {}
    judge = plaintext.Judge(frozenset(run.judged))
    done = workers.spread(lambda pile: _pile(run.source.git, pile, judge), piles, processes)
    for number, (some, broken) in enumerate(done, start=1):
        run.progress(number, len(piles))
        wrong |= some
        bad |= broken
    for oid in sorted(bad):
        run.report(f".git/objects/{oid[:2]}/{oid[2:]}", "damaged-object", "is missing, or not what its name says")
    removable = []
    for oid, message in sorted(wrong.items()):
        tail = "" if oid in reached else "; nothing leads to it"
        run.report(f".git/objects/{oid[:2]}/{oid[2:]}", "sealed-plaintext", message + tail)
        removable += [] if oid in reached else [oid]
    run.counts = replace(run.counts, objects=len(every), unreachable=len(set(every) - reached))
    return removable


def _pile(git: Git, oids: Sequence[str], judge: plaintext.Judge) -> tuple[dict[str, str], dict[str, str]]:
    """What is wrong with some objects: those that hold what they should not, and those that are damaged."""
    wrong: dict[str, str] = {}
    kinds = plaintext.kinds(git, oids)
    with Reader(git) as reader:
        for at in range(0, len(oids), _HANDFUL):
            for oid, answer in reader.many(oids[at : at + _HANDFUL], "").items():
                if isinstance(answer, bytes) and (said := judge(oid, kinds.get(oid, ""), answer)):
                    wrong[oid] = said
        return wrong, dict(reader.bad)


# what lies around


def _around(run: _Run) -> None:
    """HEAD, hooks, and what plain git writes down for itself."""
    if _text(run.directory / "HEAD") != f"ref: refs/heads/{BRANCH}\n":
        run.report("HEAD", "head", f"the folder does not show the branch {BRANCH}")
    for name, how in hooks.standing(run.directory, hooks.SEALED).items():
        if how in (hooks.MISSING, hooks.FOREIGN):
            what = "not there" if how == hooks.MISSING else "not ours"
            run.remarks.append(f"the hook {name} is {what}; `vaultcli psychotherapy hooks` puts them in place")
    for name in (*plaintext.NOTES, "rebase-merge", "rebase-apply", "rr-cache"):
        place = run.directory / name
        if place.is_dir() or (place.is_file() and _words(_text(place))):
            run.report(f".git/{name}", "sealed-leftover", "plain git has left words here")
    for log in _below(run.directory / "logs"):
        lines = (line.partition("\t")[2] for line in _text(log).splitlines())
        if any(not _LOGGED.fullmatch(line) for line in lines):
            name = log.relative_to(run.directory).as_posix()
            run.report(f".git/{name if _LINE.search(name) else 'logs'}", "sealed-leftover", "a log of plain git holds words")
    if any(key.startswith("branch.") and key.endswith(".description") for key in gitconfig.unjudged(run.directory / "config")):
        run.report(".git/config", "sealed-leftover", "a branch has a description")


def _words(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return "" if lines in ([], [BRANCH]) else "words"


def _folder(run: _Run) -> None:
    """The working files: what is recorded stands there as recorded, and nothing beside it that is not sealed."""
    if run.state is None:
        return
    top = run.settings.repository
    recorded = {path: blob for path, (_, blob) in run.state.tree.items()}
    place = Place(BRANCH, top, run.directory)
    run.findings += working.compare(place, recorded, set(recorded), run.source.git.object_format, run.now).findings
    waiting = foreign = 0
    for file in _below(top):
        path = file.relative_to(top).as_posix()
        if path.startswith(".git/") or path in recorded or is_leftover(file.name):
            continue
        sealed = file.suffix == paths.SUFFIX and _start(file).startswith(_AGE)
        waiting, foreign = waiting + sealed, foreign + (not sealed)
    if waiting:
        hint = "`vaultcli psychotherapy save` takes them in"
        run.remarks.append(f"{waiting} sealed files lie in the folder and are not recorded; {hint}")
    if foreign:
        run.report(top.name, "sealed-folder", f"{foreign} of the files in the folder are not sealed and do not belong there")


def _below(top: Path) -> Iterator[Path]:
    for folder, names, leaves in os.walk(top):
        names[:] = sorted(name for name in names if name != ".git")
        yield from (Path(folder) / name for name in sorted(leaves))


def _start(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(len(_AGE))
    except OSError:
        return b""


def _text(path: Path) -> str:
    try:
        return files.read(path, 1 << 24).decode("utf-8", "replace")
    except VaultError:
        return ""
