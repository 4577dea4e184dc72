"""A few fields of front matter told from its lines alone, for whoever looks at many files: no YAML parser, no import of one.

What is told of a field is what `parse` says of it. A field that only a parser can tell is left out, and so is all that stands
below a line from which on only a parser knows what is a field; a test compares both. Of lines that no parser reads, as in a
draft with an open bracket, what was typed is told.
"""

from __future__ import annotations

from collections.abc import Collection

from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter.model import LIMIT
from vaultcli.ground.frontmatter.parts import split
from vaultcli.ground.patterns import pattern

_END = r"(?:[ \t]+#.*|[ \t]*)"
_PLAIN = r"""[^\s\[\]{},#&*!|>'"%@`?:-](?:[^:#]|:(?=\S)|(?<=\S)#)*?"""
_FIELD = pattern(
    r"(?P<key>[a-z][a-z0-9-]*):"
    rf"""(?:[ \t]+(?:"(?P<double>[^"\\]*)"|'(?P<single>[^']*)'|(?P<plain>{_PLAIN})))?{_END}"""
)
_ITEM = r"""(?:"[^"\\]*"|'[^']*'|[^\[\]{}"',#]+)"""
_CLOSED = pattern(
    r"""[^"'\[{]*"""
    r"""|[ \t]*(?:-[ \t]+)*(?:[A-Za-z0-9_-]+:[ \t]+)?"""
    rf"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\[[ \t]*(?:{_ITEM}(?:,[ \t]*{_ITEM})*)?[ \t]*\]){_END}"""
)
"""A line after which the next one is not inside of quotes or brackets."""
_OPEN = pattern(r"""(?P<key>[a-z][a-z0-9-]*):[ \t]+(?P<sign>["'\[{])(?P<typed>[^"'\[\]{}#]*)(?:[ \t]#.*)?""")
_CLOSING = frozenset("\"']}")


def peek(raw: bytes, keys: Collection[str], *, cut: bool = False) -> dict[str, str]:
    """Some fields of a file, by their keys.

    Args:
        raw: the file.
        keys: of the fields, in small letters.
        cut: these are the first bytes of the file, and the rest of it was not read.

    Returns:
        Key to text; without the fields that are not there, and without those that these lines alone do not tell.
    """
    try:
        lines = split(raw[: raw.rfind(b"\n") + 1] + b"---\n" if cut else raw).yaml
    except BadInput:
        return {}
    return _told(lines.decode("utf-8", "replace"), keys) if len(lines) <= LIMIT else {}


def _told(text: str, keys: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    last, at = "", 0
    for line in text.split("\n"):
        at += len(line) + 1
        row = line.removesuffix("\r")
        if not row.strip(" \t") or row.lstrip(" \t")[0] == "#":
            continue
        if last and not row[0].isalnum():
            # the value goes on, or begins, below its key
            del found[last]
        last = ""
        if len(found) == len(keys):
            break
        field = _FIELD.fullmatch(row)
        if field is not None:
            if field["key"] in keys and field["key"] not in found:
                last = field["key"]
                found[last] = field["double"] or field["single"] or field["plain"] or ""
        elif not _CLOSED.fullmatch(row):
            if not _CLOSING.isdisjoint(text[at:]):
                break
            # whatever it opens is never closed
            opened = _OPEN.fullmatch(row)
            if opened is not None and opened["key"] in keys:
                found.setdefault(opened["key"], opened["sign"].strip("\"'") + opened["typed"].strip(" \t"))
    return found
