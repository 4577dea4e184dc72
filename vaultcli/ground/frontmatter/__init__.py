"""The YAML front matter of a Markdown file: read strictly, edited line by line, never re-serialised.

`split` cuts a file into pieces that join to the same bytes, `parse` gives every scalar as the text that was typed, and
`set_field`, `remove_field`, `insert_block` and `remove_block` change the lines of one field and no other byte.
The rules are in `docs/spec/note.md`, part "Front matter".
"""

from vaultcli.ground.frontmatter.edit import insert_block, remove_block, remove_field, set_field
from vaultcli.ground.frontmatter.load import parse
from vaultcli.ground.frontmatter.model import LIMIT, MAX_DEPTH, FrontMatter, Value
from vaultcli.ground.frontmatter.parts import Parts, check_not_utf16, split
from vaultcli.ground.frontmatter.scalar import scalar

__all__ = [
    "LIMIT",
    "MAX_DEPTH",
    "FrontMatter",
    "Parts",
    "Value",
    "check_not_utf16",
    "insert_block",
    "parse",
    "remove_block",
    "remove_field",
    "scalar",
    "set_field",
    "split",
]
