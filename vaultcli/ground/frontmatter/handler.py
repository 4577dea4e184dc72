"""Our strict reader as a handler of python-frontmatter, for other programs; no command of ours goes this way.

`frontmatter.load("note.md", handler=StrictHandler("note.md"))` gives other programs the values that vaultcli sees. Only
its reading side is used: its writing sorts keys, drops comments and strips the body.
`docs/decisions/0103-two-libraries-at-the-edge.md`.
"""

from __future__ import annotations

from typing import NoReturn

from frontmatter.default_handlers import YAMLHandler

from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter.model import Value
from vaultcli.ground.frontmatter.parts import split
from vaultcli.ground.frontmatter.read import Builder, decode


class StrictHandler(YAMLHandler):
    """Reads front matter by the rules of `docs/spec/note.md`; refuses to write.

    Args:
        path: how errors call the file.
    """

    def __init__(self, path: str = "text") -> None:
        super().__init__()
        self.path = path

    def detect(self, text: str) -> bool:
        """Whether the text starts with a line of three hyphens."""
        return split(text.encode("utf-8", "surrogatepass"), self.path).present

    def split(self, text: str) -> tuple[str, str]:
        """The YAML lines and the body.

        Raises:
            BadInput: the front matter is not closed.
            ValueError: there is none; python-frontmatter expects that.
        """
        parts = split(text.encode("utf-8", "surrogatepass"), self.path)
        if not parts.present:
            raise ValueError("no front matter")
        return decode(parts.yaml, self.path), parts.body.decode("utf-8", "surrogatepass")

    def load(self, fm: str, **_: object) -> dict[str, Value]:
        """The fields in YAML lines, every scalar as text.

        Raises:
            BadInput: see `vaultcli.ground.frontmatter.parse`.
        """
        built = Builder(self.path)
        built.read(fm)
        return built.fields

    def export(self, metadata: dict[str, object], **_: object) -> NoReturn:
        """Never: front matter is edited, not written anew."""
        raise BadInput(f"{self.path}: front matter is edited line by line, never written anew")
