"""Templates: what a draft starts as, and taking the template's own prompts out again before a note is signed.

A template is a Markdown file: front matter lines to fill, headings, and prompts as HTML comments. It is data; nothing
in it is run or expanded. Specified in `docs/spec/template.md`, version 1.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import parse, remove_field, set_field, split
from vaultcli.ground.markdown import Comment, Section, comments, sections

VERSION = "1"
_KEY = "template"

FieldValue = str | Sequence[str] | Mapping[str, str]


@dataclass(frozen=True)
class Template:
    """What a template file holds.

    Attributes:
        type: the type of the notes made from it; empty for a progress note.
        format: the format of their body; empty if it has none.
        keys: the front matter lines of a draft, in order.
        headings: the titles of its sections, in order.
        prompts: its comments, as bytes.
    """

    type: str
    format: str
    keys: tuple[str, ...]
    headings: tuple[str, ...]
    prompts: frozenset[bytes]


@dataclass(frozen=True)
class Stripped:
    """A note without its template's prompts.

    Attributes:
        raw: the file.
        kept: the comments that stay because the user wrote them, with their places in `raw`.
    """

    raw: bytes
    kept: tuple[Comment, ...]


def read(raw: bytes, path: str = "template") -> Template:
    """A template file, read and judged.

    Args:
        raw: the whole file.
        path: how errors call it.

    Raises:
        BadInput: it is no template of version 1, has no `id:` line, or has a comment that is never closed.
    """
    front = parse(raw, path)
    if front.text(_KEY) != VERSION:
        raise BadInput(f"{path}:{front.line(_KEY)}: not a template of version {VERSION}", hint="add: template: 1")
    keys = tuple(key for key in front if key != _KEY)
    if "id" not in keys:
        raise BadInput(f"{path}:1: the template has no line id:", hint="add an empty id: line to the front matter")
    found = comments(raw)
    for comment in found:
        if not comment.closed:
            raise BadInput(f"{path}:{comment.line}: a comment is never closed", hint="end it with -->")
    try:
        body = front.parts.body.decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"{path}:{front.parts.body_line}: the template is not UTF-8") from None
    titles = tuple(section.title for section in sections(body))
    prompts = frozenset(raw[comment.start : comment.end] for comment in found)
    return Template(front.text("type"), front.text("format"), keys, titles, prompts)


@dataclass(frozen=True)
class Remark:
    """Something unusual in a template, which is one all the same: the file's line, and what."""

    line: int
    message: str


def remarks(raw: bytes, path: str) -> list[Remark]:
    """What the writer of a template may not have meant.

    Args:
        raw: the whole file.
        path: how errors call it.

    Raises:
        BadInput: see `read`.
    """
    one, front = read(raw, path), parse(raw, path)
    found = [Remark(1, f"there is no line {key}: notes will have it at the end") for key in ("date",) if key not in one.keys]
    if not one.headings:
        found.append(Remark(front.parts.body_line, "there is no heading: a reader finds nothing by its place"))
    bare = strip(raw, one.prompts).raw
    parts = split(bare)
    heads = {section.line for section in sections(parts.body.decode("utf-8"))}
    for number, line in enumerate(_rows(parts.body), 1):
        if line.strip() and number not in heads:
            shown = raw.count(b"\n", 0, max(raw.find(line, front.parts.body_offset), 0)) + 1
            found.append(Remark(shown, "this text will stand in every note; put what is to be asked into a comment"))
    return found


def draft(template: bytes, fields: Mapping[str, FieldValue], path: str = "template") -> bytes:
    """A new note from a template.

    Args:
        template: the template file.
        fields: key to value. A key that is empty leaves the template's line as it is; one that the template has no
            line for is added before `id:`.
        path: how errors call the template.

    Returns:
        The template with its `template:` line gone and the fields filled in. Nothing is invented: a line without a
        value stays empty.

    Raises:
        BadInput: see `read`; or a value that front matter cannot hold.
    """
    keys = read(template, path).keys
    raw = remove_field(template, _KEY, path)
    before_id = _before_id(keys)
    for key, value in fields.items():
        if not value or key == _KEY:
            continue
        raw = set_field(raw, key, value, after=before_id, path=path)
        if key not in keys:
            before_id = key
    return raw


