"""A text from elsewhere as a note: its bytes below our front matter, and what can be told of it without guessing.

Pure. Specified in `docs/spec/import.md`, version 1.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter.scalar import flow_list, scalar
from vaultcli.record.notes import block, fields, names

LIMIT = 1024 * 1024
"""The most bytes of a source: about 170,000 words."""
ENCODINGS = {
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "windows-1253": "cp1253",
    "windows-1254": "cp1254",
    "iso-8859-1": "iso8859-1",
    "iso-8859-2": "iso8859-2",
    "iso-8859-15": "iso8859-15",
    "mac-roman": "mac_roman",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
"""The encodings that can be named, as we record them, with Python's name for each."""
TAKEN = ("type", "format", "time", "place", "cpt", "diagnoses")
"""Fields of a source's own front matter that may be taken over."""
ORDERS = ("mdy", "dmy")
"""How a date that ends with the year may be read: month first, or day first."""
MARKDOWN = (".md", ".markdown")
"""How the names of Markdown files end; any other text is shown line by line."""
Values = Mapping[str, str | Sequence[str]]
"""Front matter of a note: key to a text or several."""

_ORDER = ("format", "date", "time", "place", "cpt", "diagnoses", "type", "part2", "id")
_CONTROL = re.compile("[\x80-\x9f]")
_YEAR_FIRST = re.compile(r"(?<![0-9])([0-9]{4})([-_.]?)([0-9]{2})\2([0-9]{2})(?![0-9])")
_YEAR_LAST = re.compile(r"(?<![0-9])([0-9]{1,2})([-_./])([0-9]{1,2})\2([0-9]{4})(?![0-9])")
_FIRST_WORD = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?", re.DOTALL)
_SHA256 = re.compile(
    rb"^imported:[ \t]*\r?\n(?:[ \t]+[^\r\n]*\r?\n)*?[ \t]+sha256:[ \t]*\"?([0-9a-f]{64})\"?[ \t]*\r?$", re.MULTILINE
)
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DOCUMENTS = (
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"PK\x03\x04", "a document or an archive"),
    (b"\xd0\xcf\x11\xe0", "a document"),
)


@dataclass(frozen=True)
class Source:
    """A text that can become a note.

    Args:
        text: what will stand below our front matter, UTF-8.
        sha256: of the source file's bytes.
        encoding: what it was decoded from; empty where the text is the bytes themselves.
    """

    text: bytes
    sha256: str
    encoding: str = ""

    @property
    def words(self) -> int:
        """How many words it has, all that stands between blanks counted."""
        return len(self.text.split())


def read(raw: bytes, encoding: str = "") -> Source:
    """A source file's bytes, judged.

    Args:
        raw: the bytes.
        encoding: what to decode from where they are not UTF-8; one of `ENCODINGS`, or empty for none.

    Raises:
        BadInput: they are no text, or not in that encoding; the message names the line.
    """
    document = next((what for start, what in _DOCUMENTS if raw.startswith(start)), "")
    if document:
        raise BadInput(f"is {document} and no text")
    if len(raw) > LIMIT:
        raise BadInput(f"is larger than {LIMIT >> 20} MiB, which no note is")
    digest = hashlib.sha256(raw).hexdigest()
    try:
        raw.decode("utf-8")
        wrong = "holds a zero byte", raw.find(b"\0")
    except UnicodeDecodeError as error:
        wrong = "is not UTF-8", error.start
    if wrong[1] < 0:
        return _not_empty(Source(raw, digest))
    if not encoding:
        hint = "it begins like utf-16" if raw.startswith(_MARKS) else "texts from old Windows programs often are windows-1252"
        raise BadInput(f"{wrong[0]} (line {_line(raw, wrong[1])})", hint=f"name its encoding with --encoding; {hint}")
    return _not_empty(Source(_decoded(raw, encoding), digest, encoding))


def _decoded(raw: bytes, encoding: str) -> bytes:
    if encoding == "utf-16" and not raw.startswith(_MARKS):
        raise BadInput("has no byte order mark, so utf-16 does not say enough", hint="name utf-16le or utf-16be")
    try:
        text = raw.decode(ENCODINGS[encoding])
    except UnicodeDecodeError as error:
        line = 1 + raw[: error.start].decode(ENCODINGS[encoding], "ignore").count("\n")
        raise BadInput(f"is not {encoding} (line {line})") from None
    if encoding.startswith("utf-16"):
        text = text.removeprefix("\ufeff")
    if (zero := text.find("\0")) >= 0:
        line = 1 + text.count("\n", 0, zero)
        raise BadInput(f"holds a zero in {encoding} (line {line})", hint="it is no text, or in another encoding")
    if found := _CONTROL.search(text):
        line = 1 + text.count("\n", 0, found.start())
        raise BadInput(f"holds control characters in {encoding} (line {line})", hint="it was written in another encoding")
    return text.encode("utf-8")


