"""Attaching files to a client's record, and getting them out again; what is attached is never opened, shown or run.

Format: `docs/spec/attachment.md`. A file is read twice, in pieces to judge it and whole to record it, and has to be the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.errors import BadInput, Conflict, NotFound, NotVerified, Refused
from vaultcli.places.chart.chart import Chart, Recorder
from vaultcli.record.history.stamp import Unsigned
from vaultcli.record.notes import attachment, media
from vaultcli.record.notes.attachment import Attachment
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.names import SUFFIX, NoteName
from vaultcli.record.view.entry import Entry
from vaultcli.work.notes import sign
from vaultcli.work.notes.sign import Batch, Done, Pen

AT_ONCE = 50
"""Files that are recorded in one commit; their bytes together are less than `attachment.LIMIT`."""
_INSTEAD = (
    "scan it at a lower resolution, split it, or keep it where it is and write its SHA-256 in a note: sha256sum FILE"
)


@dataclass(frozen=True)
class Found:
    """A file as it was looked at.

    Args:
        source: where it is.
        size: in bytes.
        sha256: of its bytes.
        media: what its first bytes look like.
        tells_more: whether it is a picture that carries what a camera wrote beside it.
    """

    source: Path
    size: int
    sha256: str
    media: media.Media
    tells_more: bool


@dataclass(frozen=True)
class Wanted:
    """What the command line says of the files: their kind, their day, and a remark that is signed with each."""

    kind: str
    date: str
    remark: str = ""


@dataclass(frozen=True)
class Attached:
    """A file that was recorded: where it came from, the descriptor's path, what that says, and the commit (bare id)."""

    source: Path
    path: str
    said: Attachment
    done: Done


def look(sources: Iterable[Path]) -> list[Found]:
    """Read each file in pieces; nothing is recorded yet.

    Raises:
        NotFound: there is no such file.
        BadInput: a link, a folder, a pipe or a device; or an empty file.
        Refused: it is too large.
        DiskTrouble: it cannot be read.
    """
    return [_look(source) for source in sources]


def _look(source: Path) -> Found:
    if source.is_symlink():
        raise BadInput(f"{source} is a symbolic link", hint="name the file that it leads to")
    digest, size, head = hashlib.sha256(), 0, b""
    for piece in files.pieces(source, 1 << 62):
        size += len(piece)
        if size >= attachment.LIMIT:
            raise Refused(f"{source} has 25 MB (25,000,000 bytes) or more, too large for every copy of the record", hint=_INSTEAD)
        digest.update(piece)
        head += piece[: media.HEAD - len(head)]
    if not size:
        raise BadInput(f"{source} is empty", hint="look whether the scan or the download went wrong")
    return Found(source, size, digest.hexdigest(), media.of(head), media.tells_more(head))


def check_client(client: Client) -> None:
    """Whether files can be attached for a client.

    Raises:
        Refused: it is a group, whose line is never released.
    """
    if client.kind == "group":
        hint = "attach the file in each member's chart"
        raise Refused(f"{client.handle} is a group, whose record is never released", hint=hint)


@dataclass(frozen=True)
class Present:
    """A file that a client's record has already: the descriptor's path, and what it says."""

    path: str
    said: Attachment


def there(chart: Chart, client_id: str) -> dict[str, Present]:
    """The attachments of a client that are not withdrawn, by the SHA-256 of their bytes; the last of equal ones."""
    line, found = chart.line(client_id), {}
    for path, one in line.signed.items():
        stem = path.removeprefix("notes/").removesuffix(SUFFIX)
        if attachment.describes(path) and line.withdrawn(stem) is None:
            said = attachment.read(chart.repository.objects.blob(line.blob(one.path)))
            if said is not None:
                found[said.sha256] = Present(path, said)
    return found


