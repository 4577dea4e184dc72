"""Recording what any editor left in the working folders, and what to do where it wrote over a finished file.

Everything typed is kept: recorded as a draft, made a correction in the making, or put aside under `.git/vaultcli/kept`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files, frontmatter, ids
from vaultcli.ground.errors import BadInput, Conflict, NotFound, NotVerified, Refused, VaultError
from vaultcli.places.chart import templates
from vaultcli.places.chart.chart import Chart, Recorder, Recording
from vaultcli.record.history.line import Line
from vaultcli.record.notes import attachment, block, names
from vaultcli.record.notes import client as register
from vaultcli.record.notes.names import AdditionName, NoteName
from vaultcli.record.notes.note import Note
from vaultcli.work.index.lines import Glance
from vaultcli.work.notes import draft
from vaultcli.work.notes.versions import versions

Clock = Callable[[], datetime]
"""Gives the time, anew at each call."""
_NOT_SAVED = (Refused, Conflict, NotVerified)
"""What keeps one client's files from being recorded and is no reason to leave the others'."""


@dataclass(frozen=True)
class Told:
    """Something about a file that the user should know: path on the line, and a sentence after it."""

    path: str
    message: str


@dataclass(frozen=True)
class Plan:
    """What `save` is to do with one client's folder.

    Args:
        client: the id.
        drafts: path to bytes, of drafts to be recorded.
        register: the edited entry, or None.
        overwritten: finished files that somebody wrote over.
        missing: recorded files that are not there.
        strangers: files that are none of ours.
        told: what is recorded although something is the matter with it, and what is not recorded and why.
    """

    client: str
    drafts: Mapping[str, bytes]
    register: bytes | None
    overwritten: tuple[str, ...]
    missing: tuple[str, ...]
    strangers: tuple[str, ...]
    told: tuple[Told, ...]


@dataclass
class Saved:
    """What was recorded of one client: paths, and what was refused."""

    client: str
    paths: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)


def plan(chart: Chart, seen: Glance) -> Plan:
    """What there is to do in one client's folder; reads, changes nothing."""
    folder = chart.folder(seen.client)
    drafts: dict[str, bytes] = {}
    entry, told = None, []
    for path in (*seen.edited, *filter(_is_note, seen.unrecorded)):
        try:
            raw = files.read(folder / path)
        except VaultError as error:
            told.append(Told(path, f"not saved: {error.message}"))
            continue
        problem = _problem(chart, seen.client, path, raw)
        if problem:
            told.append(Told(path, f"not saved: {problem}"))
        elif path == register.PATH:
            entry = raw
        else:
            drafts[path] = raw
            told += [Told(path, why) for why in _remark(chart, path, raw)]
    return Plan(
        seen.client, drafts, entry, seen.overwritten, seen.working.missing, seen.strangers, tuple(told)
    )  # fmt: skip


def _is_note(path: str) -> bool:
    """An addition in the making is left to `amend`: once recorded as a draft it could never go away again."""
    return isinstance(names.parse(path), NoteName)


def _problem(chart: Chart, client_id: str, path: str, raw: bytes) -> str:
    """Why a file cannot be recorded; empty where it can."""
    if path == register.PATH:
        return _register_problem(chart, client_id, raw)
    name = names.parse(path)
    head = chart.repository.head(f"client/{client_id}") or ""
    if isinstance(name, AdditionName) and chart.repository.read(head, f"notes/{name.target.file}") is None:
        return "there is no such note"
    if name is not None and chart.is_group(client_id):
        return "it is the sheet of a group's session; `vaultcli edit` makes its members' notes"
    if attachment.describes(path):
        return "an attachment is recorded with its file: `vaultcli attach CLIENT FILE` does that"
    if block.claimed(raw):
        return "it carries a signed block, which only `vaultcli sign` writes; take those lines out"
    return ""


