"""What an export takes: which notes were asked for, and which of them verify. The work before any file is made.

Verification, the record and the export's source are neighbours that do not know each other; here they meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vaultcli.api.clock import Clock
from vaultcli.export.chart import checking
from vaultcli.export.source import Source
from vaultcli.export.source import Verdict as Said
from vaultcli.ground.errors import Conflict, NotVerified, Refused, Unpinned
from vaultcli.record.message import trailer
from vaultcli.record.view import lateness, values
from vaultcli.work.notes import lookup, versions
from vaultcli.work.notes.sign import TOOL
from vaultcli.work.release import attachments, line_bundle

if TYPE_CHECKING:
    from datetime import datetime

    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.finding import Finding
    from vaultcli.record.notes.client import Client
    from vaultcli.record.view.entry import Entry
    from vaultcli.verify.lines import Succeeded
    from vaultcli.verify.verdict import Verdict


@dataclass(frozen=True)
class Wanted:
    """Which notes were asked for: days of sessions (`2026-11-22`, or empty), and whether drafts go along."""

    since: str = ""
    until: str = ""
    drafts: bool = False

    def has(self, entry: Entry) -> bool:
        """Whether a note is among them."""
        day = values.fields_of(entry).date
        return (not self.since or self.since <= day) and (not self.until or day <= self.until)


def verdict_of(chart: Chart, now: datetime, branch: str = "") -> Verdict:
    """A client's record, or every one, verified cold.

    Raises:
        Unpinned: this machine has no pin for the vault.
    """
    from vaultcli.verify import vault

    verdict = vault.verify(chart.vault.chart, now=now, only=branch, cold=True)
    if verdict.unpinned:
        raise Unpinned("this machine has no pin for this vault, so nothing that it exports could be vouched for")
    return verdict


def of_client(chart: Chart, who: Client, wanted: Wanted, note: Entry | None, clock: Clock) -> Source:
    """One client's record, or one note of it, verified.

    Raises:
        NotVerified: the record as a whole does not verify, or the one note.
        Refused: a group has no record; the one note is a draft, and drafts were not asked for.
    """
    if who.kind == "group":
        raise Refused("a group's roster is never exported", hint="each member's notes are in that member's chart")
    if note is not None and note.open and not wanted.drafts:
        raise Refused(f"{note.path} is not signed", hint="sign it first; --drafts takes it along, marked DRAFT")
    verdict = verdict_of(chart, clock(), who.branch)
    return _source(chart, who, wanted, verdict, clock().isoformat(timespec="seconds"), note)


def of_everyone(chart: Chart, wanted: Wanted, clock: Clock) -> Iterator[Source]:
    """Every client's record in the order of their ids, read one after the other; groups have none.

    Everything is verified before this returns.

    Raises:
        NotVerified: something other than single notes does not verify.
    """
    verdict = verdict_of(chart, clock())
    made = clock().isoformat(timespec="seconds")
    clients = sorted((one for one in chart.clients() if one.kind != "group"), key=lambda one: one.id)

    def each() -> Iterator[Source]:
        for who in clients:
            yield _source(chart, who, wanted, verdict, made, None)
            chart.forget(who.id)

    return each()


def _source(chart: Chart, who: Client, wanted: Wanted, verdict: Verdict, made: str, note: Entry | None) -> Source:
    entries = lookup.entries_of(chart, who)
    head = chart.line(who.id).head
    # asked after the notes were read, so that they are those of the head that was verified
    if (who.branch, head) not in {(line.branch, line.head) for line in verdict.lines}:
        raise Conflict("something was recorded while the record was being verified", hint="run the command again")
    left_out = _left_out(verdict, who.branch, {entry.path: entry.name.stem for entry in entries})
    asked = [entry for entry in entries if (entry.id == note.id if note else wanted.has(entry))]
    if note is not None and note.path in left_out:
        raise not_verified(verdict)
    kept = values.in_order(entry for entry in asked if entry.path not in left_out and (wanted.drafts or not entry.open))
    line = chart.line(who.id)
    source = Source(
        client=who,
        practice=chart.policy.practice,
        entries=tuple(kept),
        unverified={entry.path: left_out[entry.path] for entry in asked if entry.path in left_out},
        verdict=_said(verdict, who.branch),
        genesis=chart.genesis,
        head=trailer(head),
        allowed_signers=attachments.allowed_signers(chart).decode(),
        made=made,
        tool=TOOL,
        drafts=wanted.drafts,
        only=note.id if note else "",
        since=wanted.since,
        until=wanted.until,
        newest=line.number,
        whole_history=not line_bundle.misfiled(line),
        written=_History(chart, who.id),
        read=lambda file: attachments.attached_bytes(chart, who.id, [file])[file.released_as](),
    )
    return _told(source, len(left_out))


class _History:
    """When a note's signed text was first recorded; the line is walked when it is first asked."""

    def __init__(self, chart: Chart, client_id: str) -> None:
        self.chart, self.client = chart, client_id
        self.versions: list[versions.Version] | None = None

    def __call__(self, entry: Entry) -> str:
        if self.versions is None:
            self.versions = versions.versions(self.chart, self.client)
        blob = self.chart.repository.objects.blob
        found = [(one.when, blob(one.files[entry.path])) for one in self.versions if entry.path in one.files]
        return lateness.first_with(entry, found)


