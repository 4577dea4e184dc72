"""The `signed:` block: what a signature says about the file that it closes.

It stands in the file as the last lines of the front matter, rendered by us in one canonical form, so that taking it out
leaves the author's own bytes. Format: `docs/spec/signed-file.md`, version 1. Reading it here needs no YAML.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from vaultcli.ground import ids
from vaultcli.ground.patterns import pattern
from vaultcli.record.message import COMMIT
from vaultcli.record.times import is_moment

VERSION = 1
KINDS = ("note", "correction", "addendum", "late-entry", "cosignature", "withdrawal", "attestation", "exception")
ADDITIONS = KINDS[1:-1]
MEANINGS = ("author", "contributor", "cosigner", "custodian", "policy")

_TIME = r"[0-9T:+-]{25}"
_TEXT = r'"(?:[^"\\\x00-\x1f\x7f]|\\["\\])*"'
_HEX = r"[0-9a-f]{64}"
_BLOCK = pattern(
    r"signed:\n"
    r"  version: 1\n"
    rf"  kind: (?P<kind>{'|'.join(KINDS)})\n"
    rf"  id: (?P<id>{ids.PATTERN})\n"
    rf"(?:  target: (?P<target>{ids.PATTERN})\n)?"
    rf"  line: (?P<line>client/{ids.PATTERN}|practice)\n"
    rf"  genesis: (?P<genesis>{COMMIT})\n"
    r"  by: (?P<by>[a-z][a-z0-9-]{0,39})\n"
    rf"  name: (?P<name>{_TEXT})\n"
    rf"  credentials: (?P<credentials>{_TEXT})\n"
    rf"  meaning: (?P<meaning>{'|'.join(MEANINGS)})\n"
    r"(?:  cosigner: (?P<cosigner>[a-z][a-z0-9-]{0,39})\n)?"
    rf"  time: (?P<time>{_TIME})\n"
    r"  clock: (?P<clock>[a-z]{1,16})\n"
    r"(?:  lateness: (?P<lateness>0|-?[1-9][0-9]{0,6}) h\n)?"
    rf"  recorded: (?P<recorded>{_TIME})\n"
    r"  tool: (?P<tool>vaultcli [0-9A-Za-z.+-]{1,40})\n"
    r"  number: (?P<number>[1-9][0-9]{0,8})\n"
    rf"  follows: \[(?P<follows>(?:{_HEX}(?:, {_HEX})*)?)\]\n"
)
_OPENING = pattern(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n")
_CLOSING = pattern(rb"^---[ \t]*(?:\r?\n|\r?\Z)", re.MULTILINE)
_START = pattern(rb"^signed:\r?\n", re.MULTILINE)
_ANOTHER = pattern(rb"""^(?:\?[ \t]+)?["']?signed["']?[ \t]*:""", re.MULTILINE)
LIMIT = 64 * 1024
"""No front matter is longer (`ground/frontmatter`); what is searched stays small, whatever the body holds."""


class Block(NamedTuple):
    """What is bound by one signature.

    Args:
        kind: what the file is (`KINDS`); also the namespace of the signature, `KIND@vaultcli.v1`.
        id: the file's own id, as in its name.
        target: the id of the note that an addition belongs to; empty for a note or an exception.
        line: the line of history, `client/ID` or `practice`.
        genesis: the vault's first commit, `sha256:HEX`.
        by, name, credentials: the signer, as the practice had them at that moment.
        meaning: in what capacity (`MEANINGS`).
        cosigner: who is to co-sign, where the signer's role needs it; the file is complete only then. Else empty.
        time: when, by the signer's own clock (RFC 3339 with offset).
        clock: `system`, or what else set the time.
        lateness: whole hours from the end of the session to the signature, or None.
        recorded: when the text was first recorded, or the time of signing if it was not before.
        tool: name and version.
        number: the place in the line's chain of signed files, from 1.
        follows: SHA-256 of the signed file before it, as `sha256sum` prints it; empty for the first.
    """

    kind: str
    id: str
    target: str
    line: str
    genesis: str
    by: str
    name: str
    credentials: str
    meaning: str
    cosigner: str
    time: str
    clock: str
    lateness: int | None
    recorded: str
    tool: str
    number: int
    follows: tuple[str, ...]

    @property
    def namespace(self) -> str:
        """The SSH signature namespace: one for each kind of thing signed."""
        return f"{self.kind}@vaultcli.v1"

    def lines(self) -> list[str]:
        """The block's lines, in their one order, without line endings."""
        return [
            "signed:",
            f"  version: {VERSION}",
            f"  kind: {self.kind}",
            f"  id: {self.id}",
            *([f"  target: {self.target}"] if self.target else []),
            f"  line: {self.line}",
            f"  genesis: {self.genesis}",
            f"  by: {self.by}",
            f"  name: {_quoted(self.name)}",
            f"  credentials: {_quoted(self.credentials)}",
            f"  meaning: {self.meaning}",
            *([f"  cosigner: {self.cosigner}"] if self.cosigner else []),
            f"  time: {self.time}",
            f"  clock: {self.clock}",
            *([f"  lateness: {self.lateness} h"] if self.lateness is not None else []),
            f"  recorded: {self.recorded}",
            f"  tool: {self.tool}",
            f"  number: {self.number}",
            f"  follows: [{', '.join(self.follows)}]",
        ]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _unquoted(text: str) -> str:
    return str(json.loads(text)) if "\\" in text else text[1:-1]


def front(raw: bytes) -> tuple[int, int] | None:
    """Where the front matter's own lines stand (byte span between the two `---` lines), or None where there is none."""
    head = raw[: LIMIT + 64]
    opening = _OPENING.match(head)
    if opening is None:
        return None
    closing = _first(_CLOSING, b"---", head, opening.end(), len(head))
    if closing is None or (len(raw) > len(head) and closing.end() == len(head)):
        return None
    return opening.end(), closing.start()


def _first(pattern: re.Pattern[bytes], word: bytes, data: bytes, start: int, end: int) -> re.Match[bytes] | None:
    """The first match of a pattern that begins a line with that word, from the line that begins at `start`.

    The search for the word is many times faster than that for the beginnings of lines.
    """
    found = pattern.match(data, start, end)
    while found is None:
        start = data.find(b"\n" + word, start, end) + 1
        if not start:
            return None
        found = pattern.match(data, start, end)
    return found


def find(raw: bytes) -> tuple[int, int] | None:
    """Where the block stands in a file (byte span), or None; its text is not judged."""
    lines = front(raw)
    if lines is None:
        return None
    opening = _first(_START, b"signed:", raw, *lines)
    if opening is None:
        return None
    start = opening.start()
    inside = raw[start : lines[1]].split(b"\n")[1:-1]
    return (start, lines[1]) if all(line.startswith(b"  ") for line in inside) else None


def parse(raw: bytes) -> Block | None:
    """The block of a signed file, or None where there is none in the canonical form.

    Lines end with LF or CRLF, all alike. A second top-level `signed` in the front matter, quoted or not, is refused: YAML
    readers do not agree which of two counts.
    """
    span = find(raw)
    if span is None:
        return None
    # the one at the block's own beginning is counted; another match would have the word once more
    if raw.count(b"signed", 0, span[1]) != 1 and len(_ANOTHER.findall(raw, 0, span[1])) != 1:
        return None
    text = raw[span[0] : span[1]]
    if b"\r" in text:
        if text.count(b"\r\n") != text.count(b"\n") or text.count(b"\r") != text.count(b"\r\n"):
            return None
        text = text.replace(b"\r\n", b"\n")
    try:
        match = _BLOCK.fullmatch(text.decode("utf-8"))
    except UnicodeDecodeError:
        return None
    if match is None or not is_moment(match["time"]) or not is_moment(match["recorded"]):
        return None
    said: dict[str, Any] = match.groupdict()
    target, lateness, follows = said["target"], said["lateness"], said["follows"]
    if (said["kind"] in ADDITIONS) != bool(target):
        return None
    said |= {
        "target": target or "",
        "name": _unquoted(said["name"]),
        "credentials": _unquoted(said["credentials"]),
        "cosigner": said["cosigner"] or "",
        "lateness": None if lateness is None else int(lateness),
        "number": int(said["number"]),
        "follows": tuple(follows.split(", ")) if follows else (),
    }
    return Block(**said)


def without(raw: bytes) -> bytes:
    """The file without its block: the author's own bytes."""
    span = find(raw)
    return raw if span is None else raw[: span[0]] + raw[span[1] :]
