"""Edits of front matter that change the lines of one field and no other byte, each proved by reading the result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter.load import parse
from vaultcli.ground.frontmatter.model import FrontMatter, Span, Value
from vaultcli.ground.frontmatter.scalar import flow_list, scalar
from vaultcli.ground.patterns import pattern

Settable = str | Sequence[str] | Mapping[str, "Settable"]
_COLON = pattern(r"[ \t]*:")
_KEY = pattern(r"[A-Za-z_][A-Za-z0-9_.-]*")


def set_field(raw: bytes, key: str, value: Settable, after: str | None = None, path: str = "text") -> bytes:
    """The file with one field set.

    Args:
        raw: the whole file; it must have front matter.
        key: the field, at top level.
        value: a text, a list of texts (written `[a, b]`), or a mapping (written as an indented block).
        after: where a new field goes: behind this one. Without it, or if there is no such field, at the end.
        path: how errors call the file.

    Returns:
        The file in which only the field's own lines differ. A comment behind the value on its line stays.

    Raises:
        BadInput: the front matter cannot be read, or is written in a way that cannot be edited line by line.
    """
    before = _editable(raw, path)
    lines = _lines(before)
    if key in before.spans:
        _replace(lines, before.spans[key], key, value, path)
    else:
        span = before.spans.get(after or "")
        at = len(lines) if span is None else _last_line(lines, span) + 1
        lines[at:at] = _field_lines(key, value, _indent(before), before.parts.ending)
    return _proved(before, lines, {**before, key: _plain_value(value)}, path)


def remove_field(raw: bytes, key: str, path: str = "text") -> bytes:
    """The file without one field; the same bytes when there is no such field.

    Raises:
        BadInput: see `set_field`.
    """
    before = parse(raw, path)
    if key not in before:
        return raw
    before = _editable(raw, path)
    lines, span = _lines(before), before.spans[key]
    _colon(lines, span, key, path)
    del lines[span.key_line : _last_line(lines, span) + 1]
    return _proved(before, lines, {name: value for name, value in before.items() if name != key}, path)


def insert_block(raw: bytes, text_lines: Sequence[str], path: str = "text") -> bytes:
    """The file with lines added right before the closing `---`.

    Args:
        raw: the whole file; it must have front matter.
        text_lines: whole lines without endings, the first one `key:`; they get the ending of the opening line.
        path: how errors call the file.

    Raises:
        BadInput: the lines are not one new field, or the front matter cannot be edited.
    """
    before = _editable(raw, path)
    block = "".join(line + before.parts.ending for line in text_lines).encode("utf-8")
    result = bytes(before.parts.with_yaml(before.parts.yaml + block))
    after = parse(result, path)
    added = [key for key in after if key not in before]
    if len(added) != 1 or list(after) != [*before, added[0]] or remove_block(result, added[0], path) != raw:
        raise BadInput(f"{path}:{before.parts.body_line - 1}: no block can be added to this front matter")
    return result


def remove_block(raw: bytes, key: str, path: str = "text") -> bytes:
    """The exact inverse of `insert_block`.

    Raises:
        BadInput: there is no such field, or it is not the last thing before the closing `---`.
    """
    before = _editable(raw, path)
    if key not in before:
        raise BadInput(f"{path}:1: front matter has no field {key}")
    lines, span = _lines(before), before.spans[key]
    _colon(lines, span, key, path)
    if list(before)[-1] != key or _last_line(lines, span) != len(lines) - 1:
        raise BadInput(f"{path}:{before.line(key)}: {key} is not the last thing in the front matter")
    del lines[span.key_line :]
    return _proved(before, lines, {name: value for name, value in before.items() if name != key}, path)


def _editable(raw: bytes, path: str) -> FrontMatter:
    read = parse(raw, path)
    if not read.parts.present:
        raise BadInput(f"{path}:1: the file has no front matter", hint="start it with two lines of three hyphens")
    if read.flow:
        raise BadInput(f"{path}:2: front matter is written in braces and cannot be edited", hint="one field a line")
    return read


def _lines(read: FrontMatter) -> list[str]:
    return re.findall(r"[^\n]*\n", read.parts.yaml.decode("utf-8"))


def _indent(read: FrontMatter) -> str:
    return " " * next((span.key_column for span in read.spans.values()), 0)


def _last_line(lines: list[str], span: Span) -> int:
    """The index of a field's last line; blank lines after a block scalar are not the field's."""
    line, column = span.end
    if column == 0 and line > span.key_line:
        line -= 1
        while line > span.key_line and not lines[line].strip():
            line -= 1
    return line


def _colon(lines: list[str], span: Span, key: str, path: str) -> int:
    """The column after the colon of a field that starts its own line."""
    line = lines[span.key_line]
    colon = _COLON.match(line, span.key_end)
    if line[: span.key_column].strip() or colon is None:
        raise BadInput(f"{path}:{span.key_line + 2}: {key} is not written as `{key}: value` and cannot be edited")
    return colon.end()


def _replace(lines: list[str], span: Span, key: str, value: Settable, path: str) -> None:
    colon = _colon(lines, span, key, path)
    line, column = span.start
    ending = "\r\n" if lines[span.key_line].endswith("\r\n") else "\n"
    if span.block or isinstance(value, Mapping) or line != span.key_line:
        head, last = lines[span.key_line][:colon], _last_line(lines, span)
        rest = lines[span.key_line][colon:] if span.block else lines[span.end[0]][span.end[1] :]
        comment = rest.strip() if rest.lstrip().startswith("#") else ""
        lines[span.key_line : last + 1] = _field_lines(head, value, " " * span.key_column, ending, comment)
        return
    text = _one_line(value)
    tail = lines[span.end[0]][span.end[1] :]
    if not text or span.start == span.end:
        column, tail = colon, tail if tail.strip() else ending
    head = lines[line][:column]
    gap = " " if text and not head.endswith((" ", "\t")) else ""
    lines[line : span.end[0] + 1] = [head + gap + text + tail]


def _field_lines(head: str, value: Settable, indent: str, ending: str, comment: str = "") -> list[str]:
    """A field written anew; `head` is `key`, or the start of its line with the colon."""
    if not head.endswith(":"):
        head = f"{indent}{_checked(head)}:"
    comment = f"  {comment}" if comment else ""
    if not isinstance(value, Mapping):
        text = _one_line(value)
        return [head + (f" {text}" if text else "") + comment + ending]
    if not value:
        return [f"{head} {{}}{comment}{ending}"]
    inner = [line for name, part in value.items() for line in _field_lines(name, part, indent + "  ", ending)]
    return [head + comment + ending, *inner]


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise BadInput("a key of front matter is made of letters, digits, hyphens, dots and underscores")
    return key


def _one_line(value: Settable) -> str:
    return scalar(value) if isinstance(value, str) else flow_list([str(item) for item in value])


def _plain_value(value: Settable) -> Value:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {key: _plain_value(part) for key, part in value.items()}
    return [str(item) for item in value]


def _proved(before: FrontMatter, lines: list[str], wanted: Mapping[str, Value], path: str) -> bytes:
    """The new file, after reading it again: the wanted fields, the others in their order, the same other pieces."""
    result = bytes(before.parts.with_yaml("".join(lines).encode("utf-8")))
    after = parse(result, path)
    kept = [key for key in after if key in before]
    same = after.parts.closing == before.parts.closing and after.parts.body == before.parts.body
    if dict(after) != dict(wanted) or kept != [key for key in before if key in after] or not same:
        raise BadInput(f"{path}:1: this front matter cannot be edited by program", hint="change the line in an editor")
    return result
