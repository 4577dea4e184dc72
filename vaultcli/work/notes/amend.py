"""Amendments to a finished note, made: corrections, addenda, late entries, co-signatures, attestations, withdrawals.

Nothing here changes a signed file. The user edits a copy of the text that stands; the difference decides what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vaultcli.ground import files, frontmatter, ids
from vaultcli.ground.errors import BadInput, Refused
from vaultcli.places.chart.chart import Chart
from vaultcli.record.history.stamp import Unsigned
from vaultcli.record.notes import block, names
from vaultcli.record.notes.names import AdditionName, NoteName
from vaultcli.record.notes.note import Note
from vaultcli.record.view.entry import TEXTS, Entry
from vaultcli.record.view.values import fields_of
from vaultcli.work.notes.pasted import check_text, own_front_matter

DEFAULT_REASON = "typing error"
KINDS = ("correction", "addendum", "late-entry")


def standing_text(entry: Entry) -> bytes:
    """The text that stands, without our block and without the lines that made it a correction."""
    raw = block.without(entry.text)
    for field in ("corrects", "reason"):
        if entry.corrections and field in frontmatter.parse(raw, entry.path):
            raw = frontmatter.remove_field(raw, field, entry.path)
    return raw


def standing_hash(entry: Entry) -> str:
    """SHA-256 of the signed (or attested) file whose text stands."""
    return files.digest(entry.text)


def check_may_amend(entry: Entry) -> None:
    """Whether anything can be added to a note.

    Raises:
        Refused: it is a draft, or was withdrawn.
    """
    if entry.open:
        raise Refused(f"{entry.path}: is not signed yet", hint="`vaultcli edit` changes a draft")
    if entry.withdrawal is not None:
        raise Refused(f"{entry.path}: was withdrawn; nothing can be added to it")


def started(chart: Chart, entry: Entry) -> tuple[str, bytes] | None:
    """The path and bytes of a correction of this note that was begun and not signed, or None."""
    folder = chart.folder(entry.client)
    for path in sorted((folder / "notes").glob(f"{entry.name.stem}.correction-*.md")):
        relative = f"notes/{path.name}"
        if names.parse(relative) is not None and relative not in chart.line(entry.client).signed:
            return relative, files.read(path)
    return None


def start(chart: Chart, entry: Entry) -> tuple[str, bytes]:
    """Put a copy of the text that stands beside the note, to be edited: a correction in the making.

    Returns:
        Its path on the line, and its bytes.
    """
    check_may_amend(entry)
    path = f"notes/{AdditionName(entry.name, 'correction', ids.new()).file}"
    raw = frontmatter.set_field(standing_text(entry), "corrects", standing_hash(entry), path=path)
    chart.repository.create_file(chart.folder(entry.client) / path, raw)
    return path, raw


@dataclass(frozen=True)
class Difference:
    """What an edited copy says against the text that stands.

    Args:
        kind: `correction`, `addendum` for text only added at the end, or empty where nothing changed.
        added: for an addendum, the bytes added.
        text: the whole edited text without our lines.
    """

    kind: str
    added: bytes
    text: bytes


def difference(entry: Entry, edited: bytes, path: str) -> Difference:
    """Compare an edited copy with the text that stands.

    Raises:
        BadInput: its front matter cannot be read, or its `corrects:` line was changed.
        Refused: the note was corrected by another hand since the copy was made.
    """
    front = frontmatter.parse(edited, path)
    named = front.text("corrects") if "corrects" in front else ""
    if not named:
        raise BadInput(f"{path}: the line `corrects:` is gone", hint=f"put it back: corrects: {standing_hash(entry)}")
    if named != standing_hash(entry):
        raise Refused(
            f"{path}: the note was corrected since this copy was made",
            hint="move your text elsewhere, delete this file, and amend again",
        )
    text = frontmatter.remove_field(edited, "corrects", path)
    base = standing_text(entry)
    if text == base:
        return Difference("", b"", text)
    trimmed = base.rstrip(b"\r\n")
    if text.startswith(trimmed) and text[len(trimmed) :][:1] in (b"\r", b"\n") and text[len(trimmed) :].strip():
        return Difference("addendum", text[len(trimmed) :].lstrip(b"\r\n"), text)
    return Difference("correction", b"", text)


def was_added(entry: Entry, edited: bytes, path: str) -> bool:
    """Whether what a copy adds is signed already: a command that was killed before it put the copy away leaves that."""
    try:
        found = difference(entry, edited, path)
    except (BadInput, Refused):
        return False
    bodies = [frontmatter.split(one.raw, one.file.path).body for one in entry.additions if one.kind in KINDS]
    return found.kind == "addendum" and any(body.lstrip(b"\r\n") == found.added for body in bodies)


def correction(entry: Entry, edited: bytes, path: str, reason: str) -> Unsigned:
    """An edited copy as a correction, ready to be signed.

    Raises:
        Refused: a field of the corrected front matter is wrong.
    """
    raw = frontmatter.set_field(edited, "reason", reason, after="corrects", path=path)
    note = Note.parse(raw, path)
    if note.problems:
        rows = "".join(f"\n  {path}:{p.line}: {p.field} {p.message}" for p in note.problems)
        raise Refused(f"not ready to be signed:{rows}", hint="run the same command again to go on editing")
    name = names.parse(path)
    assert isinstance(name, AdditionName)
    return Unsigned(path, "correction", name.id, name.target.id, raw, "author")


def check_added(text: bytes, called: str = "text") -> None:
    """Whether a text can be added as it is: an addition has front matter of ours, and is signed without being looked at.

    Raises:
        BadInput: it is not UTF-8 text, or begins with front matter of its own; the message names the line.
    """
    check_text(text)
    own, doubt = own_front_matter(text.removeprefix(b"\xef\xbb\xbf"), called)
    if doubt or own is not None:
        message = doubt or f"{called}:1: the text begins with front matter, which an addition does not take"
        raise BadInput(message, hint="leave these lines out; a rule as the first line of a text may be written as ***")


def addendum(entry: Entry, kind: str, body: bytes, me: str, reason: str = "") -> Unsigned:
    """Text added to a note as an addendum or a late entry, ready to be signed."""
    id_ = ids.new()
    lines = [f"adds-to: {standing_hash(entry)}"]
    raw = _made(lines, id_, body)
    if reason:
        raw = frontmatter.set_field(raw, "reason", reason, after="adds-to")
    meaning = "author" if entry.author == me else "contributor"
    return _addition(entry.name, kind, id_, raw, meaning)


def cosignature(entry: Entry, remark: str = "") -> Unsigned:
    """A co-signature over a note and everything that was added to it, as it was seen."""
    assert entry.signed is not None
    covered = [entry.signed.sha256, *(one.file.sha256 for one in entry.additions if one.kind in TEXTS)]
    id_ = ids.new()
    raw = _made([f"covers: [{', '.join(covered)}]"], id_, _prose(remark))
    return _addition(entry.name, "cosignature", id_, raw, "cosigner")


def withdrawal(entry: Entry, reason: str, me: str, remark: str = "") -> Unsigned:
    """The withdrawal of a note, or of a recorded draft."""
    id_ = ids.new()
    raw = _made([f"withdraws: {files.digest(entry.raw)}", f"reason: {reason}"], id_, _prose(remark))
    return _addition(entry.name, "withdrawal", id_, raw, "author" if entry.author == me else "custodian")


def attestation(entry: Entry, statement: str) -> Unsigned:
    """The author's statement for a note that was recorded and not signed."""
    id_ = ids.new()
    raw = _made([f"attests: {files.digest(entry.raw)}"], id_, _prose(statement))
    return _addition(entry.name, "attestation", id_, raw, "author")


