"""A finding: what the record has a problem with, as data with a place.

A finding is returned and printed, never raised. Its rule is a short stable name that reads well after *excuse*; every rule
of verification has its paragraph in `docs/spec/verify.md`, and a signed exception excuses exactly one rule at one commit.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One problem at one place.

    Args:
        path: the file, line of history or other thing, as the user knows it (`notes/2026-11-22-progress-ID.md`).
        rule: the stable name of the rule (`note-changed`).
        message: what is the matter, one sentence, lower case; never a note's words.
        line: 1-based line in the file; 0 where there is none.
        commit: the commit it was found at (`sha256:HEX`), or empty.
        branch: the line of history (`client/ID`, `practice`), or empty.
    """

    path: str
    rule: str
    message: str
    line: int = 0
    commit: str = ""
    branch: str = ""

    def text(self) -> str:
        """One line for people and editors: `path:line: rule: message (at commit)`."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        tail = f" (at {self.commit[:19]})" if self.commit else ""
        return f"{place}: {self.rule}: {self.message}{tail}"
