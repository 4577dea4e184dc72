"""The recorded versions of a client's notes: every commit on the line, and every text that one note has had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vaultcli.ground.errors import NotFound
from vaultcli.places.chart.chart import Chart
from vaultcli.record.notes import attachment, names
from vaultcli.record.notes.names import AdditionName, NoteName

if TYPE_CHECKING:
    from vaultcli.record.view.entry import Entry


@dataclass(frozen=True)
class Version:
    """One recorded commit on a client's line.

    Args:
        commit: its bare id.
        when: its time (RFC 3339).
        by: the person who recorded it.
        event: the event word.
        ids: the ids that the message names.
        files: path to blob id, of what it wrote.
    """

    commit: str
    when: str
    by: str
    event: str
    ids: tuple[str, ...]
    files: dict[str, str]


def versions(chart: Chart, client_id: str, stem: str = "") -> list[Version]:
    """Every recorded commit of a client, oldest first.

    Args:
        chart: the chart.
        client_id: whose.
        stem: only commits that wrote this note or something added to it.
    """
    from vaultcli.record import message as messages
    from vaultcli.record.times import git_time

    found, parent = [], None
    for commit in chart.repository.history(f"client/{client_id}"):
        changes = chart.repository.changes(parent, commit.oid)
        parent = commit.oid
        written = {change.path: change.after for change in changes if change.after is not None and _belongs(change.path, stem)}
        if stem and not written:
            continue
        said = messages.parse(commit.message, practice=False)
        found.append(
            Version(
                commit.oid,
                git_time(commit.author_time, commit.author_zone),
                commit.author.email,
                said.event if said else "",
                said.ids if said else (),
                written,
            )
        )
    return found


def _belongs(path: str, stem: str) -> bool:
    if not stem or path.startswith(f"notes/{stem}."):
        return True
    id_ = attachment.id_of(path)
    return bool(id_) and stem.endswith(f"-{attachment.TYPE}-{id_}")


@dataclass(frozen=True)
class Text:
    """One recorded version of a note's text, its corrections included: `number` counts from 1."""

    number: int
    version: Version
    path: str
    raw: bytes


def texts(chart: Chart, entry: Entry) -> list[Text]:
    """Every recorded text of a note, oldest first: each draft, the signed text, each correction."""
    found: list[Text] = []
    for version in versions(chart, entry.client, entry.name.stem):
        for path, blob in sorted(version.files.items()):
            name = names.parse(path)
            if isinstance(name, NoteName) or (isinstance(name, AdditionName) and name.kind == "correction"):
                found.append(Text(len(found) + 1, version, path, chart.repository.objects.blob(blob)))
    return found


def text(chart: Chart, entry: Entry, number: int) -> bytes:
    """The recorded text of a note with that number.

    Raises:
        NotFound: there is none.
    """
    found = {one.number: one.raw for one in texts(chart, entry)}
    if number not in found:
        raise NotFound(f"there is no version {number}: there are {len(found)}", hint="`vaultcli log NOTE` shows them")
    return found[number]