def statement(chart: Chart, entry: Entry) -> str:
    """The usual wording of an attestation, with the client, the date of service and the author's capacity at the time.

    It has what the Medicare Program Integrity Manual, chapter 3, part 3.3.2.4, asks of such a statement. Another may be written.
    """
    client, said = chart.register(entry.client), fields_of(entry)
    born = f", born {client.text('born')}" if client.text("born") else ""
    service = f"{said.date or entry.name.date}{f', {said.time}' if said.time else ''}"
    return (
        f"I, {chart.me.name}, attest that the entry for the service of {service} to {client.name}{born}, which this statement\n"
        f"names by its SHA-256, is mine and was written in my capacity at the time: {_capacity(chart, entry)}.\n"
        "It was not signed at the time. I attest that it says what I observed and did at that service, and that it is\n"
        "true and complete to the best of my knowledge. I sign this statement today and do not date it back.\n"
    )


def _capacity(chart: Chart, entry: Entry) -> str:
    """What the author was when the note was first recorded, by the practice's own list as it stood then."""
    then = datetime.fromisoformat(entry.recorded.time).timestamp() if entry.recorded else 0
    known = [policy for policy in chart.policies.items if policy.time <= then] or chart.policies.items[-1:]
    person = known[-1].practice.person(entry.author) or chart.me
    by = known[-1].practice.person(person.supervisor) if person.supervisor else None
    words = [person.credentials, *person.roles, f"supervised by {by.name}, {by.credentials}" if by else ""]
    return ", ".join(word for word in words if word)


def _prose(text: str) -> bytes:
    return f"\n{text.strip()}\n".encode() if text.strip() else b""


def _made(lines: list[str], id_: str, body: bytes) -> bytes:
    head = "\n".join(("---", *lines, f"id: {id_}", "---", "")).encode()
    if body and not body.startswith((b"\n", b"\r\n")):
        body = b"\n" + body
    return head + body


def _addition(target: NoteName, kind: str, id_: str, raw: bytes, meaning: str) -> Unsigned:
    return Unsigned(f"notes/{AdditionName(target, kind, id_).file}", kind, id_, target.id, raw, meaning)
