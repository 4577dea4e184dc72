"""The `signed:` block: what a signature says about the file that it closes.

It stands in the file as the last lines of the front matter, rendered by us in one canonical form, so that taking it out
leaves the author's own bytes. Format: `docs/spec/signed-file.md`, versions 1 and 2. The lines above it are read in the one way
of `docs/spec/front-matter.md`, nearly always without YAML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from vaultcli.ground import frontmatter, ids
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import Value, plain
from vaultcli.ground.frontmatter.read import decode
from vaultcli.ground.patterns import pattern
from vaultcli.record.message import COMMIT
from vaultcli.record.times import is_commit_moment

VERSION = 1
"""The version that is written."""
SIGNED = "signed"
CLOCKS = ("system", "synchronised", "set")
"""The words of `clock`; version 1 has no `synchronised`."""
MOST_FOLLOWED = 16
KINDS = ("note", "correction", "addendum", "late-entry", "cosignature", "withdrawal", "attestation", "exception")
ADDITIONS = KINDS[1:-1]
MEANINGS = ("author", "contributor", "cosigner", "custodian", "policy")

_TIME = r"[0-9T:+-]{25}"
_TEXT = r'"(?:[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\\["\\])*"'
_HEX = r"[0-9a-f]{64}"
_BEFORE_CLOCK = (
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
)
_RECORDED = rf"  recorded: (?P<recorded>{_TIME})\n"
_AFTER_RECORDED = (
    r"  tool: (?P<tool>vaultcli [0-9A-Za-z.+-]{1,40})\n"
    r"  number: (?P<number>[1-9][0-9]{0,8})\n"
    rf"  follows: \[(?P<follows>(?:{_HEX}(?:, {_HEX}){{0,{MOST_FOLLOWED - 1}}})?)\]\n"
)
_BLOCK = pattern(
    r"signed:\n  version: 1\n" + _BEFORE_CLOCK + r"  clock: (?P<clock>system|set)\n"
    r"(?:  lateness: (?P<lateness>0|-?[1-9][0-9]{0,6}) h\n)?" + _RECORDED + _AFTER_RECORDED
)
_BLOCK_2 = pattern(
    r"signed:\n  version: 2\n" + _BEFORE_CLOCK + rf"  clock: (?P<clock>{'|'.join(CLOCKS)})\n"
    rf"(?:  before-end: (?P<before_end>{_TEXT})\n)?" + _RECORDED + rf"(?:  after: (?P<after>{_HEX})\n)?" + _AFTER_RECORDED
)
_REASON = pattern(
    r"(?! )"
    "[^\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\uffff<>\\U000e0000-\\U000e0fff]{1,200}"
    r"(?<! )"
)
"""A reason as it stands between the quotes; what a name may not hold, it may not hold either."""
_OPENING = pattern(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n")
_CLOSING = pattern(rb"^---[ \t]*(?:\r?\n|\r?\Z)", re.MULTILINE)
_START = pattern(rb"^signed:\r?\n", re.MULTILINE)
LIMIT = frontmatter.LIMIT
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
        version: of the block, 1 or 2.
        before_end: of version 2, why a note was signed before its session had ended, or empty.
        after: of version 2, SHA-256 of a time-stamp token that existed before, or empty; reserved.
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
    version: int = VERSION
    before_end: str = ""
    after: str = ""

    @property
    def namespace(self) -> str:
        """The SSH signature namespace: one for each kind of thing signed."""
        return f"{self.kind}@vaultcli.v1"

    def lines(self) -> list[str]:
        """The block's lines, in their one order, without line endings."""
        return [
            "signed:",
            f"  version: {self.version}",
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
            *([f"  before-end: {_quoted(self.before_end)}"] if self.before_end else []),
            f"  recorded: {self.recorded}",
            *([f"  after: {self.after}"] if self.after else []),
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
    return _find(raw, front(raw))


def _find(raw: bytes, lines: tuple[int, int] | None) -> tuple[int, int] | None:
    if lines is None:
        return None
    opening = _first(_START, b"signed:", raw, *lines)
    if opening is None:
        return None
    start, end = opening.start(), lines[1]
    indented = raw.count(b"\n  ", start, end) == raw.count(b"\n", start, end - 1)
    return (start, end) if indented else None


class Front(NamedTuple):
    """The front matter of a signed file, read in the one way.

    Args:
        block: what the signature binds; None where there is no block in the one form, or another `signed` beside it.
        fields: the other top-level fields, every scalar the text that was typed.
    """

    block: Block | None
    fields: Mapping[str, Value]


def read(raw: bytes, path: str = "text") -> Front:
    """The front matter of a signed file.

    Lines that the quick way takes need no YAML reader; all else goes through the strict one, the block's lines included.

    Raises:
        BadInput: the strict reader refuses it.
    """
    lines = front(raw)
    span = _find(raw, lines)
    said = None if span is None else _read(raw[span[0] : span[1]])
    if span is not None and lines is not None and said is not None and lines[1] - lines[0] <= LIMIT:
        easy = plain.fields(decode(raw[lines[0] : span[0]], path))
        if easy is not None and SIGNED not in easy:
            return Front(said, easy)
    # of what has no end, or none within the limit, the beginning is enough to be refused
    found = frontmatter.parse(raw[: LIMIT + 64] if lines is None else raw[: lines[1]] + b"---\n", path)
    if said is not None and span is not None:
        # the key that the reader found has to be the one whose lines were matched
        at = found.spans.get(SIGNED)
        own = at is not None and (at.key_line + 1, at.key_column) == (raw.count(b"\n", 0, span[0]), 0)
        said = said if own and next(reversed(found.fields)) == SIGNED else None
    return Front(said, {key: value for key, value in found.items() if key != SIGNED})


def parse(raw: bytes) -> Block | None:
    """The block of a signed file, or None where there is none in the canonical form, or the file can be read in two ways."""
    try:
        return read(raw).block
    except BadInput:
        return None


def claimed(raw: bytes) -> bool:
    """Whether a file that is not signed has lines that a reader could take for a signed block."""
    lines = front(raw)
    if _find(raw, lines) is not None:
        return True
    # a key can be written otherwise only by an escape
    if lines is None or not (b"signed" in raw[lines[0] : lines[1]] or b"\\" in raw[lines[0] : lines[1]]):
        return False
    try:
        said = frontmatter.parse(raw[: lines[1]] + b"---\n").get(SIGNED)
    except BadInput:
        return False
    return isinstance(said, dict) and "version" in said


def _read(lines: bytes) -> Block | None:
    """The block that these lines are; they end with LF or CRLF, all alike."""
    if b"\r" in lines:
        if lines.count(b"\r\n") != lines.count(b"\n") or lines.count(b"\r") != lines.count(b"\r\n"):
            return None
        lines = lines.replace(b"\r\n", b"\n")
    try:
        text = lines.decode("utf-8")
    except UnicodeDecodeError:
        return None
    version, match = (1, first) if (first := _BLOCK.fullmatch(text)) else (2, _BLOCK_2.fullmatch(text))
    if match is None or not is_commit_moment(match["time"]) or not is_commit_moment(match["recorded"]):
        return None
    said: dict[str, Any] = match.groupdict()
    target, lateness, follows, why = said["target"], said.get("lateness"), said["follows"], said.get("before_end")
    if (said["kind"] in ADDITIONS) != bool(target):
        return None
    if why is not None and (said["kind"] != "note" or not _REASON.fullmatch(why[1:-1])):
        return None
    said |= {
        "target": target or "",
        "name": _unquoted(said["name"]),
        "credentials": _unquoted(said["credentials"]),
        "cosigner": said["cosigner"] or "",
        "lateness": None if lateness is None else int(lateness),
        "number": int(said["number"]),
        "follows": tuple(follows.split(", ")) if follows else (),
        "version": version,
        "before_end": "" if why is None else _unquoted(why),
        "after": said.get("after") or "",
    }
    return Block(**said)


def without(raw: bytes) -> bytes:
    """The file without its block: the author's own bytes."""
    span = find(raw)
    return raw if span is None else raw[: span[0]] + raw[span[1] :]
