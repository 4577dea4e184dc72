"""The notice that goes along with records of substance use disorder treatment (42 CFR part 2)."""

from __future__ import annotations

from vaultcli.export.source import Source
from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.record.view.entry import Entry

NOTICE = "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
"""The second of the two statements of 42 CFR 2.32(a), word for word; either of them may stand."""
SOURCE = "Notice under 42 CFR 2.32. What a further disclosure needs is in 42 CFR part 2."


def notice(source: Source) -> str:
    """The notice where the client's records, or a note of this export, are marked as part 2's; else empty."""
    marked = source.client.text("part2") == "true" or any(map(_is_marked, source.entries))
    return NOTICE if marked else ""


def _is_marked(entry: Entry) -> bool:
    if b"part2" not in entry.text or entry.withdrawal is not None:
        return False
    try:
        return frontmatter.parse(entry.text, entry.path).text("part2") == "true"
    except BadInput:
        return True
