"""A note's facts as plain values, the same wherever they are told: lists, `show --json`, exports, the Python API.

Pure. What the author wrote is told apart from the lines that vaultcli adds to a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import Value
from vaultcli.ground.frontmatter.peek import peek
from vaultcli.record.notes import block, fields, names
from vaultcli.record.notes.client import Client
from vaultcli.record.view.entry import Addition, Entry

_FRONT = 64 * 1024
_OURS = ("corrects", "reason")
"""Lines that make a file a correction."""


@dataclass(frozen=True)
class Fields:
    """The few front matter lines that lists show, as `peek` tells them; empty where it does not."""

    date: str
    time: str
    type: str
    format: str


def fields_of(entry: Entry) -> Fields:
    """What a list says of a note: as its text that stands has it; the date and type of its name where it has none."""
    found = peek(entry.text, ("date", "time", "format"))
    date = found.get("date", "")
    return Fields(
        date=date if names.is_date(date) else entry.name.date,
        time=found.get("time", ""),
        type=entry.name.type,
        format=found.get("format", ""),
    )


def in_order(found: Iterable[Entry]) -> list[Entry]:
    """Notes by date and time of their sessions, then by their first recording."""
    return sorted(found, key=moment)


def moment(entry: Entry) -> tuple[str, str, str, str]:
    """By what notes are ordered."""
    shown = fields_of(entry)
    return shown.date, shown.time, entry.recorded.time if entry.recorded else "~", entry.id


def text(raw: bytes) -> str:
    """A text of the record without our block and the lines that make a file a correction."""
    raw = block.without(raw)
    try:
        # most texts are no corrections, and are not read as YAML for it
        if b"corrects" in raw[: 2 * _FRONT] and "corrects" in frontmatter.parse(raw):
            for key in _OURS:
                raw = frontmatter.remove_field(raw, key)
    except BadInput:
        pass  # a draft that cannot be read yet is told as it is
    return raw.decode("utf-8", "replace")


def written(raw: bytes) -> dict[str, Value] | None:
    """The front matter that the author wrote, every scalar the text that was typed; None where it cannot be read."""
    try:
        front = frontmatter.parse(raw)
    except BadInput:
        return None
    if not front.parts.present:
        return None
    ours = {fields.SIGNED, *(_OURS if "corrects" in front else ())}
    return {key: value for key, value in front.items() if key not in ours}


def body(raw: bytes) -> str:
    """What stands below the front matter."""
    return frontmatter.split(raw).body.decode("utf-8", "replace")


def row(client: Client, entry: Entry) -> dict[str, Any]:
    """A note as `list --json` has it (`docs/json.md`)."""
    shown = fields_of(entry)
    return {
        "client": entry.client,
        "handle": client.handle,
        "id": entry.id,
        "path": entry.path,
        "date": shown.date,
        "time": shown.time,
        "type": shown.type,
        "format": shown.format,
        "state": entry.state,
        "edited": entry.edited and entry.recorded is not None,
        "author": entry.author,
        "recorded": entry.recorded.time if entry.recorded else None,
        "signed": entry.signed.block.time if entry.signed else None,
        "additions": [addition(one) for one in entry.additions],
        "attachment": attached(entry),
    }


def attached(entry: Entry) -> dict[str, Any] | None:
    """What an attachment's descriptor says of the file; None for every other note, and for a withdrawn one."""
    said = entry.attachment if entry.withdrawal is None else None
    if said is None:
        return None
    facts = {"path": said.path, "kind": said.kind, "name": said.name, "media-type": said.media_type}
    return facts | {"bytes": said.size, "sha256": said.sha256}


def addition(one: Addition) -> dict[str, Any]:
    """A signed addition as lists have it."""
    said = one.file.block
    return {"kind": said.kind, "id": said.id, "path": one.file.path, "by": said.by, "signed": said.time}


def added(one: Addition) -> str:
    """The words of an addition: of a correction the whole corrected text, else what stands below the front matter."""
    return text(one.raw) if one.kind == "correction" else body(one.raw)


def signatures(entry: Entry) -> list[dict[str, Any]]:
    """The facts of a note's signatures, its additions' included, in the order of the chain."""
    return [
        {
            "kind": said.kind,
            "by": said.by,
            "name": said.name,
            "credentials": said.credentials,
            "meaning": said.meaning,
            "time": said.time,
            "clock": said.clock,
            "lateness": said.lateness,
            "number": said.number,
            "sha256": file.sha256,
            "reason": why,
        }
        for file, why in [*([(entry.signed, "")] if entry.signed else []), *((one.file, reason(one)) for one in entry.additions)]
        for said in [file.block]
    ]


def reason(one: Addition) -> str:
    """Why something was added, as its author typed it, without the quotes that YAML may need; empty where it does not say."""
    why = one.file.reason
    return frontmatter.parse(one.raw).text("reason") if why[:1] in ("'", '"') else why


def waits_for(entry: Entry) -> list[str]:
    """Who is still to co-sign."""
    return [one.block.cosigner for one in entry.uncovered()][-1:]