def _line(raw: bytes, at: int) -> int:
    return 1 + raw.count(b"\n", 0, at)


def _not_empty(source: Source) -> Source:
    if not source.text.decode("utf-8").removeprefix("\ufeff").strip():
        raise BadInput("is empty")
    return source


def compose(source: Source, name: str, values: Values) -> bytes:
    """The note.

    Args:
        source: the text.
        name: what `from` is to say.
        values: the lines on top; `date` and `id` among them.

    Raises:
        BadInput: the name holds control characters, which no front matter may hold.
    """
    lines = ["---", *(_field(key, values[key]) for key in _ORDER if values.get(key))]
    lines += ["imported:", f"  from: {scalar(name)}", f"  sha256: {scalar(source.sha256)}"]
    lines += [f"  encoding: {source.encoding}"] if source.encoding else []
    ending = "\r\n" if source.text.count(b"\r\n") == source.text.count(b"\n") > 0 else "\n"
    return "".join(line + ending for line in (*lines, "---")).encode("utf-8") + source.text


def _field(key: str, value: str | Sequence[str]) -> str:
    if isinstance(value, str):
        return f"{key}: {scalar(value)}"
    one = len(value) == 1 and fields.TABLE[key].shape != "list"
    return f"{key}: {scalar(value[0])}" if one else f"{key}: {flow_list(value)}"


def digest_of(raw: bytes) -> str:
    """The SHA-256 of the source that a note names; empty where it names none. Needs no YAML."""
    span = block.front(raw)
    found = _SHA256.search(raw, *span) if span else None
    return found[1].decode() if found else ""


def is_plain(raw: bytes) -> bool:
    """Whether a note's text came from a file that is no Markdown by its name, so that its lines are lines."""
    try:
        said = frontmatter.parse(raw).get("imported")
    except BadInput:
        return False
    name = said.get("from", "") if isinstance(said, dict) else ""
    return isinstance(name, str) and name != "" and not name.lower().endswith(MARKDOWN)


# what can be told without guessing


def days_in(name: str, order: str = "") -> list[str]:
    """The days that a name holds, each once, in order.

    Args:
        name: a file's name, without its folders.
        order: how to read a date that ends with the year (`ORDERS`); empty for not at all.
    """
    found = [f"{year}-{month}-{day}" for year, _, month, day in _YEAR_FIRST.findall(name)]
    found += [_turned(one, two, year, order) for one, _, two, year in _YEAR_LAST.findall(name) if order]
    return list(dict.fromkeys(filter(names.is_date, found)))


def day(text: str, order: str = "") -> str:
    """A day as a cell gives it: `2024-03-01`, and `3/1/2024` where the order is known; empty where it is none."""
    if names.is_date(text):
        return text
    found = _YEAR_LAST.fullmatch(text) if order else None
    turned = _turned(found[1], found[3], found[4], order) if found else ""
    return turned if names.is_date(turned) else ""


def _turned(one: str, two: str, year: str, order: str) -> str:
    month, of_month = (one, two) if order == "mdy" else (two, one)
    return f"{year}-{month:0>2}-{of_month:0>2}"


def own_fields(text: bytes) -> dict[str, str | tuple[str, ...]]:
    """The fields `date` and `TAKEN` of the front matter that a source has of its own; none where it cannot be read."""
    body = text.removeprefix(b"\xef\xbb\xbf")
    if not body.startswith(b"---"):
        return {}
    try:
        front = frontmatter.parse(body)
    except BadInput:
        return {}
    found: dict[str, str | tuple[str, ...]] = {}
    for key in ("date", *TAKEN):
        value = front.get(key, "")
        if isinstance(value, str) and value:
            found[key] = value
        elif isinstance(value, list) and value:
            found[key] = tuple(str(item) for item in value)
    return found


def own_day(own: Mapping[str, str | tuple[str, ...]]) -> str:
    """The day that a source's own field `date` gives, `2024-03-01` or with a time behind it; empty where it gives none."""
    value = own.get("date", "")
    found = _FIRST_WORD.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found and names.is_date(found[1]) else ""
