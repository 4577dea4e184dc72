"""Front matter as nearly every file has it, one `key: value` a line, read without a YAML parser and its import.

Takes only what can mean one thing: keys of small letters, values without any of YAML's signs, in double quotes, or a flat
list in brackets. Everything else is left to `read`, which says the same of these; a test compares both. The expression is
that of `docs/spec/front-matter.md`, part "The quick way".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from vaultcli.ground.frontmatter.model import Span, Value
from vaultcli.ground.patterns import pattern

_LETTER = "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_WORD = rf"[{_LETTER}](?:[{_LETTER}.,/()+@_%'-]|:(?=[^ \n])| (?=[{_LETTER}(+/-]))*"
_ITEM = rf"[{_LETTER}][{_LETTER}._/+-]*"
_LIST = rf"\[(?:{_ITEM}(?:, {_ITEM})*)?\]"
_LINES = pattern(
    rf"(?:(?:#[^\n]*|[a-z][a-z0-9-]{{0,126}}:(?: (?:{_WORD}|\"[{_LETTER}.,:;/()+@_%' -]*\"|{_LIST}))?)?\n)*"
)
_KEYS = pattern(r"^([a-z][a-z0-9-]*):(?: (.*))?", re.MULTILINE)
_LINE = pattern(
    r"(?P<key>[a-z][a-z0-9-]{0,126}):"
    rf"(?: (?:(?P<word>{_WORD})|\"(?P<quoted>[{_LETTER}.,:;/()+@_%' -]*)\"|\[(?P<items>{_ITEM}(?:, {_ITEM})*)?\]))?"
)
_NO_TEXT = frozenset(("y", "n", "yes", "no", "true", "false", "on", "off", "null"))
"""Keys that a YAML reader takes for something else; `read` says so."""


class Plain(NamedTuple):
    """What `read` would find: fields, and the places of their keys and values."""

    fields: dict[str, Value]
    lines: dict[tuple[str, ...], int]
    spans: dict[str, Span]


def fields(text: str) -> dict[str, Value] | None:
    """The fields of YAML lines alone; None where they are not of this kind.

    Args:
        text: what stands between the `---` lines, without what `decode` refuses.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if _LINES.fullmatch(text) is None:
        return None
    rows = _KEYS.findall(text)
    made: dict[str, Value] = dict(rows)
    if len(made) != len(rows) or not _NO_TEXT.isdisjoint(made):
        return None
    for key, value in rows:
        if value[:1] == '"':
            made[key] = value[1:-1]
        elif value[:1] == "[":
            made[key] = value[1:-1].split(", ") if len(value) > 2 else []
    return made


def read(text: str) -> Plain | None:
    """The fields of YAML lines and their places; None where they are not of this kind, or there are none.

    Args:
        text: what stands between the `---` lines, without what `decode` refuses.
    """
    made = Plain({}, {}, {})
    for at, row in enumerate(text.split("\n")):
        line = row.removesuffix("\r")
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None or found["key"] in _NO_TEXT or found["key"] in made.fields:
            return None
        key, end = found["key"], len(line)
        made.fields[key] = _value(found["word"], found["quoted"], found["items"], line)
        made.lines[key,] = at + 2
        made.spans[key] = Span(at, 0, len(key), (at, min(len(key) + 2, end)), (at, end), block=False)
    return made if made.fields else None


def _value(word: str | None, quoted: str | None, items: str | None, line: str) -> Value:
    if items is not None or line.endswith("[]"):
        return list(items.split(", ")) if items else []
    return word if word is not None else quoted or ""