def _said(verdict: Verdict, branch: str) -> Said:
    excused = tuple(
        f"{one.finding.rule} at {one.finding.commit}: {one.excuse.reason}"
        for one in verdict.excused
        if one.finding.branch in (branch, "practice")
    )
    successions = tuple(_succession(one) for one in verdict.successions if one.branch == branch)
    commits = _counted(verdict.tally.counts.commits, "commit")
    known = f", which the computer that made this export knows since {verdict.pins.since[:10]}" if verdict.pins else ""
    unchanged = f"since each was signed; {commits} from the vault's first one, {verdict.genesis[:19]}{known}"
    return Said(verdict.who, verdict.when, unchanged, excused, successions)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _succession(one: Succeeded) -> str:
    """Whoever reads an export must see that something was left out, and how much."""
    counts = f"{_counted(one.replaced, 'commit')} replaced and {_counted(one.left_out, 'file')} left out"
    kept = f"the old line is kept sealed, SHA-256 {one.sealed}" if one.sealed else "the old line was deleted"
    return f"{one.branch}, ground {one.ground}, {counts}; {kept}"


def _told(source: Source, left_out: int) -> Source:
    """The verdict in words that fit what goes out: of a part, nothing is told about the rest but that it exists."""
    said = source.verdict
    if left_out:
        gone = "is left out" if left_out == 1 else "are left out"
        unchanged = f"what is in this export, since each was signed; {left_out} of the notes did not verify and {gone}"
        said = replace(said, unchanged=unchanged)
    if not source.whole:
        elsewhere = "" if left_out == len(source.unverified) else "; elsewhere in the record there are notes that do not verify"
        gone = f"; {len(source.unverified)} of the notes asked for did not verify and are left out" if source.unverified else ""
        unchanged = f"what is in this export, since each was signed{gone}{elsewhere}; in the vault that begins with "
        unchanged += source.genesis[:19]
        signed = Counter((one.block.name, one.block.credentials) for one in checking.signed_files(source))
        rows = [f"{', '.join(filter(None, who))} ({count:,} signed)" for who, count in sorted(signed.items())]
        whose = "by the signers' own clocks; not anchored by an outside clock"
        said = replace(said, who="; ".join(rows) or "nobody has signed what is here", when=whose, unchanged=unchanged)
    return replace(source, verdict=said)


def _left_out(verdict: Verdict, branch: str, stems: dict[str, str]) -> dict[str, str]:
    """Notes that did not verify, with the reason; a finding that is no single note's stops the export.

    Raises:
        NotVerified: such a finding.
    """
    found: dict[str, str] = {}
    for one in verdict.findings:
        if one.branch not in ("", branch) and _of_note(one):
            continue
        path = next((path for path, stem in stems.items() if one.path.startswith(f"notes/{stem}.")), None)
        if path is None or one.rule == "chain":
            raise not_verified(verdict)
        found[path] = f"{one.rule}, {one.message}"
    return found


def _of_note(one: Finding) -> bool:
    return one.branch.startswith("client/") and one.path.startswith("notes/") and one.rule != "chain"


def not_verified(verdict: Verdict) -> NotVerified:
    """The refusal, with every finding."""
    rows = "".join(f"\n  {finding.text()}" for finding in verdict.findings)
    return NotVerified(f"the record does not verify, so nothing was exported:{rows}", hint="`vaultcli verify` says more")


def written(source: Source, name: str, size: str) -> bytes:
    """One record in one format, on paper of that size where it is a format for paper."""
    from vaultcli.export import formats
    from vaultcli.export.chart import chart

    return formats.data(name, [source]) if formats.TABLE[name].data else formats.page(name, chart.build(source), None, size)


def pieces(name: str, sources: Iterator[Source]) -> Iterator[bytes]:
    """Records in a format for programs, in pieces that join to one file, each made when it is asked for."""
    from vaultcli.export import formats

    return formats.pieces(name, sources)
