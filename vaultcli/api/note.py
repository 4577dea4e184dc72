"""A note as a script meets it: frozen, read when it was asked for, parsed only as far as it is looked at."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from vaultcli.ground import markdown
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import Value
from vaultcli.ground.markdown import Section
from vaultcli.record.notes.attachment import Attachment
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.note import Note as Parsed
from vaultcli.record.view import entry as states
from vaultcli.record.view import values
from vaultcli.record.view.entry import Entry

_NOTHING: Mapping[str, Value] = MappingProxyType({})


@dataclass(frozen=True)
class Signature:
    """The facts of one signature, as the signed bytes have them. That it is good is for `Vault.verify` to say.

    Attributes:
        kind: `note`, `correction`, `addendum`, `late-entry`, `cosignature`, `withdrawal` or `attestation`.
        by, name, credentials: the signer's id in the practice, name and credentials, as they were then.
        meaning: `author`, `contributor`, `cosigner` or `custodian`.
        time: when, by the signer's own clock.
        clock: what set that clock: `system`, or `set`.
        lateness: whole hours from the session's end to the signature; None where the note has no time.
        number: its place in the client's chain of signed files, from 1.
        sha256: of the signed file.
        reason: why something was corrected or withdrawn; empty where it does not say.
    """

    kind: str
    by: str
    name: str
    credentials: str
    meaning: str
    time: dt.datetime
    clock: str
    lateness: int | None
    number: int
    sha256: str
    reason: str


@dataclass(frozen=True)
class Addition:
    """Something signed that was added to a note.

    Attributes:
        kind: as its signature's.
        id: its own.
        path: its file.
        text: of a correction the whole corrected text with its front matter, else what was added.
        signature: by whom, when and why.
    """

    kind: str
    id: str
    path: Path
    text: str = field(repr=False)
    signature: Signature = field(repr=False)


@dataclass(frozen=True, eq=False, repr=False)
class Note:
    """One note with all that was added to it, as it stood when it was read.

    Two are equal when they are the same note with the same bytes, additions and state. What it prints as names no client
    and quotes no word.

    Attributes:
        client: whose.
        path: its file; writing into a draft's file and `Vault.save` is how a script changes one.
    """

    client: Client
    path: Path
    entry: Entry = field(repr=False)
    """What it is made of; not a part of the public interface."""

    def __repr__(self) -> str:
        return f"<Note {self.id} {self.date} {self.type}, {self.state}>"

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Note) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    @cached_property
    def _key(self) -> tuple[str, ...]:
        return (self.entry.client, self.id, self.state, self.sha256, *(one.file.sha256 for one in self.entry.additions))

    @property
    def id(self) -> str:
        """The note's id, of 16 characters."""
        return self.entry.id

    @property
    def date(self) -> dt.date:
        """The day of the session; of a note that does not say, the day in its file's name."""
        return dt.date.fromisoformat(self._shown.date)

    @property
    def time(self) -> str:
        """Its beginning and end as typed, `14:00-14:53`; empty where the note does not say."""
        return self._shown.time

    @property
    def minutes(self) -> int | None:
        """How long it was; None for a missed session, and where the note does not say."""
        return self._parsed.minutes if self._parsed else None

    @property
    def type(self) -> str:
        """`progress`, `intake`, `contact`, ..."""
        return self._shown.type

    @property
    def format(self) -> str:
        """`soap`, `dap`, ...; empty where the note does not say."""
        return self._shown.format

    @property
    def state(self) -> str:
        """`unrecorded`, `draft`, `signed`, `needs co-signature`, `co-signed`, `attested` or `withdrawn`."""
        return self.entry.state

    @property
    def draft(self) -> bool:
        """Whether its author still has to finish it."""
        return self.entry.open

    @property
    def edited(self) -> bool:
        """Whether a recorded draft's file was changed and not saved."""
        return self.entry.edited and self.entry.recorded is not None

    @property
    def author(self) -> str:
        """The id of whoever recorded it first; empty before that."""
        return self.entry.author

    @property
    def recorded(self) -> dt.datetime | None:
        """When it was first recorded."""
        return dt.datetime.fromisoformat(self.entry.recorded.time) if self.entry.recorded else None

    @property
    def signed(self) -> dt.datetime | None:
        """When its author signed it."""
        return dt.datetime.fromisoformat(self.entry.signed.block.time) if self.entry.signed else None

    @property
    def lateness(self) -> int | None:
        """Whole hours from the session's end to the author's signature; None before that, and where the note has no time."""
        return self.entry.signed.block.lateness if self.entry.signed else None

    @cached_property
    def signatures(self) -> tuple[Signature, ...]:
        """Its signatures, those of its additions included, in the order in which they were made."""
        rows = values.signatures(self.entry)
        return tuple(Signature(**row | {"time": dt.datetime.fromisoformat(row["time"])}) for row in rows)

    @cached_property
    def additions(self) -> tuple[Addition, ...]:
        """What was added to it, in the order in which it was signed."""
        said = self.signatures[len(self.signatures) - len(self.entry.additions) :]
        folder = self.path.parent
        return tuple(
            Addition(one.kind, one.file.block.id, folder / Path(one.file.path).name, values.added(one), signature)
            for one, signature in zip(self.entry.additions, said, strict=True)
        )

    @property
    def attachment(self) -> Attachment | None:
        """Of the note that describes an attached file, what it says of it; `path` below `Note.path.parent.parent`."""
        return self.entry.attachment if self.state != states.WITHDRAWN else None

    @property
    def waits_for(self) -> tuple[str, ...]:
        """The id of whoever is still to co-sign it; empty where nobody is."""
        return tuple(values.waits_for(self.entry))

    @property
    def sha256(self) -> str:
        """Of the note's own file: as signed; of a draft, as it stands."""
        return hashlib.sha256(self.entry.raw).hexdigest()

    @cached_property
    def text(self) -> str:
        """The whole text that stands, front matter included, without the lines that vaultcli added; empty when withdrawn."""
        return values.text(self._stands)

    @property
    def original(self) -> str:
        """The text as first signed, without corrections; also of a withdrawn note."""
        return values.text(self.entry.raw)

    @cached_property
    def fields(self) -> Mapping[str, Value]:
        """The front matter of the text that stands: every scalar is the text that was typed. Empty where it cannot be read."""
        found = values.written(self._stands)
        return MappingProxyType(found) if found is not None else _NOTHING

    @cached_property
    def body(self) -> str:
        """What stands below the front matter."""
        try:
            return values.body(self._stands)
        except BadInput:
            return self.text

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The body's headings in order, each with `level`, `title`, `text`; `line` and `end_line` count in the body."""
        return tuple(markdown.sections(self.body))

    def section(self, title: str) -> str:
        """The text below the first heading of that title, whatever its letters' case; empty where there is none."""
        wanted = title.casefold()
        return next((one.text for one in self.sections if one.title.casefold() == wanted), "")

    @property
    def words(self) -> int:
        """How many words of prose its body has."""
        return markdown.words(self.body)

    def as_dict(self) -> dict[str, Any]:
        """The note as plain values: one line of the export as JSON Lines (`docs/spec/export-jsonl.md`)."""
        from vaultcli.export import jsonl

        return jsonl.as_object(self.client, self.entry)

    @cached_property
    def _shown(self) -> values.Fields:
        return values.fields_of(self.entry)

    @property
    def _stands(self) -> bytes:
        return b"" if self.state == states.WITHDRAWN else self.entry.text

    @cached_property
    def _parsed(self) -> Parsed | None:
        try:
            return Parsed.parse(self._stands, self.entry.path, {self.format})
        except BadInput:
            return None


@dataclass(frozen=True)
class Passage:
    """A place where words were found.

    Attributes:
        line: of the file, from 1.
        section: the heading above; empty where there is none.
        text: the words with some of what stands around them.
    """

    line: int
    section: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class Match:
    """A text in which words were found: a note, or something added to it.

    Attributes:
        client: the client's id, and `handle`.
        id: the note's id, for `Vault.note`.
        date: of the session, and `time`, `type`, `format`, `state` as a `Note` has them.
        path: the file that holds the words.
        kind: `note`, `addendum`, `late-entry`, ...
        passages: where they stand.
    """

    client: str
    handle: str = field(repr=False)
    id: str
    date: dt.date
    time: str
    type: str
    format: str
    state: str
    path: Path = field(repr=False)
    kind: str
    passages: tuple[Passage, ...] = field(repr=False)
