"""`Vault`: one vault, open, for a script. `docs/api.md` shows it at work."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from vaultcli.api import clock as clocks
from vaultcli.api import open as open_
from vaultcli.api.clock import Clock
from vaultcli.api.note import Match, Note, Passage
from vaultcli.ground.errors import BadInput, Conflict, NotFound
from vaultcli.places.machine import vault
from vaultcli.record.notes import fields, names
from vaultcli.record.notes.client import Client
from vaultcli.record.view import entry as record
from vaultcli.work.notes import lookup

if TYPE_CHECKING:
    from vaultcli.api import export_selection
    from vaultcli.places.chart.chart import Chart
    from vaultcli.places.index import Wanted
    from vaultcli.record.view.entry import Entry
    from vaultcli.verify.note import NoteVerdict
    from vaultcli.verify.verdict import Verdict
    from vaultcli.work.index.view import View
    from vaultcli.work.overview.search import Found

Day = dt.date | str
"""A day: a `datetime.date`, or `2026-11-22`."""
Passphrase = Callable[[str], str]
"""Is given the question as OpenSSH words it, gives the answer; asked at most once for each call that signs."""


@dataclass(frozen=True)
class Saved:
    """What `Vault.save` did.

    Attributes:
        recorded: the files that were recorded.
        problems: what was not, and what is the matter with what was: a sentence each, which names a file and no words.
    """

    recorded: tuple[Path, ...]
    problems: tuple[str, ...]


class Vault:
    """One vault, open.

    Made by `Vault.open`; a context manager, and closed at its end. It holds a git process, so it belongs to one thread:
    open another for another thread. Any number of processes may have the same vault open; what writes takes the
    vault's lock, and waits for it. Nothing is asked, nothing is printed.
    """

    def __init__(self, chart: Chart, *, clock: Clock | None = None, passphrase: Passphrase | None = None) -> None:
        self._chart = chart
        self._clock, self._source = (clock, "set") if clock is not None else (clocks.system, "system")
        self._passphrase = passphrase

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        clock: Clock | None = None,
        passphrase: Passphrase | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> Self:
        """Open a vault; what an interrupted command left is completed first.

        Args:
            path: its folder, the one that holds `vault.toml`. Left out: the folder that `VAULTCLI_VAULT` names, else the
                nearest vault upwards from the working folder.
            clock: gives the time with its offset; the machine's own clock when left out. A signed note says that its
                clock was set where one is given.
            passphrase: asked for the passphrase or PIN of the personal key; left out, a key that needs one is refused,
                unless an agent holds it.
            tell: told, a sentence each, what was mended, and that another command is being waited for.

        Raises:
            NotFound: there is no vault.
            BadInput: its `vault.toml` cannot be read.
            GitTrouble: its repository is damaged or not ours.
        """
        named = Path(path) if path is not None else None
        if named is None and os.environ.get("VAULTCLI_VAULT"):
            named = Path(os.environ["VAULTCLI_VAULT"])
        return cls(open_.chart(vault.find(Path.cwd(), named), tell), clock=clock, passphrase=passphrase)

    def close(self) -> None:
        """Let go of it; nothing but the notes that were read may be used after that."""
        self._chart.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Vault {self.path}>"

    @property
    def path(self) -> Path:
        """The vault's folder."""
        return self._chart.vault.root

    @property
    def practice(self) -> str:
        """The practice's name."""
        return self._chart.policy.practice.name

    @property
    def me(self) -> str:
        """The id of whose machine this is, such as `lee-example`; what `Note.author` and `Signature.by` hold."""
        return self._chart.vault.principal

    @property
    def chart(self) -> Chart:
        """What it is made of; not a part of the public interface."""
        return self._chart

    # looking

    def clients(self) -> list[Client]:
        """The register, by name, closed charts and groups among them: `closed` is a day or empty, `kind` tells groups."""
        return self._chart.clients()

    def client(self, word: str) -> Client:
        """One client, by handle, id, or a unique part of the name.

        Raises:
            NotFound: nobody, or more than one.
        """
        return lookup.client_of(self._chart, word)

    def notes(
        self,
        client: Client | str | None = None,
        *,
        since: Day | None = None,
        until: Day | None = None,
        type: str | None = None,  # noqa: A002  the name that notes have for it
        state: str | None = None,
    ) -> Iterator[Note]:
        """Notes as they are recorded, and drafts as their files stand; oldest session first, client by client.

        Nothing is verified here. Notes are read as they are asked for, one client's at a time.

        Args:
            client: whose; everybody's, in the order of the register, when left out.
            since: the first day.
            until: the last day.
            type: only such notes.
            state: only notes in that state.

        Raises:
            NotFound: no such client.
            BadInput: no such day, type or state.
        """
        from vaultcli.places.index import Wanted

        first, last = _day(since), _day(until)
        _one_of("type", type, fields.TYPES)
        _one_of("state", state, record.STATES)
        if client is not None:
            whose = [self._client(client)]
        elif first or last or type or state:
            there = self._having(Wanted("", first, last, type or "", state=state or ""))
            whose = [one for one in self.clients() if one.id in there]
        else:
            whose = self.clients()
        return self._notes(whose, first, last, type, state)

    def _having(self, wanted: Wanted) -> set[str]:
        """The clients that have such notes, by the index: the lines of the others need not be read."""
        from vaultcli.work.index import view as views

        with views.look(self._chart) as view:
            return {note.client for note in view.notes(wanted)}

    def _notes(self, whose: Sequence[Client], first: str, last: str, kind: str | None, state: str | None) -> Iterator[Note]:
        for one in whose:
            for entry in lookup.in_order(lookup.entries_of(self._chart, one)):
                note = self._note(one, entry)
                day = note.date.isoformat()
                in_time = (not first or first <= day) and (not last or day <= last)
                if in_time and kind in (None, note.type) and state in (None, note.state):
                    yield note
            if len(whose) > 1:
                self._chart.forget(one.id)

    def note(self, word: str) -> Note:
        """One note, by what the command line takes for one.

        That is a client (the newest draft, else the newest note), `ada~1` (the one before that), `ada@2026-11-22`,
        `ada@09:00` (today), a path, or any unique part of its id.

        Raises:
            NotFound: none, or more than one.
        """
        entry = lookup.resolve(self._chart, word, self._clock())
        return self._note(self._chart.register(entry.client), entry)

    def search(
        self,
        *words: str,
        client: Client | str | None = None,
        since: Day | None = None,
        until: Day | None = None,
        type: str | None = None,  # noqa: A002
    ) -> list[Match]:
        """The texts that hold all these words, newest session first: those that stand, as corrected, and drafts as they are.

        Withdrawn notes are left out.

        Args:
            words: each a word, a phrase of several words, or either with a star at its end for any ending.
            client: only this client's.
            since: the first day.
            until: the last day.
            type: only notes of this type.

        Raises:
            BadInput: a word without letter or digit, no such day or type.
            NotFound: no such client.
        """
        from vaultcli.places.index import Wanted
        from vaultcli.record.view.query import query
        from vaultcli.work.index import view as views
        from vaultcli.work.overview import search as searches

        _one_of("type", type, fields.TYPES)
        asked = query(words)
        only = self._client(client).id if client is not None else ""
        wanted = Wanted(only, _day(since), _day(until), type or "", withdrawn=False)
        with views.look(self._chart, only=[only] if only else None) as view:
            found, _ = searches.search(view, asked, wanted)
            return [self._match(view, one) for one in found]

    def _match(self, view: View, one: Found) -> Match:
        note, kind = one.hit.note, one.hit.kind
        return Match(
            note.client,
            view.lines[note.client].handle,
            note.id,
            dt.date.fromisoformat(note.date),
            note.time,
            note.type,
            note.format,
            note.state,
            self._chart.folder(note.client) / one.hit.path,
            kind,
            tuple(Passage(place.line, place.section, place.passage) for place in one.places),
        )

    # judging and giving away

    def verify(self, client: Client | str | None = None, *, cold: bool = False) -> Verdict:
        """Whether the record is whole, signed by whom, when, and unchanged: the whole vault's, or one client's.

        Args:
            client: whose line; everything when left out.
            cold: read everything, whatever this machine verified before.
        """
        from vaultcli.verify import vault as verification

        only = self._client(client).branch if client is not None else ""
        return verification.verify(self._chart.vault.chart, now=self._clock(), cold=cold, only=only)

    def verify_note(self, note: Note | str) -> NoteVerdict:
        """The same of one note and all that was added to it.

        Raises:
            NotFound: there is none, or it was never recorded.
        """
        from vaultcli.verify import note as note_verification

        entry = self._entry(note)
        return note_verification.verify(self._chart.vault.chart, f"client/{entry.client}", entry.path, now=self._clock())

    def export(
        self,
        what: Client | Note | str,
        format: str = "markdown",  # noqa: A002  the name that the command has for it
        *,
        since: Day | None = None,
        until: Day | None = None,
        drafts: bool = False,
        paper: str = "letter",
    ) -> bytes:
        """A client's chart, the notes of some days, or one note, as one file. The record is verified first.

        A note that does not verify is left out, and the file says so where it is one for people. The signed files that
        `vaultcli export` puts beside it are those of the client's folder.

        Args:
            what: whose, or which.
            format: `markdown`, `html`, `pdf`, `jsonl` or `csv`.
            since: the first day of sessions.
            until: the last one.
            drafts: take what is not signed along, marked.
            paper: `letter` or `a4`, for the PDF.

        Raises:
            NotFound: no such client or note.
            BadInput: no such format, day or paper.
            NotVerified: the record as a whole does not verify, or the one note.
            Unpinned: this machine has no pin for the vault.
            Refused: a group, or a draft where drafts were not asked for.
        """
        from vaultcli.api import export_selection
        from vaultcli.export import formats

        _one_of("format", format, formats.TABLE)
        _one_of("paper", paper, formats.PAPERS)
        client, entry = self._meant(what)
        source = export_selection.of_client(self._chart, client, _wanted(since, until, drafts), entry, self._clock)
        return export_selection.written(source, format, paper)

    def export_all(
        self,
        format: str = "jsonl",  # noqa: A002
        *,
        since: Day | None = None,
        until: Day | None = None,
        drafts: bool = False,
    ) -> Iterator[bytes]:
        """Everybody's notes in a format for programs, in pieces that join to one file; no more than one client's is in memory.

        Args:
            format: `jsonl` or `csv`.
            since: as for `export`.
            until: as for `export`.
            drafts: as for `export`.

        Raises:
            BadInput, NotVerified, Unpinned: as for `export`; nothing is given before the record was verified.
        """
        from vaultcli.api import export_selection
        from vaultcli.export import formats

        _one_of("format", format, [name for name, one in formats.TABLE.items() if one.data])
        wanted = _wanted(since, until, drafts)
        return export_selection.pieces(format, export_selection.of_everyone(self._chart, wanted, self._clock))

    # writing

    def new(
        self,
        client: Client | str,
        text: str | None = None,
        *,
        date: Day | None = None,
        time: str = "",
        type: str = "",  # noqa: A002
        format: str = "",  # noqa: A002
        place: str = "",
        cpt: str = "",
    ) -> Note:
        """A new draft, recorded. What is left out comes from the register, as with `vaultcli new`; times are never invented.

        Args:
            client: whose.
            text: what stands below the front matter; the template's headings and prompts when left out.
            date: the day of the session; today when left out.
            time: its beginning and end, `14:00-14:53`.
            type: as the note is to have it; so are the others.
            format: such as `dap`.
            place: such as `video`.
            cpt: the procedure code.

        Raises:
            NotFound: no such client, or no template for that format.
            BadInput: a value, or the text, is not what it should be.
            Refused: the rules do not admit it; nothing is left behind.
        """
        from vaultcli.work.notes import draft as note_drafts
        from vaultcli.work.notes.compose import Wanted

        whose = self._client(client)
        raw = text.encode() if text is not None else None
        day = _day(date) or self._clock().date().isoformat()
        wanted = Wanted(day, time, type, format, place, cpt, raw, dated=date is not None)
        draft = note_drafts.begin(self._chart, whose, wanted)
        try:
            if draft.doubt:
                raise BadInput(draft.doubt, hint="a rule as the first line of a text may be written as ***")
            note_drafts.record(self._chart, {draft.path: draft.start}, whose.id, self._clock())
        except BaseException:
            with suppress(Exception):
                note_drafts.discard(self._chart, draft, draft.start)
            raise
        return self._again(whose, draft.path)

    def save(self, client: Client | str | None = None) -> Saved:
        """Record what was written into the vault's files with anything: drafts and register entries.

        A finished note that was written over, and a recorded file that is gone, are named and left as they are.

        Args:
            client: whose folder; all when left out.

        Raises:
            KeyTrouble: this machine's key is not there, or not admitted.
        """
        from vaultcli.work.index import lines
        from vaultcli.work.notes import save as saves

        ids = {self._client(client).id} if client is not None else set(self._chart.client_ids())
        plans = [saves.plan(self._chart, seen) for seen in lines.all_lines(self._chart, ids)]
        recorded: list[Path] = []
        problems: list[str] = []
        with self._chart.recorder() as by:
            for plan in plans:
                saved = saves.carry_out(self._chart, plan, self._clock, by)
                recorded += [self._chart.folder(plan.client) / path for path in saved.paths]
                left = [(one.path, one.message) for one in (*plan.told, *saved.told)]
                left += [(path, "is finished, and was written over") for path in plan.overwritten]
                left += [(path, "is recorded, and its file is gone") for path in plan.missing]
                left += [(path, "not saved: it is no file of this record") for path in plan.strangers]
                problems += [f"{self._chart.folder(plan.client) / path}: {message}" for path, message in left]
        return Saved(tuple(recorded), tuple(problems))

    def sign(self, notes: Note | str | Iterable[Note | str]) -> list[Note]:
        """Sign drafts of one's own: one commit for each client, and at most one passphrase in all.

        Every note is looked at before the first is signed. What is signed is the text that was read, without the template's
        own prompts; a file that was written to since then is not signed.

        Args:
            notes: one or many; a word, as `note` takes it, means the file as it stands now.

        Returns:
            The notes as they are now, in the order given.

        Raises:
            Refused: a note is finished, open in an editor, another's, holds no words, or has a field to be mended first.
            Conflict: a note changed since it was read; read it again.
            KeyTrouble: the key did not sign.
        """
        from vaultcli.api import sign as signatures

        given = [notes] if isinstance(notes, Note | str) else list(notes)
        entries = [self._entry(one) for one in given]
        agreed = [(entry, signatures.ready(self._chart, entry)) for entry in entries]
        for _ in signatures.sign(self._chart, agreed, self._passphrase, self._clock, self._source):
            pass
        return [self._again(self._chart.register(entry.client), entry.path) for entry in entries]

    # inside

    def _client(self, who: Client | str) -> Client:
        return self.client(who) if isinstance(who, str) else who

    def _note(self, client: Client, entry: Entry) -> Note:
        return Note(client, self._chart.folder(client.id) / entry.path, entry)

    def _entry(self, note: Note | str) -> Entry:
        """A note as it is now.

        Raises:
            Conflict: its file changed since the script read it.
        """
        if isinstance(note, str):
            return lookup.resolve(self._chart, note, self._clock())
        now = self._again(note.client, note.entry.path).entry
        if now.raw != note.entry.raw:
            raise Conflict(f"{note.path} changed since it was read", hint="read the note again")
        return now

    def _again(self, client: Client, path: str) -> Note:
        for entry in lookup.entries_of(self._chart, client):
            if entry.path == path:
                return self._note(client, entry)
        raise NotFound(f"there is no note {path} any more")

    def _meant(self, what: Client | Note | str) -> tuple[Client, Entry | None]:
        if isinstance(what, Client):
            return what, None
        if isinstance(what, str):
            return lookup.client_or_note(self._chart, what, self._clock)
        entry = self._entry(what)
        return self._chart.register(entry.client), entry


def _day(day: Day | None) -> str:
    text = day.isoformat()[:10] if isinstance(day, dt.date) else day or ""
    if text and not names.is_date(text):
        raise BadInput(f"{text} is no day", hint="write it as 2026-11-22")
    return text


def _one_of(name: str, word: str | None, words: Iterable[str]) -> None:
    if word is not None and word not in words:
        raise BadInput(f"{word} is no {name}", hint="one of " + ", ".join(words))


def _wanted(since: Day | None, until: Day | None, drafts: bool) -> export_selection.Wanted:  # noqa: FBT001
    from vaultcli.api import export_selection

    return export_selection.Wanted(_day(since), _day(until), drafts)
