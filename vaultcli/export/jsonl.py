"""Notes as JSON Lines, one note a line. Format: `docs/spec/export-jsonl.md`, version 1."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from vaultcli.export.source import Source
from vaultcli.ground import markdown
from vaultcli.record.notes.client import Client
from vaultcli.record.view import values
from vaultcli.record.view.entry import Addition, Entry

VERSION = 1
HEAD = b""
"""A file begins with its first note."""
_LINE_ENDS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}
"""What JSON lets stand in a string and many readers split lines at."""


def write(source: Source) -> bytes:
    """One client's notes; the same record always gives the same bytes."""
    return b"".join(lines(source))


def lines(source: Source) -> Iterator[bytes]:
    """The same, a line each, made as they are asked for."""
    for entry in values.in_order(source.entries):
        yield line(as_object(source.client, entry))


def line(value: dict[str, Any]) -> bytes:
    """One object as one line."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_LINE_ENDS).encode("utf-8") + b"\n"


def as_object(client: Client, entry: Entry) -> dict[str, Any]:
    """A note with all that was added to it."""
    shown = values.row(client, entry)
    head = {"version": VERSION, **{key: shown[key] for key in ("client", "handle", "id", "path")}}
    if entry.withdrawal is not None:
        return head | _withdrawn(entry, entry.withdrawal)
    facts = {key: shown[key] for key in ("date", "time", "type", "format", "state")}
    facts |= {"draft": entry.open, **{key: shown[key] for key in ("edited", "author", "recorded", "signed")}}
    return head | facts | _words(entry) | _signed(entry) | {"attachment": shown["attachment"]}


def _withdrawn(entry: Entry, withdrawal: Addition) -> dict[str, Any]:
    """What may be told of a withdrawn note: that there was one, and who withdrew it when; never why."""
    empty = dict.fromkeys(("fields", "text", "original"))
    last = [one | {"reason": ""} for one in values.signatures(entry)[-1:]]
    return {
        "date": entry.name.date,
        "time": "",
        "type": entry.name.type,
        "format": "",
        "state": entry.state,
        "draft": False,
        "edited": False,
        "author": entry.author,
        "recorded": entry.recorded.time if entry.recorded else None,
        "signed": None,
        **empty,
        "sections": [],
        "words": None,
        "sha256": None,
        "signatures": last,
        "additions": [_addition(withdrawal) | {"reason": "", "text": ""}],
        "waits-for": [],
        "attachment": None,
    }


def _words(entry: Entry) -> dict[str, Any]:
    fields = values.written(entry.text)
    body = values.body(entry.text) if fields is not None else ""
    found = [{"level": one.level, "title": one.title, "text": one.text} for one in markdown.sections(body)]
    return {
        "fields": fields,
        "text": values.text(entry.text),
        "original": values.text(entry.raw) if entry.corrections else None,
        "sections": found,
        "words": None if fields is None else markdown.words(body),
    }


def _signed(entry: Entry) -> dict[str, Any]:
    return {
        "sha256": hashlib.sha256(entry.raw).hexdigest(),
        "signatures": values.signatures(entry),
        "additions": [_addition(one) for one in entry.additions],
        "waits-for": values.waits_for(entry),
    }


def _addition(one: Addition) -> dict[str, Any]:
    return values.addition(one) | {"sha256": one.file.sha256, "reason": values.reason(one), "text": values.added(one)}
