"""A text from elsewhere as a note: its bytes below our front matter, and what can be told of it without guessing.

Pure. Specified in `docs/spec/import.md`, version 1.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
_DAY = re.compile(r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})")
_CLOCKS = re.compile(r"[T ].*", re.DOTALL)
_HALF = r"([0-9]{1,2}):([0-9]{2})(?::00)? ?([AaPp][Mm])?"
_SPAN = re.compile(rf"{_HALF} ?[-\u2010-\u2015] ?{_HALF}")
_DOTS = re.compile(rb"^\.\.\.(?=[ \t]*\r?$)", re.MULTILINE)
_DASHES = re.compile(rb"^---[ \t]*\r?$", re.MULTILINE)
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|meta|p|div|br|span|table|font|b|ul)\b[^>]*>",
    re.IGNORECASE | re.DOTALL,
)
_SHA256 = re.compile(
    rb"^imported:[ \t]*\r?\n(?:[ \t]+[^\r\n]*\r?\n)*?[ \t]+sha256:[ \t]*\"?([0-9a-f]{64})\"?[ \t]*\r?$", re.MULTILINE
)
DATE = "date"
"""The rule by which a note begins at each line that begins with a day."""
_BEGINNING = re.compile(
    r" {0,3}(?:#{1,6}[ \t]+)?[*_]{0,2}(?:(?:date(?: of (?:service|session))?|dos|session|visit)\b[^0-9\n]{0,12})?"
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?[ \t]+)?"
    r"(?P<day>[0-9]{4}([-_.]?)[0-9]{2}\2[0-9]{2}|[0-9]{1,2}([-_./])[0-9]{1,2}\3[0-9]{4})(?![0-9])",
    re.IGNORECASE,
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
        left: what was not taken over of a document, in words.
        part: of a file with several notes, which of how many, `3 of 12`; empty for a whole file.
        whole: then, the SHA-256 of the whole file's bytes; `sha256` is that of the text.
        lines: then, the first and the last line in the file, `24-61`.
        day: then, the day that its first line gives; may be empty.
    """

    text: bytes
    sha256: str
    encoding: str = ""
    left: tuple[str, ...] = ()
    part: str = ""
    whole: str = ""
    lines: str = ""
    day: str = ""

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
    if wrong[1] < 0 and _PAGE.match(raw.removeprefix(b"\xef\xbb\xbf"), 0, 4096):
        hint = "save it as text from a browser; or keep it as it is with `vaultcli attach`"
        raise BadInput("is a web page (HTML) and no text", hint=hint)
    if wrong[1] < 0:
        return _not_empty(Source(raw, digest))
    if not encoding:
        hint = "it begins like utf-16" if raw.startswith(_MARKS) else "texts from old Windows programs often are windows-1252"
        raise BadInput(f"{wrong[0]} (line {_line(raw, wrong[1])})", hint=f"name its encoding with --encoding; {hint}")
    return _not_empty(Source(_decoded(raw, encoding), digest, encoding))


def split(source: Source, rule: str, order: str = "") -> list[Source]:
    """A file with several notes in pieces that join to its text; what stands above the first beginning goes with the first.

    Args:
        source: the file.
        rule: `DATE` for a beginning at each line that begins with a day, perhaps behind `#`, `Date:` or a weekday; any other
            text for one at each line that begins with it.
        order: how to read a date that ends with the year (`ORDERS`); empty for not at all.

    Raises:
        BadInput: no line is a beginning.
    """
    rows = re.findall(r"[^\n]*\n|[^\n]+", source.text.decode("utf-8"))
    begins = [number for number, row in enumerate(rows) if (_leading_day(row) if rule == DATE else row.startswith(rule))]
    if not begins:
        what = "a day" if rule == DATE else rule
        raise BadInput(f"has no line that begins with {what}", hint="--split says where a note begins")
    edges = [0, *begins[1:], len(rows)]
    pieces = []
    for number, first in enumerate(begins):
        start, end = edges[number], edges[number + 1]
        text = "".join(rows[start:end]).encode("utf-8")
        days = days_in(_leading_day(rows[first]) if rule == DATE else rows[first], order)
        part = f"{number + 1} of {len(begins)}"
        pieces.append(replace(source, text=text, sha256=hashlib.sha256(text).hexdigest(), part=part, whole=source.sha256,
                              lines=f"{start + 1}-{end}", day=days[0] if len(days) == 1 else ""))  # fmt: skip
    return pieces


