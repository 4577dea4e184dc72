"""`vaultcli export`: a client's chart for somebody else to read, with what they need to check it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli import clock, terminal
from vaultcli.cli.door import Options, pass_options
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from vaultcli.export.source import Source
    from vaultcli.ground.errors import NotVerified
    from vaultcli.places.chart import Chart
    from vaultcli.record.client import Client
    from vaultcli.verify.lines import Succeeded
    from vaultcli.verify.verdict import Verdict


@click.command("export")
@click.argument("client", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The new folder. Default: export-ID-DATE here.")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print the chart alone, and write nothing.")
@click.option("--drafts", is_flag=True, help="Take notes that are not signed along, marked DRAFT.")
@click.option("--bundle", type=click.Path(path_type=Path), help="Write the signed history instead, as one git bundle.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@pass_options
def command(
    options: Options, client: str | None, output: Path | None, to_stdout: bool, drafts: bool, bundle: Path | None, as_json: bool
) -> int:
    """Export a client's chart as Markdown, with its signed files and a page to check them by.

    Only what verifies goes out: the record is verified first, and a note that does not is left out and named. What was
    corrected is shown struck and inserted in its place. A withdrawn note leaves a neutral line, and no text.

    The folder holds chart.md, the folder signed/ with the signed files byte for byte, their signatures and the
    practice's list of signers. Psychotherapy notes, if any exist, are no part of it.
    """
    from vaultcli.cli import picker
    from vaultcli.cli.opening import open_chart

    with open_chart(options) as chart:
        who = picker.client(chart, client)
        if bundle is not None:
            return _bundle(chart, who, bundle, as_json)
        source = _source(chart, who, drafts)
        return _write(chart, source, output, to_stdout, as_json)


def _bundle(chart: Chart, who: Client, target: Path, as_json: bool) -> int:
    from vaultcli.work import bundling

    verdict = _verdict(chart, who)
    if verdict.findings:
        raise _not_verified(verdict)
    made = bundling.bundle(chart, who.id, target, verified=next(line.head for line in verdict.lines if line.branch == who.branch))
    if as_json:
        terminal.emit_json({"bundle": str(made.path), "sha256": made.sha256})
    else:
        terminal.say(f"wrote {made.path}")
        terminal.say(f"sha256 {made.sha256}")
        terminal.say(f"check it: vaultcli verify --bundle {made.path} --genesis {chart.genesis}")
    return OK


def _verdict(chart: Chart, who: Client) -> Verdict:
    """The client's record verified, cold.

    Raises:
        Unpinned: this machine has no pin for the vault.
    """
    from vaultcli.ground.errors import Unpinned
    from vaultcli.verify import vault as verifying

    verdict = verifying.verify(chart.vault.chart, now=clock.now(), only=who.branch, cold=True)
    if verdict.unpinned:
        raise Unpinned("this machine has no pin for this vault, so nothing that it exports could be vouched for")
    return verdict


def _source(chart: Chart, who: Client, drafts: bool) -> Source:
    """What is exported, after verification.

    Raises:
        NotVerified: the record as a whole does not verify.
    """
    from vaultcli.export.source import Source, Verdict
    from vaultcli.ground.errors import Conflict
    from vaultcli.record.message import trailer
    from vaultcli.work import collecting, reading
    from vaultcli.work.signing import TOOL

    verdict = _verdict(chart, who)
    entries = reading.entries_of(chart, who)
    head = chart.line(who.id).head
    # asked after the notes were read, so that they are those of the head that was verified
    if (who.branch, head) not in {(line.branch, line.head) for line in verdict.lines}:
        raise Conflict("something was recorded while the record was being verified", hint="run the command again")
    left_out = _left_out(verdict, {entry.path: entry.name.stem for entry in entries})
    kept = tuple(entry for entry in entries if entry.path not in left_out and (drafts or not entry.open))
    made = clock.now().isoformat(timespec="seconds")
    excused = tuple(f"{one.finding.rule} at {one.finding.commit}: {one.excuse.reason}" for one in verdict.excused)
    successions = tuple(map(_succession, verdict.successions))
    return Source(
        client=who,
        practice=chart.policy.practice,
        entries=kept,
        unverified=left_out,
        verdict=Verdict(verdict.who, verdict.when, _unchanged(verdict, left_out), excused, successions),
        genesis=chart.genesis,
        head=trailer(head),
        allowed_signers=collecting.allowed_signers(chart).decode(),
        made=made,
        tool=TOOL,
        drafts=drafts,
    )


def _succession(one: Succeeded) -> str:
    """Whoever reads an export must see that something was left out, and how much."""
    counts = f"{terminal.counted(one.replaced, 'commit')} replaced and {terminal.counted(one.left_out, 'file')} left out"
    kept = f"the old line is kept sealed, SHA-256 {one.sealed}" if one.sealed else "the old line was deleted"
    return f"{one.branch}, ground {one.ground}, {counts}; {kept}"


def _unchanged(verdict: Verdict, left_out: dict[str, str]) -> str:
    if left_out:
        return f"what is in this export, since each was signed; {len(left_out)} of the notes did not verify and are left out"
    return verdict.unchanged


def _left_out(verdict: Verdict, stems: dict[str, str]) -> dict[str, str]:
    """Notes that did not verify, with the reason; a finding that is no single note's stops the export.

    Raises:
        NotVerified: such a finding.
    """
    found: dict[str, str] = {}
    for one in verdict.findings:
        path = next((path for path, stem in stems.items() if one.path.startswith(f"notes/{stem}.")), None)
        if path is None or one.rule == "chain":
            raise _not_verified(verdict)
        found[path] = f"{one.rule}, {one.message}"
    return found


def _not_verified(verdict: Verdict) -> NotVerified:
    from vaultcli.ground.errors import NotVerified

    rows = "".join(f"\n  {finding.text()}" for finding in verdict.findings)
    return NotVerified(f"the record does not verify, so nothing was exported:{rows}", hint="`vaultcli verify` says more")


def _print(text: bytes) -> None:
    """The chart on standard output: byte for byte in a pipe, with control characters shown on a terminal."""
    if sys.stdout.isatty():
        terminal.say(terminal.escape(text.decode()))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text)


def _write(chart: Chart, source: Source, output: Path | None, to_stdout: bool, as_json: bool) -> int:
    from vaultcli.export import chart as charts
    from vaultcli.export import checking, markdown
    from vaultcli.work import collecting

    text = markdown.write(charts.build(source))
    if to_stdout:
        _print(text)
        return OK
    target = output or Path(f"export-{source.client.id}-{source.made[:10]}")
    contents = {"chart.md": text, f"{checking.FOLDER}/{checking.SIGNERS}": source.allowed_signers.encode()}
    signed = collecting.signed_bytes(chart, source.client.id, checking.signed_files(source))
    contents |= {f"{checking.FOLDER}/{name}": raw for name, raw in signed.items()}
    collecting.write_folder(target, contents)
    if as_json:
        left = [{"path": path, "why": why} for path, why in sorted(source.unverified.items())]
        terminal.emit_json({"folder": str(target), "notes": len(source.entries), "left-out": left, "files": sorted(contents)})
        return OK
    notes, signatures = terminal.counted(len(source.entries), "note"), terminal.counted(len(signed) // 2, "signed file")
    terminal.say(f"wrote {target}: {notes}, {signatures}")
    for path, why in sorted(source.unverified.items()):
        terminal.warn(f"left out {path}: {terminal.escape(why)}")
    terminal.say(f"its last page says how to check it: {target / 'chart.md'}")
    return OK
