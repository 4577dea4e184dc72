"""The five pieces of a Markdown file with front matter, as bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from vaultcli.ground.errors import BadInput
from vaultcli.ground.patterns import pattern

BOM = b"\xef\xbb\xbf"
_OPENING = pattern(rb"---[ \t]*(?:\r?\n|\r?\Z)")
_CLOSING = pattern(rb"^---[ \t]*(?:\r?\n|\r?\Z)", re.MULTILINE)


@dataclass(frozen=True)
class Parts:
    """A file in pieces; `bytes(parts)` is the file, byte for byte.

    Attributes:
        bom: the UTF-8 byte order mark, or nothing.
        opening: the first `---` line with its ending; empty when the file has no front matter.
        yaml: what stands between the two `---` lines; empty, or whole lines.
        closing: the second `---` line; its ending is missing when the file stops there.
        body: everything after it.
    """

    bom: bytes
    opening: bytes
    yaml: bytes
    closing: bytes
    body: bytes

    def __bytes__(self) -> bytes:
        return self.bom + self.opening + self.yaml + self.closing + self.body

    @property
    def present(self) -> bool:
        """Whether the file has front matter, be it empty."""
        return bool(self.opening)

    @property
    def ending(self) -> str:
        """The line ending that added lines get: the one of the opening line."""
        return "\r\n" if self.opening.endswith(b"\r\n") else "\n"

    @property
    def body_offset(self) -> int:
        """How many bytes come before the body."""
        return len(self.bom) + len(self.opening) + len(self.yaml) + len(self.closing)

    @property
    def body_line(self) -> int:
        """The 1-based number of the body's first line in the file."""
        return 1 + self.opening.count(b"\n") + self.yaml.count(b"\n") + self.closing.count(b"\n")

    def with_yaml(self, yaml: bytes) -> Parts:
        """The same file with other front matter lines."""
        return replace(self, yaml=yaml)


def check_not_utf16(raw: bytes, path: str = "text") -> None:
    """Tell a file that an editor saved as UTF-16 from one that lacks its front matter.

    Raises:
        BadInput: it is UTF-16, by its mark or by the zeros between its letters.
    """
    first = raw[:64]
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or 3 * first.count(0) > len(first) > 0:
        hint = "let the editor save it as UTF-8; every word is still in it"
        raise BadInput(f"{path}:1: the file is UTF-16, not UTF-8", hint=hint)


def split(raw: bytes, path: str = "text") -> Parts:
    """The pieces of a file.

    Front matter opens with `---` as the very first line (after a byte order mark, if any) and ends at the next line
    that is `---`; blanks after either are allowed. `---` further down means nothing.

    Args:
        raw: the whole file.
        path: how errors call the file.

    Raises:
        BadInput: the opening line has no closing line.
    """
    bom = BOM if raw.startswith(BOM) else b""
    opening = _OPENING.match(raw, len(bom))
    if opening is None:
        return Parts(bom, b"", b"", b"", raw[len(bom) :])
    closing = _CLOSING.search(raw, opening.end())
    if closing is None or not opening.group().endswith(b"\n"):
        raise BadInput(
            f"{path}:1: the front matter that starts here has no closing line",
            hint="end it with a line of three hyphens; a rule as the first line of a text may be written as ***",
        )
    return Parts(bom, opening.group(), raw[opening.end() : closing.start()], closing.group(), raw[closing.end() :])
