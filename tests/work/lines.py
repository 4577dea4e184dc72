"""Lines with signed notes, for tests of successions, exceptions and bundles: real keys, real git."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests import vaults
from vaultcli.ground import files
from vaultcli.places.chart.chart import Chart, Recording
from vaultcli.record.view import entry as record
from vaultcli.record.view.entry import Entry
from vaultcli.work.notes import amend
from vaultcli.work.notes import sign as signatures
from vaultcli.work.notes.sign import Batch

TEXT = vaults.NOTE.decode()


def sign(world: vaults.World, handle: str, words: str, *, day: str = "2026-11-20") -> str:
    """A note, drafted and signed; gives its path on the line."""
    raw = TEXT.replace("She came on time and spoke of work.", words).replace("2026-11-20", day)
    file = world.write(handle, raw.encode(), day=day)
    path = f"notes/{file.name}"
    with world.chart() as chart, signatures.pen(chart, None) as pen, chart.recorder() as by:
        ready = signatures.ready(chart, world.clients[handle], path, file.read_bytes())
        batch = Batch(world.clients[handle], "sign", [ready.unsigned], {path: ready.seen})
        signatures.sign(chart, batch, pen, by, world.tick(), "system")
    return path


def entry(chart: Chart, client: str, path: str) -> Entry:
    """A note with what was added to it."""
    line = chart.line(client)

    def read(path: str) -> bytes:
        raw = chart.recorded(client, path)
        assert raw is not None
        return raw

    return next(one for one in record.entries(line, read) if one.path == path)


def correct(world: vaults.World, handle: str, path: str, words: str) -> str:
    """Correct a signed note; gives the correction's path."""
    client = world.clients[handle]
    with world.chart() as chart, signatures.pen(chart, None) as pen, chart.recorder() as by:
        note = entry(chart, client, path)
        own, raw = amend.start(chart, note)
        edited = raw.replace(b"Mood is lifting.", words.encode())
        seen = {own: files.digest(raw)}
        unsigned = amend.correction(note, edited, own, "a slip")
        signatures.sign(chart, Batch(client, "amend", [unsigned], seen), pen, by, world.tick(), "system")
    return own


def withdraw(world: vaults.World, handle: str, path: str, reason: str = "wrong-client", remark: str = "") -> str:
    """Withdraw a note; gives the withdrawal's path."""
    client = world.clients[handle]
    with world.chart() as chart, signatures.pen(chart, None) as pen, chart.recorder() as by:
        unsigned = amend.withdrawal(entry(chart, client, path), reason, chart.me.id, remark)
        done = signatures.sign(chart, Batch(client, "withdraw", [unsigned]), pen, by, world.tick(), "system")
    return done.files[0][0]


def redraft(world: vaults.World, handle: str, path: str, raw: bytes) -> None:
    """Record another version of a draft."""
    client = world.clients[handle]
    with world.chart() as chart:
        id_ = path.removesuffix(".md").rpartition("-")[2]
        old = chart.recorded(client, path)
        assert old is not None
        chart.record(client, Recording("draft", (id_,), {path: raw}), world.tick())


def git(folder: Path, *args: str, check: bool = True) -> str:
    """What plain git says."""
    return subprocess.run(["git", "-C", folder, *args], check=check, capture_output=True, text=True).stdout


def everything(directory: Path) -> dict[str, bytes]:
    """Every object of a repository, reachable or not, by its id."""
    names = git(directory, "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").split("\n")
    found = {}
    for row in filter(None, names):
        oid, kind = row.split()
        found[oid] = subprocess.run(
            ["git", "-C", directory, "cat-file", kind, oid], check=True, capture_output=True
        ).stdout
    return found
