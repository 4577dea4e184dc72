"""Succession: a new root in the place of a client's line, without some texts, on a recorded ground.

The only way in which history leaves a vault. What is left out is named by id and SHA-256, what stays keeps its bytes, its
signatures and its first recording, and whoever verifies is told. Format: `docs/spec/succession.md`, version 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import Conflict, NotFound, NotVerified, Refused, VaultError
from vaultcli.ground.repository import prune
from vaultcli.places.chart.chart import Chart, Recorder, Recording
from vaultcli.places.machine import pins
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.line import Line, Recorded
from vaultcli.record.notes import attachment
from vaultcli.record.notes.hold import Free
from vaultcli.record.notes.names import SUFFIX
from vaultcli.record.notes.place import place
from vaultcli.record.rules import admission, succession
from vaultcli.record.rules.judge import ATTRIBUTES, SIG
from vaultcli.record.rules.policy import GITATTRIBUTES
from vaultcli.record.rules.succession import (
    Earlier,
    Kept,
    LeftOut,
    Succession,
)
from vaultcli.record.times import git_time
from vaultcli.work.index import view
from vaultcli.work.notes import save
from vaultcli.work.people import holds
from vaultcli.work.release import line_bundle


@dataclass(frozen=True)
class Plan:
    """What a succession of a line would do.

    Args:
        client: the client's id.
        head: the old head (bare id).
        ground: of `succession.GROUNDS`.
        stems: of the notes that are left out, with all that was added to them.
        statement: `succession.toml`, its seal still empty.
        before: files left out by earlier successions; part of the statement.
    """

    client: str
    head: str
    ground: str
    stems: tuple[str, ...]
    statement: Succession
    before: int

    @property
    def leaving(self) -> tuple[LeftOut, ...]:
        """The files that this succession leaves out."""
        return self.statement.left_out[self.before :]

    @property
    def kept(self) -> int:
        """How many texts stay."""
        return sum(one.path.endswith(".md") for one in self.statement.kept)


@dataclass(frozen=True)
class Succeeded:
    """What a succession did: the new root (bare id), the bundle of the old line if it was sealed, objects removed."""

    commit: str
    sealed: line_bundle.Bundle | None
    removed: int


def plan(chart: Chart, client_id: str, ground: str, leave_out: Iterable[str] = ()) -> Plan:
    """What would stay and what would go; nothing is changed.

    Args:
        chart: the chart.
        client_id: whose line.
        ground: of `succession.GROUNDS`.
        leave_out: stems of notes to leave out, besides those withdrawn as wrong-client, which always are.

    Raises:
        Refused: there is nothing to leave behind, the working folder holds what is not recorded, or a ref of the user's
            own holds on to the line.
        NotFound: there is no such line, or no such note on it.
    """
    line = chart.line(client_id)
    if not line.oids:
        raise NotFound(f"no client with the id {client_id}")
    stems = tuple(sorted({*line_bundle.misfiled(line), *leave_out}))
    for stem in stems:
        if f"notes/{stem}.md" not in line.files:
            raise NotFound(f"there is no note {stem} on this line")
    _check_anything_to_leave(line, ground, stems)
    statement, before = _statement(chart, line, ground, frozenset(stems))
    made = Plan(client_id, line.head, ground, stems, statement, before)
    _check_folder(chart, line, made)
    _check_refs(chart, line)
    return made


def check_verified(found: Iterable[Finding], branch: str) -> None:
    """Whether a line verifies as it is: a succession must not be the end of a finding.

    Args:
        found: what verification of the vault found and no exception excuses.
        branch: the line.

    Raises:
        NotVerified: something was found on it.
    """
    here = sorted(one for one in found if one.branch == branch)
    if here:
        rows = "".join(f"\n  {one.text()}" for one in here[:5])
        more = f"\n  and {len(here) - 5} more" if len(here) > 5 else ""
        raise NotVerified(
            f"the line does not verify, and a new root would hide that:{rows}{more}",
            hint="mend it, settle it, or excuse it with `vaultcli exception add` first",
        )


def _check_anything_to_leave(line: Line, ground: str, stems: Sequence[str]) -> None:
    if stems:
        return
    if ground == holds.MISFILED:
        raise Refused(
            "no text of this client is withdrawn as wrong-client",
            hint="`vaultcli withdraw NOTE --reason wrong-client` first, or name texts with --leave-out",
        )
    if line.old_oids and len(line.oids) == 1:
        raise Refused("this line was succeeded already, and nothing was recorded since")


def _check_folder(chart: Chart, line: Line, made: Plan) -> None:
    """Nothing unrecorded may be lost or left lying about."""
    working = chart.repository.working(line.branch)
    ids = {left.id for left in made.leaving}
    remnants = [path for path in working.leftovers if any(id_ in path for id_ in ids)]
    rows = [*working.edited, *working.new, *working.missing, *working.strange, *remnants]
    if rows:
        listed = "".join(f"\n  {chart.folder(made.client) / path}" for path in rows)
        raise Refused(f"the client's folder is not as it was recorded:{listed}", hint="save, restore or delete these first")
    if aside := save.put_aside(chart, ids):
        listed = "".join(f"\n  {path}" for path in aside)
        raise Refused(f"what was put aside of a text that is to go is still here:{listed}", hint="delete these first")


def _check_refs(chart: Chart, line: Line) -> None:
    for oid in {line.oids[0], line.head}:
        others = prune.leading_to(chart.repository.git, line.branch, oid)
        if others:
            raise Refused(f"{others[0]} leads to commits of this line", hint=f"delete it first: git update-ref -d {others[0]}")


# the statement


def _statement(chart: Chart, line: Line, ground: str, stems: frozenset[str]) -> tuple[Succession, int]:
    earlier = _earlier(chart, line)
    first = _first_recordings(chart, line, earlier)
    described = {stem.rpartition("-")[2]: stem for stem in stems}
    kept, left = [], []
    for path, oid in sorted(line.files.items()):
        if path in (ATTRIBUTES, succession.PATH):
            continue
        _, digest = chart.repository.objects.weigh(oid)
        if _stem(path, described) not in stems:
            seen = first[path]
            kept.append(Kept(path, digest, messages.trailer(seen.commit), seen.time, seen.by))
        elif path.endswith(SUFFIX):
            left.append(_left_out(line, path, digest))
    before = earlier.left_out if earlier else ()
    commits = (*(earlier.commits if earlier else ()), *map(messages.trailer, line.oids))
    left.sort(key=lambda one: (one.number, one.id))
    return Succession(ground, "", commits, tuple(kept), (*before, *left), _chain(line, earlier)), len(before)


def _stem(path: str, leaving: Mapping[str, str]) -> str:
    """The stem of the note that a file belongs to; empty for what belongs to none."""
    id_ = attachment.id_of(path)
    if id_:
        stem = leaving.get(id_, "")
        return stem if attachment.describes(f"notes/{stem}{SUFFIX}") else ""
    return admission.stem_of(path.removesuffix(SIG)) if path.startswith("notes/") else ""


def _chain(line: Line, earlier: Succession | None) -> tuple[Earlier, ...]:
    """The successions before this one, the last of which made the root of the present line."""
    if earlier is None:
        return ()
    count = len(earlier.left_out) - sum(one.left_out for one in earlier.earlier)
    return (*earlier.earlier, Earlier(messages.trailer(line.oids[0]), earlier.ground, earlier.sealed, count))


def _left_out(line: Line, path: str, digest: str) -> LeftOut:
    at, signed = place(path), line.signed.get(path)
    assert at is not None
    return LeftOut(at.id, digest, signed.block.number if signed else 0)


def _earlier(chart: Chart, line: Line) -> Succession | None:
    """What the line itself says of the line that it succeeded."""
    oid = line.files.get(succession.PATH)
    return None if oid is None else succession.parse(chart.repository.objects.blob(oid).decode())


def _first_recordings(chart: Chart, line: Line, earlier: Succession | None) -> dict[str, Recorded]:
    """Who first recorded each path, when and in which commit, also across an earlier succession."""
    found: dict[str, Recorded] = {}
    for one in earlier.kept if earlier else ():
        found[one.path] = Recorded(one.by, one.recorded, messages.oid_of(one.commit))
    parent = None
    for commit in chart.repository.history(line.branch):
        here = Recorded(commit.author.email, git_time(commit.author_time, commit.author_zone), commit.oid)
        for change in chart.repository.changes(parent, commit.oid):
            found.setdefault(change.path, here)
        parent = commit.oid
    return found


# doing it


def seal(chart: Chart, made: Plan, folder: Path) -> line_bundle.Bundle:
    """Write the old line into a bundle outside the vault and read it back; one that is there already is read only.

    Args:
        chart: the chart; its lock is held.
        made: the plan.
        folder: where to; exists, and is outside the vault.

    Raises:
        Refused: the folder is in the vault, or is no folder.
        GitTrouble: a file of that name holds something else.
    """
    check_place(chart, folder)
    line = chart.line(made.client)
    path = folder / f"sealed-{made.client}-{made.head[:16]}.bundle"
    for remnant in folder.glob(f".{path.name}{files.SIDE}*"):
        with files.trouble(remnant, "delete"):
            remnant.unlink()
    try:
        return line_bundle.write(chart, line, path)
    except Conflict:
        # a run that was interrupted after this step; only what reads back as exactly this line is accepted
        return line_bundle.read_back(chart, line, path)


def check_place(chart: Chart, folder: Path) -> None:
    """Whether a sealed line can go there.

    Raises:
        Refused: it is in the vault, or is no folder.
    """
    if not folder.is_dir():
        raise Refused(f"{folder} is not a folder", hint="make it first, for instance on a stick that is then locked away")
    for inside in (chart.vault.root, chart.vault.chart, chart.vault.keys):
        if folder.resolve().is_relative_to(inside.resolve()):
            raise Refused(f"{folder} is inside the vault", hint="a sealed line leaves the vault: name a place outside")


def check_sealed_under_hold(chart: Chart, made: Plan, now: datetime) -> None:
    """Whether the old line may be sealed though a hold binds: a misfiled text may, and the hold must go on in the new line.

    What is sealed is read back before anything goes (`seal`), and is held by the hold that the new line keeps.

    Raises:
        Refused: it may not.
    """
    why = holds.why(chart, made.client, now)
    if why and made.ground != holds.MISFILED:
        raise Refused(
            f"nothing of this client's is destroyed: {why}",
            hint=f"a misfiled text can still be sealed away: --ground {holds.MISFILED} --seal DIR",
        )
    if why and not holds.of(chart, made.client).stands:
        raise Refused(f"the new line would not say that it is held: {why}", hint="put the line back, or end the hold, first")


def _check_free(chart: Chart, made: Plan, now: datetime, free: Free | None) -> None:
    """Whether holds were asked for, and what this copy tells is what it told then."""
    if free is None or free.client != made.client:
        raise Refused("nobody asked whether this client is held")
    if why := holds.why(chart, made.client, now):
        raise Refused(f"nothing of this client's is destroyed: {why}")


def succeed(chart: Chart, made: Plan, by: Recorder, now: datetime, place: Path | None, free: Free | None = None) -> Succeeded:
    """Put the new root in the place of the line.

    Until the branch moves the old line stands, afterwards the new root does; what was interrupted after that is finished
    by the next command.

    Args:
        chart: the chart.
        made: the plan that the user has agreed to.
        by: a key with the policy role.
        now: the clock.
        place: the folder that the sealed old line goes to; None where it is deleted.
        free: that no hold forbids to delete it (`holds.free`); needed where it is deleted.

    Raises:
        Conflict: the line or its folder changed since the plan was made.
        Refused: the rules do not admit it, the place is none, or a hold forbids it.
    """
    return by.outside(lambda: _succeed(chart, made, by, now, place, free))


def _succeed(chart: Chart, made: Plan, by: Recorder, now: datetime, place: Path | None, free: Free | None) -> Succeeded:
    repository = chart.repository
    with repository.lock():
        if place is None:
            _check_free(chart, made, now, free)
        else:
            check_sealed_under_hold(chart, made, now)
        line = chart.line(made.client)
        if line.head != made.head:
            raise Conflict("the line has moved on since it was read", hint="repeat the command")
        _check_folder(chart, line, made)
        _check_refs(chart, line)
        sealed = seal(chart, made, place) if place is not None else None
        statement = replace(made.statement, sealed=sealed.sha256 if sealed else "")
        oid = _root(chart, line, statement, by, now)
        marks = (*(one.id for one in made.leaving), *line.oids)
        # before anything is moved, as what is left out must not stay in it; and what others put there in between
        view.forget(chart)
        removed = repository.supersede(line.branch, oid, expecting=line.head, marks=marks)
        with suppress(VaultError):
            view.forget(chart)
        pins.advance(chart.policies.genesis, repository.clone_id, {line.branch: oid})
        chart.line(made.client)  # what this machine remembered of the old line is written over
        return Succeeded(oid, sealed, removed)


def _root(chart: Chart, line: Line, statement: Succession, by: Recorder, now: datetime) -> str:
    """The new root, judged as verification will and stored; nothing leads to it yet."""
    read = chart.repository.objects.blob
    changes = {one.path: read(line.files[one.path]) for one in statement.kept}
    changes |= {ATTRIBUTES: GITATTRIBUTES, succession.PATH: succession.render(statement).encode()}
    return chart.successor(line.client, Recording("succeed", (line.client,), changes), chart.when(line, now), by)
