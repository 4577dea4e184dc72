"""What front matter is once it is read: fields as texts, and where each one stands.

The limits are those of `docs/spec/note.md`, part "Front matter".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vaultcli.ground.frontmatter.parts import Parts

LIMIT = 64 * 1024
"""The most bytes that front matter may have."""
MAX_DEPTH = 4
"""How many lists and mappings may stand inside each other within one field."""
MAX_KEY = 128
"""The most characters of a key."""

Value = str | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True)
class Span:
    """Where one top-level field stands in the YAML lines; lines and columns count from 0, columns in characters.

    Attributes:
        key_line, key_column, key_end: the key's line, first column, and the column after it.
        start, end: line and column where the value starts, and where its last character has been passed.
        block: the value is a block list, a block mapping or a block scalar, so it owns whole lines.
    """

    key_line: int
    key_column: int
    key_end: int
    start: tuple[int, int]
    end: tuple[int, int]
    block: bool


@dataclass(frozen=True, eq=False)
class FrontMatter(Mapping[str, "Value"]):
    """The fields of one file in the order written: a read-only mapping of key to value.

    Attributes:
        parts: the file's pieces; `parts.present` tells empty front matter from none.
        fields: key to value. A value is text, a list of values, or a mapping of text to values.
        lines: path of keys to the 1-based line in the file, for keys at every depth: `("telehealth", "method")`.
        spans: top-level key to the place of its field, for editing.
        flow: the whole front matter is written as one `{...}`, which can be read but not edited.
    """

    parts: Parts
    fields: dict[str, Value] = field(default_factory=dict)
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    flow: bool = False

    def __getitem__(self, key: str) -> Value:
        return self.fields[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def line(self, *keys: str) -> int:
        """The file's line of a key, or 1 when there is no such key."""
        return self.lines.get(keys, 1)

    def text(self, key: str) -> str:
        """A field's text; empty when it is missing, empty, or no text."""
        value = self.fields.get(key, "")
        return value if isinstance(value, str) else ""