def beginnings(source: Source) -> int:
    """How many lines of a text begin with a day."""
    return sum(bool(_leading_day(row)) for row in source.text.decode("utf-8").split("\n"))


def _leading_day(row: str) -> str:
    """The day that a line begins with, as written; empty where it begins with none."""
    found = _BEGINNING.match(row)
    return found["day"] if found else ""


def extracted(raw: bytes, text: str, kind: str, left: tuple[str, ...] = ()) -> Source:
    """A document's text as a source.

    Args:
        raw: the document's bytes.
        text: as it was read out of them.
        kind: of the document, as `encoding` will say: `docx`.
        left: what was not taken over, in words.

    Raises:
        BadInput: there is no text in it, or it is longer than a note may be.
    """
    plain = text.replace("\0", "").encode("utf-8", "replace")
    if len(plain) > LIMIT:
        raise BadInput(f"holds more than {LIMIT >> 20} MiB of text, which no note does")
    return _not_empty(Source(plain, hashlib.sha256(raw).hexdigest(), kind, left))


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
    lines += [f"  part: {source.part}", f"  whole: {scalar(source.whole)}"] if source.part else []
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
    """A day as a cell or a field gives it; empty where it is none.

    Args:
        text: `2024-03-01`, `20240301` or `2024/3/1`, `3/1/2024` where the order is known; each perhaps with a time behind it,
            as spreadsheets write days.
        order: how to read a date that ends with the year (`ORDERS`); empty for not at all.
    """
    plain = _CLOCKS.sub("", text.strip())
    if found := _DAY.fullmatch(plain):
        turned = f"{found[1]}-{found[3]:0>2}-{found[4]:0>2}" if found[2] or len(plain) == 8 else ""
    else:
        last = _YEAR_LAST.fullmatch(plain) if order else None
        turned = _turned(last[1], last[3], last[4], order) if last else ""
    return turned if names.is_date(turned) else ""


def span(text: str) -> str:
    """Beginning and end as front matter has them, where that is how they are read: `9:00-9:50` becomes `09:00-09:50`.

    Hours of twelve are turned where both say whether they are before or after noon; anything else stays as it is.
    """
    found = _SPAN.fullmatch(text.strip())
    if found is None or bool(found[3]) != bool(found[6]):
        return text
    return f"{_hour(found[1], found[3])}:{found[2]}-{_hour(found[4], found[6])}:{found[5]}"


def _hour(hour: str, half: str | None) -> str:
    return f"{int(hour) % 12 + (12 if half.lower() == 'pm' else 0) if half else int(hour):02}"


def _turned(one: str, two: str, year: str, order: str) -> str:
    month, of_month = (one, two) if order == "mdy" else (two, one)
    return f"{year}-{month:0>2}-{of_month:0>2}"


def own_fields(text: bytes) -> dict[str, str | tuple[str, ...]]:
    """The fields `date` and `TAKEN` of the front matter that a source has of its own; none where it cannot be read."""
    body = text.removeprefix(b"\xef\xbb\xbf")
    if not body.startswith(b"---"):
        return {}
    dots, dashes = _DOTS.search(body), _DASHES.search(body, 3)
    if dots and (dashes is None or dots.start() < dashes.start()):
        # YAML may end so, and some programs end it so
        body = body[: dots.start()] + b"---" + body[dots.end() :]
    try:
        front = frontmatter.parse(body)
    except BadInput:
        return {}
    found: dict[str, str | tuple[str, ...]] = {}
    for key in ("date", *TAKEN):
        value = front.get(key, "")
        if isinstance(value, str) and value:
            found[key] = span(value) if key == "time" else value
        elif isinstance(value, list) and value:
            found[key] = tuple(str(item) for item in value)
    return found


def own_day(own: Mapping[str, str | tuple[str, ...]], order: str = "") -> str:
    """The day that a source's own field `date` gives, as `day` reads it; empty where it gives none."""
    value = own.get("date", "")
    return day(value, order) if isinstance(value, str) else ""
