"""The front matter of a file: the quick reading where its lines are plain, else the strict one."""

from __future__ import annotations

from vaultcli.ground.frontmatter import plain
from vaultcli.ground.frontmatter.model import FrontMatter
from vaultcli.ground.frontmatter.parts import split
from vaultcli.ground.frontmatter.read import Builder, decode


def parse(raw: bytes, path: str = "text") -> FrontMatter:
    """The front matter of a file.

    Args:
        raw: the whole file; its body is not looked at.
        path: how errors call the file.

    Raises:
        BadInput: what stands there cannot be read, or is more than front matter may be. The message names the file
            and the line, sometimes a key, never a value.
    """
    parts = split(raw, path)
    if not parts.present:
        return FrontMatter(parts)
    text = decode(parts.yaml, path)
    easy = plain.read(text)
    if easy is not None:
        return FrontMatter(parts, *easy)
    built = Builder(path)
    built.read(text)
    return FrontMatter(parts, built.fields, built.lines, built.spans, built.flow)
