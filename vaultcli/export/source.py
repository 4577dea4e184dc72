"""What an export is made of: one client's record as it was verified, and nothing that was not.

`Verified` notes are made by verification only; the builder takes no others. There is no way from here to psychotherapy notes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vaultcli.record.notes.attachment import Attachment
from vaultcli.record.notes.client import Client
from vaultcli.record.practice.practice import Practice
from vaultcli.record.view.entry import Entry

Read = Callable[[Attachment], bytes]
"""An attached file's bytes, as recorded."""


def _as_recorded(_: Entry) -> str:
    return ""


@dataclass(frozen=True)
class Verdict:
    """What verification said of the record at the moment of the export, in its own three parts.

    Args:
        who, when, unchanged: one sentence each.
        excused: findings that a signed exception excuses, one line each.
        successions: successions of the line, one line each.
    """

    who: str
    when: str
    unchanged: str
    excused: tuple[str, ...] = ()
    successions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """One client's record, to be exported.

    Args:
        client: the register entry.
        practice: the policy in force.
        entries: the notes by date and time of their sessions, drafts only where they were asked for.
        unverified: path to the reason why a note is left out.
        verdict: of the line.
        genesis: the vault's first commit, `sha256:HEX`.
        head: the line's newest commit, `sha256:HEX`.
        allowed_signers: the file's text.
        made: the time of the export, RFC 3339.
        tool: name and version.
        drafts: whether drafts were asked for.
        only: the id of the one note that was asked for, or empty.
        since, until: the first and the last day of sessions that were asked for, or empty.
        newest: the greatest number among the signed files of the whole record, or 0.
        whole_history: whether the line can be given away as a bundle, by which somebody else checks that nothing is missing.
        written: gives, for a signed note, the first recording of the text that was signed (RFC 3339); empty for its own.
        read: gives an attached file's bytes; None where pictures are not to be shown.
    """

    client: Client
    practice: Practice
    entries: tuple[Entry, ...]
    unverified: Mapping[str, str]
    verdict: Verdict
    genesis: str
    head: str
    allowed_signers: str
    made: str
    tool: str
    drafts: bool = False
    only: str = ""
    since: str = ""
    until: str = ""
    newest: int = 0
    whole_history: bool = True
    written: Callable[[Entry], str] = _as_recorded
    read: Read | None = None

    @property
    def whole(self) -> bool:
        """Whether every note of the client was asked for."""
        return not (self.only or self.since or self.until)
