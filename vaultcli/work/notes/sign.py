"""Signing: block, signature and commit as one step, one commit for each client's line, one prompt in all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from vaultcli.ground import markdown
from vaultcli.ground.errors import Conflict, KeyTrouble, Refused
from vaultcli.ground.ssh.askpass import AskPass
from vaultcli.ground.ssh.sign import ROUNDS, Signer
from vaultcli.ground.version import __version__
from vaultcli.places.chart import templates
from vaultcli.places.chart.chart import Chart, Recorder, Recording
from vaultcli.places.machine import keystore
from vaultcli.record.history import stamp
from vaultcli.record.history.stamp import Signing, Unsigned
from vaultcli.record.notes import names, template
from vaultcli.record.notes.note import Note
from vaultcli.record.practice.keyring import Entry as Key
from vaultcli.work.sync import sync

TOOL = f"vaultcli {__version__}"


@dataclass(frozen=True)
class Pen:
    """A person's key, ready to sign: at most one prompt for all that is signed with it."""

    signer: Signer
    key: Key

    @property
    def touches(self) -> bool:
        """Whether each signature needs a touch of a token."""
        return self.key.key.is_token


@contextmanager
def pen(chart: Chart, ask: AskPass | None) -> Iterator[Pen]:
    """The personal key of whoever works at this machine.

    Raises:
        KeyTrouble: there is none, or it is not admitted in this practice, or is another person's.
    """
    key_file, me = keystore.personal(chart.vault), chart.me
    public = keystore.public(key_file)
    entry = chart.policy.keyring.by_key(public)
    if entry is None or entry.kind != "personal" or entry.principal != me.id:
        raise KeyTrouble(f"the key {public.fingerprint} is not admitted as {me.id}'s in this practice")
    if entry.revoked:
        raise KeyTrouble(f"the key {public.fingerprint} was revoked ({entry.reason})")
    with Signer(key_file, ask) as signer:
        yield Pen(signer, entry)


@dataclass(frozen=True)
class Done:
    """What one commit signed: the client, the commit (bare id) and the files with their SHA-256."""

    client: str
    commit: str
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Batch:
    """Files of one client that are signed in one commit.

    Args:
        client: the client's id.
        event: the event word.
        files: in the order in which they enter the chain.
        seen: SHA-256 of the working files as they were read.
        also: path to bytes of further files of the same commit, unsigned and new.
    """

    client: str
    event: str
    files: Sequence[Unsigned]
    seen: Mapping[str, str | None] = field(default_factory=dict)
    also: Mapping[str, bytes] = field(default_factory=dict)


def sign(
    chart: Chart, batch: Batch, with_pen: Pen, by: Recorder, now: datetime, clock: str, step: Callable[[], None] = lambda: None
) -> Done:
    """Sign and record a batch; nothing is recorded unless all of it is.

    Args:
        chart: the chart.
        batch: what.
        with_pen: whose key.
        by: who records.
        now: the clock, and `clock` what set it.
        clock: as blocks have it.
        step: called after each signature.

    Raises:
        Refused: the rules do not admit it.
        KeyTrouble: the key did not sign.
        Conflict: a file changed since it was read, or the line has diverged from a remote's.
    """
    import hashlib

    sync.refuse_diverged(chart, batch.client)
    for _ in range(ROUNDS):
        line = chart.line(batch.client)
        now = chart.signing_time(line, now)
        signing = Signing(chart.genesis, chart.me, now, clock, TOOL)
        changes: dict[str, bytes] = dict(batch.also)
        made = []
        for one, said, raw in stamp.stamp(list(batch.files), signing, line):
            changes[one.path] = raw
            # a person or an agent may be waited for: no lock is held
            changes[names.signature(one.path)] = with_pen.signer.sign(raw, said.namespace).encode()
            made.append((one.path, hashlib.sha256(raw).hexdigest()))
            step()
        seen = {**dict.fromkeys(changes), **batch.seen}
        ids = tuple(one.id for one in batch.files)
        with chart.repository.lock():
            if chart.line(batch.client).head == line.head:
                commit = chart.record(batch.client, Recording(batch.event, ids, changes, seen), now, by)
                return Done(batch.client, commit, tuple(made))
        # another command recorded here meanwhile: the chain of signed files goes on from there
    raise Conflict("the line moves all the time", hint="another command records here; repeat this one then")