def _register_problem(chart: Chart, client_id: str, raw: bytes) -> str:
    """A register entry must be readable, keep its id, and not take another client's handle: everything starts from it."""
    try:
        new = register.parse(raw)
    except BadInput as error:
        return error.message
    if new.id != client_id:
        return "its id was changed"
    if (new.kind == register.GROUP) != chart.is_group(client_id):
        return "an entry is made as a group's and stays one"
    others = [one for one in chart.clients() if one.id != client_id and one.handle == new.handle]
    return f"the handle {new.handle} is another client's" if others else ""


def _remark(chart: Chart, path: str, raw: bytes) -> Iterator[str]:
    """What stands in the way of a signature; a draft is recorded all the same."""
    if not raw.strip():
        yield "is empty now; the text before it stays in the record"
        return
    try:
        note = Note.parse(raw, path, templates.formats(chart))
    except BadInput as error:
        yield error.message.removeprefix(f"{path}:")
        return
    if isinstance(names.parse(path), NoteName):
        yield from (f"{problem.line}: {problem.field} {problem.message}" for problem in note.problems)


def carry_out(chart: Chart, what: Plan, clock: Clock, by: Recorder) -> Saved:
    """Record a client's edited files: the drafts in one commit, the register in another.

    A commit that the rules refuse as a whole is tried file by file, so that one bad file keeps nothing else back.
    """
    saved = Saved(what.client)
    if what.drafts:
        try:
            _record(chart, what.client, what.drafts, clock, by, saved)
        except _NOT_SAVED as error:
            if len(what.drafts) == 1:
                saved.told.append(Told(next(iter(what.drafts)), f"not saved: {error.message}"))
            else:
                _one_by_one(chart, what, clock, by, saved)
    if what.register is not None:
        seen = {register.PATH: files.digest(what.register)}
        event = Recording("register", (what.client,), {register.PATH: what.register}, seen)
        try:
            chart.record(what.client, event, clock(), by)
            saved.paths.append(register.PATH)
        except _NOT_SAVED as error:
            saved.told.append(Told(register.PATH, f"not saved: {error.message}"))
    return saved


def _one_by_one(chart: Chart, what: Plan, clock: Clock, by: Recorder, saved: Saved) -> None:
    for path, raw in what.drafts.items():
        try:
            _record(chart, what.client, {path: raw}, clock, by, saved)
        except _NOT_SAVED as error:
            saved.told.append(Told(path, f"not saved: {error.message}"))


def _record(
    chart: Chart, client_id: str, drafts: Mapping[str, bytes], clock: Clock, by: Recorder, saved: Saved
) -> None:  # fmt: skip
    if draft.record(chart, drafts, client_id, clock(), by):
        saved.paths += list(drafts)


# finished files that were written over


@dataclass(frozen=True)
class Overwritten:
    """A finished file that an editor wrote over.

    Args:
        client: whose.
        path: on the line.
        typed: its bytes now.
        recorded: as recorded.
        known: whether nothing would be lost by putting it back: the bytes are in the record, or say what it says.
        correctable: whether the typed text can become a correction.
    """

    client: str
    path: str
    typed: bytes
    recorded: bytes
    known: bool
    correctable: bool


def overwritten(chart: Chart, client_id: str, path: str) -> Overwritten:
    """Look at a finished file that was written over.

    Raises:
        NotFound: it is gone, or not recorded.
    """
    typed = files.read(chart.folder(client_id) / path)
    recorded = chart.recorded(client_id, path)
    if recorded is None:
        raise NotFound(f"{path} is not recorded")
    known = _is_known(chart, client_id, path, typed, recorded)
    return Overwritten(client_id, path, typed, recorded, known, not known and _correctable(chart, client_id, path, typed))


