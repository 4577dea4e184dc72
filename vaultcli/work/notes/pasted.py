"""A text from elsewhere as a new note: its bytes unchanged below our front matter, or its own front matter completed."""

from __future__ import annotations

from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.record.notes import fields

_BOM = b"\xef\xbb\xbf"


def pasted(text: bytes, drafted: bytes, id_: str) -> tuple[bytes, tuple[str, ...]]:
    """A text from elsewhere as a note: its bytes below our front matter, unchanged.

    Args:
        text: the bytes; a byte order mark is taken off, and front matter of its own is kept with our lines added.
        drafted: the note that would have been begun without it.
        id_: the note's id, which wins over one that the text brings.

    Returns:
        The note, and what was done, a sentence each.

    Raises:
        BadInput: it is not UTF-8 text.
    """
    told = []
    if text.startswith(_BOM):
        text, told = text.removeprefix(_BOM), ["a byte order mark was taken off"]
    check_text(text)
    if (own := _own_front_matter(text)) is not None:
        return _merged(own, text, drafted, id_, told)
    head = frontmatter.split(drafted)
    top = head.opening + head.yaml + head.closing + b"\n"
    if text.count(b"\r\n") == text.count(b"\n") > 0:
        top = top.replace(b"\n", b"\r\n")
    return top + text, tuple(told)


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


def _own_front_matter(text: bytes) -> frontmatter.FrontMatter | None:
    """The front matter that a text brings; None where there is none, or it cannot be read and is prose like the rest."""
    try:
        front = frontmatter.parse(text)
    except BadInput:
        return None
    return front if front.parts.present and not front.flow and len(front) else None


def _merged(
    own: frontmatter.FrontMatter, text: bytes, drafted: bytes, id_: str, told: list[str]
) -> tuple[bytes, tuple[str, ...]]:
    if fields.SIGNED in own:
        hint = "take the lines from `signed:` on out of its front matter to write it as a new note"
        raise BadInput("the text carries a signed block", hint=hint)
    told.append("its own front matter was kept; lines that it lacks were added")
    if "id" in own:
        told.append("its id was replaced by a new one")
    raw = text
    for key, value in frontmatter.parse(drafted).items():
        if key == "id" or (value not in ("", [], {}) and own.get(key, "") in ("", [], {})):
            raw = frontmatter.set_field(raw, key, value)  # type: ignore[arg-type]
    return raw, tuple(told)
