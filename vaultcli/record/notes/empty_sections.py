"""Sections of a template below which nobody wrote anything: named before a signature, and not signed.

Only a heading that came with a template goes, and only where nothing but blanks and the template's own prompts stand below
it. Whatever a person typed keeps its heading: a word, a comment, a heading of their own. Pure. Rule: `docs/spec/template.md`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import split
from vaultcli.ground.markdown import Section, comments, sections

Head = tuple[int, str]
"""A heading: its rank and its text."""
_SIGNS = re.compile(rb" {0,3}#")


class Bare(NamedTuple):
    """A note without the headings of its empty sections, and their titles in order."""

    raw: bytes
    titles: tuple[str, ...]


def given(shape: bytes) -> frozenset[Head]:
    """The headings that a template brings; none of a file that is no template."""
    try:
        return frozenset(_head(one) for one in _sections(shape))
    except (BadInput, UnicodeDecodeError):
        return frozenset()


def prompted(raw: bytes, prompts: Collection[bytes]) -> frozenset[Head]:
    """The headings of a draft below which one of these prompts stands: they came with a template, whatever format it has now."""
    parts = split(raw)
    asked = {comment.line for comment in comments(raw) if raw[comment.start : comment.end] in prompts}
    found = sections(parts.body.decode("utf-8"), parts.body_line)
    return frozenset(_head(one) for one in found for line in asked if _innermost(found, line) is one)


def _innermost(found: list[Section], line: int) -> Section | None:
    return next((one for one in reversed(found) if one.line < line <= one.end_line), None)


def first(raw: bytes, heads: Collection[Head], prompts: Collection[bytes]) -> int:
    """The line of the file on which to begin writing: the one behind the heading of the first empty section; 0 where none is.

    Args:
        raw: the draft, with its prompts.
        heads: headings that came with a template.
        prompts: comments that count as nothing.
    """
    parts = split(raw)
    taken = bytearray(raw)
    for one in comments(raw):
        if raw[one.start : one.end] in prompts:
            taken[one.start : one.end] = bytes(0 if char != 10 else char for char in raw[one.start : one.end])
    text = bytes(taken[parts.body_offset :]).replace(b"\0", b"").decode("utf-8")
    found = sections(text, parts.body_line)
    return next((one.line + 1 for one in found if _head(one) in heads and not one.text.strip()), 0)


def without(raw: bytes, heads: Collection[Head]) -> Bare:
    """A note without the headings, among these, that have nothing below them.

    A heading that stands in the note more than once stays: one of them is a person's.

    Args:
        raw: the note, its prompts taken out.
        heads: headings that came with a template.
    """
    parts = split(raw)
    found = _sections(raw)
    counted = Counter(map(_head, found))
    lines = re.findall(rb"[^\n]*\n|[^\n]+", parts.body)
    gone: list[Section] = []
    # from the end, so that what stands below a heading is known
    for at in range(len(found) - 1, -1, -1):
        one = found[at]
        below = [line for number, line in enumerate(lines, 1) if one.line < number <= one.end_line]
        inner = {other.line for other in gone if one.line < other.line <= one.end_line}
        rest = [line for number, line in enumerate(below, one.line + 1) if number not in inner and line.strip()]
        known = _head(one) in heads and counted[_head(one)] == 1 and _SIGNS.match(lines[one.line - 1])
        if not rest and known and not _parts(lines, one):
            gone.append(one)
    if not gone:
        return Bare(raw, ())
    dropped = {number for one in gone for number in range(one.line, one.end_line + 1)}
    body = b"".join(line for number, line in enumerate(lines, 1) if number not in dropped)
    kept = body.rstrip(b"\r\n")
    # the blank lines that parted the last section from what went are not left at the end
    end = b"\r\n" if body.endswith(b"\r\n") else b"\n"
    body = kept + end if dropped & {len(lines)} and kept.strip() else body
    return Bare(raw[: parts.body_offset] + body, tuple(one.title for one in reversed(gone)))


def _parts(lines: list[bytes], one: Section) -> bool:
    """Whether an empty section keeps a line apart from an underlined heading, which would take the line in."""
    before, behind = lines[: one.line - 1][-1:], lines[one.end_line : one.end_line + 1]
    return any(line.strip() for line in before) and any(not _SIGNS.match(line) for line in behind)


def _sections(raw: bytes) -> list[Section]:
    return sections(split(raw).body.decode("utf-8"))


def _head(one: Section) -> Head:
    return one.level, one.title
