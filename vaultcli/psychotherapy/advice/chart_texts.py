"""The chart's notes of one client and day, for comparing risk statements: read as plain files, and nothing is left behind.

No repository is opened for it, so nothing in the chart, not even a cache, tells that it was looked at from here. Drafts count
as they stand now, a correction instead of what it corrects, and a withdrawn note not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.places.machine.vault import Vault
from vaultcli.record.notes import names

_MOST = 1 << 20
"""Bytes beyond which a file is no note."""
_TEXTS = ("correction", "addendum", "late-entry")


def notes_by_day(vault: Vault, client_id: str) -> dict[str, tuple[str, ...]]:
    """The texts of a client's chart notes by the day of the session; empty where there is no such chart.

    Args:
        vault: whose chart.
        client_id: in its register.
    """
    found: dict[str, tuple[str, ...]] = {}
    folder = vault.chart / "clients" / client_id / "notes"
    for stem, parts in _grouped(folder).items():
        if "withdrawal" in parts:
            continue
        texts = _standing([raw for kind in ("", "correction") for raw in parts.get(kind, [])])
        day = next(filter(None, map(_day, texts)), stem[:10])
        texts += [raw for kind in ("addendum", "late-entry") for raw in parts.get(kind, [])]
        found[day] = found.get(day, ()) + tuple(raw.decode("utf-8", "replace") for raw in texts)
    return found


def _grouped(folder: Path) -> dict[str, dict[str, list[bytes]]]:
    """For each note, by the stem of its name: the kind of file ("" for itself) to the bytes."""
    grouped: dict[str, dict[str, list[bytes]]] = {}
    for path in _files(folder):
        stem, _, rest = path.name.removesuffix(names.SUFFIX).partition(".")
        kind = rest.rpartition("-")[0]
        if not names.is_date(stem[:10]) or kind not in ("", "withdrawal", *_TEXTS):
            continue
        grouped.setdefault(stem, {}).setdefault(kind, []).append(path.read_bytes())
    return grouped


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.suffix == names.SUFFIX and path.is_file() and not path.is_symlink() and path.stat().st_size <= _MOST:
            yield path


def _standing(raws: list[bytes]) -> list[bytes]:
    """Without those that another one corrects."""
    corrected = {_field(raw, "corrects") for raw in raws}
    return [raw for raw in raws if hashlib.sha256(raw).hexdigest() not in corrected]


def _day(raw: bytes) -> str:
    day = _field(raw, "date")
    return day if names.is_date(day) else ""


def _field(raw: bytes, key: str) -> str:
    try:
        front = frontmatter.parse(raw, "note")
    except BadInput:
        return ""
    return front.text(key) if key in front else ""
