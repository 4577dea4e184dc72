"""Templates: what a draft starts as, and taking the template's own prompts out again before a note is signed.

A template is a Markdown file: front matter lines to fill, headings, and prompts as HTML comments. It is data; nothing
in it is run or expanded. Specified in `docs/spec/template.md`, version 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import parse, remove_field, set_field, split
from vaultcli.ground.markdown import Comment, comments, sections

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
    before_id = keys[keys.index("id") - 1] if keys.index("id") > 0 else None
    for key, value in fields.items():
        if not value or key == _KEY:
            continue
        raw = set_field(raw, key, value, after=before_id, path=path)
        if key not in keys:
            before_id = key
    return raw


def strip_prompts(raw: bytes, template: bytes) -> Stripped:
    """A note without the prompts that its template brought.

    Only comments that are, byte for byte, a prompt of the template are taken out; one that stands alone takes its
    lines with it. Every other comment is the user's and stays.

    Raises:
        BadInput: the front matter of the note is not closed, or the template is none.
    """
    prompts = read(template).prompts
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