def batches(found: Sequence[Found]) -> Iterator[list[Found]]:
    """Files that are recorded in one commit: so many that their bytes fit into memory."""
    batch: list[Found] = []
    for one in found:
        if batch and (len(batch) == AT_ONCE or sum(other.size for other in (*batch, one)) >= attachment.LIMIT):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def attach(
    chart: Chart, client_id: str, batch: Sequence[Found], wanted: Wanted, pen: Pen, by: Recorder, now: datetime, clock: str,
    *, again: bool = False,
) -> list[Attached]:  # fmt: skip
    """Sign and record some files in one commit; all of them or none.

    Args:
        chart: the chart.
        client_id: whose record.
        batch: files that were looked at, one of `batches`.
        wanted: what is said of them.
        pen: signs.
        by: records.
        now: the clock.
        clock: what set it.
        again: also files whose bytes the record has; else another command may have attached them just now, and they are
            left out.

    Raises:
        Conflict: a file is not the one that was looked at.
        Refused: the rules do not admit it.
        KeyTrouble: the key did not sign.
    """
    with chart.repository.lock():
        known = {} if again else there(chart, client_id)
        fresh = [one for one in batch if one.sha256 not in known]
        return _record(chart, client_id, fresh, wanted, pen, by, now, clock) if fresh else []


def _record(
    chart: Chart, client_id: str, batch: Sequence[Found], wanted: Wanted, pen: Pen, by: Recorder, now: datetime, clock: str
) -> list[Attached]:  # fmt: skip
    unsigned, stored, made = [], {}, []
    for one in batch:
        id_ = ids.new()
        said = describe(one, wanted, id_)
        path = f"notes/{NoteName(wanted.date, attachment.TYPE, id_).file}"
        unsigned.append(Unsigned(path, "note", id_, "", attachment.render(said, wanted.remark), "author"))
        stored[said.path] = _again(one)
        made.append((one.source, path, said))
    done = sign.sign(chart, Batch(client_id, "attach", unsigned, also=stored), pen, by, now, clock)
    return [Attached(source, path, said, done) for source, path, said in made]


def describe(one: Found, wanted: Wanted, id_: str) -> Attachment:
    """What the descriptor of a file will say."""
    name = attachment.safe_name(one.source.name)
    path = f"{attachment.FOLDER}/{id_}.{media.ending(one.media, name)}"
    return Attachment(path, name, wanted.kind, one.media.type, one.size, one.sha256, wanted.date)


def _again(one: Found) -> bytes:
    """The bytes of a file that was looked at."""
    try:
        raw = files.read(one.source, attachment.LIMIT)
    except (BadInput, NotFound):
        raw = b""
    if files.digest(raw) != one.sha256:
        raise Conflict(f"{one.source} changed while it was being read", hint="wait until it is complete, and repeat the command")
    return raw


def bytes_of(chart: Chart, entry: Entry) -> bytes:
    """The recorded bytes of an attachment, checked against its description.

    Raises:
        BadInput: the note is no attachment.
        NotVerified: they are not the bytes that were signed.
    """
    said = entry.attachment
    if said is None:
        raise BadInput(f"{entry.path}: is no attachment", hint="`vaultcli list CLIENT --type attachment` shows them")
    raw = chart.recorded(entry.client, said.path)
    if raw is None or (len(raw), files.digest(raw)) != (said.size, said.sha256):
        raise NotVerified(f"{said.path}: is not the file that was signed", hint="`vaultcli verify` says what is the matter")
    return raw


def take_out(chart: Chart, entry: Entry, target: Path) -> Path:
    """Write an attachment's bytes into a new file; where it is then.

    Args:
        chart: the chart.
        entry: the attachment.
        target: the new file, or a folder for one under its name in the record.

    Raises:
        Conflict: something has that name already.
        BadInput, NotVerified: as `bytes_of`.
        DiskTrouble: it could not be written.
    """
    raw, said = bytes_of(chart, entry), entry.attachment
    assert said is not None
    file = target / said.released_as if target.is_dir() else target
    if not file.parent.is_dir():
        raise NotFound(f"there is no folder {file.parent}")
    files.create(file, raw)
    return file
