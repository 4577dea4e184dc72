"""What an export takes along from a chart, and where it puts it: a new folder, never over anything that is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import Conflict
from vaultcli.places.chart import Chart
from vaultcli.record.attachment import Attachment
from vaultcli.record.keyring import ALLOWED_PATH
from vaultcli.record.line import SignedFile
from vaultcli.record.names import signature


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


def attached_bytes(chart: Chart, client_id: str, attached: list[Attachment]) -> dict[str, bytes]:
    """The recorded bytes of attachments, by the name that each has in an export."""
    found: dict[str, bytes] = {}
    for one in attached:
        raw = chart.recorded(client_id, one.path)
        assert raw is not None
        found[one.released_as] = raw
    return found


def write_folder(target: Path, contents: Mapping[str, bytes]) -> None:
    """Write a new folder of files, readable by their owner only.

    Args:
        target: the folder; must not exist, or be empty.
        contents: path below it to bytes.

    Raises:
        Conflict: there is something in the folder.
        DiskTrouble: the disk is full, failing or not permitted.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Conflict(f"{target} is there already", hint="name a new folder with -o")
    for path, raw in sorted(contents.items()):
        file = target / path
        files.make_dirs(file.parent)
        files.create(file, raw)
