"""A text from elsewhere as a new note: its bytes unchanged below our front matter, or its own front matter completed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import FrontMatter
from vaultcli.ground.patterns import pattern
from vaultcli.record.notes import fields

_BOM = b"\xef\xbb\xbf"
_MARK = pattern(rb"[ \t\r\n]*(?:---|\+\+\+)[ \t]*\r?\n")
_LINE = pattern(rb"[ \t]*[\"']?([A-Za-z]+)[\"']?[ \t]*[:=]")
_END = pattern(rb"^(?:---|\+\+\+|\.\.\.)[ \t]*\r?$", re.MULTILINE)


class Pasted(NamedTuple):
    """A text as a note.

    Attributes:
        raw: the note.
        told: what was done, a sentence each.
        doubt: why the front matter that the text seems to bring was not read, with its line; empty where nothing is in doubt.
    """

    raw: bytes
    told: tuple[str, ...]
    doubt: str = ""


def pasted(
    text: bytes, drafted: bytes, id_: str, typed: Mapping[str, str | Sequence[str]] | None = None, called: str = "text"
) -> Pasted:  # fmt: skip
    """A text from elsewhere as a note: its bytes below our front matter, unchanged.

    Args:
        text: the bytes; a byte order mark is taken off, and front matter of its own is kept with our lines added.
        drafted: the note that would have been begun without it.
        id_: the note's id, which wins over one that the text brings.
        typed: fields that somebody typed beside the text; they win, and both values are told.
        called: how the text is called where a line of it is named.

    Raises:
        BadInput: it is not UTF-8 text, or carries a signature.
    """
    told = []
    if text.startswith(_BOM):
        text, told = text.removeprefix(_BOM), ["a byte order mark was taken off"]
    check_text(text)
    own, doubt = own_front_matter(text, called)
    if own is not None:
        return _merged(own, drafted, id_, typed or {}, told)
    head = frontmatter.split(drafted)
    top = head.opening + head.yaml + head.closing + b"\n"
    if text.count(b"\r\n") == text.count(b"\n") > 0:
        top = top.replace(b"\n", b"\r\n")
    return Pasted(top + text, (*told, *([f"{doubt}; it stands in the note as text"] if doubt else [])), doubt)


def check_text(text: bytes) -> None:
    """Stop bytes that are no text.

    Raises:
        BadInput: they are not UTF-8, or hold a zero byte.
    """
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = 1 + text.count(b"\n", 0, error.start)
        raise BadInput(f"the text is not UTF-8 (line {line})", hint="convert it first, for example with iconv") from None
    if (zero := text.find(b"\0")) >= 0:
        line = 1 + text.count(b"\n", 0, zero)
        raise BadInput(f"the text holds a zero byte (line {line}): it is no text")


def own_front_matter(text: bytes, called: str = "text") -> tuple[FrontMatter | None, str]:
    """The front matter that a text brings, and why what looks like it was not read, with its line; both may be nothing.

    A field that is ours but for capital letters was meant: the text is then in doubt as a whole, since a reader of
    `Date:` sees a date where we see none.
    """
    try:
        front = frontmatter.parse(text, called)
    except BadInput as error:
        return None, error.message
    if front.flow:
        return None, f"{called}:2: front matter is written in braces, and goes one field a line"
    if not front.parts.present:
        line = _looks_like_one(text)
        return None, f"{called}:{line}: front matter begins with a line of three hyphens, on line 1" if line else ""
    wrong = [key for key in front if key not in fields.TABLE and key.lower() in fields.TABLE]
    if wrong:
        return None, f"{called}:{front.line(wrong[0])}: the field {wrong[0]} is written {wrong[0].lower()}"
    return front, ""


def _looks_like_one(text: bytes) -> int:
    """The line on which something begins that looks like front matter and is none; 0 where nothing does."""
    opened = _MARK.match(text)
    closed = _END.search(text, opened.end()) if opened else None
    if opened is None or closed is None:
        return 0
    begins = map(_LINE.match, text[opened.end() : closed.start()].split(b"\n"))
    ours = any(found[1].decode().lower() in fields.TABLE for found in begins if found)
    return text.count(b"\n", 0, opened.end()) if ours else 0


def _merged(own: FrontMatter, drafted: bytes, id_: str, typed: Mapping[str, str | Sequence[str]], told: list[str]) -> Pasted:
    if fields.SIGNED in own:
        hint = "take the lines from `signed:` on out of its front matter to write it as a new note"
        raise BadInput("the text carries a signed block", hint=hint)
    told.append("its own front matter was kept; lines that it lacks were added")
    if "id" in own:
        told.append("its id was replaced by a new one")
    raw = bytes(own.parts)
    values = {key: value for key, value in frontmatter.parse(drafted).items() if key == "id" or value not in ("", [], {})}
    # what protects a text is not the text's to say
    wins = {**typed, **({"part2": "true"} if values.get("part2") == "true" else {})}
    for key, value in {**values, **wins}.items():
        said = own.get(key, "")
        if key == "id" or said in ("", [], {}):
            raw = frontmatter.set_field(raw, key, value)  # type: ignore[arg-type]
        elif key in wins and _items(said) != _items(value):
            raw = frontmatter.set_field(raw, key, value)  # type: ignore[arg-type]
            whose = "as you typed it" if key in typed else "as the register has it"
            told.append(f"{key} is {_shown(value)}, {whose}; the text said {_shown(said)} (line {own.line(key)})")
    return Pasted(raw, tuple(told))


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _shown(value: object) -> str:
    return ", ".join(map(str, _items(value)))
