"""The text of a psychotherapy note: what its front matter says, whether anything was written, and how a new one begins.

`docs/spec/psychotherapy/sealed-file.md`, rule 9. Pure; the template is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.ground.markdown import words
from vaultcli.record.notes import names, template

LABEL = (
    "PSYCHOTHERAPY NOTES · 45 CFR 164.501 · kept apart from the medical record · released only as 45 CFR 164.508(a)(2) allows"
)
"""Stands in every note that is begun here."""
_FORMER = LABEL.rpartition(" · ")[0] + " · not released without specific authorization"
"""Stands in those that release 0.1.0 began, which never change by themselves."""
CONTEXTS = ("individual", "group", "joint", "family")
_BOM = b"\xef\xbb\xbf"


class Facts(NamedTuple):
    """What the front matter of a note says; each empty where it says nothing, or cannot be read."""

    date: str = ""
    context: str = ""
    session: str = ""


def facts(raw: bytes) -> Facts:
    """What a note says of itself; whatever cannot be read is left out."""
    try:
        front = frontmatter.parse(raw, "note.md")
        date = front.text("date")
        return Facts(date if names.is_date(date) else "", front.text("context"), front.text("session"))
    except BadInput:
        return Facts()


def problems(raw: bytes) -> list[str]:
    """What is odd in a note's front matter, a sentence each; nothing of it stands in the way."""
    try:
        front = frontmatter.parse(raw, "note.md")
    except BadInput as error:
        return [error.message]
    found = []
    if (date := front.text("date")) and not names.is_date(date):
        found.append(f"note.md:{front.line('date')}: date is no day such as 2026-11-22")
    if (context := front.text("context")) and context not in CONTEXTS:
        found.append(f"note.md:{front.line('context')}: context is none of {', '.join(CONTEXTS)}")
    return found


def written(raw: bytes) -> int:
    """How many words a person wrote: headings, comments, front matter and our label are none."""
    try:
        body = frontmatter.split(raw).body
    except BadInput:
        body = raw
    return words(body.decode("utf-8", "replace").replace(LABEL, "").replace(_FORMER, ""))


def body(raw: bytes) -> bytes:
    """What stands below the front matter; all of it where there is none that can be read."""
    try:
        return frontmatter.split(raw).body
    except BadInput:
        return raw


def begun(shape: bytes, values: Mapping[str, str]) -> bytes:
    """A new note from the template.

    Args:
        shape: the template.
        values: front matter, `date`, `context`, `session`, `id`.
    """
    return template.draft(shape, values)


def pasted(text: bytes, values: Mapping[str, str]) -> bytes:
    """A text that was written elsewhere as a note: its bytes below front matter and label; its own front matter is kept.

    Raises:
        BadInput: it is no UTF-8 text.
    """
    text = text.removeprefix(_BOM)
    check(text)
    if own := _own(text):
        for key, value in values.items():
            if value and (key == "id" or not own.text(key)):
                text = frontmatter.set_field(text, key, value, path="note.md")
        return text
    head = template.draft(b"---\ntemplate: 1\ndate:\ncontext:\nsession:\nid:\n---\n", values)
    return head + f"\n{LABEL}\n\n".encode() + text


def check(text: bytes) -> None:
    """Stop bytes that are no text.

    Raises:
        BadInput: they are not UTF-8, or hold a zero byte; the line is named.
    """
    try:
        text.decode("utf-8")
        zero = text.find(b"\0")
    except UnicodeDecodeError as error:
        zero = error.start
    if zero >= 0:
        line = 1 + text.count(b"\n", 0, zero)
        raise BadInput(f"the text is not UTF-8 text (line {line})")


def _own(text: bytes) -> frontmatter.FrontMatter | None:
    """The front matter that a text brings; None where there is none, or it is prose like the rest."""
    try:
        front = frontmatter.parse(text, "note.md")
    except BadInput:
        return None
    return front if front.parts.present and not front.flow and len(front) else None


def stripped(raw: bytes, shape: bytes) -> bytes:
    """A note without its template's prompts, so that none is ever left standing."""
    try:
        return template.strip(raw, template.prompts_of(shape)).raw
    except BadInput:
        return raw
