"""Remarks on a line: what is no finding, and worth a sentence with every verdict."""

from __future__ import annotations

from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.ground.frontmatter import plain
from vaultcli.ground.frontmatter.read import decode
from vaultcli.record.finding import Finding
from vaultcli.record.notes import block
from vaultcli.record.notes.place import TEXTS, place
from vaultcli.verify.fold import Folded, Unreadable


def of(folded: Folded) -> list[Finding]:
    """What was remarked on while the line was judged, and of its drafts as they stand at its head."""
    found = list(folded.line.remarks.values())
    unsigned = [path for path in folded.files if path.endswith(".md") and f"{path}.sig" not in folded.files]
    for path in sorted(unsigned):
        at, oid = place(path), folded.files[path]
        if at is None or at.kind not in TEXTS:
            continue
        try:
            found += _draft(folded.branch, path, folded.read(oid))
        except Unreadable:
            continue
    return found


def _draft(branch: str, path: str, raw: bytes) -> list[Finding]:
    """Whether a draft's front matter can be read, and has a field of its own that is called `signed`."""
    lines = block.front(raw)
    try:
        if lines is not None and plain.fields(decode(raw[slice(*lines)], path)) is not None and b"signed" not in raw[: lines[1]]:
            return []
        front = frontmatter.parse(raw, path)
    except BadInput:
        text = "its front matter cannot be read in one way: it can be signed once that is mended"
        return [Finding(path, "front-matter", text, branch=branch)]
    if not front.parts.present:
        return [Finding(path, "front-matter", "has no front matter: it can be signed once it has", branch=branch)]
    if block.SIGNED in front and not block.claimed(raw):
        return [Finding(path, "signed", "has a field of its own that is called signed", branch=branch)]
    return []
