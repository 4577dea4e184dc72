"""The line of an addition that names, by SHA-256, the signed bytes it speaks of.

    corrects: 9f86d081884c7d65...        one line each, above the `signed:` block, in exactly this form

Format: `docs/spec/signed-file.md`, version 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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
_LINE = re.compile(
    rb"^(corrects|adds-to|withdraws|attests|covers|excuses|finding|reason)[ \t]*:[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE
)
_FRONT = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Target:
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


def target(kind: str, raw: bytes) -> Target | None:
    """What an addition of that kind names; None where the line is missing, doubled or malformed."""
    front = _FRONT.match(raw)
    if front is None:
        return None
    rows: dict[str, str] = {}
    for name, value in _LINE.findall(front[1]):
        key = name.decode()
        if key in rows:
            return None
        rows[key] = value.decode("utf-8", "replace")
    if FIELD[kind] not in rows:
        return None
    value, reason = rows[FIELD[kind]], rows.get("reason", "")
    if kind == "exception":
        from vaultcli.record.message import COMMIT

        good = re.fullmatch(COMMIT, value) and re.fullmatch(r"[a-z-]{1,40}", rows.get("finding", "")) and reason
        return Target((), value, rows["finding"], reason) if good else None
    if kind == "cosignature":
        match = re.fullmatch(rf"\[({HEX}(?:, {HEX})*)\]", value)
        return None if match is None else Target(tuple(match[1].split(", ")), reason=reason)
    if re.fullmatch(HEX, value) is None:
        return None
    if kind == "withdrawal" and reason not in WITHDRAWAL_REASONS:
        return None
    return Target((value,), reason=reason)
