"""Maps: a CSV file that says of each text whose note it is. Format: `docs/spec/import.md`, part "Maps"."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput
from vaultcli.record.notes import fields, imported
from vaultcli.record.notes.client import Client
from vaultcli.record.notes.find_client import Accept, fitting
from vaultcli.work.imports.files import Asked, Told
from vaultcli.work.imports.plan import TYPES

NEEDED = ("file", "client", "date")
COLUMNS = (*NEEDED, "time", "type", "format", "place", "cpt", "diagnoses")
_MANY = ("cpt", "diagnoses")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SAID = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""A first line by which spreadsheets say what stands between cells."""
_FORMULA = ("=", "+", "-", "@")


def read(path: Path, clients: list[Client], order: str, formats: Sequence[str]) -> tuple[list[Asked], list[Told]]:
    """A map's rows, and everything that is wrong with it.

    Args:
        path: the CSV file.
        clients: the register.
        order: how dates that end with the year are read; empty for not at all.
        formats: formats of the practice's own templates.

    Raises:
        NotFound: there is no such file.
        BadInput: it is not UTF-8, no CSV, or its first row does not name the columns.
    """
    raw = files.read(path)
    try:
        text = raw.decode("utf-16" if raw.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + raw.count(b"\n", 0, error.start)
        raise BadInput(f"{path}:{line}: the map is not UTF-8", hint="save it as CSV UTF-8") from None
    rows = _rows(path, text)
    line, heads = next(rows, (1, []))
    heads = _heads(heads)
    _check_heads(path, line, heads)
    asked: list[Asked] = []
    told: list[Told] = []
    named: dict[tuple[Path, str], str] = {}
    for line, cells in rows:
        where = f"{path}:{line}"
        if any(cells[len(heads) :]):
            told.append(Told(where, f"has {len(cells)} cells, and the first row {len(heads)}"))
            continue
        row = _tidied(dict(zip(heads, cells, strict=False)), path.parent)
        wrong = list(_wrong(row, where, path.parent, clients, order, formats))
        if wrong:
            told += wrong
            continue
        one = _asked(row, where, path.parent, clients, order)
        assert one.client is not None
        key = one.file, one.client.id
        if key in named:
            told.append(Told(where, f"file is named twice, first in {named[key]}"))
        else:
            named[key] = where
            asked.append(one)
    return asked, told


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with the line on which each begins; cells without blanks around them."""
    said = _SAID.match(text)
    text = text[said.end() :] if said else text
    first = text.partition("\n")[0]
    between = said[1] if said else next((mark for mark in ";\t" if mark in first and "," not in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    above = line = 2 if said else 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield line, stripped
            line = reader.line_num + above
    except csv.Error:
        raise BadInput(f"{path}:{line}: this row is no CSV", hint="a cell with a quotation mark ends with another one") from None


def _heads(heads: list[str]) -> list[str]:
    """The names of the columns, whatever their capitals; columns at the end that have none are no columns."""
    while heads and not heads[-1]:
        heads = heads[:-1]
    return [head.lower() for head in heads]


def _tidied(row: dict[str, str], folder: Path) -> dict[str, str]:
    """A row with the habits of spreadsheets and of other systems undone: `9:00-9:50`, and names with backslashes."""
    name = row.get("file", "")
    if "\\" in name and not os.path.lexists(folder / name):
        row["file"] = name.replace("\\", "/")
    while row.get("file", "").startswith("./"):
        row["file"] = row["file"].removeprefix("./").lstrip("/")
    if row.get("time"):
        row["time"] = imported.span(row["time"])
    return row


def _check_heads(path: Path, line: int, heads: list[str]) -> None:
    unknown = [head for head in heads if head not in COLUMNS]
    lacking = [head for head in NEEDED if head not in heads]
    hint = f"the first row names the columns: {','.join(COLUMNS)}"
    if unknown:
        raise BadInput(f"{path}:{line}: unknown column {' and '.join(unknown) or 'without a name'}", hint=hint)
    if lacking:
        raise BadInput(f"{path}:{line}: there is no column {' and no column '.join(lacking)}", hint=hint)
    if len(set(heads)) != len(heads):
        raise BadInput(f"{path}:{line}: a column stands twice", hint=hint)


def _wrong(
    row: dict[str, str], where: str, folder: Path, clients: list[Client], order: str, formats: Sequence[str]
) -> Iterator[Told]:  # fmt: skip
    if not row.get("file"):
        yield Told(where, "file is missing")
    elif not os.path.lexists(folder / row["file"]):
        yield Told(where, "file names nothing that is there", "names are relative to the map's own folder")
    found = fitting(clients, row["client"], Accept.ANY) if row.get("client") else []
    if len(found) != 1:
        says = "is missing" if not row.get("client") else "fits nobody" if not found else f"fits {len(found)} clients"
        yield Told(where, f"client {says}", "use the handle; `vaultcli client list` shows them")
    if row.get("date") and not imported.day(row["date"], order):
        turned = any(imported.day(row["date"], one) for one in imported.ORDERS)
        yield Told(where, "date is not a day such as 2024-03-01", "--dates mdy or --dates dmy reads 3/1/2024" if turned else "")
    for key in COLUMNS[len(NEEDED) :]:
        also = formats if key == "format" else ()
        value: str | list[str] = _many(row[key]) if key in _MANY and row.get(key) else row.get(key, "")
        if value and (wrong := fields.check(fields.TABLE[key], value, also)):  # type: ignore[arg-type]
            yield Told(where, f"{key} {wrong}")
    if row.get("type") in fields.TYPES and row.get("type") not in TYPES:
        yield Told(where, f"type is none that can be imported; one of {', '.join(TYPES)}")


def _many(cell: str) -> list[str]:
    return [part for part in re.split(r"[\s;,]+", cell) if part]


def _asked(row: dict[str, str], where: str, folder: Path, clients: list[Client], order: str) -> Asked:
    values: dict[str, str | list[str]] = {key: row[key] for key in COLUMNS[len(NEEDED) :] if row.get(key)}
    values |= {key: _many(row[key]) for key in _MANY if row.get(key)}
    if row.get("date"):
        values["date"] = imported.day(row["date"], order)
    file = folder / row["file"]
    name = row["file"] if not Path(row["file"]).is_absolute() else file.name
    return Asked(file, name, fitting(clients, row["client"], Accept.ANY)[0], values, where)


def skeleton(texts: Iterable[Asked], order: str, start: Path) -> str:
    """A map to be filled in: a row for each text, with the date that its name holds, if it is one.

    Args:
        texts: the files.
        order: how dates that end with the year are read.
        start: the folder in which the map will stand, to which the names in it are relative.
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for one in texts:
        near = os.path.relpath(one.file, start)
        near = f"./{near}" if near.startswith(_FORMULA) else near  # a spreadsheet would compute it
        days = imported.days_in(one.file.name, order)
        rows.writerow([near, "", days[0] if len(days) == 1 else "", *[""] * (len(COLUMNS) - len(NEEDED))])
    return out.getvalue()
