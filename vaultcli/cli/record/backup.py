"""`vaultcli backup`: every line of the chart in one place, tried before it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, passphrase, terminal
from vaultcli.ground.errors import FINDINGS, OK, GitTrouble

if TYPE_CHECKING:
    from vaultcli.ground.repository.bundle import Copy
    from vaultcli.places.machine.vault import Vault
    from vaultcli.verify.verdict import Verdict
    from vaultcli.work.backup.make import (
        Judged,
        Made,
        Step,
        Trial,
        Wanted,
    )

_SHOWN = 10


_EXAMPLES = """\b
Examples:
  vaultcli backup /media/usb                 an open copy, to be locked away
  vaultcli backup /media/usb --to age1...    sealed, for another place
  vaultcli backup --keep 10                  where the last one went, ten stay"""


@click.command("backup", epilog=_EXAMPLES)
@click.argument("place", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
@click.option("--to", "recipients", multiple=True, metavar="RECIPIENT", help="Seal it: age1... or an ssh public key. Repeatable.")
@click.option("--to-file", type=click.Path(path_type=Path), metavar="FILE", help="Recipients, one a line.")
@click.option("--identity", type=click.Path(path_type=Path), metavar="FILE", help="Opens the sealed backup once, to try it.")
@click.option("--open", "open_", is_flag=True, help="An open backup, where sealed ones went before.")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Remove older ones there, but the newest N clean ones.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; docs/json.md describes the keys.")
@pass_options
def command(
    options: Options,
    place: Path | None,
    recipients: tuple[str, ...],
    to_file: Path | None,
    identity: Path | None,
    open_: bool,
    keep: int | None,
    as_json: bool,
) -> int:
    """Put a copy of every line into DIR, or where the last one went, and try it.

    The record is verified first, the copy afterwards; only then does it count. Text that is not saved yet is put beside it.
    Keys never go along: the recovery page is kept somewhere else. Older backups are never written over.
    """
    from vaultcli.cli import open_chart
    from vaultcli.work.backup import make

    vault, now = open_chart.find_vault(options), clock.now()
    # what an interrupted save left is mended first; a repository that cannot be opened is kept as it is
    with suppress(GitTrouble), open_chart.open_chart_of(vault):
        pass
    asked = _wanted(recipients, to_file, identity, open_=open_, keep=keep)
    wanted, remarks = make.chosen(vault, place, asked)
    if open_ and wanted.recipients:
        raise click.UsageError("--open or --to, not both")
    verdict = _verify(vault, now)
    with _steps() as step:
        made = make.make(vault, wanted, _judged(verdict), now, _trial(verdict, now), step)
    if as_json:
        terminal.emit_json(_as_json(made, verdict, remarks))
    else:
        _tell(made, verdict, remarks)
    return OK if made.clean else FINDINGS


def _wanted(words: Sequence[str], to_file: Path | None, identity: Path | None, *, open_: bool, keep: int | None) -> Wanted:
    from vaultcli.ground import files
    from vaultcli.ground.age import tarball
    from vaultcli.work.backup.make import Wanted

    named = list(words)
    if to_file is not None:
        rows = (row.strip() for row in files.read(to_file, 1 << 20).decode("utf-8", "replace").splitlines())
        named += [row for row in rows if row and not row.startswith("#")]
    tarball.check_recipients(named)
    keys = tarball.identities(identity, passphrase.asker()) if identity is not None else ()
    return Wanted(Path(), tuple(dict.fromkeys(named)), open_, keep or 0, tuple(keys))


def _verify(vault: Vault, now: datetime) -> Verdict:
    from vaultcli.verify import vault as verification

    with terminal.parts("verifying") as progress:
        return verification.verify(vault.chart, now=now, progress=progress)


def _judged(verdict: Verdict) -> Judged:
    from vaultcli.work.backup.make import Judged

    return Judged(verdict.word, verdict.genesis, {line.branch: line.head for line in verdict.lines})


def _trial(verdict: Verdict, now: datetime) -> Trial:
    """The copy judged as a stranger would, from the same first commit."""

    def trial(copy: Copy) -> list[str]:
        from vaultcli.verify import offline

        said = offline.judge(copy.git, now=now, genesis=verdict.genesis, scope=offline.BACKUP)
        return [one.text() for one in said.findings]

    return trial


@contextmanager
def _steps() -> Iterator[Step]:
    """What is being done, on one line of a terminal; nothing in a pipe."""
    import sys

    shown = sys.stderr.isatty()

    def step(word: str) -> None:
        if shown:
            sys.stderr.write(f"\r\x1b[2K{word} ...")
            sys.stderr.flush()

    try:
        yield step
    finally:
        if shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def _tell(made: Made, verdict: Verdict, remarks: Sequence[str]) -> None:
    words, colour = ("backed up", "green") if made.clean else ("kept, but NOT a clean backup", "red")
    lines = max(0, len(made.manifest.heads) - 1)
    what = f"{terminal.counted(lines, 'client')}, {terminal.counted(made.commits, 'commit')}, {_size(made.size)}"
    terminal.say(f"{terminal.paint(words, colour, bold=not made.clean)}: {terminal.escape(str(made.path), keep='')}")
    terminal.say(f"  {what}; {_tried(made)}")
    if made.manifest.unrecorded:
        many = terminal.counted(len(made.manifest.unrecorded), "file")
        terminal.say(f"  beside it {many} not saved yet: `vaultcli save` records them")
    if made.removed:
        terminal.say(f"  removed {terminal.counted(len(made.removed), 'older backup')}")
    for text in made.left_out[:_SHOWN]:
        terminal.warn(terminal.escape(f"left out: {text}", keep=""))
    if len(made.left_out) > _SHOWN:
        terminal.warn(f"... and {len(made.left_out) - _SHOWN} more")
    if not made.clean:
        _tell_unclean(made, verdict)
    for remark in remarks:
        terminal.warn(f"{terminal.paint('note:', 'yellow', err=True)} {terminal.escape(remark, keep='')}")


def _tell_unclean(made: Made, verdict: Verdict) -> None:
    told = [*made.trouble, *(one.text() for one in verdict.findings)]
    if verdict.word == "unpinned":
        told.append("this machine has no pin for the record, so nothing says that it is the right one, or whole")
    for text in told[:_SHOWN]:
        terminal.warn(terminal.escape(text, keep=""))
    if len(told) > _SHOWN:
        terminal.warn(f"... and {len(told) - _SHOWN} more")
    terminal.warn("older backups stay; `vaultcli verify` says what is wrong")


def _tried(made: Made) -> str:
    if not made.clean:
        return "written and read back"
    if not made.sealed:
        return "read back and verified"
    many = terminal.counted(made.sealed, "recipient")
    return f"verified, sealed to {many}, {'and opened again' if made.opened else 'and read back; --identity FILE opens it too'}"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{max(1, size // 1000)} KB"


def _as_json(made: Made, verdict: Verdict, remarks: Sequence[str]) -> dict[str, object]:
    return {
        "path": str(made.path),
        "clean": made.clean,
        "verdict": verdict.word,
        "findings": [one.text() for one in verdict.findings],
        "trouble": list(made.trouble),
        "genesis": made.manifest.genesis,
        "made": made.manifest.made,
        "lines": len(made.manifest.heads),
        "commits": made.commits,
        "bytes": made.size,
        "sealed": made.sealed,
        "opened": made.opened,
        "unrecorded": sorted(made.manifest.unrecorded),
        "left_out": list(made.left_out),
        "removed": list(made.removed),
        "remarks": list(remarks),
    }