def _is_known(chart: Chart, client_id: str, path: str, typed: bytes, recorded: bytes) -> bool:
    """Whether a stale buffer holds nothing new: the signed text without its block, its prompts, or an earlier version."""
    signed = block.without(recorded)
    if block.without(typed) == signed:
        return True
    try:
        note = Note.parse(typed, path)
        if templates.without_prompts(chart, typed, note.type, note.format).raw == signed:
            return True
    except BadInput:
        pass
    name = names.parse(path)
    if name is None:
        return False
    stem = name.target.stem if isinstance(name, AdditionName) else name.stem
    blobs = {one.files[path] for one in versions(chart, client_id, stem) if path in one.files}
    return any(chart.repository.objects.blob(oid) == typed for oid in blobs)


def _correctable(chart: Chart, client_id: str, path: str, typed: bytes) -> bool:
    """Only the author corrects, and only the text that stands: an older one would take later corrections back."""
    line, name = chart.line(client_id), names.parse(path)
    if name is None or path not in line.signed:
        return False
    note = name.target if isinstance(name, AdditionName) else name
    stands = line.newest_text(note.stem)
    if stands is None or stands.path != path or line.withdrawn(note.stem) or line.author(note.stem) != chart.me.id:
        return False
    try:
        _correction(typed, line, note, path)
    except BadInput:
        return False
    return True


def _correction(typed: bytes, line: Line, note: NoteName, path: str) -> bytes:
    """The typed text as a correction in the making."""
    raw = block.without(typed)
    for key in ("reason", "signed"):
        raw = frontmatter.remove_field(raw, key, path)
    stands = line.newest_text(note.stem)
    assert stands is not None
    return frontmatter.set_field(raw, "corrects", stands.sha256, path=path)


def make_correction(chart: Chart, over: Overwritten) -> str:
    """Keep the typed text as a correction in the making beside the note, and put the finished file back.

    Returns:
        The correction's path on the line. `vaultcli amend` goes on with it.

    Raises:
        Conflict: the file changed since it was read; nothing was put back.
    """
    name = names.parse(over.path)
    assert name is not None
    note = name.target if isinstance(name, AdditionName) else name
    raw = _correction(over.typed, chart.line(over.client), note, over.path)
    path = f"notes/{AdditionName(note, 'correction', ids.new()).file}"
    chart.repository.create_file(chart.folder(over.client) / path, raw)
    _restore(chart, over)
    return path


def put_back(chart: Chart, over: Overwritten) -> Path | None:
    """Put a finished file back, byte for byte; what was typed is put aside unless the record has it.

    Returns:
        Where the typed text is; None where nothing had to be kept.

    Raises:
        Conflict: the file changed since it was read; nothing was put back.
    """
    aside = None if over.known else keep(chart, over.path, over.typed)
    _restore(chart, over)
    return aside


def keep(chart: Chart, path: str, raw: bytes) -> Path:
    """Put a text aside in this copy of the vault, outside the record."""
    name = Path(path)
    aside = _aside(chart) / f"{name.stem}-{ids.new()}{name.suffix}"
    chart.repository.create_file(aside, raw)
    return aside


def _aside(chart: Chart) -> Path:
    return chart.repository.directory / "vaultcli" / "kept"


def put_aside(chart: Chart, of: Collection[str]) -> list[Path]:
    """The texts that `keep` put aside of files with one of these ids in their names."""
    folder = _aside(chart)
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [file for file in found if any(id_ in file.name for id_ in of)]


def _restore(chart: Chart, over: Overwritten) -> None:
    repository = chart.repository
    with repository.lock():
        repository.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = chart.folder(over.client) / over.path
        files.replace(file, over.recorded, expecting=files.digest(over.typed), scratch=repository.scratch, keep=False, mode=0o600)


def put_back_missing(chart: Chart, client_id: str, path: str) -> bool:
    """Write a recorded file that is not there again; False where something took its place meanwhile."""
    raw = chart.recorded(client_id, path)
    if raw is None:
        return False
    try:
        chart.repository.create_file(chart.folder(client_id) / path, raw)
    except Conflict:
        return False
    return True
