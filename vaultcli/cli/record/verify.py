"""`vaultcli verify`: whether the record is whole, signed by whom, when, and unchanged."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vaultcli.ground.repository.recovery import Repair
    from vaultcli.places.machine.vault import Vault
    from vaultcli.record.finding import Finding
    from vaultcli.verify.note import NoteVerdict
    from vaultcli.verify.verdict import Verdict

_EXPLAINED = """\
Every commit of the chart was read as raw objects, its id computed again, its signature checked, and judged by the policy
that came before it. Each signed note's bytes were checked against its own signature and the one before it.

WHO      the people whose keys signed notes, as the policy in force then had them.
WHEN     times come from the clock of whoever signed. They can be compared with one another; nobody else vouches for them
         unless a witness is named. A commit cannot have been made before the one that it follows, nor before the policy that it
         names. Between the commit before it and the one after, the author's clock is the only witness of a time: `vaultcli
         verify NOTE` says which two those are.
UNCHANGED  every signed byte is what was signed. That nothing is missing from the end rests on what this machine remembers
         (its pins): without them the verdict is UNPINNED, and a complete other history would look the same.

It does not say that what is written is true, that a key was used by its owner, or that the clocks were right.
`vaultcli verify --explain RULE` explains a finding. The whole procedure is in docs/spec/verify.md."""


@click.command("verify")
@click.argument("what", required=False, metavar="[CLIENT|NOTE]")
@click.option("--bundle", type=click.Path(path_type=Path), metavar="FILE", help="A release: a bundle, or a clone of one.")
@click.option("--genesis", metavar="ID", default="", help="With --bundle: the first commit, as you know it from elsewhere.")
@click.option("--cold", is_flag=True, help="Read everything, whatever was verified on this machine before.")
@click.option("--chart", "chart_only", is_flag=True, help="Say nothing of anything but the chart; so does --json.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--explain", is_flag=False, flag_value="verdict", metavar="[RULE]", help="Explain a rule, or the verdict.")
@pass_options
def command(
    options: Options, what: str | None, bundle: Path | None, genesis: str, cold: bool, chart_only: bool, as_json: bool,
    explain: str | None,
) -> int:  # fmt: skip
    """Verify the whole chart, one client's line, one note, or a release that you received.

    NOTE is a path below a client's folder, or any unique part of the note's id.
    """
    if explain is not None:
        return _explain(explain)
    if genesis and bundle is None:
        raise click.UsageError("--genesis goes with --bundle; a chart is pinned by init --adopt")
    if bundle is not None:
        if what:
            raise click.UsageError("give a client or a --bundle, not both")
        from vaultcli.verify import offline

        return _tell(offline.verify(bundle, now=clock.now(), genesis=_genesis(genesis)), as_json=as_json)
    from vaultcli.cli import open_chart

    vault = open_chart.find_vault(options)
    branch, path = _meant(options, vault, what) if what else ("", "")
    if path:
        from vaultcli.verify import note

        return _tell_note(note.verify(vault.chart, branch, path, now=clock.now()), as_json=as_json)
    code = _tell(_whole(vault, branch, cold=cold), as_json=as_json)
    return code if what or chart_only or as_json else _beside_the_chart(vault, code)


def _beside_the_chart(vault: Vault, code: int) -> int:
    """One line on the psychotherapy repository, where there is one; nothing that is meant for others has it."""
    from vaultcli.places.sealed import settings

    if not settings.present(vault.root):
        return code
    from vaultcli.cli.psychotherapy.verify import line
    from vaultcli.ground.errors import OK, VaultError
    from vaultcli.psychotherapy.repository import verify

    try:
        verdict = verify.verify(settings.load(vault.root), now=clock.now())
    except VaultError as error:
        terminal.say(terminal.escape(f"psychotherapy repository: not verified: {error.message}", keep=""))
        return code or error.exit_code
    terminal.say(f"psychotherapy repository: {line(verdict)}")
    return code if code != OK else verdict.exit_code


def _genesis(text: str) -> str:
    from vaultcli.ground.git.objects import is_oid

    oid = text.rpartition(":")[2].strip().lower()
    if text and not is_oid(oid):
        raise click.UsageError("--genesis is the whole id of the first commit, as the recovery page prints it")
    return f"{'sha256' if len(oid) == 64 else 'sha1'}:{oid}" if text else ""


def _whole(vault: Vault, branch: str, *, cold: bool) -> Verdict:
    from vaultcli.ground.errors import VaultError
    from vaultcli.places.chart.chart import Chart
    from vaultcli.verify import vault as verification

    # what an interrupted save left is completed first; what cannot be opened or mended is what verification is for
    with suppress(VaultError), Chart(vault, tell=_mended) as chart:
        chart.repository.recover()
    with terminal.parts("verifying") as progress:
        return verification.verify(vault.chart, now=clock.now(), cold=cold, only=branch, progress=progress)


def _mended(repair: Repair) -> None:
    terminal.warn(f"mended {repair.line or 'the vault'}: {terminal.escape(repair.what, keep='')}")


def _meant(options: Options, vault: Vault, what: str) -> tuple[str, str]:
    """The line, and the path of the note on it, that a word means: a path, a client, or a part of a note's id."""
    from vaultcli.cli import open_chart
    from vaultcli.ground.errors import NotFound

    file = Path(what).absolute()
    clients = vault.chart.absolute() / "clients"
    if file.is_relative_to(clients) and len(file.relative_to(clients).parts) > 1:
        id_, *rest = file.relative_to(clients).parts
        return f"client/{id_}", "/".join(rest).removesuffix(".sig")
    with open_chart.open_chart(options) as chart:
        found = [(f"client/{id_}", path) for id_ in chart.client_ids() for path in chart.line(id_).files if _fits(path, what)]
        if len(found) == 1:
            return found[0]
        try:
            return f"client/{chart.client(what).id}", ""
        except NotFound:
            if found:
                raise NotFound(f"{len(found)} notes fit {what}", hint="give more of the id") from None
            raise


def _fits(path: str, what: str) -> bool:
    from vaultcli.record.notes import names
    from vaultcli.record.notes.names import NoteName

    name = names.parse(path)
    return isinstance(name, NoteName) and len(what) >= 4 and what in name.id


def _explain(rule: str) -> int:
    from vaultcli.verify.rules import RULES

    if rule == "verdict":
        terminal.say(_EXPLAINED)
        return 0
    if rule not in RULES:
        raise click.UsageError(f"there is no rule {rule}; the rules are {', '.join(RULES)}")
    terminal.say(f"{rule}: {RULES[rule].what}.")
    terminal.say(f"what to do: {RULES[rule].advice}.")
    terminal.say("The table and the procedure are in docs/spec/verify.md.")
    return 0


def _tell(verdict: Verdict, *, as_json: bool) -> int:
    if as_json:
        terminal.emit_json(verdict.as_json())
        return verdict.exit_code
    _findings(verdict.findings)
    _beside(verdict)
    counts = verdict.tally.counts
    terminal.say(_headline(verdict))
    _three(verdict.who, verdict.when, verdict.unchanged)
    rows = {
        "notes": counts.notes,
        "signed": counts.signed,
        "need a co-signature": counts.cosignatures,
        "drafts": counts.drafts,
        "attested": counts.attested,
        "withdrawn": counts.withdrawn,
    }
    said = [
        f"{number:,} {word.removesuffix('s') if number == 1 else word}"
        for word, number in rows.items()
        if number or word == "notes"
    ]
    if counts.edited or counts.unrecorded:
        said.append(f"{counts.edited + counts.unrecorded:,} files with text that is not recorded yet")
    terminal.say(f"{', '.join(said)}; {_read(verdict)}")
    return verdict.exit_code


def _read(verdict: Verdict) -> str:
    if verdict.cached:
        lines = f"{verdict.cached:,} of {len(verdict.lines):,} lines"
        return f"{lines} have not moved since this machine verified them (--cold reads all)"
    unreached = f", {verdict.unreachable:,} of them on no line" if verdict.unreachable else ""
    return f"{verdict.objects:,} objects read{unreached}"


def _headline(verdict: Verdict) -> str:
    words = {
        "verified": ("VERIFIED", "green"),
        "excepted": ("VERIFIED WITH EXCEPTIONS", "yellow"),
        "unpinned": ("UNPINNED", "yellow"),
        "findings": ("NOT VERIFIED", "red"),
    }
    text, colour = words[verdict.word]
    return terminal.paint(text, colour, bold=True)


def _three(who: str, when: str, unchanged: str) -> None:
    for word, text in (("who", who), ("when", when), ("unchanged", unchanged)):
        terminal.say(f"{word:<10} {terminal.escape(text, keep='')}")


def _findings(findings: Iterable[Finding]) -> None:
    for one in findings:
        terminal.say(terminal.escape(one.text(), keep=""))


def _beside(verdict: Verdict) -> None:
    """What is said with every verdict: exceptions, successions, remarks."""
    for one in verdict.excused:
        terminal.say(terminal.escape(f"excused: {one.finding.text()}", keep=""))
    for it in verdict.exceptions:
        text = f"exception: {it.branch}: {it.rule} at {it.commit[:19]}, by {it.by}, {it.time[:10]}: {it.reason}"
        terminal.say(terminal.escape(text, keep=""))
    for done in verdict.successions:
        kept = f"the old line is sealed as {done.sealed[:16]}" if done.sealed else "the old line was deleted"
        replaced, left = terminal.counted(done.replaced, "commit"), terminal.counted(done.left_out, "file")
        text = f"succession: {done.branch} replaced {replaced} ({done.ground}), {left} left out"
        terminal.say(terminal.escape(f"{text}; {kept}", keep=""))
    for remark in verdict.all_remarks:
        terminal.say(terminal.escape(f"remark: {remark}", keep=""))


def _tell_note(said: NoteVerdict, *, as_json: bool) -> int:
    if as_json:
        terminal.emit_json(said.as_json())
        return said.exit_code
    _findings(said.here)
    _beside(said.verdict)
    if said.elsewhere:
        terminal.say(f"{said.elsewhere} findings about other notes of this client: vaultcli verify CLIENT")
    terminal.say(terminal.escape(said.path, keep=""))
    _three(said.who, said.when, said.unchanged)
    terminal.say("the same without vaultcli, in the client's folder:")
    for line in said.commands:
        terminal.say(f"  {terminal.escape(line, keep='')}")
    return said.exit_code
