"""The small canonical TOML of the sealed formats: texts, whole numbers, lists of texts, and one kind of table after them.

A text is written as `practice.quote` writes it, each key on its line, in a given order; a reader accepts nothing but what the
writer would have written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vaultcli.ground.errors import BadInput
from vaultcli.record.practice.practice import load, quote

Value = str | int | Sequence[str]


def render(top: Mapping[str, Value], name: str = "", tables: Sequence[Mapping[str, Value]] = ()) -> str:
    """The text.

    Args:
        top: keys and values in order.
        name: of the tables.
        tables: one `[[name]]` each, after a blank line.
    """
    lines = [_line(key, value) for key, value in top.items()]
    for table in tables:
        lines += ["", f"[[{name}]]", *(_line(key, value) for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Value) -> str:
    if isinstance(value, str):
        if "\n" in value:
            return f'{key} = """\n{value}"""'
        return f"{key} = {quote(value)}"
    if isinstance(value, int):
        return f"{key} = {value}"
    return f"{key} = [{', '.join(map(quote, value))}]"


def read(text: str, path: str, version: str, tables: str = "") -> dict[str, Any]:
    """The tables of such a text.

    Args:
        text: all of it.
        path: how errors call it.
        version: the key whose value must be 1.
        tables: name of its tables, which may be missing.

    Raises:
        BadInput: no TOML, another version, or a value of another shape.
    """
    data = load(text, path)
    if type(data.get(version)) is not int or data[version] != 1:
        raise BadInput(f"{path}: version {data.get(version)!r} is not known", hint="a newer vaultcli may read it")
    rows = data.get(tables, []) if tables else []
    top = {key: value for key, value in data.items() if key != tables}
    if not isinstance(rows, list) or not all(isinstance(row, dict) and _plain(row) for row in rows) or not _plain(top):
        raise BadInput(f"{path}: a value is not what it should be")
    return data


def _plain(row: Mapping[str, Any]) -> bool:
    return all(
        type(value) in (str, int) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
        for value in row.values()
    )


def decoded(raw: bytes, path: str) -> str:
    """The bytes as text.

    Raises:
        BadInput: they are not UTF-8.
    """
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not UTF-8") from None
