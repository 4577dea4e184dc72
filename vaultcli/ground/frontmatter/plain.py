"""Front matter as nearly every file has it, one `key: value` a line, read without a YAML parser and its import.

Takes only what can mean one thing: keys of small letters, values without any of YAML's signs, in double quotes, or a flat
list in brackets. Everything else is left to `read`, which says the same of these; a test compares both.
"""

from __future__ import annotations

from typing import NamedTuple

from vaultcli.ground.frontmatter.model import Span, Value
from vaultcli.ground.patterns import pattern

_LETTER = "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_WORD = rf"[{_LETTER}](?:[{_LETTER}.,/()+@_%'-]|:(?=[^ \n])| (?=[{_LETTER}(+/-]))*"
_ITEM = rf"[{_LETTER}][{_LETTER}._/+-]*"
_LINE = pattern(
    r"(?P<key>[a-z][a-z0-9-]{0,126}):"
    rf"(?: (?:(?P<word>{_WORD})|\"(?P<quoted>[{_LETTER}.,:;/()+@_%' -]*)\"|\[(?P<items>{_ITEM}(?:, {_ITEM})*)?\]))?"
)
_NO_TEXT = frozenset(("yes", "no", "true", "false", "on", "off", "null"))
"""Keys that a YAML reader takes for something else; `read` says so."""


class Plain(NamedTuple):
    """What `read` would find: fields, and the places of their keys and values."""

    fields: dict[str, Value]
    lines: dict[tuple[str, ...], int]
    spans: dict[str, Span]


def read(text: str) -> Plain | None:
    """The fields of YAML lines; None where they are not of this kind.

    Args:
        text: what stands between the `---` lines.
    """
    made = Plain({}, {}, {})
    for at, line in enumerate(text.split("\n")):
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
