"""An addition to a note, such as a correction or a co-signature: the line in it that names what it is about, by SHA-256.

    corrects: 9f86d081884c7d65...        one line each, above the `signed:` block, in exactly this form

Format: `docs/spec/signed-file.md`; how it is read, `docs/spec/front-matter.md` 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import Value
from vaultcli.ground.patterns import pattern
from vaultcli.record.message import COMMIT
from vaultcli.record.notes import block

HEX = r"[0-9a-f]{64}"
FIELD = {
    "correction": "corrects",
    "addendum": "adds-to",
    "late-entry": "adds-to",
    "cosignature": "covers",
    "withdrawal": "withdraws",
    "attestation": "attests",
    "exception": "excuses",
}
WITHDRAWAL_REASONS = ("wrong-client", "entered-in-error", "duplicate", "other")
_NAMES = frozenset((*FIELD.values(), "finding", "reason"))
_HEX = pattern(HEX)
_COVERS = pattern(rf"\[({HEX}(?:, {HEX})*)\]")
_COMMIT = pattern(COMMIT)
_RULE = pattern(r"[a-z]+(?:-[a-z]+){0,7}")


class Target(NamedTuple):
    """What an addition says it is about.

    Args:
        hashes: the named SHA-256 (one, or for a co-signature all that it covers).
        commit: for an exception, the excused commit (`sha256:HEX`).
        rule: for an exception, the excused finding's rule.
        reason: as written, or empty.
    """

    hashes: tuple[str, ...]
    commit: str = ""
    rule: str = ""
    reason: str = ""


def target(kind: str, raw: bytes, fields: Mapping[str, Value] | None = None) -> Target | None:
    """What an addition of that kind names; None where the line is missing, doubled, malformed or can be read in two ways.

    Args:
        kind: of the addition.
        raw: the file.
        fields: its front matter, where it was read before.
    """
    rows = _rows(raw)
    if rows is None or FIELD[kind] not in rows:
        return None
    try:
        fields = block.read(raw).fields if fields is None else fields
    except BadInput:
        return None
    if not _agree(kind, rows, fields):
        return None
    value, reason = rows[FIELD[kind]], rows.get("reason", "")
    if kind == "exception":
        rule = rows.get("finding", "")
        good = _COMMIT.fullmatch(value) and _RULE.fullmatch(rule) and reason
        return Target((), value, rule, reason) if good else None
    if kind == "cosignature":
        match = _COVERS.fullmatch(value)
        return None if match is None else Target(tuple(match[1].split(", ")), reason=reason)
    if _HEX.fullmatch(value) is None or (kind == "withdrawal" and reason not in WITHDRAWAL_REASONS):
        return None
    return Target((value,), reason=reason)


def _agree(kind: str, rows: Mapping[str, str], fields: Mapping[str, Value]) -> bool:
    """Whether the lines say what every reader of YAML finds in them: no other such key, no value that goes on below."""
    if rows.keys() != fields.keys() & _NAMES:
        return False
    for key, typed in rows.items():
        value = fields[key]
        if key == "reason":
            # of what a person corrects, they may write the reason as they like
            quoted = len(typed) > 1 and typed[0] == typed[-1] and typed[0] in "\"'" and isinstance(value, str)
            if kind in ("withdrawal", "exception") and not quoted and value != typed:
                return False
        elif typed != (f"[{', '.join(map(str, value))}]" if isinstance(value, list) else value):
            return False
    return True


def _rows(raw: bytes) -> dict[str, str] | None:
    """The top-level lines of the front matter that concern us; None where one stands twice or nothing can be read."""
    span = block.front(raw)
    if span is None:
        return None
    rows: dict[str, str] = {}
    for line in raw[span[0] : span[1]].split(b"\n"):
        name, colon, value = line.partition(b":")
        key = name.strip(b" \t\"'").decode("latin-1") if name[:1] not in (b" ", b"\t") else ""
        if not colon or key not in _NAMES:
            continue
        if key in rows or name != key.encode("latin-1"):
            return None
        rows[key] = value.strip(b" \t\r").decode("utf-8", "replace")
    return rows
