"""What an export takes along from a chart, and where it puts it: a new folder, never over anything that is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from vaultcli.ground import files
from vaultcli.ground.errors import Conflict, NotVerified
from vaultcli.places.chart.chart import Chart
from vaultcli.record.history.line import SignedFile
from vaultcli.record.notes.attachment import Attachment
from vaultcli.record.notes.names import signature
from vaultcli.record.practice.keyring import ALLOWED_PATH

Late = Callable[[], bytes]
"""Reads a file's bytes when they are wanted."""


def allowed_signers(chart: Chart) -> bytes:
    """The practice's list of signers, as recorded."""
    head = chart.repository.head("practice")
    raw = chart.repository.read(head, ALLOWED_PATH) if head else None
    return raw or b""


def signed_bytes(chart: Chart, client_id: str, signed: list[SignedFile]) -> dict[str, bytes]:
    """The recorded bytes of signed files and of their signatures, by file name."""
    found: dict[str, bytes] = {}
    for one in signed:
        for path in (one.path, signature(one.path)):
            raw = chart.recorded(client_id, path)
            assert raw is not None
            found[path.rpartition("/")[2]] = raw
    return found


def attached_bytes(chart: Chart, client_id: str, attached: list[Attachment]) -> dict[str, Late]:
    """What reads the recorded bytes of attachments, by the name that each has in an export: all at once may be gigabytes."""
    return {one.released_as: partial(_bytes, chart, client_id, one) for one in attached}


def _bytes(chart: Chart, client_id: str, one: Attachment) -> bytes:
    raw = chart.recorded(client_id, one.path)
    if raw is None or files.digest(raw) != one.sha256:
        raise NotVerified(f"{one.path}: is not the file that was signed", hint="`vaultcli verify` says what is the matter")
    return raw


def write_folder(target: Path, contents: Mapping[str, bytes | Late]) -> None:
    """Write a new folder of files, readable by their owner only.

    Args:
        target: the folder; must not exist, or be empty.
        contents: path below it to bytes, or to what gives them when it is their turn.

    Raises:
        Conflict: there is something in the folder.
        NotVerified: an attachment is not the file that was signed.
        DiskTrouble: the disk is full, failing or not permitted.
    """
    check_empty(target)
    for path, raw in sorted(contents.items()):
        files.make_dirs((target / path).parent)
        files.create(target / path, raw if isinstance(raw, bytes) else raw(), synced=False)
    # all are written before the first is synced: the disk then has them in a few turns instead of one for each
    for path in sorted(contents):
        files.sync_file(target / path)


@contextmanager
def growing(target: Path, names: Sequence[str]) -> Iterator[dict[str, Callable[[bytes], object]]]:
    """A new folder of files that are written in pieces; each has its name only once all of them are whole and durable.

    Args:
        target: the folder; must not exist, or be empty.
        names: of the files.

    Returns:
        For each name, what writes the next piece.

    Raises:
        Conflict: there is something in the folder.
        DiskTrouble: the disk is full, failing or not permitted; nothing is left behind.
    """
    made = not target.exists()
    check_empty(target)
    files.make_dirs(target)
    parts = {name: target / f".{name}.part" for name in names}
    with ExitStack() as undo:
        undo.callback(_put_away, target, parts.values(), made)
        with files.trouble(target, "write"), ExitStack() as handles:
            opened = {name: handles.enter_context(_open(part)) for name, part in parts.items()}
            yield {name: file.write for name, file in opened.items()}
            for file in opened.values():
                file.flush()
                files.sync(file.fileno())
        with files.trouble(target, "write"):
            for name, part in parts.items():
                part.rename(target / name)
            files.fsync_dir(target)
        undo.pop_all()


def _open(part: Path) -> BinaryIO:
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600), "wb")


def _put_away(target: Path, parts: Iterable[Path], made: bool) -> None:  # noqa: FBT001
    with suppress(OSError):
        for part in parts:
            part.unlink(missing_ok=True)
        if made:
            target.rmdir()


def check_empty(target: Path) -> None:
    """Stop where something would be written over.

    Raises:
        Conflict: there is something in the folder, or it is none.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(f"{target} is there already", hint="name a new folder with -o")