WORDLESS = frozenset({"no-show"})
"""Types of note that may say all they have to say in their lines on top."""


@dataclass(frozen=True)
class Ready:
    """A note made ready for its author's signature: what its template asked is gone, what the user wrote is kept.

    Args:
        unsigned: what will be signed.
        seen: SHA-256 of the working file as it was read.
        note: the draft, parsed.
        comments: the user's own, which stay, each with its line.
        empty: titles of sections that nothing was written into; their headings are not signed.
    """

    unsigned: Unsigned
    seen: str
    note: Note
    comments: tuple[tuple[int, str], ...]
    empty: tuple[str, ...] = ()


def _is_wordless(note: Note, shape: bytes) -> bool:
    """Whether a note has nothing but comments and its template's headings."""
    import re

    given = {line.strip() for line in shape.decode("utf-8").splitlines()}
    lines = re.sub(r"<!--.*?-->", "", note.body, flags=re.DOTALL).splitlines()
    return not note.words and all(line.strip() in given for line in lines if line.strip())


def _says_nothing_own(note: Note, shape: bytes | None) -> bool:
    """Whether a note of a group, made from a sheet, has no word below the section that all notes share."""
    from vaultcli.ground.markdown import words

    if shape is None or not note.sections or note.sections[0].title not in template.read(shape).headings[:1]:
        return False
    rest = note.body.split("\n")[note.sections[0].end_line - note.body_line + 1 :]
    return words("\n".join(rest)) == 0


def ready(chart: Chart, client_id: str, path: str, raw: bytes) -> Ready:
    """A draft as it would be signed.

    Args:
        chart: the chart.
        client_id: whose.
        path: the note's path on its line.
        raw: its bytes in the working folder.

    Raises:
        BadInput: its front matter cannot be read.
        Refused: a field must be mended first, nothing was written yet, or another person is its author.
    """
    import hashlib

    note = Note.parse(raw, path, templates.formats(chart))
    if note.problems:
        rows = "".join(f"\n  {path}:{p.line}: {p.field} {p.message}" for p in note.problems)
        raise Refused(f"not ready to be signed:{rows}", hint="`vaultcli edit` opens the note")
    if note.type == "group" and chart.is_group(client_id):
        raise Refused(f"{path}: is the sheet of a group's session", hint="`vaultcli edit` makes its members' notes")
    line, me = chart.line(client_id), chart.me
    recorded = line.recorded.get(path)
    if recorded is not None and recorded.by != me.id:
        raise Refused(f"{path}: {recorded.by} recorded it first; only the author signs a note")
    shape = templates.find(chart, templates.name_of(note.type, note.format))
    if note.type not in WORDLESS and not note.imported and _is_wordless(note, shape or b""):
        raise Refused(f"{path}: holds no words yet", hint="`vaultcli edit` opens the note")
    if note.type == "group" and not note.imported and _says_nothing_own(note, shape):
        hint = "`vaultcli edit` opens the note; what all notes say alike is not this client's"
        raise Refused(f"{path}: says nothing of this client yet", hint=hint)
    name = names.parse(path)
    assert isinstance(name, names.NoteName)
    text, empty = raw, tuple[str, ...]()
    # an imported text is signed as it came, whatever it looks like
    if not note.imported:
        stripped = templates.without_prompts(chart, raw, note.type, note.format)
        text, empty = templates.without_empty(chart, raw, stripped.raw, note.type, note.format)
    kept = () if note.imported else markdown.comments(text)
    comments = tuple((one.line, text[one.start : one.end].decode("utf-8", "replace")) for one in kept)
    unsigned = Unsigned(path, "note", name.id, "", text, "author", recorded.time if recorded else "")
    return Ready(unsigned, hashlib.sha256(raw).hexdigest(), note, comments, empty)
