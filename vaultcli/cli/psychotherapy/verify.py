"""`vaultcli psychotherapy verify`: whether everything is sealed, whole, signed and unchanged, and kept apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground import errors

if TYPE_CHECKING:
    from vaultcli.psychotherapy.repository.separation import Separation
    from vaultcli.psychotherapy.repository.verdict import Opened, Verdict


@click.command("verify")
@click.option("--unlocked", is_flag=True, help="Open every version, too: headers, inner signatures, chains, access log.")
@click.option("--purge", is_flag=True, help="Remove plaintext that nothing leads to from the repository's objects.")
@click.option("--separation", type=click.Path(path_type=Path), metavar="FILE", help="Check it against the chart, and sign that.")
@click.option("--explain", metavar="RULE", help="Explain a rule.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; docs/json.md describes the keys.")
@pass_options
def command(
    options: Options, unlocked: bool, purge: bool, separation: Path | None, explain: str | None, as_json: bool
) -> int:  # fmt: skip
    """Verify the psychotherapy repository: every commit, every object whether anything leads to it or not, every ref, the folder.

    Nothing is opened and no passphrase asked for, unless --unlocked says so. No content is printed, ever.

    \b
    vaultcli psychotherapy verify
    vaultcli psychotherapy verify --unlocked
    vaultcli psychotherapy verify --separation ~/statement.toml  # for strangers
    """  # noqa: D301
    if explain is not None:
        return _explain(explain)
    if separation is not None:
        if unlocked or purge:
            raise click.UsageError("--separation stands alone")
        return _separation(options, separation, as_json=as_json)
    from vaultcli.psychotherapy.repository import verify

    settings = open_store.settings_of(options)
    with terminal.parts("verifying") as step:
        verdict = verify.verify(settings, now=clock.now(), progress=step)
    if purge and verdict.strays:
        from vaultcli.psychotherapy.repository import plaintext

        with open_store.open_store(options) as store:
            gone = plaintext.purge(store, verdict.strays)
        terminal.warn(f"removed {terminal.counted(gone, 'object')} that held plaintext; a disk may still hold what was deleted")
        verdict = verify.verify(settings, now=clock.now())
    if unlocked:
        from dataclasses import replace

        verdict = replace(verdict, opened=_open(options, verdict))
    return _tell(verdict, as_json=as_json)


def _open(options: Options, verdict: Verdict) -> Opened:
    from vaultcli.psychotherapy.repository import verify_opened

    with open_store.open_store(options) as store:
        opener = open_store.opener(store)
        with terminal.parts("opening") as step:
            return verify_opened.check(store, opener, verdict.versions, step)


def _explain(rule: str) -> int:
    from vaultcli.psychotherapy.repository.rules import RULES

    if rule not in RULES:
        raise click.UsageError(f"there is no rule {rule}; the rules are {', '.join(RULES)}")
    terminal.say(f"{rule}: {RULES[rule].what}.")
    terminal.say(f"what to do: {RULES[rule].advice}.")
    return errors.OK


def line(verdict: Verdict) -> str:
    """The verdict in one line."""
    counts = verdict.counts
    if verdict.word == "verified":
        files, drawers = terminal.counted(counts.files, "sealed file"), terminal.counted(counts.drawers, "drawer")
        return f"verified; {files} in {drawers}, {terminal.counted(counts.commits, 'commit')}"
    if verdict.word == "unpinned":
        return "UNPINNED; this machine does not know these notes"
    return f"NOT VERIFIED, {terminal.counted(len(verdict.all_findings), 'finding')}: vaultcli psychotherapy verify"


def _tell(verdict: Verdict, *, as_json: bool) -> int:
    if as_json:
        terminal.emit_json(verdict.as_json())
        return verdict.exit_code
    for one in verdict.all_findings:
        terminal.say(terminal.escape(one.text(), keep=""))
    for remark in verdict.all_remarks:
        terminal.say(terminal.escape(f"remark: {remark}", keep=""))
    words = {"verified": ("VERIFIED", "green"), "unpinned": ("UNPINNED", "yellow"), "findings": ("NOT VERIFIED", "red")}
    text, colour = words[verdict.word]
    terminal.say(terminal.paint(text, colour, bold=True))
    counts = verdict.counts
    terminal.say(f"sealed     {_sealed(verdict)}")
    keys = f"{terminal.counted(counts.machines, 'machine')}, {counts.revoked} revoked; epoch {counts.epoch}"
    terminal.say(f"who        signed by machines under opaque names: {keys}")
    pinned = "pinned here" if verdict.pinned else "NOT pinned here"
    terminal.say(f"unchanged  {terminal.counted(counts.commits, 'commit')} from {verdict.genesis[:19]}, {pinned}")
    terminal.say(f"opened     {_opened(verdict.opened)}")
    return verdict.exit_code


def _sealed(verdict: Verdict) -> str:
    counts = verdict.counts
    gone = f", {counts.destroyed} destroyed" if counts.destroyed else ""
    objects = f"{counts.objects:,} objects read, {counts.unreachable:,} of them on no branch"
    return f"{terminal.counted(counts.files, 'file')} in {terminal.counted(counts.drawers, 'drawer')}{gone}; {objects}"


def _opened(opened: Opened | None) -> str:
    if opened is None:
        return "nothing; --unlocked opens every version"
    closed = f"; {opened.closed} of destroyed drawers open for nobody" if opened.closed else ""
    unsigned = f"; {opened.unsigned} unsigned" if opened.unsigned else ""
    return f"{terminal.counted(opened.files, 'version')}, each in its place{unsigned}{closed}"


def _separation(options: Options, file: Path, *, as_json: bool) -> int:
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.psychotherapy.repository import separation

    with open_chart(options) as chart, open_store.open_store(options) as store:
        with terminal.parts("comparing") as step:
            found = separation.check(chart, store, step)
        separation.write(found, store, chart, file, clock.now())
        with store.machine() as (entry, _):
            who = entry.principal
        allowed = store.settings.repository / "allowed_signers"
    if as_json:
        terminal.emit_json(_separation_json(found))
        return found.exit_code
    for one in found.findings:
        terminal.say(terminal.escape(one.text(), keep=""))
    for check in found.checks:
        state = terminal.counted(len(check.findings), "finding") if check.findings else "apart"
        terminal.say(f"{check.name:<14} {check.chart:>8,} of the chart, {check.psychotherapy:>6,} of these notes: {state}")
    terminal.say("SEPARATE" if not found.findings else "NOT SEPARATE")
    terminal.say(terminal.escape(f"stated in {file}, signed in {file}.sig; without vaultcli:", keep=""))
    check_it = f"  ssh-keygen -Y verify -f {allowed} -I {who} -n sealed@vaultcli.v1 -s {file}.sig < {file}"
    terminal.say(terminal.escape(check_it, keep=""))
    return found.exit_code


def _separation_json(found: Separation) -> dict[str, object]:
    return {
        "vaultcli": 1,
        "verdict": "findings" if found.findings else "separate",
        "checks": [
            {"name": one.name, "chart": one.chart, "psychotherapy": one.psychotherapy, "findings": len(one.findings)}
            for one in found.checks
        ],
        "findings": [{"path": one.path, "rule": one.rule, "message": one.message} for one in found.findings],
    }