def _before_id(keys: Sequence[str]) -> str | None:
    return keys[keys.index("id") - 1] if keys.index("id") > 0 else None


def draft_field(raw: bytes, key: str, value: FieldValue, path: str = "template") -> bytes:
    """A draft with one field more, or filled: a line that it lacks comes before `id:`."""
    return set_field(raw, key, value, after=_before_id(list(parse(raw, path))), path=path)


def carry(raw: bytes, title: str, level: int, text: str) -> bytes:
    """A draft with a text below one of its headings, before the heading's prompt.

    Args:
        raw: the draft.
        title: of the heading; the letters' case does not matter.
        level: the heading's rank.
        text: taken over from another note.

    Returns:
        The same bytes where the draft has no such heading, or the text is blank.

    Raises:
        BadInput: the front matter of the draft is not closed.
    """
    parts = split(raw)
    found = next((one for one in sections(parts.body.decode("utf-8")) if _is_named(one, title, level)), None)
    if found is None or not text.strip():
        return raw
    lines = _rows(parts.body)
    underlined = not lines[found.line - 1].lstrip().startswith(b"#")
    lines.insert(found.line + underlined, b"\n" + text.strip().encode() + b"\n")
    return raw[: parts.body_offset] + b"".join(lines)


def _rows(body: bytes) -> list[bytes]:
    """Lines with their ends, as sections count them: a carriage return alone ends none."""
    return re.findall(rb"[^\n]*\n|[^\n]+", body)


def _is_named(section: Section, title: str, level: int) -> bool:
    return section.level == level and section.title.casefold() == title.casefold()


def only_first(raw: bytes) -> bytes:
    """A draft cut off behind its first section: the shared part of a note of a group."""
    parts = split(raw)
    found = sections(parts.body.decode("utf-8"))
    lines = _rows(parts.body)
    end = found[0].end_line if found else len(lines)
    return raw[: parts.body_offset] + b"".join(lines[:end]).rstrip(b"\r\n") + b"\n"


def with_first(raw: bytes, shared: bytes) -> bytes:
    """A draft whose first section is replaced by the body of another file, byte for byte."""
    parts, body = split(raw), split(shared).body.rstrip(b"\r\n") + b"\n"
    found = sections(parts.body.decode("utf-8"))
    lines = _rows(parts.body)
    rest = b"".join(lines[found[0].end_line :]) if found else b""
    return raw[: parts.body_offset] + body + (b"\n" + rest if rest else b"")


def prompts_of(raw: bytes) -> frozenset[bytes]:
    """The comments of a template, without judging it: of a file that holds nothing else, too."""
    return frozenset(raw[one.start : one.end] for one in comments(raw))


def strip(raw: bytes, prompts: Collection[bytes]) -> Stripped:
    """A note without some prompts.

    Only comments that are, byte for byte, one of the prompts are taken out; one that stands alone takes its lines
    with it. Every other comment is the user's and stays.

    Raises:
        BadInput: the front matter of the note is not closed.
    """
    pieces, at = [], 0
    for comment in comments(raw):
        if raw[comment.start : comment.end] not in prompts:
            continue
        start, end = _whole_lines(raw, comment) if comment.alone else (comment.start, comment.end)
        pieces.append(raw[at : max(start, at)])
        at = max(end, at)
    result = b"".join([*pieces, raw[at:]])
    return Stripped(result, tuple(comments(result)))


def _whole_lines(raw: bytes, comment: Comment) -> tuple[int, int]:
    start = max(raw.rfind(b"\n", 0, comment.start) + 1, split(raw).body_offset)
    end = raw.find(b"\n", comment.end)
    return start, len(raw) if end < 0 else end + 1


def is_unchanged(raw: bytes, drafted: bytes) -> bool:
    """Whether a file is still the draft that was handed to the editor, but for line endings and blanks at line ends."""
    return _lines(raw) == _lines(drafted)


def _lines(raw: bytes) -> list[bytes]:
    text = raw.removeprefix(b"\xef\xbb\xbf")
    return [line.rstrip(b" \t\r") for line in text.rstrip(b" \t\r\n").split(b"\n")]
